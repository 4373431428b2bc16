"""Who may look at the goods changes nothing of them."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from apps.users.models import User
from tests.factories import SKUFactory
from tests.world import unchanged

pytestmark = pytest.mark.django_db

LIST = "/admin/goods/sku/"


@pytest.mark.parametrize(("action", "launched"), [("launch", False), ("withdraw", True)])
def test_who_may_only_look_launches_and_withdraws_nothing(
    action: str, launched: bool, buyer: User
) -> None:
    sku = SKUFactory(is_launched=launched)
    buyer.is_staff = True
    buyer.save()
    buyer.user_permissions.add(Permission.objects.get(codename="view_sku"))
    client = Client()
    client.force_login(buyer)
    assert client.get(LIST).status_code == 200
    with unchanged():
        client.post(LIST, {"action": action, "_selected_action": [sku.pk]})

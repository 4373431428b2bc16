"""What an account is bound to, and severing it."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.users.models import OAuthAccount, User
from tests.conftest import logged_in
from tests.core.refusals import refused
from tests.users.oauth.conftest import (
    API,
    PROVIDERS,
    bound,
)
from tests.world import unchanged

pytestmark = pytest.mark.django_db


class TestUserCentre:
    def test_what_one_is_bound_to(self, shop: APIClient, buyer: User, stranger: User) -> None:
        assert shop.get(API).json() == []
        bound(stranger, "weibo")
        bound(buyer, "qq")
        bound(buyer, "wechat")
        answer = shop.get(API)
        assert answer.status_code == 200
        assert [line["provider"] for line in answer.json()] == ["qq", "wechat"]
        assert answer.json()[0].keys() == {"provider", "create_time"}
        assert answer.json()[0]["create_time"].endswith("+08:00")

    def test_that_costs_one_query_beside_authentication(
        self, shop: APIClient, buyer: User, django_assert_num_queries: Any
    ) -> None:
        for name in PROVIDERS:
            bound(buyer, name)
        with django_assert_num_queries(2):
            shop.get(API)

    @pytest.mark.parametrize("name", ["wechat", "weixin"])
    def test_unbinding(self, name: str, shop: APIClient, buyer: User, stranger: User) -> None:
        bound(buyer, "wechat")
        others = [bound(buyer, "qq"), bound(stranger, "weibo")]
        answer = shop.delete(f"{API}{name}/user/")
        assert (answer.status_code, answer.content) == (204, b"")
        assert list(OAuthAccount.objects.all()) == others
        refused(shop.delete(f"{API}{name}/user/"), status=404, code="not_found")

    def test_what_is_not_mine_stays(self, shop: APIClient, stranger: User) -> None:
        bound(stranger, "qq")
        with unchanged():
            refused(shop.delete(f"{API}qq/user/"), status=404, code="not_found")

    def test_nobody_locks_themselves_out(self, shop: APIClient, buyer: User) -> None:
        bound(buyer, "qq")
        buyer.set_unusable_password()
        buyer.save()
        shop = logged_in(buyer)
        with unchanged():
            refused(shop.delete(f"{API}qq/user/"), status=400, code="no_other_way_in")

    def test_for_nobody(self, api: APIClient) -> None:
        for answer in (api.get(API), api.delete(f"{API}qq/user/")):
            refused(answer, status=401, code="not_authenticated")

    def test_a_token_of_somebody_disabled(self, shop: APIClient, buyer: User) -> None:
        bound(buyer, "qq")
        User.objects.update(is_active=False)
        with unchanged():
            refused(shop.delete(f"{API}qq/user/"), status=401, code="user_inactive")

    def test_a_deleted_user_leaves_nothing(self, buyer: User) -> None:
        bound(buyer, "qq")
        buyer.delete()
        assert OAuthAccount.objects.count() == 0

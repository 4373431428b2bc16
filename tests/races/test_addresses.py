from functools import partial
from typing import Any

import pytest
from django.db.models import QuerySet

from apps.users.models import Address, User
from tests.conftest import logged_in
from tests.factories import AddressFactory, UserFactory
from tests.races.conftest import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def added(buyer: User, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The answers to eight new addresses at once where there is room for two."""
    monkeypatch.setattr(Address, "LIMIT", 5)
    there = AddressFactory.create_batch(3, user=buyer)[0]
    body = {
        "receiver": "王小美",
        "province_id": there.province_id,
        "city_id": there.city_id,
        "district_id": there.district_id,
        "place": "科技路1号",
        "mobile": "13900000000",
    }
    client = logged_in(buyer)
    answers = together(*[partial(client.post, "/api/v1/addresses/", body)] * 8)
    return sorted(answer.status_code for answer in answers)


def test_the_last_place_in_the_address_book_is_given_once(
    buyer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert added(buyer, monkeypatch) == [201] * 2 + [400] * 6
    assert Address.objects.count() == 5


def test_control_without_the_lock_more_come_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def unlocked(users: QuerySet, *args: Any, **kwargs: Any) -> QuerySet:
        return users

    monkeypatch.setattr(QuerySet, "select_for_update", unlocked)
    tries = (added(UserFactory(), monkeypatch).count(201) for _ in range(10))
    assert any(came_in > 2 for came_in in tries), "this harness would not see a book too full"

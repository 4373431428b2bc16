"""The address book: every verb, its limit, its default."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.core.exceptions import Missing
from apps.users import services
from apps.users.models import Address, User
from tests.core.refusals import invalid, refused
from tests.factories import AddressFactory
from tests.world import unchanged

pytestmark = pytest.mark.django_db

ADDRESSES = "/api/v1/addresses/"


def book(client: APIClient) -> dict[str, Any]:
    answer = client.get(ADDRESSES)
    assert answer.status_code == 200
    return answer.json()


class TestAdding:
    def test_it_answers_the_whole_address(self, shop: APIClient, buyer: User, body: dict) -> None:
        answer = shop.post(ADDRESSES, body)
        assert answer.status_code == 201
        address = Address.objects.get()
        shown = {
            **body,
            "id": address.pk,
            "province": "广东省",
            "city": "深圳市",
            "district": "南山区",
        }
        assert answer.json() == shown
        assert address.user == buyer
        assert book(shop) == {
            "user_id": buyer.pk,
            "default_address_id": None,
            "limit": 20,
            "addresses": [shown],
        }

    def test_ids_may_be_text_and_what_is_not_ours_to_read_is_ignored(
        self, shop: APIClient, buyer: User, stranger: User, body: dict
    ) -> None:
        extra = {"id": 77, "user": stranger.pk, "province": "火星", "is_deleted": True, "vip": 1}
        answer = shop.post(ADDRESSES, {**body, "district_id": "440305", **extra})
        assert answer.status_code == 201
        assert answer.json()["province"] == "广东省"
        address = Address.objects.get()
        assert (address.user, address.district_id, address.is_deleted) == (buyer, 440305, False)
        assert address.pk != 77

    def test_the_newest_stands_first(self, shop: APIClient, body: dict) -> None:
        for place in "甲乙丙":
            shop.post(ADDRESSES, {**body, "place": place})
        assert [address["place"] for address in book(shop)["addresses"]] == ["丙", "乙", "甲"]

    def test_without_a_title_it_is_called_by_its_receiver(
        self, shop: APIClient, body: dict
    ) -> None:
        for untitled in ({"title": ""}, {"title": " "}):
            assert shop.post(ADDRESSES, {**body, **untitled}).json()["title"] == "王小美"
        del body["title"]
        answer = shop.post(ADDRESSES, body)
        assert (answer.status_code, answer.json()["title"]) == (201, "王小美")

    def test_tel_and_email_may_be_left_out(self, shop: APIClient, body: dict) -> None:
        del body["tel"], body["email"]
        answer = shop.post(ADDRESSES, body)
        assert (answer.json()["tel"], answer.json()["email"]) == ("", "")


class TestLimit:
    def test_the_twentieth_is_the_last(self, shop: APIClient, buyer: User, body: dict) -> None:
        AddressFactory.create_batch(19, user=buyer)
        AddressFactory.create_batch(3)  # others'
        assert shop.post(ADDRESSES, body).status_code == 201
        with unchanged():
            answer = refused(shop.post(ADDRESSES, body), status=400, code="too_many_addresses")
        assert answer["limit"] == 20
        assert len(book(shop)["addresses"]) == 20

    def test_deleted_ones_do_not_count(self, shop: APIClient, buyer: User, body: dict) -> None:
        AddressFactory.create_batch(5, user=buyer, is_deleted=True)
        addresses = AddressFactory.create_batch(20, user=buyer)
        assert shop.delete(f"{ADDRESSES}{addresses[0].pk}/").status_code == 204
        assert shop.post(ADDRESSES, body).status_code == 201
        refused(shop.post(ADDRESSES, body), status=400, code="too_many_addresses")


class TestReplacing:
    def test_all_fields_are_replaced(self, shop: APIClient, address: Address, body: dict) -> None:
        names = {"id": 5, "province": "x", "city": "y", "district": "z"}
        wanted = {
            **body,
            "title": "公司",
            "receiver": "李雷",
            "tel": "010-1234567",
            "email": "a@b.cn",
        }
        answer = shop.put(f"{ADDRESSES}{address.pk}/", {**wanted, **names})
        assert answer.status_code == 200
        assert answer.json() == {
            **wanted,
            "id": address.pk,
            "province": "广东省",
            "city": "深圳市",
            "district": "南山区",
        }
        assert book(shop)["addresses"] == [answer.json()]

    def test_the_title_alone(self, shop: APIClient, address: Address) -> None:
        answer = shop.put(f"{ADDRESSES}{address.pk}/title/", {"title": "公司", "place": "别处"})
        assert (answer.status_code, answer.json()) == (200, {"title": "公司"})
        address.refresh_from_db()
        assert (address.title, address.place) == ("公司", "和平路1号")

    @pytest.mark.parametrize("body", [{}, {"title": ""}, {"title": None}, {"title": "长" * 21}])
    def test_no_title(self, body: dict, shop: APIClient, address: Address) -> None:
        with unchanged():
            invalid(shop.put(f"{ADDRESSES}{address.pk}/title/", body), "title")


class TestDefault:
    def test_one_address_is_the_default(self, shop: APIClient, buyer: User) -> None:
        first, second = AddressFactory.create_batch(2, user=buyer)
        for chosen in (first, second, second):
            answer = shop.put(f"{ADDRESSES}{chosen.pk}/status/", {})
            assert (answer.status_code, answer.json()) == (200, {"message": "OK"})
            assert book(shop)["default_address_id"] == chosen.pk

    def test_choosing_it_writes_nothing_else_of_the_user(
        self, shop: APIClient, buyer: User, address: Address
    ) -> None:
        shop.put(f"{ADDRESSES}{address.pk}/status/", {})
        buyer.default_address = address
        assert User.objects.filter(pk=buyer.pk).values().get() == {
            field.attname: getattr(buyer, field.attname) for field in User._meta.concrete_fields
        }


class TestDeleting:
    def test_it_is_hidden_and_nobody_s_default(
        self, shop: APIClient, buyer: User, address: Address
    ) -> None:
        other = AddressFactory(user=buyer)
        shop.put(f"{ADDRESSES}{address.pk}/status/", {})
        answer = shop.delete(f"{ADDRESSES}{address.pk}/")
        assert (answer.status_code, answer.content) == (204, b"")
        after = book(shop)
        assert [each["id"] for each in after["addresses"]] == [other.pk]
        assert after["default_address_id"] is None
        assert Address.objects.get(pk=address.pk).is_deleted

    def test_another_default_stays(self, shop: APIClient, buyer: User, address: Address) -> None:
        other = AddressFactory(user=buyer)
        shop.put(f"{ADDRESSES}{other.pk}/status/", {})
        shop.delete(f"{ADDRESSES}{address.pk}/")
        assert book(shop)["default_address_id"] == other.pk


class TestDeletedMeanwhile:
    """Between reading an address and writing it, another request of the same buyer deleted it."""

    @pytest.fixture
    def loaded(self, address: Address) -> Address:
        loaded = Address.objects.get(pk=address.pk)
        services.delete_address(address)
        return loaded

    def test_editing_does_not_bring_it_back(self, loaded: Address) -> None:
        services.edit_address(loaded, title="公司")
        loaded.refresh_from_db()
        assert (loaded.is_deleted, loaded.title) == (True, "公司")

    def test_it_cannot_become_the_default(self, loaded: Address) -> None:
        with unchanged(), pytest.raises(Missing):
            services.set_default_address(loaded)


def test_the_book_costs_the_same_however_full(
    shop: APIClient, buyer: User, django_assert_num_queries: Any
) -> None:
    for _ in range(2):
        AddressFactory.create_batch(5, user=buyer)
        with django_assert_num_queries(2):  # who asks, and the addresses
            book(shop)

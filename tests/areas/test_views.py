"""The division of China as a storefront asks for it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from apps.areas.models import Area
from tests.admin.forms import change_page, save
from tests.core.refusals import redis_down, refused
from tests.factories import AreaFactory, UserFactory

pytestmark = pytest.mark.django_db

AREAS = "/api/v1/areas/"
PROVINCES = [{"id": 110000, "name": "北京市"}, {"id": 440000, "name": "广东省"}]


@pytest.fixture
def china() -> None:
    """Two provinces, out of order, and what they are divided into."""
    south = AreaFactory(id=440000, name="广东省")
    capital = AreaFactory(id=110000, name="北京市")
    city = AreaFactory(id=440300, name="深圳市", parent=south)
    AreaFactory(id=440100, name="广州市", parent=south)
    AreaFactory(id=440305, name="南山区", parent=city)
    AreaFactory(id=110100, name="北京市", parent=capital)


@pytest.mark.usefixtures("china")
class TestThreeLevels:
    def test_the_provinces_are_a_plain_array(self, api: APIClient) -> None:
        answer = api.get(AREAS)
        assert answer.status_code == 200
        assert answer.json() == PROVINCES

    def test_a_province_holds_its_cities(self, api: APIClient) -> None:
        assert api.get(f"{AREAS}440000/").json() == {
            "id": 440000,
            "name": "广东省",
            "subs": [{"id": 440100, "name": "广州市"}, {"id": 440300, "name": "深圳市"}],
        }

    def test_a_city_holds_its_districts(self, api: APIClient) -> None:
        assert api.get(f"{AREAS}440300/").json() == {
            "id": 440300,
            "name": "深圳市",
            "subs": [{"id": 440305, "name": "南山区"}],
        }

    def test_a_district_holds_nothing(self, api: APIClient) -> None:
        assert api.get(f"{AREAS}440305/").json() == {"id": 440305, "name": "南山区", "subs": []}

    @pytest.mark.parametrize("code", ["999999", "0", str(2**31), str(2**70), "1" * 4000])
    def test_an_unknown_code(self, code: str, api: APIClient) -> None:
        refused(api.get(f"{AREAS}{code}/"), status=404, code="not_found")

    @pytest.mark.parametrize("code", ["-1", "abc", "1.5", "1" * 5000])
    def test_what_is_no_code(self, code: str, api: APIClient) -> None:
        refused(api.get(f"{AREAS}{code}/"), status=404, code="not_found")

    @pytest.mark.parametrize(("path", "queries"), [("", 1), ("440000/", 2), ("440305/", 2)])
    def test_the_second_time_the_database_is_not_asked(
        self, path: str, queries: int, api: APIClient, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(queries):
            first = api.get(AREAS + path).json()
        with django_assert_num_queries(0):
            assert api.get(AREAS + path).json() == first

    def test_without_redis_it_works_all_the_same(self, api: APIClient) -> None:
        with redis_down():
            assert api.get(AREAS).json() == PROVINCES
            assert api.get(f"{AREAS}440300/").json()["subs"] == [{"id": 440305, "name": "南山区"}]
            refused(api.get(f"{AREAS}999999/"), status=404, code="not_found")


def test_an_area_added_under_a_code_that_was_asked_for_before_is_found(api: APIClient) -> None:
    refused(api.get(f"{AREAS}440000/"), status=404, code="not_found")
    AreaFactory(id=440000, name="广东省")
    assert api.get(f"{AREAS}440000/").status_code == 200


class TestAChangeShowsAtOnce:
    @pytest.fixture
    def desk(self) -> Client:
        client = Client()
        client.force_login(UserFactory(is_staff=True, is_superuser=True))
        return client

    @pytest.fixture
    def committed(self, django_capture_on_commit_callbacks: Callable) -> Callable:
        return lambda: django_capture_on_commit_callbacks(execute=True)

    def test_what_is_loaded(self, api: APIClient, committed: Callable) -> None:
        assert api.get(AREAS).json() == []
        with committed():
            call_command("load_areas", verbosity=0)
        assert len(api.get(AREAS).json()) == 34
        Area.objects.filter(pk=110000).update(name="旧")
        api.get(f"{AREAS}110000/")
        with committed():
            call_command("load_areas", verbosity=0)
        assert api.get(f"{AREAS}110000/").json()["name"] == "北京市"

    @pytest.mark.usefixtures("china")
    def test_what_an_operator_changes(
        self, api: APIClient, desk: Client, committed: Callable
    ) -> None:
        def names(path: str = "") -> list[str]:
            body = api.get(AREAS + path).json()
            return [each["name"] for each in (body["subs"] if path else body)]

        assert (names(), names("440000/")) == (["北京市", "广东省"], ["广州市", "深圳市"])
        with committed():
            save(desk, change_page(Area.objects.get(pk=440000)), name="粤")
            save(desk, reverse("admin:areas_area_add"), id=440400, name="珠海市", parent=440000)
        assert (names(), names("440000/")) == (["北京市", "粤"], ["广州市", "深圳市", "珠海市"])
        with committed():
            desk.post(reverse("admin:areas_area_delete", args=[440400]), {"post": "yes"})
            chosen = {"action": "delete_selected", "_selected_action": 440100, "post": "yes"}
            desk.post(reverse("admin:areas_area_changelist"), chosen)
        assert names("440000/") == ["深圳市"]


def test_nobody_writes_areas(api: APIClient) -> None:
    for verb in (api.post, api.put, api.delete):
        refused(verb(AREAS, {"id": 1, "name": "x"}), status=405, code="method_not_allowed")
    assert not Area.objects.exists()

"""The catalogue's pages are served from the cache, to everybody the same, and asked after by ETag."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from apps.goods import services
from apps.goods.models import SKU
from tests.core.refusals import redis_down, refused
from tests.factories import SKUFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def sku(db: None) -> SKU:
    return SKUFactory(name="旧")


PAGES = [
    "/channels/",
    "/brands/",
    "/brands/?category={top}",
    "/categories/",
    "/categories/{leaf}/",
    "/categories/{leaf}/skus/",
    "/categories/{leaf}/skus/?page=1&page_size=1&ordering=price",
    "/categories/{top}/skus/",
    "/categories/{leaf}/hotskus/",
    "/categories/{leaf}/facets/",
    "/categories/{leaf}/facets/?min_price=1&in_stock=true",
    "/skus/{sku}/",
    "/goods/{goods}/",
]


@pytest.fixture(params=PAGES)
def page(request: Any, sku: SKU) -> str:
    ids = {"leaf": sku.category_id, "top": sku.category.parent.parent_id}
    return "/api/v1" + request.param.format(**ids, sku=sku.pk, goods=sku.goods_id)


def rename(sku: SKU, to: str) -> None:
    SKU.objects.filter(pk=sku.pk).update(name=to)


def test_the_second_reader_costs_no_query(
    page: str, api: APIClient, django_assert_num_queries: Any
) -> None:
    first = api.get(page)
    with django_assert_num_queries(0):
        second = api.get(page)
    assert (second.status_code, second.content) == (200, first.content)
    assert second["Content-Type"] == first["Content-Type"] == "application/json"


def test_browsers_ask_every_time_and_are_told_that_nothing_changed(
    page: str, api: APIClient, django_assert_num_queries: Any
) -> None:
    first = api.get(page)
    assert first["Cache-Control"] == "no-cache"
    for known in (first["ETag"], f'"other", W/{first["ETag"]}', "*"):
        with django_assert_num_queries(0):
            again = api.get(page, HTTP_IF_NONE_MATCH=known)
        assert (again.status_code, again.content) == (304, b"")
        assert "Content-Type" not in again  # a cache would take it for the page's own
        assert (again["ETag"], again["Cache-Control"]) == (first["ETag"], "no-cache")
    assert api.get(page, HTTP_IF_NONE_MATCH='"other"').content == first.content


def test_a_changed_page_has_another_etag(
    sku: SKU, api: APIClient, django_capture_on_commit_callbacks: Callable
) -> None:
    url = f"/api/v1/skus/{sku.pk}/"
    before = api.get(url)["ETag"]
    with django_capture_on_commit_callbacks(execute=True):
        rename(sku, "新")
        services.announce([sku.pk])
    after = api.get(url, HTTP_IF_NONE_MATCH=before)
    assert (after.status_code, after.json()["name"]) == (200, "新")


def test_what_is_not_announced_lags_behind(sku: SKU, api: APIClient) -> None:
    """Sales, for one. It also shows that the tests of what is announced could fail."""
    url = f"/api/v1/skus/{sku.pk}/"
    api.get(url)
    rename(sku, "新")
    assert api.get(url).json()["name"] == "旧"


@pytest.mark.parametrize("fails", [True, False])
def test_only_what_is_committed_renews_the_pages(
    fails: bool, sku: SKU, api: APIClient, django_capture_on_commit_callbacks: Callable
) -> None:
    url = f"/api/v1/skus/{sku.pk}/"
    api.get(url)
    rename(sku, "新")
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        services.announce([sku.pk])
        transaction.set_rollback(fails)
    assert api.get(url).json()["name"] == ("旧" if fails else "新")


def test_parameters_that_mean_nothing_make_no_page_of_their_own(
    sku: SKU, api: APIClient, django_assert_num_queries: Any
) -> None:
    url = f"/api/v1/categories/{sku.category_id}/skus/"
    SKUFactory(goods=sku.goods)
    asked = api.get(f"{url}?utm=1&page_size=1&page=1")
    with django_assert_num_queries(0):
        assert api.get(f"{url}?page=1&x=%00&page_size=1").content == asked.content
    assert asked.json()["next"] == f"http://testserver{url}?page=2&page_size=1"


def test_links_lead_to_the_host_that_was_asked(sku: SKU, api: APIClient, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["a.example", "b.example"]
    SKUFactory(goods=sku.goods)
    url = f"/api/v1/categories/{sku.category_id}/skus/?page_size=1"
    for host, secure in (("a.example", False), ("b.example", False), ("a.example", True)):
        answer = api.get(url, HTTP_HOST=host, secure=secure).json()
        assert answer["next"].startswith(f"http{'s' * secure}://{host}/api/v1/")


def test_a_refusal_is_not_kept_and_speaks_the_readers_language(api: APIClient, sku: SKU) -> None:
    url = f"/api/v1/skus/{sku.pk + 1}/"
    titles = {
        refused(api.get(url, HTTP_ACCEPT_LANGUAGE=language), status=404, code="not_found")["title"]
        for language in ("zh-hans", "en")
    }
    assert len(titles) == 2
    SKUFactory(pk=sku.pk + 1)
    assert api.get(url).status_code == 200


def test_without_redis_every_page_is_there(page: str, api: APIClient) -> None:
    with redis_down():
        answer = api.get(page)
        assert answer.status_code == 200
        assert api.get(page, HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304

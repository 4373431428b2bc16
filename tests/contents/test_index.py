"""The home page: every place by its key, what stands there now, from the cache until that changes."""

from datetime import timedelta
from importlib import import_module
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from PIL import Image
from pytest_django import Settings
from rest_framework.test import APIClient

from apps.contents.models import Content, ContentCategory, validate_link
from apps.core.redis import connection as redis_connection
from apps.goods.models import Category, Channel
from apps.goods.services import announce
from tests.core.refusals import redis_down, refused
from tests.factories import CategoryFactory, ContentCategoryFactory, ContentFactory, add_places

pytestmark = pytest.mark.django_db

PATH = "/api/v1/index/"
KEYS = [
    "index_lbt", "index_kx", "index_ytgg",
    "index_1f_logo", "index_1f_pd", "index_1f_bq", "index_1f_ssxp", "index_1f_cxdj", "index_1f_sjpj",
    "index_2f_logo", "index_2f_pd", "index_2f_bq", "index_2f_jjhg", "index_2f_cxdj",
    "index_3f_logo", "index_3f_pd", "index_3f_bq", "index_3f_shyp", "index_3f_cfyp",
]  # fmt: skip
NOW = timezone.now()
migration = import_module("apps.contents.migrations.0002_home_page_places")


@pytest.fixture(autouse=True)
def places(db: None) -> None:
    add_places()


def home(api: APIClient) -> dict[str, list[dict[str, Any]]]:
    answer = api.get(PATH)
    assert answer.status_code == 200
    contents: dict[str, list[dict[str, Any]]] = answer.json()["contents"]
    return contents


def titles(api: APIClient, key: str = "index_lbt") -> list[str]:
    return [content["title"] for content in home(api)[key]]


def let_pass(seconds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if everything in the cache had been there for so long, for us as for Redis."""
    redis = redis_connection("default")
    for key in redis.scan_iter(f"{django_settings.REDIS_PREFIX}pages:*"):
        redis.pexpire(key, redis.pttl(key) - seconds * 1000)
    later = timezone.now() + timedelta(seconds=seconds)
    monkeypatch.setattr(timezone, "now", lambda: later)


def test_every_place_of_the_storefront_is_there_though_nothing_stands_in_it(api: APIClient) -> None:
    contents = home(api)
    assert set(contents) == set(KEYS)
    assert len(contents) == 19
    assert set(map(tuple, contents.values())) == {()}


def test_a_content_has_what_storefronts_read(
    api: APIClient, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    file = BytesIO()
    Image.new("RGB", (600, 200)).save(file, "JPEG")
    content = ContentFactory(title="开学季", url="https://example.com/x?a=1", text="全场包邮")
    content.image.save("a.jpg", ContentFile(file.getvalue()))

    (shown,) = home(api)["index_lbt"]

    name = str(content.image)
    stem = name.removesuffix(".600px.jpg")
    assert shown == {
        "id": content.pk,
        "title": "开学季",
        "url": "https://example.com/x?a=1",
        "image": {
            "url": f"http://testserver/media/{name}",
            "sizes": {
                "80": f"http://testserver/media/{stem}.80px.webp",
                "240": f"http://testserver/media/{stem}.240px.webp",
                "480": f"http://testserver/media/{stem}.480px.webp",
                "800": f"http://testserver/media/{name}",
            },
        },
        "image_url": f"http://testserver/media/{name}",
        "text": "全场包邮",
    }


def test_a_content_without_a_picture_says_so_in_the_same_shape(api: APIClient) -> None:
    ContentFactory()
    (shown,) = home(api)["index_lbt"]
    assert (shown["image"], shown["image_url"]) == ({"url": "", "sizes": {}}, "")


def test_the_menu_is_the_one_of_the_channels(api: APIClient) -> None:
    top = CategoryFactory(name="手机数码")
    phones = CategoryFactory(name="手机通讯", parent=top)
    smart = CategoryFactory(name="智能手机", parent=phones)
    Channel.objects.create(group_id=2, category=CategoryFactory(name="图书"), sequence=1)
    Channel.objects.create(group_id=1, category=top, url="/list.html?cat=1")
    CategoryFactory(name="没有频道")

    menu = api.get(PATH).json()["categories"]

    assert menu == api.get("/api/v1/channels/").json()
    assert [group["group_id"] for group in menu] == [1, 2]
    assert menu[0] == {
        "group_id": 1,
        "channels": [{"id": top.pk, "name": "手机数码", "url": "/list.html?cat=1"}],
        "sub_cats": [
            {
                "id": phones.pk,
                "name": "手机通讯",
                "sub_cats": [{"id": smart.pk, "name": "智能手机", "sub_cats": []}],
            }
        ],
    }


def test_a_change_of_the_menu_shows_at_once(
    api: APIClient, django_capture_on_commit_callbacks: Any
) -> None:
    channel = Channel.objects.create(group_id=1, category=CategoryFactory(name="旧"))
    assert api.get(PATH).json()["categories"][0]["channels"][0]["name"] == "旧"
    with django_capture_on_commit_callbacks(execute=True):
        Category.objects.filter(pk=channel.category_id).update(name="新")
        announce([])
    assert api.get(PATH).json()["categories"][0]["channels"][0]["name"] == "新"


def test_contents_stand_in_their_places_in_order(api: APIClient) -> None:
    ContentFactory(title="b", sequence=2)
    ContentFactory(title="c", sequence=2)
    ContentFactory(title="a", sequence=1)
    ContentFactory(title="d", category__key="index_kx", sequence=0)
    ContentFactory(title="e", category__key="index_of_our_own")

    contents = home(api)

    assert [each["title"] for each in contents["index_lbt"]] == ["a", "b", "c"]
    assert [each["title"] for each in contents["index_kx"]] == ["d"]
    assert [each["title"] for each in contents["index_of_our_own"]] == ["e"]


@pytest.mark.parametrize(
    ("is_shown", "times"),
    [
        (True, {}),
        (True, {"start_time": -1}),
        (True, {"end_time": 1}),
        (True, {"start_time": -1, "end_time": 1}),
        (True, {"start_time": 0}),
        (False, {"end_time": 0}),
        (False, {"start_time": 1}),
        (False, {"end_time": -1}),
        (False, {"start_time": 1, "end_time": 2}),
        (False, {"start_time": -2, "end_time": -1}),
        (False, {"status": False}),
        (False, {"status": False, "start_time": -1, "end_time": 1}),
    ],
)
def test_a_content_is_shown_in_its_time(
    is_shown: bool, times: dict[str, Any], api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = NOW.replace(microsecond=0)
    monkeypatch.setattr(timezone, "now", lambda: at)
    columns = {
        name: value if isinstance(value, bool) else at + timedelta(hours=value)
        for name, value in times.items()
    }
    content = ContentFactory(**columns)

    assert bool(titles(api)) is is_shown
    assert content.is_live(at) is is_shown
    assert Content.objects.live(at).exists() is is_shown


def test_a_content_that_was_cached_before_its_time_appears_in_time(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ContentFactory(title="now")
    ContentFactory(title="soon", start_time=timezone.now() + timedelta(seconds=20))
    ContentFactory(title="later", start_time=timezone.now() + timedelta(seconds=40))
    assert titles(api) == ["now"]

    let_pass(18, monkeypatch)
    assert titles(api) == ["now"]
    let_pass(3, monkeypatch)
    assert titles(api) == ["now", "soon"]
    let_pass(21, monkeypatch)
    assert titles(api) == ["now", "soon", "later"]


def test_a_content_that_was_cached_vanishes_in_time(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ContentFactory(title="always")
    ContentFactory(title="until soon", end_time=timezone.now() + timedelta(seconds=20))
    assert titles(api) == ["always", "until soon"]

    let_pass(18, monkeypatch)
    assert titles(api) == ["always", "until soon"]
    let_pass(3, monkeypatch)
    assert titles(api) == ["always"]


def test_what_is_switched_off_does_not_shorten_the_page_s_life(
    api: APIClient, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ContentFactory(status=False, start_time=timezone.now() + timedelta(seconds=5))
    ContentFactory(end_time=timezone.now() - timedelta(seconds=5))
    home(api)
    let_pass(30, monkeypatch)
    with django_assert_num_queries(0):
        home(api)


def test_it_costs_two_queries_and_then_none(api: APIClient, django_assert_num_queries: Any) -> None:
    for key in KEYS:
        ContentFactory.create_batch(3, category__key=key)
    with django_assert_num_queries(2):
        first = api.get(PATH)
    with django_assert_num_queries(0):
        second = api.get(PATH)
        known = api.get(PATH, HTTP_IF_NONE_MATCH=first["ETag"])
    assert first.content == second.content
    assert (known.status_code, known.content) == (304, b"")


def test_it_is_there_without_redis(api: APIClient) -> None:
    ContentFactory(title="a")
    with redis_down():
        assert titles(api) == ["a"]


def test_it_is_only_read(api: APIClient) -> None:
    refused(api.post(PATH, {}), status=405, code="method_not_allowed")
    assert api.get(PATH, {"page": "\0", "x": "'; --"}).status_code == 200


@pytest.mark.parametrize(
    "link",
    ["/", "/list.html?cat=115", "/goods/1.html#top", "http://a.cn", "HTTPS://例子.cn/路径?a=b&c=d"],
)
def test_links_that_lead_somewhere(link: str) -> None:
    validate_link(link)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https:///evil.example",
        "https://",
        "http://?",
        "ftp://a.cn",
        "list.html",
        "/a b",
        "/a\n",
        "https://a.cn\n",
    ],
)
def test_links_that_lead_astray_are_refused(link: str) -> None:
    with pytest.raises(ValidationError):
        validate_link(link)


def test_the_database_knows_that_a_content_ends_after_its_start() -> None:
    for end in (NOW, NOW - timedelta(days=1)):
        with pytest.raises(IntegrityError), transaction.atomic():
            ContentFactory(start_time=NOW, end_time=end)
    ContentFactory(start_time=NOW, end_time=NOW + timedelta(seconds=1))
    assert Content.objects.count() == 1


def test_the_migration_adds_what_is_missing_and_takes_back_what_is_empty() -> None:
    ContentCategory.objects.all().delete()
    ContentCategoryFactory(key="index_kx", name="新闻")
    ContentFactory(category__key="index_lbt")
    ContentCategoryFactory(key="of_our_own")

    add_places()
    names = dict(ContentCategory.objects.values_list("key", "name"))
    migration.remove(apps, SimpleNamespace(connection=connection))

    assert names.keys() == {*KEYS, "of_our_own"}
    assert names["index_kx"] == "新闻"
    assert names["index_1f_ssxp"] == "1楼 时尚新品"
    left = ContentCategory.objects.values_list("key", flat=True)
    assert set(left) == {"index_lbt", "of_our_own"}

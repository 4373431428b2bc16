"""What the people who look after the home page do there, and that it shows at once."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from apps.contents.models import Content, ContentCategory
from apps.users.models import User
from tests.admin.forms import change_page, errors, save
from tests.core.test_pictures import upload
from tests.factories import ContentCategoryFactory, ContentFactory, UserFactory
from tests.world import unchanged

pytestmark = pytest.mark.django_db

LIST = "/admin/contents/content/"
ADD = f"{LIST}add/"
PREVIEW = f"{LIST}preview/"


@pytest.fixture
def desk(db: None) -> Client:
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def content(db: None) -> Content:
    return ContentFactory(title="旧")


@pytest.fixture
def shown(api: APIClient) -> Callable[[], list[str]]:
    """The titles in the carousel, as a storefront gets them from the cache."""

    def titles() -> list[str]:
        contents = api.get("/api/v1/index/").json()["contents"]
        return [each["title"] for each in contents.get("index_lbt", [])]

    return titles


@pytest.fixture(autouse=True)
def commits(django_capture_on_commit_callbacks: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request of the back office ends with its commit."""
    request = Client.request

    def committed(client: Client, **environment: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return request(client, **environment)

    monkeypatch.setattr(Client, "request", committed)


def test_a_new_content_shows_at_once(desk: Client, shown: Callable) -> None:
    assert shown() == []
    save(desk, ADD, category=ContentCategoryFactory().pk, title="新")
    assert shown() == ["新"]


def test_a_change_shows_at_once(desk: Client, content: Content, shown: Callable) -> None:
    assert shown() == ["旧"]
    save(desk, change_page(content), title="新")
    assert shown() == ["新"]
    save(desk, change_page(content), status="")
    assert shown() == []


def test_what_is_deleted_vanishes_at_once(desk: Client, content: Content, shown: Callable) -> None:
    other = ContentFactory(title="别的")
    assert shown() == ["旧", "别的"]
    desk.post(reverse("admin:contents_content_delete", args=[content.pk]), {"post": "yes"})
    assert shown() == ["别的"]
    action = {"action": "delete_selected", "_selected_action": [other.pk], "post": "yes"}
    desk.post(LIST, action)
    assert shown() == []


def test_contents_are_switched_off_and_on_in_the_list(
    desk: Client, content: Content, shown: Callable
) -> None:
    for action, titles in (("hide", []), ("show", ["旧"])):
        shown()
        desk.post(LIST, {"action": action, "_selected_action": [content.pk]})
        assert shown() == titles


def test_the_list_itself_can_be_reordered(desk: Client, content: Content, shown: Callable) -> None:
    other = ContentFactory(title="别的", sequence=200)
    assert shown() == ["旧", "别的"]
    rows = {"form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 2, "_save": "1"}
    for number, (row, sequence) in enumerate(((content, 9), (other, 1))):
        rows |= {
            f"form-{number}-id": row.pk,
            f"form-{number}-sequence": sequence,
            f"form-{number}-status": "on",
        }
    assert desk.post(LIST, rows).status_code == 302
    assert shown() == ["别的", "旧"]


def test_another_name_of_a_place_shows_at_once(
    desk: Client, content: Content, shown: Callable
) -> None:
    assert shown() == ["旧"]
    save(desk, change_page(content.category), key="index_elsewhere")
    assert shown() == []


def test_a_place_with_something_in_it_is_not_deleted(desk: Client, content: Content) -> None:
    page = reverse("admin:contents_contentcategory_delete", args=[content.category_id])
    assert desk.post(page, {"post": "yes"}).status_code == 200
    assert ContentCategory.objects.filter(pk=content.category_id).exists()


def test_a_picture_is_uploaded(
    desk: Client, content: Content, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    file = SimpleUploadedFile("海报.html", upload(size=(900, 300)).read())

    save(desk, change_page(content), image=file)

    content.refresh_from_db()
    assert str(content.image).endswith(".900px.jpg")
    assert content.image.urls["480"] in desk.get(change_page(content)).content.decode()
    assert content.image.urls["80"] in desk.get(LIST).content.decode()
    kept = str(content.image)

    said = errors(desk, change_page(content), image=SimpleUploadedFile("a.jpg", b"<svg/>"))

    assert "JPEG" in said
    content.refresh_from_db()
    assert str(content.image) == kept


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//evil.example", "list.html"])
def test_a_link_that_leads_astray_is_refused(url: str, desk: Client, content: Content) -> None:
    assert "http" in errors(desk, change_page(content), url=url)


def test_an_end_before_the_start_is_refused(desk: Client, content: Content) -> None:
    times = {
        "start_time_0": "2030-01-02", "start_time_1": "10:00:00",
        "end_time_0": "2030-01-02", "end_time_1": "10:00:00",
    }  # fmt: skip
    assert "结束" in errors(desk, change_page(content), **times)
    times["end_time_1"] = "10:00:01"
    save(desk, change_page(content), **times)
    content.refresh_from_db()
    assert content.end_time - content.start_time == timedelta(seconds=1)  # type: ignore[operator]


def listed(desk: Client, **query: str) -> set[str]:
    return {row.title for row in desk.get(LIST, query).context["cl"].result_list}


def test_the_list_tells_what_is_live(desk: Client) -> None:
    hour = timedelta(hours=1)
    now = timezone.now()
    ContentFactory(title="live", end_time=now + hour)
    ContentFactory(title="coming", start_time=now + hour)
    ContentFactory(title="over", end_time=now - hour)
    ContentFactory(title="off", status=False)

    for state in ("live", "coming", "over", "off"):
        assert listed(desk, state=state) == {state}
    assert len(listed(desk)) == len(listed(desk, state="?")) == 4


def preview(desk: Client, at: str = "") -> set[str]:
    answer = desk.get(PREVIEW, {"at": at} if at else {})
    assert answer.status_code == 200
    html = answer.content.decode()
    return {title for title in Content.objects.values_list("title", flat=True) if title in html}


def test_the_preview_shows_the_home_page_of_now_and_of_another_time(
    desk: Client, django_assert_max_num_queries: Any
) -> None:
    in_2031 = timezone.now().replace(year=2031)
    ContentFactory(title="现在的", end_time=in_2031)
    ContentFactory(title="将来的", start_time=in_2031)
    ContentFactory(title="关掉的", status=False)

    assert preview(desk) == {"现在的"}
    assert preview(desk, "2032-01-01T00:00") == {"将来的"}
    for nonsense in ("yesterday", "2032-13-45T99:00", "\0"):
        assert preview(desk, nonsense) == {"现在的"}
    with django_assert_max_num_queries(5):
        desk.get(PREVIEW)


def test_the_preview_is_for_those_who_may_see_contents(buyer: User) -> None:
    buyer.is_staff = True
    buyer.save()
    client = Client()
    client.force_login(buyer)
    assert client.get(PREVIEW).status_code == 403
    buyer.user_permissions.add(Permission.objects.get(codename="view_content"))
    assert client.get(PREVIEW).status_code == 200


@pytest.mark.parametrize(("action", "was"), [("hide", True), ("show", False)])
def test_who_may_only_look_switches_nothing(action: str, was: bool, buyer: User) -> None:
    content = ContentFactory(status=was)
    buyer.is_staff = True
    buyer.save()
    buyer.user_permissions.add(Permission.objects.get(codename="view_content"))
    client = Client()
    client.force_login(buyer)
    assert client.get(LIST).status_code == 200
    with unchanged():
        client.post(LIST, {"action": action, "_selected_action": [content.pk]})

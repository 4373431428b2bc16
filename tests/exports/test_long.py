"""Long lists: written by a worker, watched, canceled, taken up again, kept for some days."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from apps.core.private_files import private_storage
from apps.exports import services
from apps.exports.models import MOST_TRIES, SILENT, Export
from apps.exports.selectors import lists
from apps.exports.services import writing
from apps.goods.models import Brand
from apps.orders.models import OrderInfo
from tests.admin.conftest import place
from tests.exports.conftest import export, progress, sheet, work, workbook
from tests.factories import BrandFactory, UserFactory

pytestmark = pytest.mark.django_db

ORDERS = "orders.OrderInfo"


@pytest.fixture(autouse=True)
def orders(short_is: Callable[[int], None], monkeypatch: pytest.MonkeyPatch) -> list[OrderInfo]:
    """Seven, which are many, and read two at a time."""
    short_is(2)
    monkeypatch.setattr(lists, "ROWS_TOGETHER", 2)
    buyer = UserFactory(username="buyer")
    return [place(buyer, f"2026010100000000000000{n:02d}") for n in range(7)]


@pytest.fixture
def ordered(desk: Client) -> Export:
    return progress(export(desk, ORDERS, "order_id"))


def page(export: Export, name: str = "progress") -> str:
    return f"/admin/exports/export/{export.pk}/{name}/"


def kept() -> list[str]:
    if not private_storage().exists("exports"):
        return []
    return private_storage().listdir("exports")[1]


@pytest.fixture(autouse=True)
def no_files_left() -> Iterator[None]:
    yield
    for name in kept():
        private_storage().delete(f"exports/{name}")


class TestProgress:
    def test_from_the_button_to_the_file(
        self, desk: Client, ordered: Export, orders: list[OrderInfo]
    ) -> None:
        waiting = desk.get(page(ordered))
        assert waiting["Refresh"] == "2"
        assert "等待处理" in waiting.content.decode()
        work()
        done = desk.get(page(ordered))
        assert "Refresh" not in done
        assert page(ordered, "download") in done.content.decode()
        rows = sheet(desk.get(page(ordered, "download")))
        assert rows == [["订单号"], *([order.pk] for order in reversed(orders))]

    @pytest.mark.parametrize("rows", [2, 4, 7])
    def test_workbooks_of_whole_pages_and_of_parts(
        self, rows: int, desk: Client, orders: list[OrderInfo], short_is: Callable[[int], None]
    ) -> None:
        short_is(1)
        OrderInfo.objects.exclude(pk__in=[order.pk for order in orders[:rows]]).delete()
        ordered = progress(export(desk, ORDERS, "order_id", "total_amount", kind="xlsx"))
        work()
        written = workbook(desk.get(page(ordered, "download")))
        assert [row[0] for row in written[1:]] == [order.pk for order in orders[:rows]][::-1]

    def test_how_far_it_is(
        self, desk: Client, ordered: Export, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[tuple[int, int, str]] = []

        def look(*args: Any, **kwargs: Any) -> bool:
            went_on = go_on(*args, **kwargs)
            shown = desk.get(page(ordered)).context
            seen.append((shown["export"].rows, shown["export"].estimated, shown["percent"]))
            return went_on

        go_on = Export.objects.go_on
        monkeypatch.setattr(Export.objects, "go_on", look)
        work()
        assert seen == [
            (0, 7, 0), (2, 7, 28), (4, 7, 57), (6, 7, 85), (7, 7, 100), (7, 7, 100)
        ]  # fmt: skip

    def test_the_list_is_the_one_that_was_asked_for(self, desk: Client) -> None:
        BrandFactory.create_batch(5)
        mine = [BrandFactory(name=name, first_letter="Z") for name in ["乙", "丙", "甲"]]
        query = "first_letter__exact=Z&o=-2"
        ordered = progress(export(desk, "goods.Brand", "name", query=query))
        work()
        names = [row[0] for row in sheet(desk.get(page(ordered, "download")))[1:]]
        assert names == sorted((brand.name for brand in mine), reverse=True)

    def test_in_the_language_it_was_asked_for(self, desk: Client) -> None:
        desk.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        ordered = progress(export(desk, ORDERS, "order_id", "status"))
        work()
        assert sheet(desk.get(page(ordered, "download")))[:2] == [
            ["order number", "status"],
            ["202601010000000000000006", "to be paid"],
        ]

    def test_no_more_than_some_at_once(self, desk: Client) -> None:
        for _ in range(services.MOST_UNFINISHED):
            progress(export(desk, ORDERS, "order_id"))
        refused = export(desk, ORDERS, "order_id")
        assert "尚未完成" in refused.content.decode()
        assert Export.objects.count() == services.MOST_UNFINISHED
        work()
        progress(export(desk, ORDERS, "order_id"))

    def test_the_job_is_asked_for_at_once(
        self, desk: Client, django_capture_on_commit_callbacks: Callable[..., Any]
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            ordered = progress(export(desk, ORDERS, "order_id"))
        assert Export.objects.get(pk=ordered.pk).state == "done"


class TestCanceling:
    def test_before_a_worker_begins(self, desk: Client, ordered: Export) -> None:
        assert desk.post(page(ordered, "cancel")).status_code == 302
        work()
        ordered.refresh_from_db()
        assert (ordered.state, kept()) == ("canceled", [])

    def test_not_by_a_link(self, desk: Client, ordered: Export) -> None:
        assert desk.get(page(ordered, "cancel")).status_code == 405

    def test_in_the_middle(
        self, desk: Client, ordered: Export, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read = after_pages(monkeypatch, 2, lambda: desk.post(page(ordered, "cancel")))
        work()
        ordered.refresh_from_db()
        assert (ordered.state, ordered.rows, kept(), len(read)) == ("canceled", 2, [], 2)
        assert desk.get(page(ordered, "download")).status_code == 302

    def test_at_the_very_end(
        self, desk: Client, ordered: Export, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        finish = Export.objects.finish

        def too_late(*args: Any, **kwargs: Any) -> bool:
            desk.post(page(ordered, "cancel"))
            return finish(*args, **kwargs)

        monkeypatch.setattr(Export.objects, "finish", too_late)
        work()
        ordered.refresh_from_db()
        assert (ordered.state, kept()) == ("canceled", [])

    def test_what_is_done_stays_done(self, desk: Client, ordered: Export) -> None:
        work()
        desk.post(page(ordered, "cancel"))
        ordered.refresh_from_db()
        assert ordered.state == "done"


class Killed(BaseException):
    """As a process that is killed, this one writes nothing down."""


def after_pages(monkeypatch: pytest.MonkeyPatch, pages: int, then: Callable[[], Any]) -> list[int]:
    """Do something in the middle of the reading; the list grows with each page that is read."""
    read: list[int] = []
    of_list = lists.Listing.pages

    def watched(*args: Any) -> Iterator[Any]:
        for each in of_list(*args):
            read.append(len(each))
            if len(read) == pages:
                then()
            yield each

    monkeypatch.setattr(lists.Listing, "pages", watched)
    return read


def kill() -> None:
    raise Killed


def silent_for(export: Export, time: timedelta) -> None:
    Export.objects.filter(pk=export.pk).update(seen_at=timezone.now() - time)


class TestAKilledWorker:
    @pytest.fixture
    def left(self, ordered: Export, monkeypatch: pytest.MonkeyPatch) -> Export:
        """Half written by a worker that is not there any more."""
        with monkeypatch.context() as patch:
            after_pages(patch, 2, kill)
            with pytest.raises(Killed):
                work()
        ordered.refresh_from_db()
        assert (ordered.state, ordered.rows, ordered.tries) == ("running", 2, 1)
        return ordered

    def test_is_left_in_peace_while_it_may_live(self, left: Export) -> None:
        silent_for(left, SILENT - timedelta(seconds=5))
        work()
        left.refresh_from_db()
        assert left.state == "running"

    def test_is_followed_by_another_that_begins_anew(
        self, left: Export, desk: Client, orders: list[OrderInfo]
    ) -> None:
        silent_for(left, SILENT + timedelta(seconds=1))
        work()
        left.refresh_from_db()
        assert (left.state, left.rows, left.tries) == ("done", 7, 2)
        assert len(sheet(desk.get(page(left, "download")))) == 8
        assert len(kept()) == 1

    def test_is_not_followed_for_ever(self, left: Export, desk: Client) -> None:
        Export.objects.filter(pk=left.pk).update(tries=MOST_TRIES)
        silent_for(left, SILENT + timedelta(seconds=1))
        work()
        left.refresh_from_db()
        assert left.state == "failed"
        assert "Refresh" not in desk.get(page(left))

    def test_that_was_only_slow_writes_nothing_over_the_other(
        self, ordered: Export, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """While it sleeps another one takes the export up, and is done."""

        def other() -> None:
            silent_for(ordered, SILENT + timedelta(seconds=1))
            work()

        after_pages(monkeypatch, 2, other)
        work()
        ordered.refresh_from_db()
        assert (ordered.state, ordered.rows, ordered.tries) == ("done", 7, 2)
        assert kept() == [ordered.file.name.removeprefix("exports/")]

    def test_while_it_answered_a_browser(self, desk: Client, short_is: Callable) -> None:
        short_is(100)
        answer = export(desk, ORDERS, "order_id")
        next(iter(answer.streaming_content))
        direct = Export.objects.get()
        assert direct.state == "running"
        silent_for(direct, SILENT + timedelta(seconds=1))
        work()
        direct.refresh_from_db()
        assert (direct.state, direct.tries) == ("failed", 0)


class TestFaults:
    def test_are_tried_again_and_then_given_up(
        self, ordered: Export, desk: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*args: Any) -> None:
            raise OSError("No space left on device")

        monkeypatch.setattr(private_storage(), "save", full)
        for tries in range(1, MOST_TRIES + 1):
            with pytest.raises(OSError, match="No space"):
                work()
            ordered.refresh_from_db()
            assert (ordered.tries, ordered.state) == (
                tries,
                "failed" if tries == MOST_TRIES else "queued",
            )
        work()
        ordered.refresh_from_db()
        assert (ordered.tries, ordered.error) == (MOST_TRIES, "OSError")
        assert "OSError" in desk.get(page(ordered)).content.decode()

    def test_a_filter_that_is_gone(self, ordered: Export) -> None:
        Export.objects.filter(pk=ordered.pk).update(query="gone__exact=1")
        work()
        ordered.refresh_from_db()
        assert ordered.state == "failed"
        assert "无法" in ordered.error

    def test_a_list_that_is_gone(self, ordered: Export) -> None:
        Export.objects.filter(pk=ordered.pk).update(model="gone.gone")
        work()
        ordered.refresh_from_db()
        assert ordered.state == "failed"


class TestRowsThatComeAndGo:
    def test_no_row_twice_and_none_left_out(
        self,
        ordered: Export,
        desk: Client,
        orders: list[OrderInfo],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A new order comes in above the place, the last row that was read goes, and so does one to be read."""

        def change() -> None:
            place(orders[0].user, "202601010000000000000099")
            OrderInfo.objects.filter(pk__in=[orders[3].pk, orders[1].pk]).delete()

        after_pages(monkeypatch, 2, change)
        work()
        rows = sheet(desk.get(page(ordered, "download")))[1:]
        assert [row[0] for row in rows] == [orders[n].pk for n in (6, 5, 4, 3, 2, 0)]

    def test_of_a_list_that_is_not_paged_by_key(
        self, desk: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        brands = sorted((BrandFactory() for _ in range(6)), key=lambda brand: brand.name)
        ordered = progress(export(desk, "goods.Brand", "name", query="o=2"))

        def change() -> None:
            BrandFactory(name="新")
            brands[5].delete()

        after_pages(monkeypatch, 2, change)
        work()
        rows = sheet(desk.get(page(ordered, "download")))[1:]
        assert [row[0] for row in rows] == [brand.name for brand in brands[:5]]
        assert Brand.objects.count() == 6


class TestRemoving:
    @pytest.mark.parametrize(("days", "is_there"), [(-0.1, True), (0.1, False)])
    def test_files_are_kept_for_some_days(
        self, days: float, is_there: bool, ordered: Export, desk: Client
    ) -> None:
        work()
        at = timezone.now() - timedelta(days=settings.EXPORT_DAYS + days)
        Export.objects.update(finished_at=at)
        call_command("remove_old_exports")
        ordered.refresh_from_db()
        assert ordered.state == ("done" if is_there else "expired")
        assert len(kept()) == is_there
        answer = desk.get(page(ordered, "download"))
        assert answer.status_code == (200 if is_there else 302)
        assert (ordered.rows, Export.objects.count()) == (7, 1)

    def test_what_a_canceled_one_left_goes(
        self, ordered: Export, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(Export.objects, "finish", lambda *args, **kwargs: kill())
            with pytest.raises(Killed):
                work()
        assert len(kept()) == 1
        services.cancel_export(ordered)
        call_command("remove_old_exports")
        assert kept() == []
        call_command("remove_old_exports")


def test_pages_never_skip_rows(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page further down costs what the first one does: the database is told where it begins."""
    progress(export(desk, ORDERS, "order_id"))
    asked: list[str] = []
    clone = QuerySet._fetch_all

    def noting(rows: Any) -> None:
        if rows.model is OrderInfo and rows._result_cache is None:
            asked.append(str(rows.query))
        clone(rows)

    monkeypatch.setattr(QuerySet, "_fetch_all", noting)
    monkeypatch.setattr(writing.private_storage(), "save", lambda name, content: name)
    work()
    assert len([sql for sql in asked if "LIMIT 2" in sql]) == 4
    assert not [sql for sql in asked if "OFFSET" in sql]

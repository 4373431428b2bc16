"""The demo shop as its operators find it: every queue has something in it, and everything says how it came there."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
import pytest_django
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.db.models import F, Sum
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from apps.after_sales.models import AfterSale, AfterSaleEvent
from apps.goods.models import SKU, StockMovement
from apps.goods.selectors import low_stock
from apps.notifications.models import Channel, Message
from apps.notifications.services import outbox, rounds
from apps.operators.models import Role
from apps.orders.models import MOVES, OrderEvent, OrderInfo, Shipment, Step, TrackingEvent
from apps.payment.models import Difference, Payment, Refund
from apps.reports.models import DayFigures
from apps.reports.selectors import LOOKED_AT
from apps.users.models import User
from tests.demo.loading import draw_blanks, load
from tests.factories import add_places

Status, State, Kind = OrderInfo.Status, AfterSale.State, AfterSale.Kind
OPERATORS = {
    "demo_service": "客服",
    "demo_warehouse": "仓库",
    "demo_finance": "财务",
    "demo_catalogue": "商品",
    "demo_manager": "管理员",
}


@pytest.fixture(scope="module")
def shop(
    django_db_setup: None,
    django_db_blocker: pytest_django.DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """Loaded once for all of these tests: each changes it in a transaction of its own inside of this one."""
    with django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        draw_blanks(patch, tmp_path_factory.mktemp("media"))
        add_places()
        load()
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def audited(shop: None, db: None) -> Iterator[None]:
    yield
    call_command("audit", stdout=StringIO())


def test_orders_stand_everywhere_and_their_steps_led_there() -> None:
    since = timezone.now() - timedelta(days=35)
    recent = OrderInfo.objects.filter(create_time__gte=since)
    assert set(recent.values_list("status", flat=True)) == set(Status)
    steps: dict[str, list[OrderEvent]] = defaultdict(list)
    for event in OrderEvent.objects.order_by("pk"):
        steps[event.order_id].append(event)
    for order in OrderInfo.objects.all():
        status = Status.UNPAID if order.expires_at else Status.UNSEND
        at = order.create_time
        for event in steps[order.pk]:
            assert (status, event.to_status) == MOVES[Step(event.step)]
            assert event.from_status == status
            assert at < event.create_time <= timezone.now()
            status, at = Status(event.to_status), event.create_time
        assert (order.status, order.update_time) == (status, at)
    by_name = set(OrderEvent.objects.values_list("step", "actor__username"))
    assert {(Step.SHIP, "demo_warehouse"), (Step.CANCEL_UNSHIPPED, "demo_service")} <= by_name
    assert {(Step.RECEIVE, "demo_buyer"), (Step.FINISH, "demo_buyer")} <= by_name
    assert (Step.CANCEL_UNPAID, None) in by_name
    called_off = OrderEvent.objects.filter(step=Step.CANCEL_UNSHIPPED)
    assert called_off.exists()
    assert not called_off.filter(reason="").exists()


def test_what_left_is_a_parcel_that_can_be_followed() -> None:
    left = {Status.UNRECEIVED, Status.UNCOMMENT, Status.FINISHED}
    orders = OrderInfo.objects.filter(status__in=left)
    assert Shipment.objects.count() == orders.count()
    assert not orders.filter(shipment=None).exists()
    assert not orders.filter(receive_by=None).exists()
    assert Shipment.objects.values("carrier").distinct().count() > 2
    for shipment in Shipment.objects.select_related("order"):
        arrived = shipment.order.status != Status.UNRECEIVED
        assert (shipment.state == Shipment.State.DELIVERED) is arrived
        shipment.full_clean()
    assert not Shipment.objects.filter(events=None).exists()
    assert not TrackingEvent.objects.filter(at__lt=F("shipment__create_time")).exists()
    assert not TrackingEvent.objects.filter(at__gt=timezone.now()).exists()
    # No carrier is ever asked after what it never carried.
    assert not Shipment.objects.due(timezone.now() + timedelta(days=400)).exists()


def test_fifty_of_the_waiting_orders_are_shipped_by_the_sheet_that_the_page_offers() -> None:
    waiting = OrderInfo.objects.filter(status=Status.UNSEND)
    paid = Payment.objects.filter(settles__status=Status.UNSEND)
    assert paid.count() >= 60
    browser = Client()
    assert browser.login(username="demo_warehouse", password="meiduo-demo-3")
    sheet = browser.get("/admin/orders/orderinfo/ship/waiting/")
    book = load_workbook(BytesIO(b"".join(sheet)))
    rows = book.active
    assert rows.max_row == 1 + waiting.count()
    # Beside the others stands why they are not to be shipped: their buyers ask to cancel them.
    free = [row for row in range(2, rows.max_row + 1) if not rows.cell(row, rows.max_column).value]
    assert len(free) < waiting.count()
    for row in free[:50]:
        assert rows.cell(row, 5).value
        rows.cell(row, 2).value, rows.cell(row, 3).value = "顺丰速运", f"SF{row:013d}"
    filled = BytesIO()
    book.save(filled)

    before = waiting.count()
    upload = SimpleUploadedFile("to-ship.xlsx", filled.getvalue())
    preview = browser.post("/admin/orders/orderinfo/ship/", {"file": upload})
    assert (preview.context_data["waiting"], preview.context_data["refused"]) == (50, 0)
    plan = {"plan": preview.context_data["plan"], "ship": "1"}
    done = browser.post("/admin/orders/orderinfo/ship/", plan)
    assert (done.context_data["shipped"], done.context_data["refused"]) == (50, 0)
    assert waiting.count() == before - 50


def test_after_sale_requests_stand_everywhere() -> None:
    assert set(AfterSale.objects.values_list("state", flat=True)) == set(State)
    assert set(AfterSale.objects.values_list("kind", flat=True)) == set(Kind)
    for each in AfterSale.objects.prefetch_related("events", "lines"):
        steps = [event.to_state for event in each.events.all()]
        assert (steps[0], steps[-1]) == (State.REQUESTED, each.state)
        assert each.lines.all()
    assert Refund.objects.exclude(after_sale=None).count() >= 3
    assert not AfterSaleEvent.objects.filter(create_time__gt=timezone.now()).exists()
    canceled = AfterSale.objects.get(kind=Kind.CANCEL, state=State.REFUNDED)
    assert canceled.order.status == Status.CANCELED
    returned = StockMovement.objects.filter(reason=StockMovement.Reason.RETURN)
    assert set(returned.values_list("note", flat=True)) <= set(
        AfterSale.objects.values_list("number", flat=True)
    )
    assert returned.exists()


def test_an_operator_grants_what_waits() -> None:
    """Nothing that the demo made up stands in the way of what is real from now on."""
    from apps.after_sales import services

    service = User.objects.get(username="demo_service")
    for kind in Kind:
        after_sale = AfterSale.objects.filter(kind=kind, state=State.REQUESTED).first()
        assert after_sale is not None
        granted = services.approve(after_sale.pk, by=service)
        assert granted.state == (State.APPROVED if kind == Kind.RETURN else State.REFUNDED)


def test_stock_has_moved_and_every_movement_says_what_was_left() -> None:
    reasons = {
        reason for reason, _ in StockMovement.Reason.choices if reason != StockMovement.Reason.SHEET
    }
    assert set(StockMovement.objects.values_list("reason", flat=True)) == reasons
    assert not StockMovement.objects.filter(note="").exists()
    for sku in SKU.objects.filter(movements__isnull=False).distinct():
        stock, moved = sku.opening_stock, 0
        lines = sku.order_lines.exclude(order__status=Status.CANCELED)
        for movement in sku.movements.order_by("create_time"):
            moved += movement.change
            earlier = lines.filter(order__create_time__lte=movement.create_time)
            sold = earlier.aggregate(sold=Sum("count"))["sold"] or 0
            assert movement.stock_after == stock + moved - sold
    assert len(low_stock()) > 3


def test_messages_are_sent_waiting_and_failed_and_none_goes_to_anybody() -> None:
    states = set(Message.objects.values_list("state", flat=True))
    assert {"queued", "sent", "failed", "gave_up"} <= states
    assert Message.objects.filter(channel=Channel.SMS, state="sent").exists()
    open_ones = Message.objects.filter(state__in=Message.OPEN)
    assert not open_ones.exclude(channel=Channel.WEBHOOK).exists()
    assert not open_ones.filter(endpoint__is_active=True).exists()
    before = list(Message.objects.order_by("pk").values_list())
    assert rounds.send_notifications() == 0
    outbox.remove_old_messages()
    assert list(Message.objects.order_by("pk").values_list()) == before


def test_the_figures_are_counted_and_a_bill_does_not_agree() -> None:
    assert DayFigures.objects.count() == LOOKED_AT
    assert DayFigures.objects.filter(orders__gt=0).count() > 25
    assert Difference.objects.get().state == Difference.State.OPEN
    told = StringIO()
    call_command("reconcile", stdout=told)
    assert told.getvalue() == "Nobody has paid through any provider yet.\n"


def test_there_is_an_operator_of_every_role() -> None:
    for name, group in OPERATORS.items():
        operator = User.objects.get(username=name)
        assert (operator.is_staff, operator.is_superuser) == (True, False)
        assert list(operator.groups.all()) == [Group.objects.get(name=group)]
        browser = Client()
        assert browser.login(username=name, password="meiduo-demo-3")
        assert browser.get("/admin/").status_code == 200
    assert Role.objects.count() == len(OPERATORS)
    User.objects.get(username="demo_service").groups.clear()
    assert "demo_service" not in load()
    assert not User.objects.get(username="demo_service").groups.exists()

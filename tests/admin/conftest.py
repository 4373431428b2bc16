"""A shop with so many rows of everything, and the operator who looks after it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Group
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from apps.after_sales.models import AfterSale
from apps.exports.models import Export
from apps.goods.models import Channel, SKUImage, StockMovement
from apps.invoices.models import Invoice, InvoiceTitle
from apps.notifications.models import Event, Message, Template, WebhookEndpoint
from apps.operators.models import LoginEvent
from apps.orders.models import Carrier, OrderEvent, OrderGoods, OrderInfo, Shipment, Step
from apps.payment.models import AuditRun, Difference, Payment, PaymentEvent, Refund, Statement
from apps.reports.models import DayFigures
from apps.users.models import Favourite, OAuthAccount, User
from tests.factories import (
    AddressFactory,
    ContentFactory,
    GoodsSpecificationFactory,
    ReviewFactory,
    SKUFactory,
    SKUSpecificationFactory,
    SpecificationOptionFactory,
    UserFactory,
)


@pytest.fixture
def operator(db: None) -> User:
    return UserFactory(username="operator", is_staff=True, is_superuser=True)


@pytest.fixture
def desk(operator: User) -> Client:
    """A browser the operator is logged in with."""
    client = Client()
    client.force_login(operator)
    return client


@pytest.fixture
def stock_up(operator: User) -> Callable[[int], None]:
    """Give the shop so many more rows of every kind."""

    def more(rows: int) -> None:
        for _ in range(rows):
            number = f"{OrderInfo.objects.count():024d}"
            notify(number)
            sku = SKUFactory(default_image="skus/a.png", goods__brand__logo="brands/a.png")
            spec = GoodsSpecificationFactory(goods=sku.goods)
            option = SpecificationOptionFactory(spec=spec)
            SKUSpecificationFactory(sku=sku, option=option)
            SKUImage.objects.create(sku=sku, image="skus/b.png")
            Channel.objects.create(group_id=1, category=sku.category.parent.parent, url="/x.html")
            ContentFactory(category__key=f"place_{number}", image="contents/a.png")
            DayFigures.objects.create(day=date(2026, 1, 1) + timedelta(DayFigures.objects.count()))
            AuditRun.objects.create(started_at=datetime(2026, 1, 1, tzinfo=UTC))
            StockMovement.objects.create(sku=sku, change=0, reason="receipt", author=operator)
            user = AddressFactory(user__first_name="美").user
            OAuthAccount.objects.create(user=user, provider="qq", openid=number)
            Favourite.objects.create(user=user, sku=sku)
            Group.objects.create(name=f"组 {number}")
            Export.objects.create(operator=operator, model="goods.sku", columns=["name"])
            LoginEvent.objects.create(username=number, user=user, address="::1", outcome="code")
            TOTPDevice.objects.create(user=user, name="app")
            LogEntry.objects.log_create(sku, action=1, changes={"price": ["1.00", "2.00"]})
            place(UserFactory(), f"9{number[1:]}", pay_method=OrderInfo.PayMethod.CASH)
            order = place(user, number)
            line(order, sku.pk)
            payment = Payment.objects.create(
                order=order,
                provider="alipay",
                out_trade_no=number,
                trade_no=number,
                amount=order.total_amount,
                expires_at=datetime(2030, 1, 1, tzinfo=UTC),
            )
            tell(payment, number)
            compare(payment)
            give_back(payment, user)
            ReviewFactory(sku=sku)
            ask_for_invoice(order)
            send(order, operator)
            ask_back(order)

    return more


def notify(number: str) -> None:
    """A template, an endpoint and a message."""
    event, channel = list(product(Event, ["sms", "email"]))[Message.objects.count() % 12]
    Template.objects.get_or_create(
        event=event, channel=channel, language="en", defaults={"title": "x", "text": "x"}
    )
    endpoint = WebhookEndpoint.objects.create(
        name=number, url="https://erp.example/", events=[Event.ORDER_PAID]
    )
    endpoint.messages.create(
        event=Event.ORDER_PAID,
        channel="webhook",
        subject=number,
        receiver=endpoint.url,
        state="gave_up",
    )


def place(user: User, number: str, **changed: Any) -> OrderInfo:
    written = {
        "receiver": "王小美",
        "mobile": "13900000000",
        "province": "北京市",
        "city": "北京市",
        "district": "东城区",
        "place": "和平路1号",
        "total_count": 1,
        "total_amount": Decimal("60.00"),
        "freight": Decimal("10.00"),
        "pay_method": OrderInfo.PayMethod.ALIPAY,
        "status": OrderInfo.Status.UNPAID,
    }
    return OrderInfo.objects.create(
        order_id=number, user=user, cart_stamp=number, **(written | changed)
    )


def line(order: OrderInfo, sku_id: int) -> OrderGoods:
    return OrderGoods.objects.create(
        order=order, sku_id=sku_id, name="商品", price=Decimal("50.00"), count=1
    )


def send(order: OrderInfo, by: User) -> Shipment:
    """A parcel, and a step that is written down."""
    unsend, unreceived = OrderInfo.Status.UNSEND, OrderInfo.Status.UNRECEIVED
    OrderEvent.objects.create(
        order=order, step=Step.SHIP, from_status=unsend, to_status=unreceived, actor=by
    )
    carrier = Carrier.objects.create(code=order.pk, name=f"快递 {order.pk}")
    return Shipment.objects.create(
        order=order, carrier=carrier, number=f"SF{order.pk}", shipped_by=by
    )


def tell(payment: Payment, event_id: str) -> PaymentEvent:
    return PaymentEvent.objects.create(
        payment=payment,
        provider="alipay",
        event_id=event_id,
        kind="notice",
        status="TRADE_SUCCESS",
        amount=payment.amount,
        payload={"trade_no": "1"},
        verdict="settled",
    )


def ask_for_invoice(order: OrderInfo) -> Invoice:
    title = InvoiceTitle.objects.create(user=order.user, kind="personal", name=f"抬头{order.pk}")
    invoice = Invoice.objects.create(
        order=order, live_of=order, amount=order.total_amount, **title.snapshot
    )
    invoice.events.create(kind="requested", by=order.user)
    return invoice


def ask_back(order: OrderInfo) -> AfterSale:
    after_sale = AfterSale.objects.create(
        number=f"{order.pk}A01",
        order=order,
        user=order.user,
        kind="return",
        reason="damaged",
        amount_asked=Decimal("1.00"),
    )
    after_sale.lines.create(line=order.skus.get(), count=1)
    after_sale.events.create(to_state="requested", by=order.user)
    return after_sale


def compare(payment: Payment) -> Difference:
    """A day's bill with one row, which differs from ours."""
    statement = Statement.objects.create(
        provider=payment.provider,
        account=payment.account,
        day=date(2026, 1, 1) + timedelta(days=Statement.objects.count()),
        state=Statement.State.DONE,
    )
    numbers = {"out_trade_no": payment.out_trade_no, "trade_no": payment.trade_no}
    statement.lines.create(
        position=1,
        kind="payment",
        amount=payment.amount,
        fee=Decimal("9.00"),
        at=datetime(2026, 1, 1, 4, tzinfo=UTC),
        **numbers,
    )
    return statement.differences.create(
        kind="payment",
        type=Difference.Type.FEE,
        key=Difference.key_of("payment", "fee", payment.out_trade_no),
        ours=Decimal("0.36"),
        theirs=Decimal("9.00"),
        payment=payment,
        **numbers,
    )


def give_back(payment: Payment, by: User) -> Refund:
    number = f"{payment.out_trade_no}R{payment.refunds.count() + 1:02d}"
    return Refund.objects.create(
        payment=payment,
        out_request_no=number,
        amount=Decimal("1.00"),
        reason="包装破损",
        cause="operator",
        requested_by=by,
    )

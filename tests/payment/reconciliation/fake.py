"""A provider of which a test sets what it bills and what it answers."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from apps.core.clock import BEIJING
from apps.orders.models import OrderInfo
from apps.payment.exceptions import BillNotReady
from apps.payment.gateways.interface import Bill, BillLine, PaymentTold, RefundOrder, RefundTold
from apps.payment.models import Payment, Refund
from apps.users.models import User

DAY = date(2026, 11, 22)
NEXT_MORNING = datetime(2026, 11, 23, 10, 30, tzinfo=BEIJING)


@dataclass
class FakeGateway:
    """``bills``: the rows of each day, or what is raised instead; likewise ``answers`` by number."""

    provider: str = "fake"
    name: str = "Fake"
    app_id: str = "app"
    account: str = "1900000001"
    refund_pause: int = 0
    bills: dict[date, list[BillLine] | Exception] = field(default_factory=dict)
    answers: dict[str, PaymentTold | RefundTold | Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @classmethod
    def from_settings(cls) -> "FakeGateway":
        return cls()

    def bill(self, day: date, *, at: datetime) -> Bill:
        self.asked.append(f"bill {day}")
        rows = self.bills.get(day, BillNotReady(f"no bill of {day}"))
        if isinstance(rows, Exception):
            raise rows
        return Bill(lines=tuple(rows), digest="d" * 64)

    def query(self, out_trade_no: str, *, at: datetime) -> PaymentTold | RefundTold | None:
        return self._answer(out_trade_no)

    def refund_query(self, order: RefundOrder) -> PaymentTold | RefundTold | None:
        return self._answer(order.out_request_no)

    def _answer(self, number: str) -> PaymentTold | RefundTold | None:
        self.asked.append(number)
        answer = self.answers.get(number)
        if isinstance(answer, Exception):
            raise answer
        return answer

    # --- What it could say --------------------------------------------------------------------
    def says_paid(self, payment: Payment, *, amount: str = "") -> PaymentTold:
        return PaymentTold(
            provider=self.provider,
            kind="query",
            event_id=f"query:{payment.out_trade_no}:{amount}",
            out_trade_no=payment.out_trade_no,
            trade_no=f"T{payment.out_trade_no}",
            app_id=self.app_id,
            account=self.account,
            amount=Decimal(amount or payment.amount),
            currency="CNY",
            status="SUCCESS",
            outcome="paid",
            paid_at=noon(),
            payload={},
        )

    def says_refunded(self, refund: Refund) -> RefundTold:
        return RefundTold(
            provider=self.provider,
            kind="query",
            event_id=f"query:{refund.out_request_no}",
            out_trade_no=refund.payment.out_trade_no,
            out_request_no=refund.out_request_no,
            refund_no=f"R{refund.out_request_no}",
            amount=refund.amount,
            status="SUCCESS",
            outcome="succeeded",
            succeeded_at=noon(),
            payload={},
        )


def noon(day: date = DAY) -> datetime:
    return at(day, 12)


def at(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A moment by Beijing's clocks."""
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=BEIJING)


def after(days: int) -> datetime:
    """The morning when the bill of the day so many days after DAY is there."""
    return NEXT_MORNING + timedelta(days=days)


def payment_of(
    buyer: User, number: str, *, amount: str = "110.00", paid_at: datetime | None = None
) -> Payment:
    """A payment through the fake provider: settled at ``paid_at``, or still waiting for the buyer."""
    order = OrderInfo.objects.create(
        order_id=f"{number:0>24}",
        user=buyer,
        cart_stamp=number,
        receiver="王小美",
        mobile="13900000000",
        province="北京市",
        city="北京市",
        district="东城区",
        place="和平路1号",
        total_count=1,
        total_amount=Decimal(amount),
        freight=Decimal("10.00"),
        pay_method=OrderInfo.PayMethod.ALIPAY,
        status=OrderInfo.Status.UNSEND if paid_at else OrderInfo.Status.UNPAID,
    )
    return Payment.objects.create(
        order=order,
        settles=order if paid_at else None,
        provider="fake",
        account="1900000001",
        product="page",
        out_trade_no=number,
        trade_no=f"T{number}" if paid_at else None,
        amount=Decimal(amount),
        state=Payment.State.SUCCEEDED if paid_at else Payment.State.PENDING,
        paid_at=paid_at,
        expires_at=noon() + timedelta(minutes=30),
    )


def refund_of(
    payment: Payment, number: str, *, amount: str = "10.00", succeeded_at: datetime | None = None
) -> Refund:
    """A refund that has gone back at ``succeeded_at``, or was asked for and not heard of since."""
    assert Payment.objects.reserve_refund(payment.pk, Decimal(amount))
    done = Refund.State.SUCCEEDED if succeeded_at else Refund.State.UNKNOWN
    return Refund.objects.create(
        payment=payment,
        out_request_no=number,
        amount=Decimal(amount),
        reason="少发一件",
        cause=Refund.Cause.OPERATOR,
        state=done,
        succeeded_at=succeeded_at,
    )


def paid_line(payment: Payment, **changed: object) -> BillLine:
    """The row of a payment as a bill should have it, but for what is changed."""
    line = BillLine(
        kind="payment",
        out_trade_no=payment.out_trade_no,
        out_request_no="",
        trade_no=f"T{payment.out_trade_no}",
        amount=payment.amount,
        fee=round(payment.amount * Decimal("0.006"), 2),
        status="SUCCESS",
        at=payment.paid_at or noon(),
    )
    return replace(line, **changed)  # type: ignore[arg-type]


def refund_line(refund: Refund, **changed: object) -> BillLine:
    line = BillLine(
        kind="refund",
        out_trade_no=refund.payment.out_trade_no,
        out_request_no=refund.out_request_no,
        trade_no=f"T{refund.payment.out_trade_no}",
        amount=refund.amount,
        fee=-round(refund.amount * Decimal("0.006"), 2),
        status="SUCCESS",
        at=refund.succeeded_at or noon(),
    )
    return replace(line, **changed)  # type: ignore[arg-type]

"""A payment provider that exists in this process alone, and the shortest example of how one is added.

``FakeGateway`` is all that the shop sees of it: it asks ``Bank``, which keeps the books of the other side. A test pays
there as a buyer would, moves the bank's switches, and reads afterwards where the money is.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from threading import Lock
from typing import Any, ClassVar, Literal

from django.conf import settings
from django.test import override_settings

from apps.payment import gateways
from apps.payment.exceptions import BadSignature, MalformedNotice, Rejected, Unknown
from apps.payment.gateways.interface import (
    Bill,
    BillLine,
    Notice,
    Offer,
    PaymentTold,
    Product,
    Receipt,
    RefundOrder,
    RefundTold,
    Told,
)

TRADE_OUTCOMES: dict[str, Literal["paid", "closed", "other"]] = {
    "PAID": "paid",
    "CLOSED": "closed",
    "OPEN": "other",
}
REFUND_OUTCOMES: dict[str, Literal["succeeded", "processing", "failed", "stuck"]] = {
    "DONE": "succeeded",
    "UNDER_WAY": "processing",
    "FAILED": "failed",
    "STUCK": "stuck",
}


@dataclass
class Trade:
    amount: Decimal
    status: str = "OPEN"
    paid_at: datetime | None = None


@dataclass
class Bank:
    """The other side. ``calls`` are the names of what it was asked, in order.

    ``before`` and ``after`` hold, by a call's name, what to raise before it has done anything, or after it has done it:
    once each, in turn.
    """

    trades: dict[str, Trade] = field(default_factory=dict)
    refunds: dict[str, str] = field(default_factory=dict)
    amounts: dict[str, Decimal] = field(default_factory=dict)
    next_refund: str = "DONE"
    opens_at_once: bool = True
    calls: list[str] = field(default_factory=list)
    before: dict[str, list[Exception]] = field(default_factory=dict)
    after: dict[str, list[Exception]] = field(default_factory=dict)
    hook: Callable[[str], None] = lambda call: None
    lock: Lock = field(default_factory=Lock)

    def enter(self, call: str) -> None:
        self.calls.append(call)
        self.hook(call)
        _raise_next(self.before, call)

    def leave(self, call: str) -> None:
        _raise_next(self.after, call)

    def pay(self, out_trade_no: str, amount: Decimal = Decimal("110.00")) -> None:
        """A buyer pays."""
        with self.lock:
            trade = self.trades.setdefault(out_trade_no, Trade(amount))
            assert trade.status == "OPEN", "nobody can pay this any more"
            trade.status = "PAID"

    def billed(self, day: date) -> list[BillLine]:
        raise Unknown("The bank sends no bills.")

    def returned(self, out_trade_no: str) -> Decimal:
        """How much of a trade went back, the way it came or by transfer."""
        mine = [no for no in self.refunds if no.startswith(out_trade_no)]
        gone = [no for no in mine if self.refunds[no] in {"DONE", "UNDER_WAY", "STUCK"}]
        return sum((self.amounts[no] for no in gone), Decimal("0.00"))


def _raise_next(planned: dict[str, list[Exception]], call: str) -> None:
    if planned.get(call):
        raise planned[call].pop(0)


@dataclass(frozen=True)
class FakeGateway:
    """One merchant's account at the bank. A real one is made of settings and speaks HTTP."""

    bank: Bank

    provider = "fake"
    name = "假银行"
    app_id: ClassVar[str] = "app-1"
    account: ClassVar[str] = "merchant-1"
    refund_pause: ClassVar[int] = 3
    pays_out: ClassVar[bool] = True
    products: ClassVar[Mapping[str, Product]] = {
        "page": Product("url"),
        "code": Product("qr", is_kept=True),
        "app": Product("params", is_kept=True),
        "person": Product("params", is_kept=True, needs=frozenset({"openid"})),
    }

    @classmethod
    def from_settings(cls) -> "FakeGateway":
        return cls(settings.FAKE_BANKS[cls.provider])

    def page_url(self, offer: Offer) -> str:
        return f"https://bank.example/pay?no={offer.out_trade_no}&amount={offer.amount}"

    def qr(self, offer: Offer) -> str:
        self._open("qr", offer)
        return f"bank://{offer.out_trade_no}/{len(self.bank.calls)}"

    def prepay(self, offer: Offer) -> str:
        self._open("prepay", offer)
        return f"prepay-{len(self.bank.calls)}"

    def app_params(self, offer: Offer) -> Mapping[str, str]:
        return {"prepay": offer.code, "openid": offer.openid}

    def query(self, out_trade_no: str, *, at: datetime) -> PaymentTold | None:
        self.bank.enter("query")
        trade = self.bank.trades.get(out_trade_no)
        self.bank.leave("query")
        return self.told(out_trade_no, kind="query") if trade else None

    def close(self, out_trade_no: str, *, at: datetime) -> bool:
        self.bank.enter("close")
        trade = self.bank.trades.get(out_trade_no)
        if trade is None:
            return False
        with self.bank.lock:
            if trade.status != "OPEN":
                raise Rejected("40004", "TRADE_STATUS_ERROR", "not open")
            trade.status = "CLOSED"
        self.bank.leave("close")
        return True

    def refund(self, order: RefundOrder) -> RefundTold:
        return self._give("refund", order)

    def refund_query(self, order: RefundOrder) -> RefundTold | None:
        return self._find("refund_query", order)

    def pay_out(self, order: RefundOrder) -> RefundTold:
        assert order.payer
        return self._give("pay_out", order)

    def payout_query(self, order: RefundOrder) -> RefundTold | None:
        return self._find("payout_query", order)

    def bill(self, day: date, *, at: datetime) -> Bill:
        self.bank.enter("bill")
        lines = self.bank.billed(day)
        self.bank.leave("bill")
        return Bill(tuple(lines), digest="")

    def parse_notice(self, notice: Notice) -> Told:
        if notice.headers.get("signature") != "the bank's":
            raise BadSignature
        out_trade_no = notice.body.decode()
        if out_trade_no not in self.bank.trades:
            raise MalformedNotice(field="body")
        return self.told(out_trade_no)

    def receipt(self) -> Receipt:
        return Receipt(200, "text/plain", "thanks")

    def check_credentials(self, *, at: datetime) -> None:
        self.bank.enter("check_credentials")

    # --- What the bank says ------------------------------------------------------------------------

    def told(self, out_trade_no: str, **changed: Any) -> PaymentTold:
        trade = self.bank.trades[out_trade_no]
        kind = changed.get("kind", "notice")
        told = PaymentTold(
            provider=self.provider,
            kind=kind,
            event_id=f"{kind}:{out_trade_no}:{trade.status}",
            out_trade_no=out_trade_no,
            trade_no=f"bank-{out_trade_no}",
            app_id=self.app_id,
            account=self.account,
            amount=trade.amount,
            currency="CNY",
            status=trade.status,
            outcome=TRADE_OUTCOMES[trade.status],
            paid_at=trade.paid_at,
            payload={"status": trade.status},
            payer="payer-1",
        )
        return replace(told, **changed)

    def refund_told(self, out_request_no: str, **changed: Any) -> RefundTold:
        status = self.bank.refunds[out_request_no]
        kind = changed.get("kind", "notice")
        told = RefundTold(
            provider=self.provider,
            kind=kind,
            event_id=f"{kind}:{out_request_no}:{status}",
            out_trade_no=out_request_no.rsplit("R", 1)[0],
            out_request_no=out_request_no,
            refund_no=f"bank-{out_request_no}",
            amount=self.bank.amounts[out_request_no],
            status=status,
            outcome=REFUND_OUTCOMES[status],
            succeeded_at=None,
            payload={"status": status},
        )
        return replace(told, **changed)

    def _open(self, call: str, offer: Offer) -> None:
        self.bank.enter(call)
        if self.bank.opens_at_once:
            self.bank.trades.setdefault(offer.out_trade_no, Trade(offer.amount))
        self.bank.leave(call)

    def _give(self, call: str, order: RefundOrder) -> RefundTold:
        self.bank.enter(call)
        if order.out_request_no not in self.bank.refunds:
            assert self.bank.returned(order.out_trade_no) + order.amount <= order.total_amount
            self.bank.refunds[order.out_request_no] = self.bank.next_refund
            self.bank.amounts[order.out_request_no] = order.amount
        self.bank.leave(call)
        return self.refund_told(order.out_request_no, kind="answer")

    def _find(self, call: str, order: RefundOrder) -> RefundTold | None:
        self.bank.enter(call)
        if order.out_request_no not in self.bank.refunds:
            return None
        return self.refund_told(order.out_request_no, kind="query")


class OtherGateway(FakeGateway):
    """A second provider, with a bank of its own."""

    provider = "other"
    name = "另一银行"


@contextmanager
def open_banks(*banks: Bank) -> Iterator[None]:
    """Let the shop know the fake providers for the length of the block."""
    with override_settings(**lines_of(*banks)):
        gateways.gateway.cache_clear()
        yield
    gateways.gateway.cache_clear()


def lines_of(*banks: Bank) -> dict[str, Any]:
    """The settings that let the shop know the fake providers: a line for each is all it takes."""
    kinds = [FakeGateway, OtherGateway][: len(banks)]
    lines = {kind.provider: f"{__name__}.{kind.__name__}" for kind in kinds}
    return {
        "PAYMENT_GATEWAYS": settings.PAYMENT_GATEWAYS | lines,
        "FAKE_BANKS": {kind.provider: bank for kind, bank in zip(kinds, banks, strict=True)},
    }

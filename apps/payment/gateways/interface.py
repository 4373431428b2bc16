"""What every payment provider's gateway understands and says, whatever its protocol.

A gateway signs and reads; it knows nothing of the database. Each of its calls raises one of three: ``Rejected`` (the
provider understood and said no), ``Unknown`` (whether it happened is not known: ask, or repeat with the same number),
``Misconfigured`` (a person must mend the settings). Amounts are CNY yuan, moments are aware.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, Protocol

from django.utils.functional import Promise

Kind = Literal["notice", "query", "answer"]
Form = Literal["url", "qr", "params"]
"""How a buyer is led to pay: a browser opens an address, a phone scans a code, an app is handed parameters."""


@dataclass(frozen=True)
class Offer:
    """One attempt, as the provider is told of it. ``openid`` and ``client_ip`` are for products that need them.

    ``code`` is what ``prepay`` gave for it; ``return_key``, what the browser is to carry back where the provider itself
    says nothing of the payment then.
    """

    product: str
    out_trade_no: str
    amount: Decimal
    subject: str
    expires_at: datetime
    at: datetime
    client_ip: str = ""
    openid: str = ""
    code: str = ""
    return_key: str = ""


@dataclass(frozen=True)
class RefundOrder:
    """Money to go back. ``amount`` is this refund's, ``total_amount`` that of the payment; ``payer`` as told of it."""

    out_trade_no: str
    out_request_no: str
    amount: Decimal
    total_amount: Decimal
    reason: str
    at: datetime
    payer: str = ""


@dataclass(frozen=True)
class PaymentTold:
    """What a provider said of one payment, its origin already checked. Only a gateway makes one.

    ``event_id`` is the same for every repetition of the same statement. ``amount`` is CNY yuan unless ``currency`` says
    otherwise, or None where nothing was paid and the provider names no amount; ``payload`` is what was received.
    """

    provider: str
    kind: Kind
    event_id: str
    out_trade_no: str
    trade_no: str
    app_id: str
    account: str
    amount: Decimal | None
    currency: str
    status: str
    outcome: Literal["paid", "closed", "other"]
    paid_at: datetime | None
    payload: Mapping[str, Any]
    payer: str = ""


@dataclass(frozen=True)
class RefundTold:
    """What a provider said of one refund; likewise.

    ``stuck``: the money has left us and waits for a person, so it is not failed and must not be refunded anew.
    ``amount`` is this refund's, or None where the provider tells only the sum of all. ``account`` is "" where the
    statement answers our own question and names nobody.
    """

    provider: str
    kind: Kind
    event_id: str
    out_trade_no: str
    out_request_no: str
    refund_no: str
    amount: Decimal | None
    status: str
    outcome: Literal["succeeded", "processing", "failed", "stuck"]
    succeeded_at: datetime | None
    payload: Mapping[str, Any]
    app_id: str = ""
    account: str = ""


Told = PaymentTold | RefundTold


@dataclass(frozen=True)
class Notice:
    """An asynchronous notice as it came in: nothing of it is believed yet. Header names are lower case."""

    headers: Mapping[str, str]
    body: bytes
    at: datetime


@dataclass(frozen=True)
class Receipt:
    """What a provider wants to read to know that a notice is dealt with."""

    status: int
    content_type: str
    body: str


@dataclass(frozen=True)
class BillLine:
    """One row of a day's bill. ``amount`` is positive for refunds, too; ``fee`` is negative where it is returned."""

    kind: Literal["payment", "refund"]
    out_trade_no: str
    out_request_no: str
    trade_no: str
    amount: Decimal
    fee: Decimal
    status: str
    at: datetime


@dataclass(frozen=True)
class Bill:
    """A whole day's bill, its totals checked against its rows. ``digest``: SHA-256 (hex) of what was downloaded."""

    lines: tuple[BillLine, ...]
    digest: str


@dataclass(frozen=True)
class Product:
    """A way to pay. ``is_kept``: what the provider gave for it is given to the buyer again, not asked for again.

    Kept is the text of ``qr`` for the form ``qr``, and what ``prepay`` gives for the form ``params``. ``needs`` names
    the fields of an Offer that must not be blank.
    """

    form: Form
    is_kept: bool = False
    needs: frozenset[str] = field(default_factory=frozenset)
    # What the provider calls it, for the shop's staff; without one its code is shown.
    name: str | Promise = ""


class PaymentGateway(Protocol):
    """One merchant's account at one provider. Safe to share between threads; its keys are parsed once."""

    provider: str
    app_id: str
    # The merchant's number there: whose money it is, and whose bill.
    account: str
    products: Mapping[str, Product]
    # The least number of seconds between two refunds of one payment.
    refund_pause: int

    @property
    def name(self) -> str | Promise:
        """What people call the provider, in the language of whoever reads it; of the class, to be read without keys."""
        ...

    @property
    def pays_out(self) -> bool:
        """Whether ``pay_out`` is to be had with these settings; otherwise nothing calls it."""
        ...

    def page_url(self, offer: Offer) -> str:
        """Where the buyer's browser pays; for the products of form ``url``."""
        ...

    def qr(self, offer: Offer) -> str:
        """The text of a QR code that the buyer's app pays by; for the products of form ``qr``."""
        ...

    def prepay(self, offer: Offer) -> str:
        """Open an attempt at the provider; its answer is kept and goes into ``Offer.code``.

        For the products of form ``params`` that are kept; nothing else calls it.
        """
        ...

    def app_params(self, offer: Offer) -> Mapping[str, str]:
        """What the provider's client library is handed, signed anew; for the products of form ``params``."""
        ...

    def query(self, out_trade_no: str, *, at: datetime) -> PaymentTold | None:
        """What the provider knows of an attempt; None if nothing (yet)."""
        ...

    def close(self, out_trade_no: str, *, at: datetime) -> bool:
        """Let nobody pay this attempt any more; False if the provider does not know it (yet): it may yet be opened.

        Rejected: it is paid, or closed already; a query tells.
        """
        ...

    def refund(self, order: RefundOrder) -> RefundTold:
        """Pay back. Repeated with the same numbers, money moves once. Rejected.is_temporary: may succeed later."""
        ...

    def refund_query(self, order: RefundOrder) -> RefundTold | None:
        """How a refund stands; None if the provider does not know it: it was never accepted."""
        ...

    def pay_out(self, order: RefundOrder) -> RefundTold:
        """Transfer to the payer's account what the payment itself can no longer give back; likewise repeatable."""
        ...

    def payout_query(self, order: RefundOrder) -> RefundTold | None: ...

    def bill(self, day: date, *, at: datetime) -> Bill:
        """The rows of one day in Beijing. Raises BillNotReady besides."""
        ...

    def parse_notice(self, notice: Notice) -> Told:
        """What a notice says, believed because the provider signed it. Raises BadSignature, MalformedNotice."""
        ...

    def receipt(self) -> Receipt:
        """The answer that ends the repetition of a notice."""
        ...

    def check_credentials(self, *, at: datetime) -> None:
        """Ask after a number that cannot exist, and whatever else tries our settings; no money moves.

        Raises Misconfigured, which says what is wrong, or Unknown.
        """
        ...

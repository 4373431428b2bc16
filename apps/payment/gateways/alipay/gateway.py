"""One merchant's Alipay: what the interface promises, put together from what does it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.payment.gateways import http, pem
from apps.payment.gateways.alipay import (
    bills,
    credentials,
    keys,
    notices,
    payments,
    payouts,
    products,
    refunds,
)
from apps.payment.gateways.alipay.fields import PROVIDER
from apps.payment.gateways.alipay.line import Line
from apps.payment.gateways.alipay.signing import Composer
from apps.payment.gateways.interface import (
    Bill,
    Notice,
    Offer,
    PaymentTold,
    Product,
    Receipt,
    RefundOrder,
    RefundTold,
    Told,
)


@dataclass(frozen=True)
class AlipayGateway:
    """Safe to share between threads."""

    line: Line
    app_id: str
    account: str
    notify_url: str
    return_url: str

    provider: ClassVar[str] = PROVIDER
    name: ClassVar[Promise] = _("Alipay")
    products: ClassVar[Mapping[str, Product]] = products.PRODUCTS
    refund_pause: ClassVar[int] = 3

    @classmethod
    def from_settings(cls) -> "AlipayGateway":
        """Raises Misconfigured if a key or a certificate does not read."""
        config = settings.ALIPAY
        private_key = pem.private_key(config["app_private_key"], setting="ALIPAY_APP_PRIVATE_KEY")
        client = http.Client(
            connect_timeout=config["connect_timeout"], read_timeout=config["read_timeout"]
        )
        line = Line(
            composer=Composer(config["app_id"], private_key),
            client=client,
            trust=keys.trust(config, private_key),
            gateway_url=config["gateway_url"],
        )
        return cls(
            line=line,
            app_id=config["app_id"],
            account=config["seller_id"],
            notify_url=config["notify_url"],
            return_url=config["return_url"],
        )

    @property
    def pays_out(self) -> bool:
        return payouts.is_allowed(self.line)

    # --- Leading a buyer to pay -------------------------------------------------------------------

    def page_url(self, offer: Offer) -> str:
        return products.page_url(
            self.line, offer, notify_url=self.notify_url, return_url=self.return_url
        )

    def qr(self, offer: Offer) -> str:
        return products.qr(self.line, offer, notify_url=self.notify_url)

    def prepay(self, offer: Offer) -> str:
        """Nothing: Alipay hears of an app's attempt from the app."""
        return ""

    def app_params(self, offer: Offer) -> dict[str, str]:
        return {"order_string": products.order_string(self.line, offer, notify_url=self.notify_url)}

    # --- Asking and closing -----------------------------------------------------------------------

    def query(self, out_trade_no: str, *, at: datetime) -> PaymentTold | None:
        return payments.query(
            self.line, out_trade_no, at=at, app_id=self.app_id, account=self.account
        )

    def close(self, out_trade_no: str, *, at: datetime) -> bool:
        return payments.close(self.line, out_trade_no, at=at)

    # --- Paying back ------------------------------------------------------------------------------

    def refund(self, order: RefundOrder) -> RefundTold:
        return refunds.refund(self.line, order)

    def refund_query(self, order: RefundOrder) -> RefundTold | None:
        return refunds.refund_query(self.line, order)

    def pay_out(self, order: RefundOrder) -> RefundTold:
        return payouts.pay_out(self.line, order)

    def payout_query(self, order: RefundOrder) -> RefundTold | None:
        return payouts.payout_query(self.line, order)

    # --- Being told -------------------------------------------------------------------------------

    def bill(self, day: date, *, at: datetime) -> Bill:
        return bills.bill(self.line, day, at=at)

    def parse_notice(self, notice: Notice) -> Told:
        return notices.parse_notice(self.line.trust, notice)

    def parse_return(self, query: Mapping[str, str]) -> str:
        """The number in a browser's return from Alipay; it says nothing of money. Raises as ``parse_notice``."""
        return notices.parse_return(self.line.trust, query)

    def receipt(self) -> Receipt:
        """Alipay's rule: these seven letters and nothing else."""
        return Receipt(200, "text/plain", "success")

    def check_credentials(self, *, at: datetime) -> None:
        credentials.check(self.line, at=at)

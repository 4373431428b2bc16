"""WeChat Pay's gateway, API v3: what a merchant asks, in its order of events."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.payment.exceptions import (
    BillNotReady,
    MalformedNotice,
    Rejected,
    Unknown,
)
from apps.payment.gateways import http
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
from apps.payment.gateways.wechatpay import signing
from apps.payment.gateways.wechatpay.account import Account
from apps.payment.gateways.wechatpay.api import BUSY, NOT_THERE, Api
from apps.payment.gateways.wechatpay.bills import read_bill
from apps.payment.gateways.wechatpay.credentials import try_credentials
from apps.payment.gateways.wechatpay.notices import read_notice
from apps.payment.gateways.wechatpay.orders import order_content, refund_content
from apps.payment.gateways.wechatpay.statements import PROVIDER, payment_told, refund_told

TRANSACTIONS = "/v3/pay/transactions"
REFUNDS = "/v3/refund/domestic/refunds"
NOTHING_SOLD = "NO_STATEMENT_EXIST"
EMPTY_BILL = Bill((), hashlib.sha256(b"").hexdigest())


@dataclass(frozen=True)
class WechatPayGateway:
    """One merchant's WeChat Pay. Safe to share between threads."""

    us: Account
    api: Api
    notify_url: str
    return_url: str

    provider = PROVIDER
    name = _("WeChat Pay")
    products = {
        "native": Product("qr", is_kept=True, name="Native"),
        # Its address is good for five minutes only, so it is asked for again.
        "h5": Product("url", needs=frozenset({"client_ip"}), name="H5"),
        "jsapi": Product("params", is_kept=True, needs=frozenset({"openid"}), name="JSAPI"),
        "app": Product("params", is_kept=True, name=_("app")),
    }
    refund_pause = 60
    pays_out = False

    @classmethod
    def from_settings(cls) -> "WechatPayGateway":
        """Raises Misconfigured."""
        config = settings.WECHATPAY
        us = Account.from_settings(config)
        client = http.Client(
            connect_timeout=config["connect_timeout"], read_timeout=config["read_timeout"]
        )
        api = Api(us, client, gateway_url=config["gateway_url"])
        return cls(us, api, notify_url=config["notify_url"], return_url=config["return_url"])

    @property
    def app_id(self) -> str:
        return self.us.app_id

    @property
    def account(self) -> str:
        return self.us.mchid

    # --- An attempt to pay ------------------------------------------------------------------------

    def page_url(self, offer: Offer) -> str:
        """A page that opens WeChat on the phone, for five minutes. Asked anew, everything must be as the first time.

        The browser comes back from it whether or not the buyer paid.
        """
        back = f"{self.return_url}?{urlencode({'return_key': offer.return_key})}"
        return f"{self._order(offer, 'h5_url')}&{urlencode({'redirect_url': back})}"

    def qr(self, offer: Offer) -> str:
        return self._order(offer, "code_url")

    def prepay(self, offer: Offer) -> str:
        return self._order(offer, "prepay_id")

    def app_params(self, offer: Offer) -> Mapping[str, str]:
        """Signed for now: WeChat refuses a signature from long ago, while the number in it is good for two hours."""
        common: dict[str, Any] = {
            "app_id": self.us.app_id,
            "timestamp": int(offer.at.timestamp()),
            "nonce": secrets.token_hex(16),
            "key": self.us.key,
        }
        if offer.product == "app":
            return signing.app_params(offer.code, mchid=self.us.mchid, **common)
        return signing.jsapi_params(offer.code, **common)

    def query(self, out_trade_no: str, *, at: datetime) -> PaymentTold | None:
        """Raises Unknown, Rejected, Misconfigured."""
        target = f"{_trade(out_trade_no)}?mchid={self.us.mchid}"
        try:
            fields = self.api.call("GET", target, at=at)
        except Rejected as refusal:
            if refusal.sub_code in NOT_THERE:
                return None
            raise
        _same(fields, out_trade_no=out_trade_no)
        try:
            event_id = f"query:{out_trade_no}:{fields.get('trade_state')}"
            return payment_told(fields, kind="query", event_id=event_id, payload=fields)
        except MalformedNotice as exc:
            raise Unknown(f"The answer lacks {exc.extra}") from exc

    def close(self, out_trade_no: str, *, at: datetime) -> bool:
        """WeChat Pay closes what is closed once more. Raises Rejected if it is paid; Unknown, Misconfigured."""
        try:
            content = {"mchid": self.us.mchid}
            self.api.call("POST", f"{_trade(out_trade_no)}/close", content, at=at)
        except Rejected as refusal:
            if refusal.sub_code in NOT_THERE:
                return False
            if refusal.sub_code != "ORDER_CLOSED":
                raise
        return True

    # --- Money that goes back ---------------------------------------------------------------------

    def refund(self, order: RefundOrder) -> RefundTold:
        """Ask for a refund; granted means accepted, not done. Raises Unknown, Rejected, Misconfigured."""
        content = refund_content(order, notify_url=self.notify_url)
        try:
            fields = self.api.call("POST", REFUNDS, content, at=order.at)
        except Rejected as refusal:
            # WeChat Pay's rule: after this, too, ask how the refund stands before it is tried again.
            if refusal.sub_code in BUSY or refusal.provider_code == "429":
                raise Unknown(str(refusal)) from refusal
            raise
        return self._refund_told(fields, order, kind="answer")

    def refund_query(self, order: RefundOrder) -> RefundTold | None:
        """Raises Unknown, Rejected, Misconfigured."""
        try:
            target = f"{REFUNDS}/{quote(order.out_request_no, safe='')}"
            fields = self.api.call("GET", target, at=order.at)
        except Rejected as refusal:
            if refusal.sub_code in NOT_THERE:
                return None
            raise
        return self._refund_told(fields, order, kind="query")

    def pay_out(self, order: RefundOrder) -> RefundTold:
        raise Rejected("", "NOT_OFFERED", "WeChat Pay transfers nothing to a payer from here.")

    def payout_query(self, order: RefundOrder) -> RefundTold | None:
        """Nothing was ever sent. A refusal would leave open for ever what a killed worker had claimed."""
        return None

    # --- A day's bill -----------------------------------------------------------------------------

    def bill(self, day: date, *, at: datetime) -> Bill:
        """WeChat Pay has it at ten the next morning. Raises BillNotReady, Unknown, Rejected, Misconfigured."""
        try:
            target = f"/v3/bill/tradebill?bill_date={day.isoformat()}&bill_type=ALL"
            fields = self.api.call("GET", target, at=at)
        except Rejected as refusal:
            if refusal.sub_code == NOTHING_SOLD:
                return EMPTY_BILL
            if refusal.sub_code == "STATEMENT_CREATING":
                raise BillNotReady(f"The bill of {day} is being made.") from refusal
            raise
        content = self.api.download(str(fields.get("download_url", "")), at=at)
        # SHA-1 is WeChat Pay's choice; the digest itself came signed.
        digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        if fields.get("hash_type") != "SHA1" or fields.get("hash_value") != digest:
            raise Unknown(f"The bill of {day} is not the one that was announced")
        return read_bill(content, mchid=self.us.mchid)

    # --- Notices ----------------------------------------------------------------------------------

    def parse_notice(self, notice: Notice) -> Told:
        """Raises BadSignature, MalformedNotice; GatewayError if a certificate is needed that cannot be had just now."""
        self.api.verifier.check_notice(notice)
        return read_notice(notice.body, apiv3_key=self.us.apiv3_key)

    def receipt(self) -> Receipt:
        return Receipt(200, "application/json", '{"code":"SUCCESS"}')

    def check_credentials(self, *, at: datetime) -> None:
        """Opens an order of one fen besides, and closes it. Raises Misconfigured, Unknown."""
        try_credentials(self, at=at)

    # --- In common --------------------------------------------------------------------------------

    def _order(self, offer: Offer, wanted: str) -> str:
        """Open an attempt, or the same again. Raises Unknown, Rejected, Misconfigured, ValueError."""
        content = order_content(
            offer, app_id=self.us.app_id, mchid=self.us.mchid, notify_url=self.notify_url
        )
        fields = self.api.call("POST", f"{TRANSACTIONS}/{offer.product}", content, at=offer.at)
        if not fields.get(wanted):
            raise Unknown(f"The answer lacks {wanted}")
        return str(fields[wanted])

    def _refund_told(
        self, fields: Mapping[str, Any], order: RefundOrder, *, kind: Any
    ) -> RefundTold:
        _same(fields, out_trade_no=order.out_trade_no, out_refund_no=order.out_request_no)
        try:
            return refund_told(
                fields,
                status_name="status",
                kind=kind,
                event_id=f"refund:{order.out_request_no}:{fields.get('status')}",
                payload=fields,
            )
        except MalformedNotice as exc:
            raise Unknown(f"The answer lacks {exc.extra}") from exc


def _trade(out_trade_no: str) -> str:
    return f"{TRANSACTIONS}/out-trade-no/{quote(out_trade_no, safe='')}"


def _same(fields: Mapping[str, Any], **asked: str) -> None:
    """An answer about something else is no answer."""
    told = {name: fields.get(name) for name in asked}
    if told != asked:
        raise Unknown(f"Asked about {asked}, told about {told}")

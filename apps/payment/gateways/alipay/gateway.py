"""Alipay's gateway protocol, RSA2. python-alipay-sdk composes and signs; what it gets wrong is done here.

Left to ourselves: the time (it takes the process's local one, Alipay wants Beijing's), HTTP (it opens a connection per
call and puts everything into the URL), and reading the answer (it counts braces inside strings, and its exceptions
carry no code).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import urllib3
from alipay import AliPay

from apps.payment.exceptions import BadSignature, MalformedNotice, Misconfigured, Rejected, Unknown
from apps.payment.gateways.alipay.fields import (
    amount_in,
    beijing_text,
    is_base64,
    moment_in,
    outcome_of,
    required,
)
from apps.payment.gateways.events import ProviderEvent

PROVIDER = "alipay"
SIGN_TYPE = "RSA2"
# In a call it stands in the address, so that the body can be read by it, and only there.
CHARSET = "charset=utf-8"

OK = "10000"
# Missing or bad parameters, signature, permissions: nothing that another try could mend.
MISCONFIGURED = {"20001", "40001", "40002", "40003", "40006"}
BUSINESS_FAILURE = "40004"


@dataclass(frozen=True)
class AlipayGateway:
    """One merchant's Alipay. Safe to share between threads."""

    sdk: AliPay
    http: urllib3.PoolManager
    app_id: str
    seller_id: str
    gateway_url: str
    notify_url: str
    return_url: str

    @classmethod
    def from_settings(cls, config: Mapping[str, Any]) -> "AlipayGateway":
        sdk = AliPay(
            appid=config["app_id"],
            app_private_key_string=config["app_private_key"].read_text(),
            alipay_public_key_string=config["alipay_public_key"].read_text(),
            sign_type=SIGN_TYPE,
        )
        timeout = urllib3.Timeout(connect=config["connect_timeout"], read=config["read_timeout"])
        http = urllib3.PoolManager(maxsize=8, retries=False, timeout=timeout)
        own = ("app_id", "seller_id", "gateway_url", "notify_url", "return_url")
        return cls(sdk=sdk, http=http, **{name: config[name] for name in own})

    def page_pay_url(
        self,
        *,
        out_trade_no: str,
        amount: Decimal,
        subject: str,
        expires_at: datetime,
        at: datetime,
    ) -> str:
        """The address of Alipay's cashier page for one attempt; nothing is sent.

        The same arguments open the same trade again. ``amount`` is CNY yuan with two places.
        """
        content = {
            "out_trade_no": out_trade_no,
            "total_amount": str(amount),
            "subject": subject,
            "product_code": "FAST_INSTANT_TRADE_PAY",
            "time_expire": beijing_text(expires_at),
        }
        addresses = {"notify_url": self.notify_url, "return_url": self.return_url}
        return (
            f"{self.gateway_url}?{self._signed('alipay.trade.page.pay', content, at, **addresses)}"
        )

    def query(self, out_trade_no: str, *, at: datetime) -> ProviderEvent | None:
        """What Alipay knows of an attempt; None while the buyer has not opened its page.

        Raises Unknown, Rejected, Misconfigured.
        """
        try:
            node = self._call("alipay.trade.query", {"out_trade_no": out_trade_no}, at)
        except Rejected as refusal:
            if refusal.sub_code.removeprefix("ACQ.") == "TRADE_NOT_EXIST":
                return None
            raise
        if node.get("out_trade_no") != out_trade_no:
            raise Unknown(f"Asked about {out_trade_no}, told about {node.get('out_trade_no')}")
        try:
            # The answer names no app or seller; it came over our connection, in answer to our signed question.
            return self._event(
                node,
                kind="query",
                event_id=f"query:{out_trade_no}:{node.get('trade_status')}",
                app_id=self.app_id,
                seller_id=self.seller_id,
                paid_at=node.get("send_pay_date"),
            )
        except MalformedNotice as exc:
            raise Unknown(f"The answer lacks {exc.extra}") from exc

    def parse_notice(self, form: Mapping[str, str]) -> ProviderEvent:
        """An asynchronous notice, believed because Alipay signed it. Raises BadSignature, MalformedNotice."""
        self._verify(form)
        return self._event(
            form,
            kind="notice",
            event_id=required(form, "notify_id"),
            app_id=required(form, "app_id"),
            seller_id=required(form, "seller_id"),
            paid_at=form.get("gmt_payment"),
        )

    def parse_return(self, query: Mapping[str, str]) -> str:
        """The number in a browser's return from Alipay; it says nothing of money. Raises as ``parse_notice``."""
        self._verify(query)
        return required(query, "out_trade_no")

    # --- Signing, pure ----------------------------------------------------------------------------

    def _signed(self, method: str, content: dict[str, str], at: datetime, **common: str) -> str:
        body = self.sdk.build_body(method, content, timestamp=beijing_text(at), **common)
        signed: str = self.sdk.sign_data(body)
        return signed

    def _verify(self, fields: Mapping[str, str]) -> None:
        if fields.get("sign_type") != SIGN_TYPE or not fields.get("sign"):
            raise BadSignature
        # Alipay has signed blank values at some times and left them out at others.
        received = {k: v for k, v in fields.items() if k not in {"sign", "sign_type"}}
        without_blanks = {k: v for k, v in received.items() if v != ""}
        if not any(
            self._is_signed(content, fields["sign"]) for content in (received, without_blanks)
        ):
            raise BadSignature

    def _is_signed(self, content: dict[str, str], sign: str) -> bool:
        return is_base64(sign) and bool(self.sdk.verify(dict(content), sign))

    # --- Calling ----------------------------------------------------------------------------------

    def _call(self, method: str, content: dict[str, str], at: datetime) -> dict[str, Any]:
        """The answer's node, believed only if signed. A time-out or a broken answer is Unknown."""
        try:
            response = self.http.request(
                "POST",
                f"{self.gateway_url}?{CHARSET}",
                body=self._signed(method, content, at).replace(f"&{CHARSET}&", "&"),
                headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
                redirect=False,
            )
            if response.status != 200:
                raise Unknown(f"{method}: HTTP {response.status}")
            return self._node(response.data.decode(), f"{method.replace('.', '_')}_response")
        except (urllib3.exceptions.HTTPError, UnicodeDecodeError, ValueError) as exc:
            raise Unknown(f"{method}: {exc}") from exc

    def _node(self, text: str, name: str) -> dict[str, Any]:
        """The named node of an answer. Its signature covers its very characters, so they are cut out, not rebuilt."""
        answer = json.loads(text)
        found = re.search(rf'"({name}|error_response)"\s*:\s*', text)
        if not isinstance(answer, dict) or found is None:
            raise Unknown(f"No {name} in the answer")
        node, end = json.JSONDecoder().raw_decode(text, found.end())
        raw, sign = text[found.end() : end], answer.get("sign")
        if not isinstance(node, dict):
            raise Unknown(f"{name} is not an object")
        code = str(node.get("code", ""))
        if code in MISCONFIGURED:
            raise Misconfigured(f"{code} {node.get('sub_code')}: {node.get('sub_msg')}")
        if not sign or not self._covers(raw, str(sign)):
            raise Unknown(f"The signature of {name} does not match")
        if code == BUSINESS_FAILURE and "SYSTEM_ERROR" not in str(node.get("sub_code")):
            raise Rejected(code, str(node.get("sub_code", "")), str(node.get("sub_msg", "")))
        if code != OK:
            raise Unknown(f"{code} {node.get('sub_code')}: {node.get('sub_msg')}")
        return node

    def _covers(self, raw: str, sign: str) -> bool:
        """Alipay has been seen to sign ``\\/`` where it sends ``/``."""
        return is_base64(sign) and any(
            self.sdk._verify(each, sign) for each in (raw, raw.replace("/", "\\/"))
        )

    def _event(
        self, fields: Mapping[str, Any], *, paid_at: str | None, **given: Any
    ) -> ProviderEvent:
        status = required(fields, "trade_status")
        return ProviderEvent(
            provider=PROVIDER,
            out_trade_no=required(fields, "out_trade_no"),
            trade_no=required(fields, "trade_no"),
            amount=amount_in(required(fields, "total_amount")),
            currency=fields.get("trans_currency") or "CNY",
            status=status,
            outcome=outcome_of(status, fields),
            paid_at=moment_in(paid_at),
            payload=dict(fields),
            **given,
        )

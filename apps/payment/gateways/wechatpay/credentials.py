"""Every setting of WeChat Pay used once, so that a wrong one says so before a buyer does."""

import secrets
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from apps.payment.exceptions import Misconfigured, Rejected, Unknown
from apps.payment.gateways.interface import Offer
from apps.payment.gateways.wechatpay.verifying import Unverified

if TYPE_CHECKING:
    from apps.payment.gateways.wechatpay.gateway import WechatPayGateway

# Of an order that nobody is shown, so that nobody pays it.
SMALLEST_AMOUNT = Decimal("0.01")
OPEN_FOR = timedelta(minutes=5)


def try_credentials(gateway: "WechatPayGateway", *, at: datetime) -> None:
    """Ask after an order, open the certificates, open that order and close it. Raises Misconfigured, Unknown.

    Refusals are not signed, so asking after something that is not there does not try WeChat Pay's key; and only
    opening an order shows whether the app id is the merchant's.
    """
    number = f"CHECK{int(at.timestamp())}{secrets.token_hex(6)}"
    offer = Offer("native", number, SMALLEST_AMOUNT, "CHECK", expires_at=at + OPEN_FOR, at=at)
    try:
        gateway.query(number, at=at)
        # A merchant who has the public key only has none to open: then the APIv3 key is not tried.
        gateway.api.fetch_certificates(at)
        gateway.qr(offer)
        gateway.close(number, at=at)
    except Unverified as exc:
        raise Misconfigured(str(exc)) from exc
    except Rejected as refusal:
        raise (Unknown if refusal.is_temporary else Misconfigured)(str(refusal)) from refusal

"""The ways to pay by Alipay. The same arguments open the same trade again."""

from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from apps.payment.exceptions import Unknown, UnknownProduct
from apps.payment.gateways.alipay.answers import told_about
from apps.payment.gateways.alipay.fields import beijing_text
from apps.payment.gateways.alipay.line import Content, Line
from apps.payment.gateways.interface import Offer, Product

PRODUCTS = MappingProxyType(
    {
        "page": Product("url", name=_("website")),
        "wap": Product("url", name=_("mobile website")),
        "app": Product("params", name=_("app")),
        # A second code for the same number is refused.
        "qr": Product("qr", is_kept=True, name=_("QR code")),
    }
)
METHODS = {
    "page": ("alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"),
    # python-alipay-sdk has QUICK_WAP_PAY, which Alipay does not know.
    "wap": ("alipay.trade.wap.pay", "QUICK_WAP_WAY"),
    "app": ("alipay.trade.app.pay", "QUICK_MSECURITY_PAY"),
    "qr": ("alipay.trade.precreate", "FACE_TO_FACE_PAYMENT"),
}
# Alipay's rule: none of these in a subject, and at most 256 characters.
SUBJECT = str.maketrans("/=&", "   ")
LONGEST_SUBJECT = 256


def page_url(line: Line, offer: Offer, *, notify_url: str, return_url: str) -> str:
    """The address of the cashier's page, for a desktop's browser or a phone's; nothing is sent."""
    method, content = _described(offer, {"page", "wap"})
    if offer.product == "wap":
        # Where a buyer who gives up is led.
        content = {**content, "quit_url": return_url}
    query = line.signed(method, content, offer.at, notify_url=notify_url, return_url=return_url)
    return f"{line.gateway_url}?{query}"


def order_string(line: Line, offer: Offer, *, notify_url: str) -> str:
    """What Alipay's library in an app is handed as it stands; nothing is sent."""
    method, content = _described(offer, {"app"})
    return line.signed(method, content, offer.at, notify_url=notify_url)


def qr(line: Line, offer: Offer, *, notify_url: str) -> str:
    """The text of a code that the buyer scans; good for two hours. Raises GatewayError."""
    method, content = _described(offer, {"qr"})
    node = line.call(method, content, offer.at, notify_url=notify_url)
    told_about([("out_trade_no", offer.out_trade_no)], node)
    if not node.get("qr_code"):
        raise Unknown(f"No code for {offer.out_trade_no}")
    return str(node["qr_code"])


def _described(offer: Offer, fitting: set[str]) -> tuple[str, Content]:
    if offer.product not in fitting:
        raise UnknownProduct
    method, product_code = METHODS[offer.product]
    return method, {
        "out_trade_no": offer.out_trade_no,
        "total_amount": f"{offer.amount:.2f}",
        "subject": offer.subject.translate(SUBJECT)[:LONGEST_SUBJECT],
        "product_code": product_code,
        # The absolute one: a trade begins to exist only when the buyer opens it.
        "time_expire": beijing_text(offer.expires_at),
    }

"""What WeChat Pay is told of an order and of a refund, pure. The same arguments give the same content: a repetition
that differs is refused."""

from typing import Any

from apps.payment.gateways.interface import Offer, RefundOrder
from apps.payment.gateways.wechatpay.values import beijing_text, cut, fen

CURRENCY = "CNY"
# WeChat Pay's limits, in characters it says; in bytes they are kept, whatever it counts.
MOST_OF_DESCRIPTION = 127
MOST_OF_REASON = 80


def order_content(offer: Offer, *, app_id: str, mchid: str, notify_url: str) -> dict[str, Any]:
    """Raises ValueError for an amount that is no whole number of fen."""
    content: dict[str, Any] = {
        "appid": app_id,
        "mchid": mchid,
        "description": cut(offer.subject, most_bytes=MOST_OF_DESCRIPTION),
        "out_trade_no": offer.out_trade_no,
        "time_expire": beijing_text(offer.expires_at),
        "notify_url": notify_url,
        "amount": {"total": fen(offer.amount), "currency": CURRENCY},
    }
    if offer.product == "jsapi":
        content["payer"] = {"openid": offer.openid}
    if offer.product == "h5":
        content["scene_info"] = {"payer_client_ip": offer.client_ip, "h5_info": {"type": "Wap"}}
    return content


def refund_content(order: RefundOrder, *, notify_url: str) -> dict[str, Any]:
    """With our address in it: without one the merchant's old notices are sent, in XML."""
    content: dict[str, Any] = {
        "out_trade_no": order.out_trade_no,
        "out_refund_no": order.out_request_no,
        "notify_url": notify_url,
        "amount": {
            "refund": fen(order.amount),
            "total": fen(order.total_amount),
            "currency": CURRENCY,
        },
    }
    if reason := cut(order.reason, most_bytes=MOST_OF_REASON):
        content["reason"] = reason
    return content

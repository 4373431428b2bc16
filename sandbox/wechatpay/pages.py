"""The ways by which a buyer's phone comes from an order to its cashier page.

A QR text is scanned at the sandbox's front page, as those of other providers are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Blueprint, redirect, request, url_for

from sandbox.cashier import message
from sandbox.provider import provider
from sandbox.wechatpay import NAME, tickets
from sandbox.wechatpay.channel import configured
from sandbox.wechatpay.orders import Product

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from sandbox.ledger.records import Trade

pages = Blueprint(f"{NAME}_pages", __name__, url_prefix="/wechatpay")


@pages.get("/prepay/<prepay_id>")
def prepay(prepay_id: str) -> Response:
    """Stands in for the WeChat app, which a JSAPI page or an app hands its prepay id."""
    trade = _trade(prepay_id)
    if trade is None or trade.product not in {Product.JSAPI, Product.APP}:
        return message("没有这笔预支付", "prepay_id 有误，或不属于本沙箱。", status=404)
    if tickets.has_run_out(trade, provider().ledger.now()):
        return message("预支付已失效", "没有扣款。请回到商户重新发起支付。", status=410)
    return redirect(url_for("cashier.show", token=trade.token))


@pages.get("/h5")
def h5() -> Response:
    """What a phone's browser opens; the shop may have added ``redirect_url`` to it."""
    trade = _trade(request.args.get("prepay_id", ""))
    if trade is None or trade.product != Product.H5:
        return message("没有这笔预支付", "链接有误，或不属于本沙箱。", status=404)
    if not tickets.is_h5_package(
        request.args.get("package", ""),
        trade.code,
        provider().ledger.now(),
        configured().config.apiv3_key,
    ):
        return message("链接已失效", "没有扣款。请回到商户重新发起支付。", status=410)
    provider().ledger.return_to(trade.id, _redirect_url())
    return redirect(url_for("cashier.show", token=trade.token))


def _trade(prepay_id: str) -> Trade | None:
    trade = provider().ledger.by_code(prepay_id)
    return trade if trade and trade.provider == NAME else None


def _redirect_url() -> str:
    """Only an address that a browser opens as a page, no script."""
    url = request.args.get("redirect_url", "")
    return url if urlsplit(url).scheme in {"http", "https"} else ""

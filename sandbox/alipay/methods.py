"""What the gateway does once a request is believed: one function for each Alipay method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.alipay.bills import bill_address
from sandbox.alipay.certificates import certificate
from sandbox.alipay.refunds import query_refund, refund
from sandbox.alipay.trades import close, open_page, open_wap, precreate, query
from sandbox.alipay.transfers import query_transfer, transfer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.ledger.records import Trade
    from sandbox.provider import Provider


@dataclass(frozen=True)
class Method:
    """``action`` is the kind of call by which switches name it.

    Alipay's rule: what sends money out ``needs_certificate``, all else may also be signed by key.
    """

    action: str
    run: Callable[[Provider, Mapping[str, str]], dict[str, object]]
    needs_certificate: bool = False


# What a buyer's browser brings; what the buyer's app brings; what a merchant's server calls.
PAGES: dict[str, Callable[[Provider, Mapping[str, str]], Trade]] = {
    "alipay.trade.page.pay": open_page,
    "alipay.trade.wap.pay": open_wap,
}
APP_PAY = "alipay.trade.app.pay"
METHODS = {
    "alipay.trade.precreate": Method("order", precreate),
    "alipay.trade.query": Method("query", query),
    "alipay.trade.close": Method("close", close),
    "alipay.trade.refund": Method("refund", refund),
    "alipay.trade.fastpay.refund.query": Method("refund_query", query_refund),
    "alipay.data.dataservice.bill.downloadurl.query": Method("bill", bill_address),
    "alipay.fund.trans.uni.transfer": Method("transfer", transfer, needs_certificate=True),
    "alipay.fund.trans.common.query": Method(
        "transfer_query", query_transfer, needs_certificate=True
    ),
    "alipay.open.app.alipaycert.download": Method("other", certificate),
}

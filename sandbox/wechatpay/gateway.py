"""The addresses under ``/v3`` that merchants call: checks a request, runs it, signs the answer.

Whatever a switch makes go wrong with a call goes wrong in ``_perform``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, g, request, url_for

from sandbox.provider import provider
from sandbox.wechatpay import (
    NAME,
    authorization,
    certificates,
    describe,
    orders,
    refunds,
    signing,
    statements,
    tickets,
    transactions,
)
from sandbox.wechatpay.channel import configured
from sandbox.wechatpay.orders import Product
from sandbox.wechatpay.refusals import (
    InvalidRequest,
    ParamError,
    Refusal,
    ResourceNotExists,
    SystemFailure,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.ledger.records import Trade
    from sandbox.wechatpay.signing import Signer

DOWNLOAD_SECONDS = 300

api = Blueprint(NAME, __name__, url_prefix="/v3")


@api.before_request
def check() -> None:
    authorization.check(request, configured().config, now=provider().ledger.now())
    _signer()


@api.after_request
def sign(response: Response) -> Response:
    """Refusals are not signed, and neither is the file of a bill."""
    is_answer = response.status_code == 200 and response.mimetype == "application/json"
    if is_answer or response.status_code == 204:
        body = response.get_data() + (b" " if g.get("is_wrongly_signed") else b"")
        at = int(provider().ledger.now().timestamp())
        response.headers.update(signing.signature_headers(body, _signer(), at=at))
    return response


@api.errorhandler(Refusal)
def refuse(refusal: Refusal) -> Response:
    return _answer(refusal.fields(), status=refusal.status)


# --- Trades -------------------------------------------------------------------------------------
@api.post("/pay/transactions/<any(native, jsapi, h5, app):product>")
def order(product: str) -> Response:
    wish = orders.read(Product(product), request.get_data(), configured().config)

    def place() -> Response:
        return _answer(
            _ticket(transactions.place(provider().ledger, wish, signer=_signer().serial))
        )

    return _perform("order", wish.out_trade_no, place)


@api.get("/pay/transactions/out-trade-no/<out_trade_no>")
def query(out_trade_no: str) -> Response:
    _check_mchid()
    return _perform(
        "query",
        out_trade_no,
        lambda: _told(transactions.numbered(provider().ledger, out_trade_no)),
    )


@api.get("/pay/transactions/id/<transaction_id>")
def query_by_id(transaction_id: str) -> Response:
    _check_mchid()
    trade = transactions.identified(provider().ledger, transaction_id)
    return _perform("query", trade.out_trade_no, lambda: _told(trade))


@api.post("/pay/transactions/out-trade-no/<out_trade_no>/close")
def close(out_trade_no: str) -> Response:
    orders.check_merchant(request.get_data(), configured().config)

    def end() -> Response:
        transactions.close(provider().ledger, out_trade_no)
        return Response(status=204)

    return _perform("close", out_trade_no, end)


# --- Refunds ------------------------------------------------------------------------------------
@api.post("/refund/domestic/refunds")
def refund() -> Response:
    wish = refunds.read(request.get_data())
    trade = refunds.trade_of(provider().ledger, wish)
    return _perform(
        "refund",
        trade.out_trade_no if trade else wish.out_trade_no,
        lambda: _answer(refunds.give_back(provider(), wish)),
    )


@api.get("/refund/domestic/refunds/<out_refund_no>")
def query_refund(out_refund_no: str) -> Response:
    known = provider().ledger.by_out_refund_no(NAME, out_refund_no)
    return _perform(
        "refund_query",
        known[0].out_trade_no if known else "",
        lambda: _answer(refunds.told(provider().ledger, out_refund_no)),
    )


# --- Bills --------------------------------------------------------------------------------------
@api.get("/bill/tradebill")
def trade_bill() -> Response:
    def make() -> Response:
        statement = statements.make(provider(), configured().config, request.args)
        token = provider().downloads.offer(statement.content, seconds=DOWNLOAD_SECONDS)
        return _answer(
            {
                "hash_type": "SHA1",
                "hash_value": statement.hash_value,
                "download_url": url_for(f"{NAME}.download", token=token, _external=True),
            }
        )

    return _perform("bill", "", make)


@api.get("/billdownload/file")
def download() -> Response:
    """The file as it stands; only its hash says whether it is whole."""
    content = provider().downloads.fetch(request.args.get("token", ""))
    if content is None:
        raise ResourceNotExists("下载地址不存在或已失效，请重新申请账单")
    return _perform("bill", "", lambda: Response(content, mimetype="application/octet-stream"))


@api.get("/certificates")
def list_certificates() -> Response:
    return _perform("other", "", lambda: _answer(certificates.listing(configured().config)))


@api.route("/<path:_>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def nothing(_: str) -> Response:
    raise ResourceNotExists("请求的地址不存在，或不支持这个方法")


# --- Answers ------------------------------------------------------------------------------------
def _perform(action: str, out_trade_no: str, work: Callable[[], Response]) -> Response:
    """Do what a believed request asks for, unless a switch is in its way."""
    faults = provider().faults
    trouble = faults.before(NAME, out_trade_no, action)
    if not trouble:
        response = _done(work)
        trouble = faults.after(NAME, out_trade_no, action)
    if trouble == "answer_500":
        return Response("Internal Server Error", status=500)
    if trouble == "timeout":
        return Response(status=504)
    if trouble == "system_error":
        return refuse(SystemFailure())
    g.is_wrongly_signed = faults.take("wrong_signature", NAME, out_trade_no, action) is not None
    return response


def _done(work: Callable[[], Response]) -> Response:
    try:
        return work()
    except Refusal as refusal:
        return refuse(refusal)


def _told(trade: Trade) -> Response:
    return _answer(describe.transaction(trade, configured().config))


def _ticket(trade: Trade) -> dict[str, str]:
    """What a merchant shows its buyer, or hands to the buyer's app."""
    if trade.product == Product.NATIVE:
        return {"code_url": trade.code}
    if trade.product != Product.H5:
        return {"prepay_id": trade.code}
    package = tickets.h5_package(trade.code, provider().ledger.now(), configured().config.apiv3_key)
    address = url_for(f"{NAME}_pages.h5", prepay_id=trade.code, package=package, _external=True)
    return {"h5_url": address}


def _answer(fields: Mapping[str, Any], *, status: int = 200) -> Response:
    body = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return Response(body, status=status, content_type="application/json; charset=utf-8")


def _signer() -> Signer:
    """The key that the merchant wants its answer signed with."""
    signer = configured().config.signer(request.headers.get("Wechatpay-Serial", ""))
    if signer is None:
        raise ParamError("Http头 Wechatpay-Serial 不是本商户的公钥ID或平台证书序列号")
    return signer


def _check_mchid() -> None:
    mchid = request.args.get("mchid", "")
    if not mchid:
        raise ParamError("mchid 不能为空")
    if mchid != configured().config.mchid:
        raise InvalidRequest("Http头 Authorization 中的 mchid 与查询参数中的 mchid 不一致")

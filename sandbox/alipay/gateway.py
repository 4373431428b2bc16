"""The one address that merchants call: checks a request, runs its method, signs the answer.

The HTTP status is 200 even for a refusal; ``code`` and ``sub_code`` say what happened. Whatever a
switch makes go wrong with a call goes wrong in ``_answer_to``.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, render_template, request, url_for

from sandbox import clock
from sandbox.alipay import NAME, signing
from sandbox.alipay.methods import APP_PAY, METHODS, PAGES
from sandbox.alipay.orders import number_in
from sandbox.alipay.refusals import InvalidArgument, MissingArgument, Refusal, SystemFailure
from sandbox.alipay.trades import open_app
from sandbox.faults import BRACES
from sandbox.provider import provider

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from Crypto.PublicKey.RSA import RsaKey
    from werkzeug.wrappers import Response as AnyResponse

    from sandbox.alipay.methods import Method
    from sandbox.ledger.records import Trade

CLOCK_DRIFT = timedelta(minutes=15)

gateway = Blueprint(NAME, __name__)


class UnknownApp(Refusal):
    """Found before anything else, so the answer carries no ``sign``."""

    code = "40002"

    def __init__(self) -> None:
        super().__init__("isv.invalid-app-id", "无效的AppID参数")


class NotForTheApp(Refusal):
    code = "40002"

    def __init__(self) -> None:
        super().__init__("isv.invalid-method", "这不是 App 支付的订单串")


@gateway.route("/gateway.do", methods=["GET", "POST"])
def do() -> AnyResponse:
    # A merchant may put some parameters in the address and the rest in the form.
    params = request.values.to_dict()
    name = params.get("method", "")
    if name in PAGES:
        return _page(params, PAGES[name])
    try:
        _check(params)
        if not name:
            raise MissingArgument("isv.missing-method", "缺少方法名参数")
        if name not in METHODS:
            raise InvalidArgument("isv.invalid-method", "不存在的方法名")
    except Refusal as refusal:
        return _answer(params, refusal.fields(), is_signed=not isinstance(refusal, UnknownApp))
    return _answer_to(params, METHODS[name])


@gateway.get("/alipay/app")
def app_pay() -> AnyResponse:
    """Stands for Alipay's app: takes the order string that a merchant's app hands over."""
    params = request.values.to_dict()
    if not params:
        return Response(render_template("app_pay.html"))
    if params.get("method") != APP_PAY:
        return Response(render_template("refused.html", refusal=NotForTheApp()))
    return _page(params, open_app)


@gateway.post("/alipay/app")
def paste() -> AnyResponse:
    return redirect(f"{url_for('alipay.app_pay')}?{request.form.get('order', '').strip()}")


@gateway.get("/alipay/bill/<token>")
def download(token: str) -> Response:
    """The file of a bill, unsigned, as long as its address lasts."""
    content = provider().downloads.fetch(token)
    if content is None:
        return Response("下载链接已失效", status=404, content_type="text/plain; charset=utf-8")
    return Response(content, content_type="application/zip")


def _answer_to(params: Mapping[str, str], method: Method) -> Response:
    """Run the method of a believed request, unless a switch is in its way."""
    faults = provider().faults
    number = number_in(params, provider().ledger)
    trouble = faults.before(NAME, number, method.action)
    if not trouble:
        fields = _run(params, method)
        trouble = faults.after(NAME, number, method.action)
    if trouble == "answer_500":
        return Response("Internal Server Error", status=500)
    if trouble == "timeout":
        return Response(status=504)
    if trouble == "system_error":
        fields = SystemFailure(method.action).fields()
    if "subject" in fields and faults.take("braces_in_subject", NAME, number, method.action):
        fields["subject"] = BRACES
    if fields.get("trade_status") == "TRADE_SUCCESS" and faults.is_on(
        "trade_finished", NAME, number
    ):
        fields["trade_status"] = "TRADE_FINISHED"
    is_wrong = faults.take("wrong_signature", NAME, number, method.action) is not None
    return _answer(params, fields, is_wrong=is_wrong)


def _run(params: Mapping[str, str], method: Method) -> dict[str, object]:
    try:
        fields = method.run(provider(), params)
    except Refusal as refusal:
        return refusal.fields()
    return {"code": "10000", "msg": "Success", **fields}


def _page(params: Mapping[str, str], open_trade: Callable[..., Trade]) -> AnyResponse:
    """A browser's visit: refusals are a page that the buyer reads."""
    try:
        _check(params)
        trade = open_trade(provider(), params)
    except Refusal as refusal:
        return Response(render_template("refused.html", refusal=refusal))
    return redirect(url_for("cashier.show", token=trade.token))


def _check(params: Mapping[str, str]) -> None:
    """In the provider's order: the app, the kind of signature, the signature, the time."""
    if params.get("app_id") != provider().config.app_id:
        raise UnknownApp
    if any(len(request.values.getlist(name)) > 1 for name in params):
        raise InvalidArgument("isv.suspected-attack", "参数重复")
    if not params.get("sign_type"):
        raise MissingArgument("isv.missing-signature-type", "缺少签名类型参数")
    if params["sign_type"] != signing.SIGN_TYPE:
        raise InvalidArgument("isv.invalid-signature-type", "无效的签名类型，只支持 RSA2")
    if not params.get("sign"):
        raise MissingArgument("isv.missing-signature", "缺少签名参数")
    if not signing.verify_request(params, _app_key(params)):
        raise InvalidArgument("isv.invalid-signature", "验签出错，请检查应用公钥与签名内容")
    _check_timestamp(params.get("timestamp", ""))


def _app_key(params: Mapping[str, str]) -> RsaKey:
    """The merchant's public key: the one that was uploaded, or in certificate mode the certified one."""
    config = provider().config
    method = METHODS.get(params.get("method", ""))
    is_certified = _names_certificates(params)
    if not is_certified and not (method and method.needs_certificate):
        return config.app_public_key
    if is_certified and config.certificates is None:
        raise InvalidArgument("isv.invalid-app-cert-sn", "应用没有上传公钥证书")
    if config.certificates is None:
        raise InvalidArgument("isv.missing-app-cert-sn", "此接口须使用公钥证书")
    config.certificates.check(params, now=provider().ledger.now())
    return config.certificates.app_key


def _names_certificates(params: Mapping[str, str]) -> bool:
    return bool(params.get("app_cert_sn") or params.get("alipay_root_cert_sn"))


def _check_timestamp(text: str) -> None:
    if not text:
        raise MissingArgument("isv.missing-timestamp", "缺少时间戳参数")
    try:
        sent_at = clock.parse_beijing(text)
    except ValueError:
        raise InvalidArgument("isv.invalid-timestamp", "时间戳格式有误") from None
    if abs(provider().ledger.now() - sent_at) > CLOCK_DRIFT:
        raise InvalidArgument("isv.invalid-timestamp", "时间戳与北京时间相差超过 15 分钟")


def _answer(
    params: Mapping[str, str],
    fields: Mapping[str, object],
    *,
    is_signed: bool = True,
    is_wrong: bool = False,
) -> Response:
    """Sign the node as it stands in the body: a re-serialized one need not be the same bytes.

    In certificate mode the answer names the certificate of the key that signed it.
    """
    config = provider().config
    method = params.get("method", "")
    name = f"{method.replace('.', '_')}_response" if method in METHODS else "error_response"
    node = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    body = f'{{"{name}":{node}'
    if is_signed and config.certificates and _names_certificates(params):
        body += f',"alipay_cert_sn":"{config.certificates.own_sn}"'
    if is_signed:
        signed = f"{node} " if is_wrong else node
        body += f',"sign":"{signing.sign_text(signed, config.private_key)}"'
    return Response(body + "}", content_type="application/json;charset=utf-8")

"""The one address that merchants call: checks a request, runs its method, signs the answer.

The HTTP status is 200 even for a refusal; ``code`` and ``sub_code`` say what happened.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, render_template, request, url_for

from sandbox import clock, signing
from sandbox.methods import METHODS, open_cashier
from sandbox.provider import provider
from sandbox.refusals import InvalidArgument, MissingArgument, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Response as AnyResponse

PAGE_PAY = "alipay.trade.page.pay"
CLOCK_DRIFT = timedelta(minutes=15)

gateway = Blueprint("gateway", __name__)


class UnknownApp(Refusal):
    """Found before anything else, so the answer carries no ``sign``."""

    code = "40002"

    def __init__(self) -> None:
        super().__init__("isv.invalid-app-id", "无效的AppID参数")


@gateway.route("/gateway.do", methods=["GET", "POST"])
def do() -> AnyResponse:
    # A merchant may put some parameters in the address and the rest in the form.
    params = request.values.to_dict()
    method = params.get("method", "")
    if method == PAGE_PAY:
        return _page(params)
    try:
        _check(params)
        if not method:
            raise MissingArgument("isv.missing-method", "缺少方法名参数")
        if method not in METHODS:
            raise InvalidArgument("isv.invalid-method", "不存在的方法名")
        fields = METHODS[method](provider(), params)
    except Refusal as refusal:
        return _answer(method, refusal.fields(), is_signed=not isinstance(refusal, UnknownApp))
    return _answer(method, {"code": "10000", "msg": "Success", **fields})


def _page(params: Mapping[str, str]) -> AnyResponse:
    """Page pay is a browser's visit: refusals are a page that the buyer reads."""
    try:
        _check(params)
        trade = open_cashier(provider(), params)
    except Refusal as refusal:
        return Response(render_template("refused.html", refusal=refusal))
    return redirect(url_for("cashier.show", token=trade.token))


def _check(params: Mapping[str, str]) -> None:
    """In the provider's order: the app, the kind of signature, the signature, the time."""
    config = provider().config
    if params.get("app_id") != config.app_id:
        raise UnknownApp
    if any(len(request.values.getlist(name)) > 1 for name in params):
        raise InvalidArgument("isv.suspected-attack", "参数重复")
    if not params.get("sign_type"):
        raise MissingArgument("isv.missing-signature-type", "缺少签名类型参数")
    if params["sign_type"] != signing.SIGN_TYPE:
        raise InvalidArgument("isv.invalid-signature-type", "无效的签名类型，只支持 RSA2")
    if not params.get("sign"):
        raise MissingArgument("isv.missing-signature", "缺少签名参数")
    if not signing.verify_request(params, config.app_public_key):
        raise InvalidArgument("isv.invalid-signature", "验签出错，请检查应用公钥与签名内容")
    _check_timestamp(params.get("timestamp", ""))


def _check_timestamp(text: str) -> None:
    if not text:
        raise MissingArgument("isv.missing-timestamp", "缺少时间戳参数")
    try:
        sent_at = clock.parse_beijing(text)
    except ValueError:
        raise InvalidArgument("isv.invalid-timestamp", "时间戳格式有误") from None
    if abs(provider().ledger.now() - sent_at) > CLOCK_DRIFT:
        raise InvalidArgument("isv.invalid-timestamp", "时间戳与北京时间相差超过 15 分钟")


def _answer(method: str, fields: Mapping[str, object], *, is_signed: bool = True) -> Response:
    """Sign the node as it stands in the body: a re-serialized one need not be the same bytes."""
    name = f"{method.replace('.', '_')}_response" if method in METHODS else "error_response"
    node = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    body = f'{{"{name}":{node}'
    if is_signed:
        body += f',"sign":"{signing.sign_text(node, provider().config.private_key)}"'
    return Response(body + "}", content_type="application/json;charset=utf-8")

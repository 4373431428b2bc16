"""Reads what a merchant wants to be paid, and refuses what WeChat Pay refuses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sandbox.wechatpay import fields
from sandbox.wechatpay.clock import parse_rfc3339
from sandbox.wechatpay.refusals import InvalidRequest, ParamError, Refusal

if TYPE_CHECKING:
    from sandbox.wechatpay.config import WechatPayConfig
    from sandbox.wechatpay.fields import Fields

OUT_TRADE_NO = re.compile(r"[0-9A-Za-z_\-|*]{6,32}")
H5_TYPE = re.compile(r"Wap|iOS|Android")
MIN_TERM = timedelta(minutes=1)
MAX_TERM = timedelta(days=7)


class Product(StrEnum):
    """The value ends the address; ``trade_type`` is what queries, notices and bills call it."""

    NATIVE = "native"
    JSAPI = "jsapi"
    H5 = "h5"
    APP = "app"

    @property
    def trade_type(self) -> str:
        return "MWEB" if self is Product.H5 else self.name


@dataclass(frozen=True, kw_only=True)
class Order:
    """``parameters`` is the whole body in one spelling: an order is repeated with the same only.

    ``expires_at`` is None if the merchant leaves the longest term; "" is an absent text.
    """

    product: Product
    out_trade_no: str
    total_fen: int
    description: str
    notify_url: str
    expires_at: datetime | None
    attach: str
    openid: str
    parameters: str

    def expiry(self, now: datetime) -> datetime:
        """When the trade that begins now ends; raises ParamError."""
        if self.expires_at is None:
            return now + MAX_TERM
        if not MIN_TERM <= self.expires_at - now <= MAX_TERM:
            raise ParamError("time_expire 应在 1 分钟之后、7 天之内")
        return self.expires_at


def read(product: Product, body: bytes, config: WechatPayConfig) -> Order:
    """The order in one request for ``product``; raises Refusal."""
    content = fields.read(body)
    _check_merchant(content, config)
    if content.text("appid", longest=32, is_required=True) != config.appid:
        raise Refusal("APPID_MCHID_NOT_MATCH", "appid 和 mchid 不匹配，请检查后再试")
    amount = content.inner("amount", is_required=True)
    amount.currency()
    return Order(
        product=product,
        out_trade_no=content.text("out_trade_no", longest=32, form=OUT_TRADE_NO, is_required=True),
        total_fen=amount.fen("total"),
        description=content.text("description", longest=127, is_required=True),
        notify_url=content.notify_url(is_required=True),
        expires_at=_expires_at(content),
        attach=content.text("attach", longest=128),
        openid=_openid(product, content),
        parameters=_parameters(product, content),
    )


def check_merchant(body: bytes, config: WechatPayConfig) -> None:
    """Raises Refusal unless the body names the merchant that signed it."""
    _check_merchant(fields.read(body), config)


def _check_merchant(content: Fields, config: WechatPayConfig) -> None:
    if content.text("mchid", longest=32, is_required=True) != config.mchid:
        raise InvalidRequest("Http头 Authorization 中的 mchid 与请求体中的 mchid 不一致")


def _expires_at(content: Fields) -> datetime | None:
    text = content.text("time_expire", longest=64)
    if not text:
        return None
    try:
        return parse_rfc3339(text)
    except ValueError:
        raise ParamError("time_expire 应为 yyyy-MM-DDTHH:mm:ss+08:00") from None


def _openid(product: Product, content: Fields) -> str:
    is_needed = product is Product.JSAPI
    payer = content.inner("payer", is_required=is_needed)
    return payer.text("openid", longest=128, is_required=is_needed)


def _parameters(product: Product, content: Fields) -> str:
    is_h5 = product is Product.H5
    scene = content.inner("scene_info", is_required=is_h5)
    scene.text("payer_client_ip", longest=45, is_required=is_h5)
    h5_info = scene.inner("h5_info", is_required=is_h5)
    h5_info.text("type", longest=32, form=H5_TYPE, is_required=is_h5)
    return f"{product} {content.canonical()}"

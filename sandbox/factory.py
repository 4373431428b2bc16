"""Builds the WSGI application from a configuration, for the server and for tests alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from sandbox import alipay, clock, money, wechatpay
from sandbox.alipay.channel import AlipayChannel
from sandbox.alipay.gateway import gateway as alipay_gateway
from sandbox.bills import Bills, Downloads
from sandbox.cashier import cashier
from sandbox.control import control
from sandbox.faults import Faults
from sandbox.front import front
from sandbox.kuaidi100.query import kuaidi100
from sandbox.ledger import Ledger
from sandbox.notices import Notifier
from sandbox.provider import Provider
from sandbox.wechatpay.channel import WechatPayChannel
from sandbox.wechatpay.gateway import api as wechatpay_gateway
from sandbox.wechatpay.pages import pages as wechatpay_pages

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from flask import Response

    from sandbox.channel import Channel
    from sandbox.config import Config
    from sandbox.wechatpay.config import WechatPayConfig

MAX_REQUEST_BYTES = 1024 * 1024


def create_app(
    config: Config,
    *,
    wechatpay_config: WechatPayConfig | None = None,
    missing: str = "",
    now: Callable[[], datetime] = clock.now,
) -> Flask:
    """The sandbox, delivering what its database still owes; ``now`` gives aware datetimes.

    Without ``wechatpay_config`` it is Alipay alone, and ``missing`` tells its front page why.

    ``app.extensions["sandbox"]`` is its ``Provider``, whose ``close()`` ends the deliveries.
    """
    ledger = Ledger(config.database, now)
    faults = Faults(ledger.database)
    channels: dict[str, Channel] = {alipay.NAME: AlipayChannel(config)}
    if wechatpay_config is not None:
        channels[wechatpay.NAME] = WechatPayChannel(wechatpay_config, faults)
    notifier = Notifier(config, ledger, faults, channels)
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    app.extensions["sandbox"] = Provider(
        config=config,
        ledger=ledger,
        faults=faults,
        notifier=notifier,
        channels=channels,
        bills=Bills(ledger, faults),
        downloads=Downloads(now),
        missing=missing,
    )
    for blueprint in (
        front,
        cashier,
        control,
        alipay_gateway,
        wechatpay_gateway,
        wechatpay_pages,
        kuaidi100,
    ):
        app.register_blueprint(blueprint)
    app.add_template_filter(clock.beijing_text, "beijing")
    app.add_template_filter(money.yuan_shown, "yuan")
    app.after_request(_guard)
    notifier.start()
    return app


def _guard(response: Response) -> Response:
    """No script runs here and no page is kept: a cashier address is as good as the order."""
    # No form-action: browsers apply it to the redirect to the merchant after paying, too.
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response

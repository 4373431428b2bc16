"""Builds the WSGI application from a configuration, for the server and for tests alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from sandbox import clock
from sandbox.cashier import cashier
from sandbox.gateway import gateway
from sandbox.ledger import Ledger
from sandbox.notices import Notifier
from sandbox.provider import Provider

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from flask import Response

    from sandbox.config import Config

MAX_REQUEST_BYTES = 1024 * 1024


def create_app(config: Config, *, now: Callable[[], datetime] = clock.now) -> Flask:
    """The sandbox, delivering what its database still owes; ``now`` gives aware datetimes.

    ``app.extensions["sandbox"]`` is its ``Provider``, whose ``close()`` ends the deliveries.
    """
    ledger = Ledger(config.database, now)
    notifier = Notifier(config, ledger)
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    app.extensions["sandbox"] = Provider(config=config, ledger=ledger, notifier=notifier)
    app.register_blueprint(gateway)
    app.register_blueprint(cashier)
    app.add_template_filter(clock.beijing_text, "beijing")
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

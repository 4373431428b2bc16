"""Both providers as the sandbox plays them: its API on a socket, its notices in the test's own thread.

So a test knows when a notice has come, and the shop sees it in the very transaction that the test runs in.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3
from django.conf import settings
from django.utils import timezone
from flask import Flask
from rest_framework.response import Response
from rest_framework.test import APIClient
from werkzeug.serving import make_server

from apps.core.clock import BEIJING
from apps.payment import gateways
from apps.payment.gateways import http
from sandbox.config import Config
from sandbox.factory import create_app
from sandbox.faults import Fault, Faults
from sandbox.ledger.records import Trade
from sandbox.notices import Notifier
from sandbox.provider import Provider
from sandbox.wechatpay.config import WechatPayConfig

TABLES = ("notices", "refunds", "payouts", "faults", "trades")


class Clock:
    """The shop's and the sandbox's; it stands still until a test moves it. It begins today at noon in Beijing."""

    def __init__(self) -> None:
        self.reset()

    def __call__(self) -> datetime:
        return self.moment

    def reset(self) -> None:
        noon = datetime.combine(datetime.now(BEIJING).date(), time(12), BEIJING)
        self.moment = noon.astimezone(UTC)

    def advance(self, **parts: float) -> None:
        self.moment += timedelta(**parts)

    @property
    def day(self) -> date:
        """In Beijing."""
        return self.moment.astimezone(BEIJING).date()

    def go_to_morning(self) -> None:
        """Half past ten of the next day in Beijing: every bill is there."""
        tomorrow = self.day + timedelta(days=1)
        self.moment = datetime.combine(tomorrow, time(10, 30), BEIJING).astimezone(UTC)


@dataclass(frozen=True)
class Letter:
    """A notice on its way: where to, and what is sent."""

    path: str
    body: bytes
    headers: dict[str, str]

    def post(self) -> Response:
        """What the shop answers."""
        answer: Response = APIClient().generic(
            "POST", self.path, self.body, self.headers["Content-Type"], headers=self.headers
        )
        return answer


@dataclass
class Letterbox:
    """Takes the place of the notifier's HTTP pool, and hands what it posts to the shop at once, if ``is_open``.

    What was posted is kept, the oldest first.
    """

    is_open: bool = True
    letters: list[Letter] = field(default_factory=list)

    def request(
        self, method: str, url: str, *, body: bytes, headers: dict[str, str], **ignored: Any
    ) -> urllib3.HTTPResponse:
        letter = Letter(urlsplit(url).path, body, headers)
        self.letters.append(letter)
        if not self.is_open:
            return urllib3.HTTPResponse(BytesIO(), status=503, preload_content=False)
        answer = letter.post()
        return urllib3.HTTPResponse(
            BytesIO(answer.content), status=answer.status_code, preload_content=False
        )


@dataclass
class Providers:
    app: Flask
    clock: Clock
    letterbox: Letterbox

    @property
    def sandbox(self) -> Provider:
        sandbox: Provider = self.app.extensions["sandbox"]
        return sandbox

    def begin_anew(self) -> None:
        """Nothing was ever bought here, and nothing goes wrong."""
        self.sandbox.clear_faults()
        with self.sandbox.ledger.database.transaction() as db:
            for table in TABLES:
                db.execute(f"DELETE FROM {table}")  # noqa: S608
        self.letterbox.is_open = True
        self.letterbox.letters.clear()
        self.clock.reset()

    def switch(self, name: str, **scope: Any) -> int:
        """Switch on what goes wrong; by the number it is switched off again."""
        answer = self.app.test_client().post("/faults", json={"name": name, **scope})
        assert answer.status_code == 201, answer.get_json()
        return int(answer.get_json()["id"])

    def unused(self) -> list[str]:
        """The counted switches that have still not acted as often as they should."""
        listed = self.sandbox.faults.listed()
        return [f"{each.name} {each.action}" for each in listed if each.times]

    def trades(self) -> list[Trade]:
        return [entry.trade for entry in self.sandbox.ledger.recent(1_000_000)]

    def next_notice_at(self) -> datetime | None:
        """When the next try of a notice is due; what is held back until another one comes is not."""
        due_at = self.sandbox.ledger.next_due_at(after=self.clock().timestamp())
        return None if due_at is None else datetime.fromtimestamp(due_at, UTC)

    def send_due_notices(self) -> None:
        self.sandbox.notifier._deliver_due()


@contextmanager
def serving(config: Config, wechatpay_config: WechatPayConfig) -> Iterator[Providers]:
    """The shop's gateways talk to this sandbox. A call that it holds up is a time-out at once: nobody waits for it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("start", "stop"):
            patch.setattr(Notifier, name, lambda self: None)
        clock = Clock()
        app = create_app(config, wechatpay_config=wechatpay_config, now=clock)
        letterbox = Letterbox()
        app.extensions["sandbox"].notifier._http = letterbox
        server = make_server("127.0.0.1", 0, app, threaded=True)
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        base = f"http://127.0.0.1:{server.port}"
        patch.setattr(timezone, "now", clock)
        patch.setitem(settings.ALIPAY, "gateway_url", f"{base}/gateway.do")
        patch.setitem(settings.WECHATPAY, "gateway_url", base)
        held: list[Fault] = []
        patch.setattr(Faults, "_hold_up", lambda self, fault: held.append(fault))
        patch.setattr(http, "Client", _impatient(held))
        gateways.gateway.cache_clear()
        yield Providers(app, clock, letterbox)
        server.shutdown()
        app.extensions["sandbox"].close()
    gateways.gateway.cache_clear()


def _impatient(held: list[Fault]) -> type[http.Client]:
    """A client that has waited in vain, as soon as a call was ``held`` up."""

    class Impatient(http.Client):
        def __init__(self, **timeouts: float) -> None:
            super().__init__(**timeouts)
            self._patient, self._pool.request = self._pool.request, self._request

        def _request(self, method: str, url: str, **kwargs: Any) -> urllib3.BaseHTTPResponse:
            held.clear()
            answer = self._patient(method, url, **kwargs)
            if held:
                answer.drain_conn()
                raise urllib3.exceptions.ReadTimeoutError(
                    self._pool.connection_from_url(url), url, "Read timed out."
                )
            return answer

    return Impatient

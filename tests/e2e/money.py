"""The sandbox as its pages and its API show it, and an operator in the admin, over real HTTP."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

import urllib3

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass
class Sandbox:
    url: str
    http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False))

    def open(self, link: str) -> str:
        """Follow a link to the cashier page it leads to."""
        return self.http.request("GET", link, redirect=False).headers["Location"]

    def scan(self, code: str) -> str:
        """Paste the text of a QR code; the cashier page it leads to."""
        return self._post("/scan", code=code).headers["Location"]

    def press(self, cashier: str, button: str) -> str:
        """Press a button of a cashier page; where the browser is sent then, or the page."""
        page = self.http.request("GET", self.url + cashier).data.decode()
        assert f'value="{button}"' in page
        pressed = self._post(cashier, action=button)
        return pressed.headers.get("Location") or pressed.data.decode()

    @contextmanager
    def switch(self, name: str, **scope: Any) -> Iterator[None]:
        on = self.http.request("POST", f"{self.url}/faults", json={"name": name, **scope})
        assert on.status == 201, on.data.decode()
        try:
            yield
        finally:
            self.http.request("DELETE", f"{self.url}/faults/{on.json()['id']}")

    def trade(self, out_trade_no: str) -> dict[str, Any]:
        """One trade in the sandbox's books, amounts in fen."""
        found = self.http.request("GET", f"{self.url}/ledger.json?out_trade_no={out_trade_no}")
        (trade,) = found.json()["trades"]
        return trade

    def _post(self, path: str, **fields: str) -> urllib3.BaseHTTPResponse:
        return self.http.request(
            "POST", self.url + path, fields=fields, encode_multipart=False, redirect=False
        )


@dataclass
class Operator:
    """Somebody in the admin: a browser that keeps its cookies and sends the forms it was shown."""

    url: str
    http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False))
    cookies: dict[str, str] = field(default_factory=dict)

    def log_in(self, username: str, password: str) -> None:
        self.send("/admin/login/?next=/admin/", username=username, password=password)

    def get(self, path: str) -> str:
        page = self._ask("GET", path)
        assert page.status == 200, page.data.decode()
        return page.data.decode()

    def send(self, path: str, **written: str) -> str:
        """Open the form of a page, fill it in, send it; the page that comes next."""
        fields = dict(HIDDEN.findall(self.get(path))) | written
        done = self._ask("POST", path, fields=fields, encode_multipart=False)
        assert done.status == 302, done.data.decode()
        return self.get(done.headers["Location"])

    def _ask(self, method: str, path: str, **sent: Any) -> urllib3.BaseHTTPResponse:
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.http.request(
            method, self.url + path, headers={"Cookie": kept}, redirect=False, **sent
        )
        for line in answer.headers.getlist("Set-Cookie"):
            self.cookies |= {name: cookie.value for name, cookie in SimpleCookie(line).items()}
        return answer

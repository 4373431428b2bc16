"""The whole purchase against real processes: web, worker, Redis and sandbox."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.docs.purchase import purchase_script
from tests.e2e.conftest import Shop, eventually

pytestmark = pytest.mark.e2e

UNPAID, UNSEND = 1, 2


@dataclass
class Buyer:
    """The demo buyer, and the browser in front of him."""

    shop: Shop
    token: str
    address: int

    def call(self, method: str, path: str, body: object = None) -> object:
        return self.shop.call(method, path, body, Authorization=f"Bearer {self.token}")

    def order(self, *, units: int = 1) -> str:
        sku = self.any_sku()
        self.call("PUT", "/cart/selection/", {"selected": False})
        self.call("POST", "/cart/", {"sku_id": sku, "count": units})
        self.call("GET", "/orders/settlement/")
        return self.call("POST", "/orders/", {"address": self.address, "pay_method": 2})["order_id"]

    def any_sku(self) -> int:
        tree = self.call("GET", "/categories/")
        leaf = tree[0]["subs"][0]["subs"][0]["id"]
        skus = self.call("GET", f"/categories/{leaf}/skus/?ordering=-sales")["results"]
        details = (self.call("GET", f"/skus/{sku['id']}/") for sku in skus)
        return next(detail["id"] for detail in details if detail["stock"] > 20)

    def press(self, order_id: str, button: str) -> str:
        """Open the cashier page and press a button; where the browser is sent then, or the page."""
        link = self.call("GET", f"/orders/{order_id}/payment/")["alipay_url"]
        opened = self.shop.http.request("GET", link, redirect=False)
        cashier = f"http://127.0.0.1:{self.shop.sandbox_port}{opened.headers['Location']}"
        page = self.shop.http.request("GET", cashier).data.decode()
        assert f'value="{button}"' in page
        form = {"action": button}
        pressed = self.shop.http.request(
            "POST", cashier, fields=form, encode_multipart=False, redirect=False
        )
        return pressed.headers.get("Location") or pressed.data.decode()

    def status(self, order_id: str) -> int:
        return self.call("GET", f"/orders/{order_id}/")["status"]


@pytest.fixture
def buyer(shop: Shop) -> Buyer:
    credentials = {"username": "demo_buyer", "password": "meiduo-demo-1"}
    token = shop.call("POST", "/authorizations/", credentials)["token"]
    book = shop.call("GET", "/addresses/", Authorization=f"Bearer {token}")
    return Buyer(shop, token, book["default_address_id"])


@pytest.fixture(autouse=True)
def sound_books(shop: Shop) -> Iterator[None]:
    yield
    audit = shop.manage("audit")
    assert audit.returncode == 0, audit.stdout + audit.stderr


def test_four_lines_say_where_everything_is(shop: Shop) -> None:
    last = next(n for n, line in enumerate(shop.said) if "demo_operator" in line)
    docs, admin, sandbox, logins = shop.said[last - 3 : last + 1]
    for line in (docs, admin, sandbox):
        address = line.split()[-1]
        assert shop.http.request("GET", address, redirect=True, retries=3).status == 200
    for word in ("demo_buyer", "13800000001", "meiduo-demo-1", "meiduo-demo-2"):
        assert word in logins


def test_a_notice_settles_the_order(buyer: Buyer) -> None:
    order_id = buyer.order(units=2)
    assert buyer.status(order_id) == UNPAID
    buyer.press(order_id, "pay")  # and the browser never comes back
    eventually(lambda: buyer.status(order_id) == UNSEND)
    assert buyer.shop.postman.carried[-1] == 200


def test_the_browser_that_comes_back_sees_the_order_paid(buyer: Buyer) -> None:
    order_id = buyer.order()
    came_back_to = buyer.press(order_id, "pay")
    assert came_back_to.startswith(f"{buyer.shop.url}/pay_success.html?")
    page = buyer.shop.http.request("GET", came_back_to).data.decode()
    assert order_id in page
    assert buyer.status(order_id) == UNSEND
    query = came_back_to.partition("?")[2]
    paid = buyer.shop.call("PUT", f"/payment/status/?{query}", {})
    assert (paid["order_id"], len(paid["trade_id"])) == (order_id, 28)


def test_a_lost_notice_is_made_good_by_the_worker(buyer: Buyer) -> None:
    order_id = buyer.order()
    buyer.shop.postman.losing = True
    try:
        buyer.press(order_id, "pay")
        eventually(lambda: buyer.status(order_id) == UNSEND, seconds=40)
        assert buyer.shop.postman.carried[-1] == 500
    finally:
        buyer.shop.postman.losing = False


@pytest.mark.parametrize("button", ["refuse", "leave"])
def test_who_does_not_pay_may_pay_later(buyer: Buyer, button: str) -> None:
    order_id = buyer.order()
    buyer.press(order_id, button)
    assert buyer.status(order_id) == UNPAID
    buyer.press(order_id, "pay")
    eventually(lambda: buyer.status(order_id) == UNSEND)


KILLED_BETWEEN_COMMIT_AND_CLEARING = """
import os, signal, django
django.setup()
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken
from apps.carts import store
from apps.users.models import User
store.finish_placing = lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL)
buyer = User.objects.get(username="demo_buyer")
client = APIClient(HTTP_AUTHORIZATION=f"Bearer {AccessToken.for_user(buyer)}")
body = {"address": buyer.default_address_id, "pay_method": 1}
client.post("/api/v1/orders/", body, format="json", SERVER_NAME="127.0.0.1")
"""


def test_killed_between_commit_and_clearing_the_next_submit_is_the_same_order(
    buyer: Buyer,
) -> None:
    sku = buyer.any_sku()
    buyer.call("POST", "/cart/", {"sku_id": sku, "count": 3})
    buyer.call("GET", "/orders/settlement/")
    before = buyer.call("GET", "/orders/")["count"]
    buyer.shop.environment["DJANGO_SETTINGS_MODULE"] = "meiduo.settings.dev"
    died = buyer.shop.python("-c", KILLED_BETWEEN_COMMIT_AND_CLEARING)
    assert died.returncode == -9, died.stderr
    orders = buyer.call("GET", "/orders/")
    assert orders["count"] == before + 1
    again = buyer.call("POST", "/orders/", {"address": buyer.address, "pay_method": 1})
    assert again["order_id"] == orders["results"][0]["order_id"]
    assert buyer.call("GET", "/orders/")["count"] == before + 1
    assert all(line["id"] != sku for line in buyer.call("GET", "/cart/"))


def test_the_purchase_in_the_readme_works_when_pasted(shop: Shop, tmp_path: Path) -> None:
    if not shutil.which("curl") and not os.environ.get("CI"):
        pytest.skip("curl is not installed, and the README's purchase is written for it")
    script = (
        purchase_script()
        .replace(":8000", f":{shop.port}")
        .replace(":8001", f":{shop.sandbox_port}")
    )
    done = subprocess.run(
        ["sh", "-eu", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r'"status":\s*2\b', done.stdout), done.stdout


def test_the_catalogue_and_login_live_without_redis(shop: Shop) -> None:
    """Carts and orders say 503 and when to come back; everything comes back by itself."""
    server = next(
        int(process.name)
        for process in Path("/proc").glob("[0-9]*")
        if (process / "cmdline").exists()
        and str(shop.root / "var" / "redis.sock") in (process / "cmdline").read_text()
    )
    os.kill(server, signal.SIGSTOP)
    try:
        assert shop.call("GET", "/categories/")
        credentials = {"username": "demo_buyer", "password": "meiduo-demo-1"}
        token = shop.call("POST", "/authorizations/", credentials)["token"]
        headers = {"Authorization": f"Bearer {token}"}
        for path in ("/cart/", "/orders/settlement/"):
            answer = shop.http.request("GET", f"{shop.url}/api/v1{path}", headers=headers)
            assert answer.status == 503
            assert int(answer.headers["Retry-After"]) > 0
    finally:
        os.kill(server, signal.SIGCONT)
    eventually(
        lambda: shop.http.request("GET", f"{shop.url}/api/v1/cart/", headers=headers).status == 200
    )

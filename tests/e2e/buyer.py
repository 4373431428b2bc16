"""The demo buyer, who orders and pays over real HTTP."""

from dataclasses import dataclass
from typing import Any

from tests.e2e.conftest import Shop


@dataclass
class Buyer:
    """The demo buyer, and the browser in front of him."""

    shop: Shop
    token: str
    address: int

    def call(self, method: str, path: str, body: object = None) -> Any:
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
        return self.shop.sandbox.press(opened.headers["Location"], button)

    def start(self, order_id: str, provider: str, product: str) -> dict[str, Any]:
        body = {"provider": provider, "product": product}
        return self.call("POST", f"/orders/{order_id}/payments/", body)

    def pay(self, order_id: str, provider: str, product: str) -> str:
        """Follow where the shop leads, or scan what it shows, and pay; the attempt's number."""
        started, sandbox = self.start(order_id, provider, product), self.shop.sandbox
        way = (
            sandbox.scan(started["qr"]["text"]) if "qr" in started else sandbox.open(started["url"])
        )
        sandbox.press(way, "pay")
        return started["out_trade_no"]

    def status(self, order_id: str) -> int:
        return self.call("GET", f"/orders/{order_id}/")["status"]

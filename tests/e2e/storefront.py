"""What a buyer does in a storefront, step by step, each over real HTTP."""

import re
import uuid

from tests.e2e.browser import Browser
from tests.e2e.conftest import Shop, eventually

MOBILE = "13900000777"
PASSWORD = "stormy-Lantern-7"
UNSEND, UNCOMMENT, FINISHED = 2, 4, 5

TEXT_OF_PICTURE = """
import sys, django
django.setup()
from apps.verifications import store
text = store.take_image_code(sys.argv[1])
store.put_image_code(sys.argv[1], text)
print(text)
"""


def register(shop: Shop, browser: Browser) -> None:
    assert browser.call("GET", "/usernames/lantern/count/") == {"username": "lantern", "count": 0}
    assert browser.call("GET", f"/mobiles/{MOBILE}/count/") == {"mobile": MOBILE, "count": 0}
    picture_id = str(uuid.uuid4())
    picture = browser.ask("GET", f"/image_codes/{picture_id}/")
    assert (picture.status, picture.data[:4]) == (200, b"\x89PNG")
    read = shop.python("-c", TEXT_OF_PICTURE, picture_id)
    assert read.returncode == 0, read.stderr
    browser.call(
        "GET", f"/sms_codes/{MOBILE}/?text={read.stdout.strip()}&image_code_id={picture_id}"
    )
    eventually(lambda: code_sent_to(MOBILE, shop) is not None)
    form = {
        "username": "lantern",
        "password": PASSWORD,
        "password2": PASSWORD,
        "mobile": MOBILE,
        "sms_code": code_sent_to(MOBILE, shop),
        "allow": "true",
    }
    account = browser.call("POST", "/users/", form, status=201)
    assert (account["username"], account["mobile"]) == ("lantern", MOBILE)
    assert browser.call("GET", "/mobiles/13900000777/count/")["count"] == 1
    browser.token = account["token"]
    assert browser.call("GET", "/user/")["id"] == account["id"]


def code_sent_to(mobile: str, shop: Shop) -> str | None:
    """What the worker's console says the SMS said."""
    for line in reversed(shop.said):
        if mobile in line and (code := re.search(r"code is (\d{6})", line)):
            return code[1]
    return None


def browse(browser: Browser) -> tuple[int, int]:
    """Through the menu to a SKU with stock: its category and its id."""
    home = browser.call("GET", "/index/")
    browser.show(home["contents"]["index_lbt"][0]["image_url"])
    menu = browser.call("GET", "/channels/")
    leaf = menu[0]["sub_cats"][0]["sub_cats"][0]["id"]
    page = browser.call("GET", f"/categories/{leaf}/skus/?page=1&page_size=5&ordering=-create_time")
    browser.show(page["results"][0]["default_image_url"])
    facets = browser.call("GET", f"/categories/{leaf}/facets/")
    assert page["count"] == sum(brand["count"] for brand in facets["brands"])
    details = (browser.call("GET", f"/skus/{sku['id']}/") for sku in page["results"])
    sku_id = next(detail["id"] for detail in details if detail["stock"] > 20)
    browser.call("POST", "/browse_histories/", {"sku_id": str(sku_id)}, status=201)
    assert [each["id"] for each in browser.call("GET", "/browse_histories/")] == [sku_id]
    return leaf, sku_id


def search(browser: Browser, sku_id: int) -> None:
    name = browser.call("GET", f"/skus/{sku_id}/")["name"]
    word = name.split()[0]

    def finds() -> bool:
        found = browser.call("GET", f"/skus/search/?text={word}&page=1&page_size=100")
        return sku_id in [each["object"]["id"] for each in found["results"]]

    eventually(finds)


def order(browser: Browser) -> str:
    province = browser.call("GET", "/areas/")[0]["id"]
    city = browser.call("GET", f"/areas/{province}/")["subs"][0]["id"]
    district = browser.call("GET", f"/areas/{city}/")["subs"][0]["id"]
    form = {
        "receiver": "灯灯",
        "title": "灯灯",
        "province_id": province,
        "city_id": city,
        "district_id": district,
        "place": "长安街 1 号",
        "mobile": MOBILE,
        "tel": "",
        "email": "",
    }
    address = browser.call("POST", "/addresses/", form, status=201)
    browser.call("GET", "/orders/settlement/")
    body = {"address": address["id"], "pay_method": "2"}
    return browser.call("POST", "/orders/", body, status=201)["order_id"]


def pay(shop: Shop, browser: Browser, order_id: str) -> None:
    link = browser.call("GET", f"/orders/{order_id}/payment/")["alipay_url"]
    opened = shop.http.request("GET", link, redirect=False)
    cashier = f"http://127.0.0.1:{shop.sandbox_port}{opened.headers['Location']}"
    pressed = shop.http.request(
        "POST", cashier, fields={"action": "pay"}, encode_multipart=False, redirect=False
    )
    query = pressed.headers["Location"].partition("?")[2]
    token, browser.token = browser.token, "undefined"
    for _ in range(2):  # the page may be reloaded
        browser.call("PUT", f"/payment/status/?{query}", {})
    browser.token = token
    assert browser.call("GET", "/orders/")["results"][0]["status"] == UNSEND


def review(browser: Browser, order_id: str, sku_id: int) -> None:
    lines = browser.call("GET", f"/orders/{order_id}/uncommentgoods/")
    assert [line["sku"]["id"] for line in lines] == [sku_id]
    body = {
        "order": order_id,
        "sku": sku_id,
        "comment": "灯很亮，包装也好。",
        "score": 0,
        "is_anonymous": True,
    }
    browser.call("POST", f"/orders/{order_id}/comments/", body, status=201)
    said = browser.call("GET", f"/skus/{sku_id}/comments/")[0]
    assert (said["username"], said["comment"], said["score"]) == ("l***n", "灯很亮，包装也好。", 5)
    assert browser.call("GET", "/orders/")["results"][0]["status"] == FINISHED

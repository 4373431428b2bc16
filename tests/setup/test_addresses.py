"""With a storefront on another origin, pictures stay here and people go back there."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READ = """
import json
from meiduo.settings import data, outside
callbacks = [provider["callback_url"] for provider in outside.SIGN_IN.values()]
print(json.dumps([data.MEDIA_URL, outside.ALIPAY["notify_url"], outside.ALIPAY["return_url"], *callbacks]))
"""
HERE, THERE = "https://api.shop.example", "https://www.shop.example"


def addresses(**environment: str) -> list[str]:
    read = subprocess.run(
        [sys.executable, "-c", READ],
        cwd=ROOT,
        env=os.environ | {"SITE_URL": HERE} | environment,
        capture_output=True,
        check=True,
    )
    return json.loads(read.stdout)


def test_a_storefront_on_another_origin() -> None:
    assert addresses(FRONT_URL=THERE) == [
        f"{HERE}/media/",
        f"{HERE}/api/v1/payment/alipay/notify/",
        f"{THERE}/pay_success.html",
        f"{THERE}/oauth_callback.html",
        f"{THERE}/oauth_callback.html?provider=wechat",
        f"{THERE}/oauth_callback.html?provider=weibo",
    ]


def test_no_storefront_and_pictures_at_a_cdn() -> None:
    pictures, _, returned, *_ = addresses(FRONT_URL="", MEDIA_URL="https://cdn.example/m/")
    assert (pictures, returned) == ("https://cdn.example/m/", f"{HERE}/pay_success.html")

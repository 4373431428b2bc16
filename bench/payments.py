"""What signing and believing cost beside the bare RSA-2048 of ``cryptography``, and what a notice costs the database.

``python bench/payments.py``. Keys of its own, no network. The round trips are counted on a test database that is made
beside DATABASE_URL and dropped again.
"""

import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

import django

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meiduo.settings.dev")
os.environ.setdefault("SECRET_KEY", "bench")
django.setup()

from Crypto.PublicKey import RSA  # noqa: E402
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: E402
from cryptography.hazmat.primitives.hashes import SHA256  # noqa: E402
from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_databases, teardown_databases  # noqa: E402

from apps.payment import services  # noqa: E402
from apps.payment.gateways import gateway  # noqa: E402
from apps.payment.gateways.interface import Notice, Offer  # noqa: E402
from apps.payment.models import Payment  # noqa: E402
from sandbox.alipay import signing as alipay_signing  # noqa: E402
from sandbox.wechatpay import signing as wechatpay_signing  # noqa: E402

ROUNDS = 30
# Long enough for the clock, short enough that whatever else the machine does hits both sides of a round alike.
CALLS = 60
TOTAL = Decimal("110.00")
TEXT = b"x" * 700
PADDING, DIGEST = PKCS1v15(), SHA256()

Call = Callable[[], object]


def main() -> None:
    logging.disable(logging.ERROR)
    with tempfile.TemporaryDirectory() as directory:
        keys = Path(directory) / "keys"
        _use_keys(keys)
        _measure_signatures(keys)
        _count_round_trips(keys)


def _use_keys(keys: Path) -> None:
    settings.KEYS_DIR = keys
    settings.ALIPAY |= {
        "app_private_key": keys / "alipay_app_private.pem",
        "alipay_public_key": keys / "alipay_public.pem",
        "app_cert": None,
        "alipay_cert": None,
        "alipay_root_cert": None,
    }
    call_command("make_keys", verbosity=0)
    settings.WECHATPAY |= {
        "merchant_private_key": keys / "wechatpay_merchant_private.pem",
        "merchant_cert": keys / "wechatpay_merchant.crt",
        "apiv3_key": (keys / "wechatpay_apiv3_key").read_text(),
        "public_key": keys / "wechatpay_public.pem",
    }
    gateway.cache_clear()


def _measure_signatures(keys: Path) -> None:
    now = datetime.now(UTC)
    private = load_pem_private_key((keys / "sandbox_private.pem").read_bytes(), password=None)
    public, signature = private.public_key(), private.sign(TEXT, PADDING, DIGEST)
    alipay, wechatpay = gateway("alipay"), gateway("wechatpay")
    offer = Offer(
        product="page",
        out_trade_no="2026112309200000000112340101",
        amount=TOTAL,
        subject="美多商城订单 202611230920000000011234",
        expires_at=now + timedelta(minutes=30),
        at=now,
    )
    notices = {
        "alipay": _alipay_notice(keys, offer.out_trade_no, now),
        "wechatpay": _wechatpay_notice(keys, offer.out_trade_no, now),
    }
    _say(f"{ROUNDS} rounds of {CALLS} calls, each beside the bare operation in the same round\n")
    _row("", "bare ms", "ours ms", "ours/bare", "least", "most", "added ms")

    def bare_sign() -> object:
        return private.sign(TEXT, PADDING, DIGEST)

    def bare_verify() -> object:
        return public.verify(signature, TEXT, PADDING, DIGEST)

    _compare("a page-pay URL, Alipay", bare_sign, lambda: alipay.page_url(offer))
    for name, us in (("alipay", alipay), ("wechatpay", wechatpay)):
        notice = notices[name]
        _compare(f"a notice, {name}", bare_verify, lambda us=us, n=notice: us.parse_notice(n))


def _compare(name: str, bare: Call, ours: Call) -> None:
    """Turn about, so that a busy moment falls on both; the quotient is of each round."""
    for call in (bare, ours):
        _milliseconds(call)
    pairs = [(_milliseconds(bare), _milliseconds(ours)) for _ in range(ROUNDS)]
    quotients = sorted(mine / theirs for theirs, mine in pairs)
    bare_ms, ours_ms = (median(side) for side in zip(*pairs, strict=True))
    added = median(mine - theirs for theirs, mine in pairs)
    tenth = ROUNDS // 10
    figures = (median(quotients), quotients[tenth], quotients[-1 - tenth])
    _row(
        name,
        f"{bare_ms:.3f}",
        f"{ours_ms:.3f}",
        *(f"{figure:.2f}" for figure in figures),
        f"{added:.3f}",
    )


def _milliseconds(call: Call) -> float:
    started = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - started) * 1000 / CALLS


def _alipay_notice(keys: Path, out_trade_no: str, now: datetime) -> Notice:
    fields = alipay_signing.notice_fields(
        app_id=settings.ALIPAY["app_id"],
        seller_id=settings.ALIPAY["seller_id"],
        out_trade_no=out_trade_no,
        trade_no="2026112322001400000000000001",
        total_amount=TOTAL,
        subject="美多商城订单",
        notify_id="2026112300222091843047931444",
        created_at=now,
        paid_at=now,
    )
    key = RSA.import_key((keys / "sandbox_private.pem").read_bytes())
    form = "application/x-www-form-urlencoded; charset=utf-8"
    body = urlencode(alipay_signing.signed(fields, key)).encode()
    return Notice(headers={"content-type": form}, body=body, at=now)


def _wechatpay_notice(keys: Path, out_trade_no: str, now: datetime) -> Notice:
    config = settings.WECHATPAY
    paid: dict[str, Any] = {
        "appid": config["app_id"],
        "mchid": config["mchid"],
        "out_trade_no": out_trade_no,
        "transaction_id": "4200001234202611230000000001",
        "trade_type": "NATIVE",
        "trade_state": "SUCCESS",
        "trade_state_desc": "支付成功",
        "bank_type": "OTHERS",
        "attach": "",
        "success_time": now.isoformat(timespec="seconds"),
        "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
        "amount": {
            "total": int(TOTAL * 100),
            "payer_total": int(TOTAL * 100),
            "currency": "CNY",
            "payer_currency": "CNY",
        },
    }
    resource = wechatpay_signing.sealed(
        json.dumps(paid).encode(),
        key=config["apiv3_key"].encode(),
        associated_data="transaction",
    )
    event = {
        "id": "EV-2018022511223320873",
        "create_time": now.isoformat(timespec="seconds"),
        "resource_type": "encrypt-resource",
        "event_type": "TRANSACTION.SUCCESS",
        "summary": "支付成功",
        "resource": {**resource, "original_type": "transaction"},
    }
    body = json.dumps(event).encode()
    key = RSA.import_key((keys / "sandbox_wechatpay_private.pem").read_bytes())
    signer = wechatpay_signing.Signer(key, config["public_key_id"])
    signed = wechatpay_signing.signature_headers(body, signer, at=int(now.timestamp()))
    headers = {name.lower(): value for name, value in signed.items()}
    return Notice(headers={"content-type": "application/json", **headers}, body=body, at=now)


def _count_round_trips(keys: Path) -> None:
    old = setup_databases(verbosity=0, interactive=False)
    try:
        _say(f"\nRound trips of a notice to {connection.vendor}, BEGIN and COMMIT included\n")
        _row("", "the first", "repeated")
        for name, make in (("alipay", _alipay_notice), ("wechatpay", _wechatpay_notice)):
            payment = _waiting_payment(name)
            notice = make(keys, payment.out_trade_no, datetime.now(UTC))
            counted = [_round_trips(name, notice) for _ in range(2)]
            assert Payment.objects.get(pk=payment.pk).state == Payment.State.SUCCEEDED  # noqa: S101
            _row(name, *(str(count) for count in counted))
    finally:
        teardown_databases(old, verbosity=0)


def _waiting_payment(provider: str) -> Payment:
    from tests.factories import OrderInfoFactory

    now = datetime.now(UTC)
    order = OrderInfoFactory(status=1, total_amount=TOTAL)
    return Payment.objects.create(
        order=order,
        provider=provider,
        account=gateway(provider).account,
        product="page",
        out_trade_no=f"{order.pk}01",
        amount=TOTAL,
        expires_at=now + timedelta(minutes=30),
        next_query_at=now,
    )


def _round_trips(provider: str, notice: Notice) -> int:
    with CaptureQueriesContext(connection) as asked:
        services.receive_notice(provider, notice)
    return len(asked)


def _row(name: str, *cells: str) -> None:
    _say(f"{name:<24}" + "".join(f"{cell:>12}" for cell in cells))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()

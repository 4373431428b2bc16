"""The very notices that the providers send, forged or recorded, at the shop's door."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from apps.orders.models import OrderInfo
from tests.payment.whole.books import check_books
from tests.payment.whole.market import ALIPAY, WECHATPAY, Market, Way, committing
from tests.payment.whole.providers import Letter
from tests.world import unchanged

WAYS = [ALIPAY[0], WECHATPAY[0]]
STAMP = [
    "Wechatpay-Serial",
    "Wechatpay-Timestamp",
    "Wechatpay-Nonce",
    "Wechatpay-Signature",
]


def spoilt(fields: Mapping[str, Any], names: Iterator[str] | list[str]) -> Iterator[dict[str, Any]]:
    """Each of these fields changed, blanked and dropped, one at a time."""
    for name in names:
        yield {**fields, name: f"{fields[name]}1"}
        yield {**fields, name: ""}
        yield {other: value for other, value in fields.items() if other != name}


def forgeries(letter: Letter) -> Iterator[Letter]:
    if not letter.body.startswith(b"{"):
        form = dict(parse_qsl(letter.body.decode(), keep_blank_values=True))
        # A blank field is no part of what Alipay signs.
        for changed in spoilt(form, [name for name, value in form.items() if value]):
            yield replace(letter, body=urlencode(changed).encode())
        return
    for headers in spoilt(letter.headers, STAMP):
        yield replace(letter, headers=headers)
    event = json.loads(letter.body)
    resources = [
        {**event, "resource": each} for each in spoilt(event["resource"], list(event["resource"]))
    ]
    for changed in [*spoilt(event, list(event)), *resources]:
        yield replace(letter, body=json.dumps(changed, ensure_ascii=False).encode())


def refuse_forgeries(letter: Letter) -> None:
    with unchanged():
        for forged in forgeries(letter):
            answer = forged.post()
            assert (answer.status_code, answer.json()["code"]) == (403, "bad_signature"), forged


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_whatever_is_changed_in_a_notice_it_is_refused_and_the_right_one_counts(
    market: Market, way: Way
) -> None:
    letterbox = market.providers.letterbox
    letterbox.is_open = False
    order = market.buy(way)
    refuse_forgeries(letterbox.letters[-1])
    with committing():
        assert letterbox.letters[-1].post().status_code == 200
    order.refresh_from_db()
    assert order.status == OrderInfo.Status.UNSEND
    market.providers.switch("answer_500_after", action="refund", times=1)
    refund = market.refund(order, "11.10")
    market.deliver()
    assert refund.state == "unknown"
    refuse_forgeries(letterbox.letters[-1])
    assert letterbox.letters[-1].post().status_code == 200
    refund.refresh_from_db()
    assert refund.state == "succeeded"
    letterbox.is_open = True
    market.settle()
    check_books(market)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_recorded_notices_played_again(market: Market, way: Way) -> None:
    """WeChat Pay's are too old after five minutes; Alipay's are of events that have been taken in."""
    order = market.buy(way)
    market.refund(order, "11.10")
    market.deliver()
    market.refund(order, "22.25")
    market.settle()
    letters = market.providers.letterbox.letters
    assert len(letters) == 3
    market.let_pass(timedelta(minutes=6))
    with unchanged():
        for letter in letters * 2:
            assert letter.post().status_code == (200 if way in ALIPAY else 403)
    check_books(market)

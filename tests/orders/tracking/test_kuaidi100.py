"""What is sent to 快递100, and what becomes of its answers, over a real socket."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import md5
from typing import Any
from urllib.parse import parse_qs

import pytest
import urllib3

from apps.core import http
from apps.orders import gateways
from apps.orders.exceptions import NoNews, ParcelUnknown, TrackingRefused, TrackingUnanswered
from apps.orders.gateways import Scan, Tracking, kuaidi100
from apps.orders.gateways.answers import MOST_SCANS
from apps.orders.gateways.kuaidi100 import Kuaidi100
from apps.orders.models import Shipment
from tests.notifications import receiver as ways
from tests.notifications.receiver import Receiver, answer, receiving

State = Shipment.State

# In the shape that is published and reported.
FOUND: dict[str, Any] = {
    "message": "ok",
    "nu": "YT123456",
    "ischeck": "0",
    "com": "yuantong",
    "status": "200",
    "condition": "00",
    "state": "0",
    "data": [
        {
            "time": "2026-11-01 11:00:00",
            "ftime": "2026-11-01 11:00:00",
            "context": "【北京市】快件已到达 北京转运中心",
            "areaCode": None,
            "status": "在途",
        },
        {"time": "2026-11-01 09:00:00", "ftime": "2026-11-01 09:00:00", "context": "已揽收"},
    ],
}
SCANS = (
    Scan(datetime(2026, 11, 1, 3, tzinfo=UTC), "【北京市】快件已到达 北京转运中心"),
    Scan(datetime(2026, 11, 1, 1, tzinfo=UTC), "已揽收"),
)


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.fixture
def ask(server: Receiver, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Tracking]:
    """Ask after YT123456, and be answered so: a dict as JSON, bytes, or a way to behave."""
    monkeypatch.setattr(http, "ANSWER_SECONDS", 0.5)
    pools = http.new_pools()
    pools.connection_pool_kw["timeout"] = urllib3.Timeout(connect=1, read=0.3)
    monkeypatch.setattr(kuaidi100, "_pools", pools)

    def do(said: Any, *, status: int = 200, code: str = "yuantong") -> Tracking:
        if isinstance(said, dict):
            said = json.dumps(said).encode()
        server.behave = [answer(status, said) if isinstance(said, bytes) else said]
        gateway = Kuaidi100(url=server.url, customer="CUSTOMER", key="KEY")
        return gateway.ask(code, "YT123456", phone="13812345678")

    return do


def test_the_signature_is_md5_of_param_key_and_customer() -> None:
    param = '{"com":"yuantong","num":"YT123456"}'
    form = Kuaidi100(url="", customer="CUSTOMER", key="KEY").form(param)
    by_hand = md5(b'{"com":"yuantong","num":"YT123456"}KEYCUSTOMER').hexdigest().upper()  # noqa: S324  their choice
    assert form == {"customer": "CUSTOMER", "param": param, "sign": by_hand}
    assert form["sign"] == "3AB30A297424EC4EE1C8BF84516AAAC1"


def test_the_question(ask: Callable, server: Receiver) -> None:
    assert ask(FOUND) == Tracking(State.MOVING, SCANS)
    (letter,) = server.letters
    assert letter.headers["Content-Type"] == "application/x-www-form-urlencoded"
    form = {name: value for name, (value,) in parse_qs(letter.body.decode()).items()}
    assert set(form) == {"customer", "sign", "param"}
    sign = md5(f"{form['param']}KEYCUSTOMER".encode()).hexdigest()  # noqa: S324  their choice
    assert form["sign"] == sign.upper()
    asked = {"com": "yuantong", "num": "YT123456", "show": "0", "order": "desc"}
    assert json.loads(form["param"]) == asked


@pytest.mark.parametrize(
    ("code", "is_told"), [("shunfeng", True), ("zhongtong", True), ("jd", False)]
)
def test_a_phone_is_told_only_to_whom_nothing_works_without(
    ask: Callable, server: Receiver, code: str, is_told: bool
) -> None:
    ask(FOUND, code=code)
    assert (b"13812345678" in server.letters[0].body) is is_told


@pytest.mark.parametrize(
    ("theirs", "ours", "is_over"),
    [
        ("0", "moving", False),
        ("1", "shipped", False),
        ("2", "troubled", False),
        ("3", "delivered", True),
        ("4", "returned", True),
        ("5", "delivering", False),
        ("6", "returned", False),
        ("7", "moving", False),
        ("14", "troubled", False),
        (3, "delivered", True),
        ("99", None, False),
        (None, None, False),
        ([], None, False),
    ],
)
def test_states(ask: Callable, theirs: Any, ours: str | None, is_over: bool) -> None:
    told = ask({**FOUND, "state": theirs})
    assert (told.state, told.is_over, told.scans) == (ours, is_over, SCANS)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            {"result": False, "returnCode": "500", "message": "查询无结果，请隔段时间再查"},
            ParcelUnknown,
        ),
        ({"result": False, "returnCode": "408", "message": "验证码错误"}, ParcelUnknown),
        ({"result": False, "returnCode": "400", "message": "找不到对应公司"}, ParcelUnknown),
        ({"result": False, "returnCode": "400", "message": "提交的数据不完整"}, TrackingRefused),
        ({"result": False, "returnCode": "503", "message": "验证签名失败"}, TrackingRefused),
        ({"result": False, "returnCode": "601", "message": "key已过期"}, TrackingRefused),
        ({"result": False, "returnCode": "501", "message": "服务器错误"}, TrackingUnanswered),
        ({"result": False, "returnCode": "502", "message": "服务器繁忙"}, TrackingUnanswered),
        ({"result": False, "returnCode": "777", "message": "\x00?" * 999}, TrackingUnanswered),
        ({**FOUND, "data": []}, ParcelUnknown),
        ({**FOUND, "data": None}, ParcelUnknown),
        ({**FOUND, "nu": "YT999999"}, TrackingUnanswered),
        ({}, TrackingUnanswered),
        (b"", TrackingUnanswered),
        (b"<html>502</html>", TrackingUnanswered),
        (b"\xff\xfe", TrackingUnanswered),
        (b"[1]", TrackingUnanswered),
        (b"[" * 100_000, TrackingUnanswered),
        (b'{"status":' + b"9" * 5000 + b"}", TrackingUnanswered),
        (ways.resets, TrackingUnanswered),
        (ways.silent, TrackingUnanswered),
        (ways.garbage, TrackingUnanswered),
        (ways.drips_headers, TrackingUnanswered),
        (ways.drips_body, TrackingUnanswered),
        (ways.huge, TrackingUnanswered),
        (ways.breaks_off, TrackingUnanswered),
    ],
)
def test_no_news(ask: Callable, said: Any, expected: type[NoNews]) -> None:
    with pytest.raises(NoNews) as raised:
        ask(said)
    assert type(raised.value) is expected
    assert len(str(raised.value)) < 300
    assert "13812345678" not in str(raised.value)


@pytest.mark.parametrize("status", [302, 404, 500, 502])
def test_another_status(ask: Callable, server: Receiver, status: int) -> None:
    with pytest.raises(TrackingUnanswered, match=f"HTTP {status}"):
        ask(FOUND, status=status)
    assert len(server.letters) == 1


def test_the_number_in_other_letters_is_the_same(ask: Callable) -> None:
    assert ask({**FOUND, "nu": "yt123456"}).scans == SCANS


def test_what_cannot_be_read_is_passed_over_or_cut(ask: Callable) -> None:
    rows: list[Any] = [
        "text",
        None,
        {"context": "no time"},
        {"ftime": "2026-11-01", "context": "no hour"},
        {"ftime": "2026-02-30 00:00:00", "context": "no such day"},
        {"ftime": "0001-01-01 00:00:00", "context": "no such year"},
        {"ftime": {}, "time": "2026-11-01 10:00:00", "context": ""},
        {"ftime": "", "time": "2026-11-01 10:00:00", "context": "a\x00\ud800b" + "长" * 999},
        *FOUND["data"],
    ]
    told = ask({**FOUND, "data": rows})
    assert [scan.at.hour for scan in told.scans] == [11, 10, 9]
    assert told.scans[1].description == "a?b" + "长" * 497


def test_of_many_events_the_newest_are_kept(ask: Callable) -> None:
    rows = [
        {"ftime": f"2026-11-01 {n // 60:02}:{n % 60:02}:00", "context": str(n)} for n in range(300)
    ]
    told = ask({**FOUND, "data": rows})
    assert [scan.description for scan in told.scans] == [
        str(n) for n in range(299, 299 - MOST_SCANS, -1)
    ]


def test_nobody_listens() -> None:
    gateway = Kuaidi100(url="http://127.0.0.1:1/", customer="CUSTOMER", key="KEY")
    with pytest.raises(TrackingUnanswered, match="NewConnectionError"):
        gateway.ask("yuantong", "YT123456", phone="")


def test_the_key_is_in_no_traceback() -> None:
    assert "SECRET" not in repr(Kuaidi100(url="", customer="CUSTOMER", key="SECRET"))


def test_the_gateway_of_the_settings(settings: Any) -> None:
    assert gateways.tracking() is None
    gateways.tracking.cache_clear()
    settings.TRACKING_GATEWAY = "kuaidi100"
    settings.TRACKING = {"url": "https://x.example/", "customer": "C", "key": "K"}
    made = gateways.tracking()
    assert made == Kuaidi100(url="https://x.example/", customer="C", key="K")
    assert made.pace == 1

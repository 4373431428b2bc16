"""Aliyun's gateway through its own SDK, against a stand-in on a socket."""

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from alibabacloud_dysmsapi20170525.client import Client
from alibabacloud_tea_openapi.utils_models import Config

from apps.verifications.exceptions import SMSRefused, SMSUndelivered
from apps.verifications.gateways.aliyun import AliyunGateway
from apps.verifications.models import Purpose

MOBILE, CODE = "13900000001", "735182"


@dataclass
class Aliyun:
    """What it was asked, and what it answers: a status and a body."""

    address: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    answer: tuple[int, Any] = (200, {"Code": "OK", "Message": "OK", "BizId": "1", "RequestId": "2"})


@pytest.fixture(scope="module")
def server() -> Iterator[Aliyun]:
    aliyun = Aliyun()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            sent = {**parse_qs(urlsplit(self.path).query), **parse_qs(body)}
            headers = {name.lower(): [value] for name, value in self.headers.items()}
            aliyun.asked.append({name: each[0] for name, each in {**headers, **sent}.items()})
            status, answer = aliyun.answer
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        aliyun.address = f"127.0.0.1:{http.server_address[1]}"
        threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
        yield aliyun
        http.shutdown()


@pytest.fixture
def aliyun(server: Aliyun) -> Aliyun:
    server.asked.clear()
    server.answer = Aliyun().answer
    return server


def gateway(address: str) -> AliyunGateway:
    config = Config(
        access_key_id="id", access_key_secret="secret", endpoint=address, protocol="http"
    )
    templates = {Purpose.SIGN_UP: "SMS_1", Purpose.RESET: "SMS_2"}
    return AliyunGateway(Client(config), "美多商城", templates)


@pytest.mark.parametrize(("purpose", "template"), [("sign_up", "SMS_1"), ("reset", "SMS_2")])
def test_what_aliyun_is_asked(purpose: str, template: str, aliyun: Aliyun) -> None:
    gateway(aliyun.address).send_code(MOBILE, CODE, purpose=Purpose(purpose))
    (asked,) = aliyun.asked
    assert asked["x-acs-action"] == "SendSms"
    assert asked["x-acs-version"] == "2017-05-25"
    assert asked["authorization"].startswith("ACS3-HMAC-SHA256 Credential=id,")
    assert (asked["PhoneNumbers"], asked["SignName"]) == (MOBILE, "美多商城")
    assert (asked["TemplateCode"], json.loads(asked["TemplateParam"])) == (template, {"code": CODE})


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (200, "isv.BUSINESS_LIMIT_CONTROL", SMSRefused),
        (200, "isv.MOBILE_NUMBER_ILLEGAL", SMSRefused),
        (200, "isv.AMOUNT_NOT_ENOUGH", SMSRefused),
        (404, "InvalidAccessKeyId.NotFound", SMSRefused),
        (200, "isp.SYSTEM_ERROR", SMSUndelivered),
        (400, "Throttling.User", SMSUndelivered),
        (503, "ServiceUnavailable", SMSUndelivered),
        (500, "InternalError", SMSUndelivered),
    ],
)
def test_what_a_refusal_means(
    status: int, code: str, kind: type[SMSUndelivered], aliyun: Aliyun
) -> None:
    aliyun.answer = (status, {"Code": code, "Message": "no", "RequestId": "1"})
    with pytest.raises(SMSUndelivered) as failure:
        gateway(aliyun.address).send_code(MOBILE, CODE, purpose=Purpose.SIGN_UP)
    assert type(failure.value) is kind
    assert code in str(failure.value)
    assert len(aliyun.asked) == 1


def notify(address: str, **parameters: str) -> None:
    gateway(address).send_notice(
        MOBILE, template="SMS_9", parameters=parameters, text="…", number="0197"
    )


def test_a_notice_fills_a_template_of_its_own(aliyun: Aliyun) -> None:
    notify(aliyun.address, order_id="20261124", carrier="顺" * 40, reason="")
    (asked,) = aliyun.asked
    assert (asked["PhoneNumbers"], asked["SignName"]) == (MOBILE, "美多商城")
    assert (asked["TemplateCode"], asked["OutId"]) == ("SMS_9", "0197")
    assert json.loads(asked["TemplateParam"]) == {
        "order_id": "20261124",
        "carrier": "顺" * 35,
        "reason": "-",
    }


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("isv.BUSINESS_LIMIT_CONTROL", SMSUndelivered),
        ("isv.AMOUNT_NOT_ENOUGH", SMSUndelivered),
        ("isp.SYSTEM_ERROR", SMSUndelivered),
        ("isv.MOBILE_NUMBER_ILLEGAL", SMSRefused),
        ("isv.SMS_TEMPLATE_ILLEGAL", SMSRefused),
    ],
)
def test_a_notice_may_wait_for_what_a_code_cannot(
    code: str, kind: type[SMSUndelivered], aliyun: Aliyun
) -> None:
    aliyun.answer = (200, {"Code": code, "Message": "no", "RequestId": "1"})
    with pytest.raises(SMSUndelivered) as failure:
        notify(aliyun.address)
    assert type(failure.value) is kind


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b"null", b"{}"])
@pytest.mark.parametrize("status", [200, 502])
def test_an_answer_that_is_none(status: int, body: bytes, aliyun: Aliyun) -> None:
    aliyun.answer = (status, body)
    with pytest.raises(SMSUndelivered) as failure:
        gateway(aliyun.address).send_code(MOBILE, CODE, purpose=Purpose.SIGN_UP)
    assert type(failure.value) is SMSUndelivered


def test_a_failed_connection_says_nothing_of_code_and_mobile() -> None:
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        port = nobody_listens.getsockname()[1]
        with pytest.raises(SMSUndelivered) as failure:
            gateway(f"127.0.0.1:{port}").send_code(MOBILE, CODE, purpose=Purpose.SIGN_UP)
    said = f"{failure.value!r} {failure.value.__context__!r} {failure.value.__cause__!r}"
    assert CODE not in said
    assert MOBILE not in said


def test_it_is_made_from_the_settings() -> None:
    made = AliyunGateway.from_settings(
        {
            "access_key_id": "id",
            "access_key_secret": "secret",
            "sign_name": "美多商城",
            "template": "SMS_1",
            "reset_template": "",
            "endpoint": "dysmsapi.aliyuncs.com",
        }
    )
    assert made.templates == {Purpose.SIGN_UP: "SMS_1", Purpose.RESET: "SMS_1"}
    assert made.sign_name == "美多商城"

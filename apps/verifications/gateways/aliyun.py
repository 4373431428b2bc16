"""Aliyun SMS (dysmsapi 2017-05-25) by its official SDK, which requirements-aliyun.txt installs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from alibabacloud_dysmsapi20170525.client import Client
from alibabacloud_dysmsapi20170525.models import SendSmsRequest
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.runtime import RuntimeOptions

from apps.verifications.exceptions import SMSRefused, SMSUndelivered
from apps.verifications.models import Purpose

CONNECT_TIMEOUT_MS = 3_000
READ_TIMEOUT_MS = 5_000
# Their trouble, not ours; any other code is about our account, template or number and comes again every time.
PASSING = ("isp.", "Throttling", "ServiceUnavailable", "InternalError", "SYSTEM_ERROR")
# A number that had its share for now, and an account that somebody fills up: a notice may wait for that, a code not.
PASSING_WITH_TIME = ("isv.BUSINESS_LIMIT_CONTROL", "isv.AMOUNT_NOT_ENOUGH", "isv.OUT_OF_SERVICE")
MOST_CHARACTERS = 35


@dataclass(frozen=True)
class AliyunGateway:
    client: Client
    sign_name: str
    templates: Mapping[Purpose, str]

    @classmethod
    def from_settings(cls, config: Mapping[str, str]) -> Self:
        client = Client(
            Config(
                access_key_id=config["access_key_id"],
                access_key_secret=config["access_key_secret"],
                endpoint=config["endpoint"],
            )
        )
        templates = {
            Purpose.SIGN_UP: config["template"],
            Purpose.RESET: config["reset_template"] or config["template"],
        }
        return cls(client, config["sign_name"], templates)

    def send_code(self, mobile: str, code: str, *, purpose: Purpose) -> None:
        """Fill the template's variable ``code``."""
        self._deliver(
            PASSING,
            phone_numbers=mobile,
            template_code=self.templates[purpose],
            template_param=json.dumps({"code": code}),
        )

    def send_notice(
        self, mobile: str, *, template: str, parameters: Mapping[str, str], text: str, number: str
    ) -> None:
        """Fill the template's variables; Aliyun takes none of more than 35 characters, and none that is empty."""
        filled = {name: value[:MOST_CHARACTERS] or "-" for name, value in parameters.items()}
        self._deliver(
            (*PASSING, *PASSING_WITH_TIME),
            phone_numbers=mobile,
            template_code=template,
            template_param=json.dumps(filled),
            out_id=number,
        )

    def _deliver(self, passing: tuple[str, ...], **words: str) -> None:
        answer = self._send(SendSmsRequest(sign_name=self.sign_name, **words))
        if answer == "OK":
            return
        kind = SMSUndelivered if answer.startswith(passing) else SMSRefused
        raise kind(f"Aliyun answers {answer}")

    def _send(self, request: SendSmsRequest) -> str:
        """The code that Aliyun answers with, good or bad.

        What the SDK raises is neither chained nor quoted: a failed connection names its URL, with the code in it.
        """
        options = RuntimeOptions(
            connect_timeout=CONNECT_TIMEOUT_MS, read_timeout=READ_TIMEOUT_MS, autoretry=False
        )
        try:
            spoken: Any = self.client.send_sms_with_options(request, options).body
        except (
            Exception
        ) as exc:  # it raises what requests, its parser and four packages of its own raise
            spoken = exc
        answer = str(
            getattr(spoken, "code", None) or "None"
        )  # the SDK itself makes a "None" of nothing
        if answer == "None":
            raise SMSUndelivered(f"Aliyun does not answer: {type(spoken).__name__}")
        return answer

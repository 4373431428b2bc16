"""docs/webhooks.md, held against what is sent."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from apps.notifications.gateways import signing
from apps.notifications.models import FIELDS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "webhooks.md").read_text()


@pytest.mark.parametrize(
    ("changed", "is_right"),
    [
        ({}, True),
        ({"body": b"{ }"}, False),
        ({"secret": "whsec_b"}, True),
        ({"secret": "whsec_c"}, False),
        ({"age": 301}, False),
    ],
)
def test_the_sample_verifies_what_is_signed(changed: dict[str, Any], is_right: bool) -> None:
    (sample,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    namespace: dict[str, Any] = {}
    exec(sample, namespace)  # noqa: S102  our own page
    sent_at = int(timezone.now().timestamp()) - changed.get("age", 0)
    headers = signing.headers(
        ["whsec_a", "whsec_b"], message_id="0197", timestamp=sent_at, body=b"{}"
    )
    body, secret = changed.get("body", b"{}"), changed.get("secret", "whsec_a")
    assert namespace["is_from_the_shop"](secret, headers, body) is is_right


def test_every_event_is_described() -> None:
    described = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE, re.MULTILINE))
    assert described.keys() == {*FIELDS, "test"}
    for event, names in FIELDS.items():
        assert set(names) <= set(re.findall("`([^`]+)`", described[event]))

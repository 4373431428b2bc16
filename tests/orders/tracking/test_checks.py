"""The system checks say what the tracking settings lack; to have no tracking is no mistake."""

from typing import Any

import pytest

from apps.orders.checks import check_tracking, check_tracking_deployment

FINE = {"url": "https://poll.kuaidi100.com/poll/query.do", "customer": "C", "key": "K"}


def found(settings: Any, gateway: str, **tracking: str) -> list[str | None]:
    settings.TRACKING_GATEWAY, settings.TRACKING = gateway, {**FINE, **tracking}
    return [each.id for each in check_tracking(None)]


@pytest.mark.parametrize(
    ("gateway", "tracking", "ids"),
    [
        ("", {"customer": "", "key": ""}, []),
        ("kuaidi100", {}, []),
        ("kuaidi100", {"key": ""}, ["orders.E002"]),
        ("kuaidi100", {"customer": "", "key": ""}, ["orders.E002", "orders.E002"]),
        ("kuaidi100", {"url": "http://poll.kuaidi100.com/"}, ["orders.E003"]),
        ("sandbox", {"key": ""}, []),
        ("kuaidiniao", {}, ["orders.E001"]),
    ],
)
def test_what_is_found(
    settings: Any, gateway: str, tracking: dict[str, str], ids: list[str]
) -> None:
    assert found(settings, gateway, **tracking) == ids


@pytest.mark.parametrize(
    ("gateway", "ids"), [("", []), ("kuaidi100", []), ("sandbox", ["orders.W001"])]
)
def test_no_made_up_stories_in_production(settings: Any, gateway: str, ids: list[str]) -> None:
    settings.TRACKING_GATEWAY = gateway
    assert [each.id for each in check_tracking_deployment(None)] == ids

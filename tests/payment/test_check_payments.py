"""The credential test asks every provider, says what is wrong with each, and exits 1 if anything is."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.payment.exceptions import Misconfigured, Unknown


@dataclass
class Provider:
    """A gateway that only knows whether its credentials are right."""

    complaint: Exception | None = None
    asked: list[datetime] = field(default_factory=list)

    def check_credentials(self, *, at: datetime) -> None:
        self.asked.append(at)
        if self.complaint:
            raise self.complaint


@pytest.fixture
def providers(settings: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Provider]:
    found = {"first": Provider(), "second": Provider()}
    settings.PAYMENT_GATEWAYS = dict.fromkeys(found, "not.imported")
    monkeypatch.setattr(
        "apps.payment.management.commands.check_payments.gateway", found.__getitem__
    )
    return found


def test_all_is_well(providers: dict[str, Provider], capsys: pytest.CaptureFixture) -> None:
    call_command("check_payments")
    assert capsys.readouterr().out == "first: fine\nsecond: fine\n"
    assert [len(each.asked) for each in providers.values()] == [1, 1]
    assert providers["first"].asked[0].tzinfo is not None


@pytest.mark.parametrize(
    ("complaint", "line"),
    [
        (Misconfigured("the clock is off"), "first: the clock is off\n"),
        (
            Unknown("GET https://x/: ReadTimeoutError"),
            "first: no answer that can be believed, so that nothing is proved (GET https://x/: ReadTimeoutError)\n",
        ),
    ],
)
def test_what_is_wrong_is_said_and_the_others_are_asked_all_the_same(
    providers: dict[str, Provider],
    capsys: pytest.CaptureFixture,
    complaint: Exception,
    line: str,
) -> None:
    providers["first"].complaint = complaint
    with pytest.raises(CommandError, match=r"^1 of the payment providers") as caught:
        call_command("check_payments")
    assert caught.value.returncode == 1
    assert capsys.readouterr().out == f"{line}second: fine\n"


def test_only_the_named_one_is_asked(providers: dict[str, Provider]) -> None:
    call_command("check_payments", "second")
    assert [len(each.asked) for each in providers.values()] == [0, 1]


def test_a_provider_there_is_not(providers: dict[str, Provider]) -> None:
    with pytest.raises(CommandError, match="has no third"):
        call_command("check_payments", "first", "third")
    assert [len(each.asked) for each in providers.values()] == [0, 0]


def test_a_bug_is_no_complaint(providers: dict[str, Provider]) -> None:
    providers["first"].complaint = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        call_command("check_payments")

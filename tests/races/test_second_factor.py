"""Two browsers with the same code, which somebody may have looked over a shoulder at."""

import threading
from collections.abc import Callable

import pytest
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from apps.operators.exceptions import TooManyCodes, WrongCode
from apps.operators.services import check_code
from apps.users.models import User
from tests.races.conftest import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

BROWSERS = 8
STEP = 50_000_000  # any half minute


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_otp.plugins.otp_totp.models.time.time", lambda: STEP * 30.0)


@pytest.fixture
def code(buyer: User) -> str:
    device = TOTPDevice.objects.create(user=buyer, name="app")
    totp = TOTP(device.bin_key)
    totp.time = STEP * 30.0
    return f"{totp.token():06d}"


def unlocked() -> Callable[[User, str], int]:
    """As without the lock: every browser has read the row before one of them writes it."""
    all_have_read = threading.Barrier(BROWSERS)

    def check(user: User, code: str) -> int:
        device = TOTPDevice.objects.get(user=user)
        all_have_read.wait(timeout=30)
        if not device.verify_token(code):
            raise WrongCode
        return device.pk

    return check


@pytest.mark.parametrize(("check", "let_in"), [(check_code, 1), (unlocked(), BROWSERS)])
def test_a_code_lets_one_browser_in(
    check: Callable[[User, str], int], let_in: int, buyer: User, code: str
) -> None:
    results = together(*[lambda: check(buyer, code)] * BROWSERS)
    inside = [result for result in results if isinstance(result, int)]
    refused = [result for result in results if isinstance(result, WrongCode | TooManyCodes)]
    assert (len(inside), len(inside) + len(refused)) == (let_in, BROWSERS)

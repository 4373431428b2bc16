"""What the providers really send, twenty times at the same moment, while a job asks after the same payment."""

import pytest
from django.core.management import call_command

from apps.orders.models import OrderInfo
from apps.payment.models import PaymentEvent, Refund
from apps.payment.services import poll_due_payments
from tests.payment.whole.conftest import (  # noqa: F401  # fixtures
    alipay_certificates,
    configs,
    providers,
)
from tests.payment.whole.market import ALIPAY, WECHATPAY, Market, Way
from tests.payment.whole.providers import Providers
from tests.races.conftest import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("way", [ALIPAY[0], WECHATPAY[0]], ids=str)
def test_a_signed_notice_twenty_times_and_a_question(
    providers: Providers,  # noqa: F811
    way: Way,
) -> None:
    providers.begin_anew()
    market = Market(providers)
    providers.letterbox.is_open = False
    order = market.buy(way)
    letter = providers.letterbox.letters[-1]
    market.clock.advance(seconds=10)
    *answers, asked = together(*[letter.post] * 20, poll_due_payments)
    assert {answer.status_code for answer in answers} == {200}
    assert asked in {0, 1}
    order.refresh_from_db()
    assert order.status == OrderInfo.Status.UNSEND
    verdicts = sorted(PaymentEvent.objects.values_list("verdict", flat=True))
    assert verdicts in (["settled"], ["no_change", "settled"])
    assert not Refund.objects.exists()
    call_command("audit")

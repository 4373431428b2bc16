"""The shop asks the sandbox over a socket: two programs that share no code agree on the protocol."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from Crypto.PublicKey import RSA
from django.utils import timezone

from apps.orders import gateways
from apps.orders.exceptions import NoNews, ParcelUnknown, TrackingRefused, TrackingUnanswered
from apps.orders.gateways.kuaidi100 import Kuaidi100
from apps.orders.models import Shipment
from apps.orders.services import refresh_tracking
from sandbox.clock import BEIJING
from sandbox.factory import create_app
from tests.payment.sandboxes import alipay_config, on_a_socket

pytestmark = pytest.mark.django_db


@pytest.fixture
def sandbox(tmp_path: Path, provider_key: RSA.RsaKey) -> Iterator[str]:
    config = alipay_config(tmp_path / "sandbox.sqlite3", provider_key)
    app = create_app(config, now=lambda: timezone.now().astimezone(BEIJING))
    with on_a_socket(app) as address:
        yield f"{address}/poll/query.do"


@pytest.fixture
def of_the_settings(sandbox: str, settings: Any) -> None:
    settings.TRACKING_GATEWAY = "sandbox"
    settings.TRACKING_SANDBOX = {**settings.TRACKING_SANDBOX, "url": sandbox}
    gateways.tracking.cache_clear()


def states(shipment: Shipment, later: Callable) -> list[str]:
    """What is told from question to question, until there is none any more."""
    told = []
    while shipment.next_query_at:
        later(shipment.next_query_at - timezone.now() + timedelta(seconds=1))
        assert refresh_tracking() == 1
        shipment.refresh_from_db()
        told.append(shipment.state)
        assert len(told) < 20
    return told


@pytest.mark.usefixtures("of_the_settings")
class TestStories:
    def test_from_the_shop_to_the_buyer(self, parcel: Callable, later: Callable) -> None:
        shipment = parcel(minutes=-1)
        assert states(shipment, later) == ["shipped", "moving", "delivering", "delivered"]
        texts = [event.description for event in shipment.events.all()]
        assert len(texts) == 5
        assert "已签收" in texts[0]
        assert "揽收" in texts[-1]

    def test_sent_back(self, parcel: Callable, later: Callable) -> None:
        told = states(parcel(minutes=-1, number="SF123456-RETURN"), later)
        assert (told[0], told[-1]) == ("shipped", "returned")
        assert "delivered" not in told

    def test_in_trouble(self, parcel: Callable, later: Callable) -> None:
        shipment = parcel(number="SF123456-TROUBLE")
        for _ in range(4):
            later(timedelta(minutes=4))
            refresh_tracking()
        shipment.refresh_from_db()
        assert (shipment.state, shipment.events.count()) == ("troubled", 4)
        assert shipment.next_query_at


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("SF123456-UNKNOWN", ParcelUnknown),
        ("SF123456-BUSY", TrackingUnanswered),
        ("SF123456-UNPAID", TrackingRefused),
        ("SF123456-HTML", TrackingUnanswered),
        ("SF123", ParcelUnknown),
        ("S" * 33, ParcelUnknown),
    ],
)
def test_misbehaving(sandbox: str, number: str, expected: type[NoNews]) -> None:
    gateway = Kuaidi100(url=sandbox, customer="sandbox", key="sandbox")
    with pytest.raises(NoNews) as raised:
        gateway.ask("shunfeng", number, phone="13812345678")
    assert type(raised.value) is expected


@pytest.mark.parametrize("wrong", [{"key": "other"}, {"customer": "other"}])
def test_a_signature_that_is_not_ours(sandbox: str, wrong: dict[str, str]) -> None:
    account = {"customer": "sandbox", "key": "sandbox", **wrong}
    with pytest.raises(TrackingRefused, match="503"):
        Kuaidi100(url=sandbox, **account).ask("jd", "JD123456", phone="")


def test_a_carrier_that_nobody_knows(sandbox: str) -> None:
    gateway = Kuaidi100(url=sandbox, customer="sandbox", key="sandbox")
    with pytest.raises(ParcelUnknown, match="400"):
        gateway.ask("某某", "JD123456", phone="")

"""Leading a buyer to pay: one open attempt per way, what the provider gave is kept, spent numbers are replaced."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.orders.models import OrderInfo
from apps.payment.exceptions import (
    BuyerDetailMissing,
    Misconfigured,
    OrderNotPayable,
    Rejected,
    Unknown,
    UnknownProduct,
    UnknownProvider,
)
from apps.payment.models import Payment
from apps.payment.services import Started, start_payment
from apps.users.models import User
from tests.payment.fake_gateway import Bank
from tests.world import unchanged

pytestmark = pytest.mark.django_db

SPENT = Rejected("403", "OUT_TRADE_NO_USED", "", is_number_spent=True)


@pytest.fixture
def start(buyer: User, order: OrderInfo, bank: Bank) -> Callable[..., Started]:
    def start(product: str = "page", **changed: str) -> Started:
        given = {"provider": "fake", "product": product} | changed
        return start_payment(buyer, order.pk, **given)

    return start


def test_an_address(start: Callable, order: OrderInfo, bank: Bank) -> None:
    started = start("page")
    assert (started.form, started.qr, started.params) == ("url", "", {})
    assert started.url == f"https://bank.example/pay?no={order.pk}01&amount=110.00"
    assert started.payment.expires_at == order.expires_at
    assert start("page").payment == started.payment
    assert bank.calls == []


@pytest.mark.parametrize(("product", "asked"), [("code", "qr"), ("app", "prepay")])
def test_what_the_provider_gave_is_given_again(
    start: Callable, bank: Bank, product: str, asked: str
) -> None:
    first, second = start(product), start(product)
    assert bank.calls == [asked]
    assert (first.qr, first.params) == (second.qr, second.params)
    kept = Payment.objects.get().code
    assert kept in {first.qr, first.params.get("prepay")}
    assert kept


def test_of_two_at_once_the_first_code_is_kept(start: Callable, bank: Bank) -> None:
    def another_request_is_faster(call: str) -> None:
        Payment.objects.update(code="bank://first")

    bank.hook = another_request_is_faster
    assert start("code").qr == "bank://first"


def test_each_way_to_pay_is_an_attempt_of_its_own(start: Callable, order: OrderInfo) -> None:
    for product in ("page", "code", "app"):
        start(product)
    numbers = sorted(order.payments.values_list("out_trade_no", flat=True))
    assert numbers == [f"{order.pk}01", f"{order.pk}02", f"{order.pk}03"]


@pytest.mark.parametrize("pay_method", [2, 3])
def test_any_provider_whatever_the_buyer_said_first(
    start: Callable, order: OrderInfo, pay_method: int
) -> None:
    OrderInfo.objects.update(pay_method=pay_method)
    assert start().url


@pytest.mark.parametrize(
    ("changed", "raised"),
    [
        ({"provider": "nobody"}, UnknownProvider),
        ({"provider": "cash"}, UnknownProvider),
        ({"product": "pigeon"}, UnknownProduct),
        ({"product": "person"}, BuyerDetailMissing),
    ],
)
def test_what_is_not_offered(start: Callable, changed: dict, raised: type[Exception]) -> None:
    with unchanged(), pytest.raises(raised):
        start(**changed)


def test_what_a_product_needs_is_handed_on(start: Callable) -> None:
    assert start("person", openid="o-1").params["openid"] == "o-1"


def test_what_was_given_for_one_person_is_not_handed_to_another(
    start: Callable, bank: Bank, order: OrderInfo
) -> None:
    first, other, again = (start("person", openid=openid) for openid in ("o-1", "o-2", "o-1"))
    assert bank.calls == ["prepay", "prepay"]
    assert first.params != other.params
    assert (again.payment, again.params) == (first.payment, first.params)
    opened = order.payments.order_by("pk").values_list("out_trade_no", "opened_for", "code")
    assert list(opened) == [
        (f"{order.pk}01", "o-1", "prepay-1"),
        (f"{order.pk}02", "o-2", "prepay-2"),
    ]


@pytest.mark.parametrize("product", ["page", "code", "app"])
def test_who_asks_is_no_matter_where_it_is_not_needed(start: Callable, product: str) -> None:
    first = start(product, openid="o-1").payment
    assert start(product, openid="o-2").payment == first
    assert first.opened_for == ""


@pytest.mark.parametrize(
    "state",
    [
        {"status": OrderInfo.Status.UNSEND},
        {"status": OrderInfo.Status.CANCELED},
        {"status": OrderInfo.Status.UNSEND, "pay_method": 1, "expires_at": None},
        {"pay_method": 1, "expires_at": None},
        {"expires_at": timezone.now()},
    ],
    ids=["paid", "canceled", "cash", "unpaid cash", "expired"],
)
def test_an_order_that_cannot_be_paid(start: Callable, bank: Bank, state: dict) -> None:
    OrderInfo.objects.update(**state)
    with unchanged(), pytest.raises(OrderNotPayable):
        start()
    assert bank.calls == []


def test_a_strangers_order(stranger: User, order: OrderInfo, bank: Bank) -> None:
    with unchanged(), pytest.raises(OrderNotPayable):
        start_payment(stranger, order.pk, provider="fake", product="page")


def test_a_spent_number_is_closed_and_replaced(
    start: Callable, bank: Bank, order: OrderInfo
) -> None:
    bank.after["qr"] = [SPENT]
    started = start("code")
    assert bank.calls == ["qr", "query", "close", "qr"]
    assert started.qr.startswith(f"bank://{order.pk}02")
    assert bank.trades[f"{order.pk}01"].status == "CLOSED"
    assert Payment.objects.get(out_trade_no=f"{order.pk}01").state == "closed"


@pytest.mark.parametrize(("product", "call"), [("code", "qr"), ("app", "prepay")])
def test_of_two_at_once_the_second_is_told_that_its_number_is_spent(
    start: Callable, bank: Bank, product: str, call: str
) -> None:
    """The first one's code is on the buyer's screen: it must stay good."""
    shown: list[Started] = []

    def another_request_is_faster(entered: str) -> None:
        bank.hook = lambda call: None
        shown.append(start(product))
        bank.before[call] = [SPENT]

    bank.hook = another_request_is_faster
    second = start(product)
    assert (second.qr, second.params) == (shown[0].qr, shown[0].params)
    attempt = Payment.objects.get()
    assert (attempt.state, attempt.is_closing) == ("pending", False)


def test_of_two_at_once_the_second_closes_before_the_first_has_kept_its_code(
    start: Callable, bank: Bank, order: OrderInfo
) -> None:
    """Nobody is shown the code of an attempt that is being closed."""

    def another_request_closes(call: str) -> None:
        bank.hook = lambda call: None
        Payment.objects.mark_closing(Payment.objects.get())

    bank.hook = another_request_closes
    assert start("code").payment.out_trade_no == f"{order.pk}02"


def test_a_spent_number_that_is_not_to_be_closed_is_watched_on(
    start: Callable, bank: Bank, order: OrderInfo
) -> None:
    bank.before["qr"] = [SPENT]
    assert start("code").payment.out_trade_no == f"{order.pk}02"
    spent = Payment.objects.get(out_trade_no=f"{order.pk}01")
    assert (spent.state, spent.is_closing) == ("pending", True)
    assert spent.next_query_at is not None


def test_a_second_spent_number_is_the_last(start: Callable, bank: Bank) -> None:
    bank.before["qr"] = [SPENT] * 2
    with pytest.raises(Rejected):
        start("code")
    assert bank.calls.count("qr") == 2


def test_what_the_provider_calls_paid_is_settled(
    start: Callable, bank: Bank, order: OrderInfo
) -> None:
    bank.hook = lambda call: bank.pay(f"{order.pk}01") if call == "qr" else None
    bank.before["qr"] = [SPENT]
    with pytest.raises(OrderNotPayable):
        start("code")
    order.refresh_from_db()
    assert order.status == OrderInfo.Status.UNSEND


@pytest.mark.parametrize(
    "fault", [Misconfigured("keys"), Unknown("time-out"), Rejected("403", "NO_AUTH", "")]
)
def test_a_provider_that_fails_leaves_the_order_as_it_was(
    start: Callable, bank: Bank, order: OrderInfo, fault: Exception
) -> None:
    bank.before["qr"] = [fault]
    with pytest.raises(type(fault)):
        start("code")
    order.refresh_from_db()
    assert order.status == OrderInfo.Status.UNPAID
    assert start("code").qr
    assert Payment.objects.count() == 1


def test_an_attempt_is_not_offered_once_it_is_to_be_closed(start: Callable) -> None:
    first = start().payment
    Payment.objects.mark_closing(first)
    assert start().payment != first


def test_an_order_is_payable_until_a_minute_before_its_end(
    start: Callable, order: OrderInfo, later: Callable
) -> None:
    later(order.expires_at - timezone.now() - timedelta(seconds=62))
    assert start().payment.expires_at == order.expires_at

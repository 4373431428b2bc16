"""Buyers and operators at the same moment: no unit is asked back twice, no request refunded twice."""

from decimal import Decimal
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import QuerySet

from apps.after_sales import services
from apps.after_sales.exceptions import AfterSaleNotPossible, WrongAfterSaleState
from apps.after_sales.models import AfterSale, AfterSalePicture
from apps.after_sales.models.after_sales import AfterSaleLineQuerySet, AfterSaleQuerySet
from apps.after_sales.services import deciding, pictures, requesting
from apps.core.uploads import UploadQuerySet
from apps.goods.models import StockMovement
from apps.orders.exceptions import HeldBack, WrongState
from apps.orders.models import Carrier, OrderInfo, Shipment, Status
from apps.orders.services import cancel_unshipped_order, ship_order, shipping
from apps.payment.exceptions import OrderNotPayable
from apps.payment.models import Payment, Refund
from apps.payment.services import cancel_own_order, settle_cash
from apps.users.models import User
from tests.after_sales.conftest import PATH, paid_order
from tests.conftest import logged_in
from tests.factories import OrderInfoFactory, UserFactory, picture
from tests.races.conftest import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def operator(db: None) -> User:
    return UserFactory(username="operator", is_staff=True, is_superuser=True)


@pytest.fixture
def order(buyer: User, operator: User) -> OrderInfo:
    return paid_order(buyer, operator)


def asked(order: OrderInfo, buyer: User, times: int) -> list[Any]:
    """Two of three units, so many times at once."""
    client, line = logged_in(buyer), order.skus.get(count=3)
    wanted: dict[str, Any] = {
        "order_id": order.pk,
        "kind": "return",
        "reason": "damaged",
        "lines": [{"line": line.pk, "count": 2}],
    }
    calls = [
        partial(client.post, PATH, wanted | {"words": f"{nth}"}, format="json")
        for nth in range(times)
    ]
    return together(*calls)


@pytest.fixture
def returned(order: OrderInfo, buyer: User) -> AfterSale:
    counts = {order.skus.get(count=3).pk: 2}
    return services.request_after_sale(
        order.pk, kind="return", reason="damaged", counts=counts, by=buyer
    )


def outcomes(results: list[Any]) -> list[str]:
    return sorted(type(each).__name__ for each in results)


def test_no_more_units_than_were_bought(order: OrderInfo, buyer: User) -> None:
    answers = asked(order, buyer, 8)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert AfterSale.objects.count() == 1


def test_a_double_click_asks_once(order: OrderInfo, buyer: User) -> None:
    client, line = logged_in(buyer), order.skus.get(count=3)
    lines = [{"line": line.pk, "count": 1}]
    wanted = {"order_id": order.pk, "kind": "return", "reason": "damaged", "lines": lines}
    answers = together(*[partial(client.post, PATH, wanted, format="json")] * 4)
    [asked] = AfterSale.objects.all()
    assert [(each.status_code, each.json()["id"]) for each in answers] == [(201, asked.pk)] * 4


def test_control_without_the_lock_both_see_the_units(
    order: OrderInfo, buyer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_looked, real, seen = Barrier(2), AfterSaleLineQuerySet.taken, []

    def meeting(self: AfterSaleLineQuerySet, order_id: str) -> dict[int, int]:
        taken = real(self, order_id)
        seen.append(taken)
        both_looked.wait(timeout=30)
        return taken

    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **kwargs: self)
    monkeypatch.setattr(AfterSaleLineQuerySet, "taken", meeting)
    answers = asked(order, buyer, 2)
    assert seen == [{}, {}], "this harness would not see two who ask for the same units"
    # Only the number of the request, which is unique, was in the way.
    assert any(isinstance(answer, Exception) for answer in answers)


def test_of_six_operators_one_takes_the_goods_in_and_one_refunds(
    returned: AfterSale, operator: User
) -> None:
    approve = partial(services.approve, returned.pk, by=operator)
    assert outcomes(together(*[approve] * 6)) == ["AfterSale"] + ["WrongAfterSaleState"] * 5
    sellable = {returned.lines.get().pk: 2}
    receive = partial(services.receive_goods, returned.pk, sellable=sellable, by=operator)
    assert outcomes(together(*[receive] * 6)) == ["AfterSale"] + ["WrongAfterSaleState"] * 5
    refund = partial(services.refund_approved, returned.pk, by=operator)
    assert outcomes(together(*[refund] * 6)) == ["AfterSale"] + ["WrongAfterSaleState"] * 5
    assert StockMovement.objects.get().change == 2
    assert Refund.objects.get().amount == Decimal("100.00")
    call_command("audit")


def test_withdrawn_while_it_is_approved(returned: AfterSale, operator: User, buyer: User) -> None:
    """Both may succeed, one after the other: a return that waits for its goods can be withdrawn."""
    approved, withdrawn = together(
        partial(services.approve, returned.pk, by=operator),
        partial(services.withdraw, returned.pk, by=buyer),
    )
    returned.refresh_from_db()
    assert isinstance(withdrawn, AfterSale)
    assert isinstance(approved, AfterSale | WrongAfterSaleState)
    assert returned.state == "withdrawn"


@pytest.fixture
def carrier(db: None) -> Carrier:
    return Carrier.objects.create(code="race", name="竞速快递")


@pytest.fixture
def waiting(buyer: User, operator: User) -> OrderInfo:
    """Paid, and to be shipped."""
    return paid_order(buyer, operator, Status.UNSEND)


@pytest.fixture
def cancellation(waiting: OrderInfo, buyer: User) -> AfterSale:
    return services.request_after_sale(waiting.pk, kind="cancel", reason="late", by=buyer)


@pytest.fixture
def money_only(order: OrderInfo, buyer: User) -> AfterSale:
    counts = {order.skus.get(count=3).pk: 1}
    return services.request_after_sale(
        order.pk, kind="refund", reason="damaged", counts=counts, by=buyer
    )


@pytest.fixture
def unguarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps as one writes them without thinking: looked at first, then written, whatever has happened since."""

    def write(self: Any, after_sale_id: int, state: str, **columns: Any) -> bool:
        return AfterSale.objects.filter(pk=after_sale_id).update(state=state, **columns) == 1

    monkeypatch.setattr(AfterSaleQuerySet, "_go", write)
    without_locks(monkeypatch)


def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **kwargs: self)


def meet_after(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, barrier: Barrier) -> None:
    """Let who has looked wait until the other one has looked as well."""
    real = getattr(where, name)

    def meeting(*args: Any, **kwargs: Any) -> Any:
        seen = real(*args, **kwargs)
        barrier.wait(timeout=30)
        return seen

    monkeypatch.setattr(where, name, meeting)


def ship(order: OrderInfo, carrier: Carrier, operator: User) -> Any:
    return partial(ship_order, order.pk, carrier=carrier, number="SF12345678", by=operator)


class TestTwoOperators:
    @pytest.mark.parametrize("kind", ["cancellation", "money_only"])
    def test_approve_one_request_once(
        self, kind: str, operator: User, request: pytest.FixtureRequest
    ) -> None:
        asked = request.getfixturevalue(kind)
        approve = partial(services.approve, asked.pk, by=operator)
        assert outcomes(together(*[approve] * 4)) == ["AfterSale"] + ["WrongAfterSaleState"] * 3
        asked.refresh_from_db()
        assert (asked.state, asked.refund) == ("refunded", Refund.objects.get())
        call_command("audit")  # the stock of a canceled order is back once

    def test_the_conditional_step_alone_decides(
        self, money_only: AfterSale, operator: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        without_locks(monkeypatch)
        meet_after(monkeypatch, deciding, "_granted", Barrier(2))
        approve = partial(services.approve, money_only.pk, by=operator)
        assert outcomes(together(approve, approve)) == ["AfterSale", "WrongAfterSaleState"]
        assert Refund.objects.count() == 1

    def test_control_unguarded_nobody_is_told(
        self,
        money_only: AfterSale,
        operator: User,
        unguarded: None,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        meet_after(monkeypatch, deciding, "_granted", Barrier(2))
        approve = partial(services.approve, money_only.pk, by=operator)
        # Only the unique key of the steps was in the way.
        assert outcomes(together(approve, approve)) == ["AfterSale", "IntegrityError"]

    def test_one_refunds_and_one_closes(self, returned: AfterSale, operator: User) -> None:
        services.approve(returned.pk, by=operator)
        sellable = {returned.lines.get().pk: 0}
        services.receive_goods(returned.pk, sellable=sellable, by=operator)
        refunded, settled = together(
            partial(services.refund_approved, returned.pk, by=operator),
            partial(services.settle_otherwise, returned.pk, by=operator, words="线下已退款"),
        )
        assert outcomes([refunded, settled]) == ["AfterSale", "WrongAfterSaleState"]
        assert Refund.objects.count() == isinstance(refunded, AfterSale)
        call_command("audit")


class TestWithdrawnWhileItIsRefunded:
    def test_one_of_them_is_told(self, money_only: AfterSale, operator: User, buyer: User) -> None:
        approved, withdrawn = together(
            partial(services.approve, money_only.pk, by=operator),
            partial(services.withdraw, money_only.pk, by=buyer),
        )
        assert outcomes([approved, withdrawn]) == ["AfterSale", "WrongAfterSaleState"]
        money_only.refresh_from_db()
        is_refunded = isinstance(approved, AfterSale)
        assert money_only.state == ("refunded" if is_refunded else "withdrawn")
        assert Refund.objects.count() == is_refunded
        call_command("audit")

    def test_control_unguarded_nobody_is_told(
        self,
        money_only: AfterSale,
        operator: User,
        buyer: User,
        unguarded: None,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        both = Barrier(2)
        meet_after(monkeypatch, deciding, "_granted", both)
        meet_after(monkeypatch, requesting, "lock", both)
        results = together(
            partial(services.approve, money_only.pk, by=operator),
            partial(services.withdraw, money_only.pk, by=buyer),
        )
        assert "WrongAfterSaleState" not in outcomes(results)


class TestAskedWhileItIsShipped:
    def test_one_of_them_is_told(self, buyer: User, operator: User, carrier: Carrier) -> None:
        for _ in range(5):
            order = paid_order(buyer, operator, Status.UNSEND)
            asked, shipped = together(
                partial(
                    services.request_after_sale, order.pk, kind="cancel", reason="late", by=buyer
                ),
                ship(order, carrier, operator),
            )
            if isinstance(shipped, Shipment):
                assert isinstance(asked, AfterSaleNotPossible)
            else:
                assert isinstance(shipped, HeldBack)
                assert isinstance(asked, AfterSale)
            order.refresh_from_db()
            assert (order.status == Status.UNRECEIVED) is isinstance(shipped, Shipment)

    def test_control_without_the_lock_neither_is_told(
        self,
        waiting: OrderInfo,
        buyer: User,
        operator: User,
        carrier: Carrier,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        both = Barrier(2)
        without_locks(monkeypatch)
        meet_after(monkeypatch, requesting, "_refuse_impossible", both)
        meet_after(monkeypatch, shipping, "holds", both)
        results = together(
            partial(
                services.request_after_sale, waiting.pk, kind="cancel", reason="late", by=buyer
            ),
            ship(waiting, carrier, operator),
        )
        assert outcomes(results) == ["AfterSale", "Shipment"]

    def test_no_granted_one_is_shipped(
        self, cancellation: AfterSale, waiting: OrderInfo, operator: User, carrier: Carrier
    ) -> None:
        canceled, shipped = together(
            partial(services.approve, cancellation.pk, by=operator),
            ship(waiting, carrier, operator),
        )
        assert isinstance(canceled, AfterSale)
        assert isinstance(shipped, HeldBack | WrongState)
        assert Refund.objects.get().amount == Decimal("200.00")
        call_command("audit")

    def test_rejected_in_this_moment(
        self, cancellation: AfterSale, waiting: OrderInfo, operator: User, carrier: Carrier
    ) -> None:
        rejected, shipped = together(
            partial(services.reject, cancellation.pk, by=operator, words="已打包"),
            ship(waiting, carrier, operator),
        )
        assert isinstance(rejected, AfterSale)
        assert isinstance(shipped, HeldBack | Shipment)
        call_command("audit")


class TestToBePaidAtTheDoor:
    @pytest.fixture
    def unpaid(self, buyer: User) -> OrderInfo:
        order: OrderInfo = OrderInfoFactory(user=buyer, status=Status.UNSEND, pay_method=1)
        return order

    def test_canceled_or_shipped(
        self, unpaid: OrderInfo, buyer: User, operator: User, carrier: Carrier
    ) -> None:
        results = together(
            *[partial(cancel_own_order, unpaid, by=buyer)] * 3, ship(unpaid, carrier, operator)
        )
        assert outcomes(results)[1:] == ["WrongState"] * 3
        unpaid.refresh_from_db()
        is_shipped = isinstance(results[3], Shipment)
        assert unpaid.status == (Status.UNRECEIVED if is_shipped else Status.CANCELED)
        call_command("audit")  # its stock is back once

    def test_canceled_or_booked(self, unpaid: OrderInfo, buyer: User, operator: User) -> None:
        canceled, booked = together(
            partial(cancel_own_order, unpaid, by=buyer),
            partial(settle_cash, unpaid.pk, by=operator),
        )
        if isinstance(booked, Payment):
            assert isinstance(canceled, WrongState)
        else:
            assert (canceled, type(booked)) == (None, OrderNotPayable)
        call_command("audit")

    def test_control_without_looking_again_it_is_canceled_and_booked(
        self, unpaid: OrderInfo, buyer: User, operator: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whether cash was booked is asked before anything is locked, as one writes it without thinking."""
        both = Barrier(2)
        without_locks(monkeypatch)

        def naive() -> None:
            is_booked = Payment.objects.filter(settles=unpaid).exists()
            both.wait(timeout=30)
            assert not is_booked
            with transaction.atomic():
                cancel_unshipped_order(unpaid.pk, by=buyer, reason="")

        def settle() -> Payment:
            payment = settle_cash(unpaid.pk, by=operator)
            both.wait(timeout=30)
            return payment

        canceled, booked = together(naive, settle)
        unpaid.refresh_from_db()
        assert (canceled, unpaid.status) == (None, Status.CANCELED)
        assert isinstance(booked, Payment)
        with pytest.raises(CommandError):
            call_command("audit")


class TestPictures:
    def add(self, returned: AfterSale, buyer: User) -> list[Any]:
        fours = [
            [AfterSalePicture.objects.create(user=buyer, image=picture()).pk for _ in range(4)]
            for _ in range(2)
        ]
        return together(*[partial(services.add_pictures, returned.pk, ids) for ids in fours])

    def test_no_more_than_six(self, returned: AfterSale, buyer: User) -> None:
        assert outcomes(self.add(returned, buyer)) == ["AfterSale", "TooManyPictures"]
        assert returned.pictures.count() == 4

    def test_control_without_the_lock_there_are_eight(
        self, returned: AfterSale, buyer: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        without_locks(monkeypatch)
        meet_after(monkeypatch, pictures, "lock", Barrier(2))
        both_counted, real = Barrier(2), UploadQuerySet.attach

        def late(self: Any, *args: Any, **kwargs: Any) -> bool:
            both_counted.wait(timeout=30)
            return real(self, *args, **kwargs)

        monkeypatch.setattr(UploadQuerySet, "attach", late)
        assert outcomes(self.add(returned, buyer)) == ["AfterSale", "AfterSale"]
        assert returned.pictures.count() == 8

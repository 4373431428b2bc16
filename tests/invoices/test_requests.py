"""A buyer asks for an order's invoice."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from apps.invoices.models import Invoice, InvoiceTitle
from apps.orders.models import OrderInfo
from apps.payment.services import cancel_paid_order
from apps.users.models import User
from tests.conftest import logged_in
from tests.factories import OrderInfoFactory
from tests.invoices.conftest import NUMBER, TAX_NUMBER, paid_order
from tests.world import unchanged

pytestmark = pytest.mark.django_db

Status = OrderInfo.Status


def path(order: OrderInfo) -> str:
    return f"/api/v1/orders/{order.pk}/invoice/"


def steps(invoice: Invoice) -> list[tuple]:
    return list(invoice.events.values_list("kind", "by__username", "note"))


def test_an_invoice_is_asked_for(ask: Callable, shop: APIClient, order: OrderInfo) -> None:
    answer = ask(email="wang@example.com")
    invoice = Invoice.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "id": invoice.pk,
        "kind": "blue",
        "state": "requested",
        "original": None,
        "title_kind": "company",
        "name": "示例（北京）公司",
        "tax_number": TAX_NUMBER,
        "bank": "",
        "account": "",
        "address": "",
        "phone": "",
        "email": "wang@example.com",
        "amount": "100.00",
        "code": "",
        "number": None,
        "issued_at": None,
        "create_time": answer.json()["create_time"],
        "pdf_url": None,
    }
    assert shop.get(path(order)).json() == {
        "order_id": order.pk,
        "invoice": answer.json(),
        "invoices": [answer.json()],
    }
    assert steps(invoice) == [("requested", "buyer", "100.00")]


def test_before_there_is_none(shop: APIClient, order: OrderInfo) -> None:
    assert shop.get(path(order)).json() == {"order_id": order.pk, "invoice": None, "invoices": []}


def test_asked_again_it_is_the_same(ask: Callable) -> None:
    first = ask()
    with unchanged():
        again = ask()
    assert (again.status_code, again.json()) == (200, first.json())


def test_with_another_title_it_is_changed(ask: Callable, buyer: User) -> None:
    first = ask().json()["id"]
    other = InvoiceTitle.objects.create(user=buyer, kind="personal", name="王小美")
    answer = ask(title=other.pk, email="a@example.com")
    assert (answer.status_code, answer.json()["id"]) == (200, first)
    assert (answer.json()["name"], answer.json()["tax_number"]) == ("王小美", "")
    assert answer.json()["email"] == "a@example.com"
    assert steps(Invoice.objects.get())[1:] == [("changed", "buyer", "王小美")]


def test_what_is_written_stays_when_the_title_changes(
    ask: Callable, shop: APIClient, order: OrderInfo, title: InvoiceTitle
) -> None:
    ask()
    InvoiceTitle.objects.update(name="另一个名字")
    shop.delete(f"/api/v1/invoice_titles/{title.pk}/")
    assert shop.get(path(order)).json()["invoice"]["name"] == "示例（北京）公司"


def test_once_it_is_issued_it_is_final(
    ask: Callable, requested: Invoice, issue: Callable, buyer: User, shop: APIClient
) -> None:
    issue(requested)
    assert ask().json()["number"] == NUMBER
    other = InvoiceTitle.objects.create(user=buyer, kind="personal", name="王小美")
    with unchanged():
        answer = ask(title=other.pk)
        withdrawn = shop.delete(path(requested.order))
    for refused in (answer, withdrawn):
        assert (refused.status_code, refused.json()["code"]) == (409, "invoice_already_issued")
        assert (refused.json()["state"], refused.json()["number"]) == ("issued", NUMBER)


def test_it_is_taken_back(ask: Callable, requested: Invoice, shop: APIClient) -> None:
    assert shop.delete(path(requested.order)).status_code == 204
    requested.refresh_from_db()
    assert (requested.state, requested.live_of) == ("canceled", None)
    assert steps(requested)[1:] == [("canceled", "buyer", "")]
    with unchanged():
        assert shop.delete(path(requested.order)).status_code == 404
    assert ask().status_code == 201
    assert [each["state"] for each in shop.get(path(requested.order)).json()["invoices"]] == [
        "requested",
        "canceled",
    ]


def test_what_went_back_before_is_not_in_it(ask: Callable, give_back: Callable) -> None:
    give_back("30.01")
    assert ask().json()["amount"] == "69.99"


@pytest.mark.parametrize(
    "status", [Status.UNSEND, Status.UNRECEIVED, Status.UNCOMMENT, Status.FINISHED]
)
def test_from_payment_to_the_end(
    status: int, buyer: User, operator: User, title: InvoiceTitle, shop: APIClient
) -> None:
    order = paid_order(buyer, operator, status=status)
    assert shop.post(path(order), {"title": title.pk}).status_code == 201


@pytest.mark.parametrize(
    ("status", "reason"),
    [(Status.UNPAID, "unpaid"), (Status.UNRECEIVED, "unpaid"), (Status.CANCELED, "canceled")],
)
def test_nothing_is_invoiced_before_the_money_is_there(
    status: int, reason: str, buyer: User, title: InvoiceTitle, shop: APIClient
) -> None:
    order = OrderInfoFactory(user=buyer, status=status)
    with unchanged():
        answer = shop.post(path(order), {"title": title.pk})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_invoiceable")
    assert (answer.json()["reason"], answer.json()["order_status"]) == (reason, status)


def test_nor_when_all_of_it_went_back(ask: Callable, give_back: Callable) -> None:
    give_back("100.00")
    with unchanged():
        answer = ask()
    assert (answer.status_code, answer.json()["reason"]) == (409, "refunded")


def test_nor_asked_for_again_before_the_job_has_seen_it(
    ask: Callable, requested: Invoice, give_back: Callable
) -> None:
    give_back("100.00")
    with unchanged():
        answer = ask(email="a@example.com")
    assert (answer.status_code, answer.json()["reason"]) == (409, "refunded")
    OrderInfo.objects.update(status=Status.CANCELED)
    assert ask().json()["reason"] == "canceled"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": None}, "title"),
        ({"title": 0}, "title"),
        ({"title": "x"}, "title"),
        ({"title": 10**30}, "title"),
        ({"title": True}, "title"),
        ({"email": "nobody"}, "email"),
        ({"email": "a" * 100 + "@example.com"}, "email"),
    ],
)
def test_bad_input(changed: dict[str, Any], field: str, ask: Callable) -> None:
    with unchanged():
        answer = ask(**changed)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_anothers_title_does_not_exist(ask: Callable, stranger: User) -> None:
    theirs = InvoiceTitle.objects.create(user=stranger, kind="personal", name="别人")
    with unchanged():
        assert list(ask(title=theirs.pk).json()["errors"]) == ["title"]


def test_anothers_order_does_not_exist(
    requested: Invoice, stranger: User, title: InvoiceTitle
) -> None:
    client = logged_in(stranger)
    with unchanged():
        for answer in (
            client.get(path(requested.order)),
            client.post(path(requested.order), {"title": title.pk}),
            client.delete(path(requested.order)),
            client.get("/api/v1/orders/00000/invoice/"),
        ):
            assert answer.status_code == 404


class TestRefundsBeforeItIsIssued:
    def test_it_is_about_less(self, requested: Invoice, give_back: Callable) -> None:
        give_back("30.00")
        call_command("request_red_letters")
        requested.refresh_from_db()
        assert (requested.state, requested.amount) == ("requested", Decimal("70.00"))
        assert steps(requested)[1:] == [("changed", None, "100.00 → 70.00")]
        with unchanged():
            call_command("request_red_letters")

    def test_of_all_of_it(self, requested: Invoice, give_back: Callable) -> None:
        give_back("100.00")
        call_command("request_red_letters")
        requested.refresh_from_db()
        assert (requested.state, requested.live_of) == ("canceled", None)
        assert steps(requested)[1:] == [("canceled", None, "")]
        assert Invoice.objects.count() == 1

    def test_of_a_canceled_order(
        self, buyer: User, operator: User, title: InvoiceTitle, shop: APIClient
    ) -> None:
        order = paid_order(buyer, operator, status=Status.UNSEND)
        shop.post(path(order), {"title": title.pk})
        cancel_paid_order(order.pk, by=operator, reason="缺货")
        call_command("request_red_letters")
        assert Invoice.objects.get().state == "canceled"

    def test_money_on_its_way_back_has_not_arrived(
        self, requested: Invoice, give_back: Callable
    ) -> None:
        refund = give_back("30.00")
        refund.state = "processing"
        refund.save()
        with unchanged():
            call_command("request_red_letters")


def test_statements(
    ask: Callable,
    django_assert_num_queries: Any,
    shop: APIClient,
    order: OrderInfo,
    give_back: Callable,
) -> None:
    """However many refunds there were. Four are authentication, the title's, and SAVEPOINT and RELEASE."""
    for _ in range(3):
        give_back("1.00")
    with django_assert_num_queries(11):
        ask()
    with django_assert_num_queries(3):
        shop.get(path(order))

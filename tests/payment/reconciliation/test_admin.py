"""The desk of whoever works differences off."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils.formats import date_format

from apps.payment.exceptions import Misconfigured
from apps.payment.gateways import gateway
from apps.payment.models import Difference, Payment, Statement
from apps.payment.services.reconciliation import reconcile
from apps.users.models import User
from tests.factories import UserFactory
from tests.payment.reconciliation.fake import DAY, FakeGateway, noon, paid_line, payment_of
from tests.world import unchanged

pytestmark = pytest.mark.django_db

DIFFERENCES = "/admin/payment/difference/"
STATEMENTS = "/admin/payment/statement/"


@pytest.fixture
def clock() -> None:
    """The real one: sessions and their cookies look at it."""


@pytest.fixture
def payment(buyer: User) -> Payment:
    return payment_of(buyer, "P1", paid_at=noon())


@pytest.fixture
def statement(fake: FakeGateway, payment: Payment) -> Statement:
    """With two rows that nobody here knows, and a fee that is not as agreed."""
    fake.bills[DAY] = [
        paid_line(payment, fee=Decimal("9.00")),
        paid_line(payment, out_trade_no="X1"),
        paid_line(payment, out_trade_no="X2"),
    ]
    return reconcile("fake", DAY)


def desk(*rights: str) -> Client:
    """Somebody of the staff with these rights."""
    person = UserFactory(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(person)
    client.person = person  # type: ignore[attr-defined]
    return client


def page_of(difference: Difference) -> str:
    return f"{DIFFERENCES}{difference.pk}/change/"


class TestStatement:
    def test_the_report_shows_both_sides(self, statement: Statement) -> None:
        answer = desk("view_statement", "view_amounts").get(f"{STATEMENTS}{statement.pk}/change/")
        html = answer.content.decode()
        assert "<td>3 / 330.00</td><td>1 / 110.00</td>" in html
        assert "<td>10.32</td><td>1.98</td>" in html
        assert html.count(f'href="{DIFFERENCES}') >= 4
        for difference in statement.differences.all():
            assert f'href="{page_of(difference)}"' in html
        assert f'href="/admin/payment/statementline/?statement__id__exact={statement.pk}"' in html

    def test_its_links_lead_to_its_rows(self, statement: Statement, operator: Client) -> None:
        other = Statement.objects.create(provider="fake", account="2", day=DAY)
        other.lines.create(
            position=1, kind="payment", out_trade_no="O1", amount=1, fee=0, at=noon()
        )
        query = f"?statement__id__exact={statement.pk}"
        lines = operator.get(f"/admin/payment/statementline/{query}").context["cl"]
        assert {line.out_trade_no for line in lines.result_list} == {"P1", "X1", "X2"}
        differences = operator.get(f"{DIFFERENCES}{query}").context["cl"]
        assert len(differences.result_list) == 3

    def test_the_list_shows_what_is_left_to_do(
        self, statement: Statement, operator: Client
    ) -> None:
        statement.differences.filter(type="fee").update(state="worked_off")
        (row,) = operator.get(STATEMENTS).context["cl"].result_list
        assert row.unsettled == 2
        assert date_format(DAY, "Y-m-d") in operator.get(STATEMENTS).content.decode()

    @pytest.mark.parametrize(("rights", "runs"), [(["view"], 1), (["view", "change"], 2)])
    def test_who_may_change_it_may_reconcile_again(
        self, statement: Statement, rights: list[str], runs: int
    ) -> None:
        client = desk(*(f"{right}_statement" for right in rights))
        again = {"action": "reconcile_again", "_selected_action": [statement.pk]}
        client.post(STATEMENTS, again)
        statement.refresh_from_db()
        assert statement.tries == runs
        assert LogEntry.objects.count() == runs - 1

    def test_open_differences_are_warned_of(self, statement: Statement, operator: Client) -> None:
        again = {"action": "reconcile_again", "_selected_action": [statement.pk]}
        (said,) = operator.post(STATEMENTS, again, follow=True).context["messages"]
        assert (said.level_tag, said.message) == ("warning", f"Fake {DAY}：待处理差异 3 项")

    def test_a_bill_that_cannot_be_had_is_said(
        self, statement: Statement, fake: FakeGateway, operator: Client
    ) -> None:
        del fake.bills[DAY]
        again = {"action": "reconcile_again", "_selected_action": [statement.pk]}
        html = operator.post(STATEMENTS, again, follow=True).content.decode()
        assert "BillNotReady: no bill of 2026-11-22" in html

    def test_settings_that_do_not_read_are_said(
        self, statement: Statement, operator: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unreadable() -> FakeGateway:
            raise Misconfigured("no such key")

        monkeypatch.setattr(FakeGateway, "from_settings", unreadable)
        gateway.cache_clear()
        again = {"action": "reconcile_again", "_selected_action": [statement.pk]}
        with unchanged():
            html = operator.post(STATEMENTS, again, follow=True).content.decode()
        assert "我方配置与支付渠道不符：no such key" in html

    def test_nobody_changes_or_removes_it(self, statement: Statement, operator: Client) -> None:
        with unchanged():
            page = f"{STATEMENTS}{statement.pk}/change/"
            assert operator.post(page, {"state": "waiting"}).status_code == 403
            assert operator.post(f"{STATEMENTS}{statement.pk}/delete/").status_code == 403


class TestWorkingOff:
    @pytest.fixture
    def difference(self, statement: Statement) -> Difference:
        return statement.differences.get(type="fee")

    def test_one_by_its_page(self, difference: Difference) -> None:
        client = desk("view_difference", "change_difference")
        answer = client.post(page_of(difference), {"note": "费率已更正", "state": "resolved"})
        assert answer.status_code == 302
        difference.refresh_from_db()
        assert (difference.state, difference.note) == ("worked_off", "费率已更正")
        assert difference.worked_off_by == client.person
        assert difference.worked_off_at is not None
        assert LogEntry.objects.get().user == client.person

    def test_many_with_one_note(self, difference: Difference) -> None:
        client = desk("view_difference", "change_difference")
        both = Difference.objects.filter(type="provider_only")
        chosen = {
            "action": "work_off",
            "note": "另一系统的订单",
            "_selected_action": [d.pk for d in both],
        }
        client.post(DIFFERENCES, chosen)
        assert {(each.state, each.note, each.worked_off_by) for each in both.all()} == {
            ("worked_off", "另一系统的订单", client.person)
        }
        difference.refresh_from_db()
        assert difference.state == "open"
        assert LogEntry.objects.count() == 2

    @pytest.mark.parametrize("note", ["", "   "])
    def test_not_without_a_note(self, difference: Difference, note: str) -> None:
        client = desk("view_difference", "change_difference")
        with unchanged():
            assert client.post(page_of(difference), {"note": note}).status_code == 200
            chosen = {"action": "work_off", "note": note, "_selected_action": [difference.pk]}
            client.post(DIFFERENCES, chosen)

    def test_not_by_who_may_only_look(self, difference: Difference) -> None:
        client = desk("view_difference")
        with unchanged():
            assert client.post(page_of(difference), {"note": "x"}).status_code == 403
            chosen = {"action": "work_off", "note": "x", "_selected_action": [difference.pk]}
            client.post(DIFFERENCES, chosen)

    def test_not_twice(self, difference: Difference) -> None:
        client = desk("view_difference", "change_difference")
        client.post(page_of(difference), {"note": "费率已更正"})
        difference.refresh_from_db()
        client.post(page_of(difference), {"note": "再来一次"})
        chosen = {"action": "work_off", "note": "再来一次", "_selected_action": [difference.pk]}
        client.post(DIFFERENCES, chosen)
        note, at = difference.note, difference.worked_off_at
        difference.refresh_from_db()
        assert (difference.note, difference.worked_off_at) == (note, at)

    def test_its_page_has_buttons_until_then(self, difference: Difference) -> None:
        client, button = desk("view_difference", "change_difference"), 'name="_save"'
        html = client.get(page_of(difference)).content.decode()
        assert button in html
        assert "处理完毕" in html
        client.post(page_of(difference), {"note": "费率已更正"})
        html = client.get(page_of(difference)).content.decode()
        assert button not in html
        assert "费率已更正" in html

    def test_not_what_was_settled_while_the_page_was_open(
        self, difference: Difference, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Another operator saves between the reading of the row and the saving."""
        real: Callable = Difference.objects.unsettled().__class__.unsettled
        theirs = {"state": "worked_off", "note": "早一步"}

        def overtaken(self: object) -> object:
            Difference.objects.filter(pk=difference.pk).update(**theirs)
            return real(self)

        monkeypatch.setattr(type(Difference.objects.all()), "unsettled", overtaken)
        client = desk("view_difference", "change_difference")
        assert client.post(page_of(difference), {"note": "晚一步"}).status_code == 200
        difference.refresh_from_db()
        assert difference.note == "早一步"


@pytest.fixture
def operator(db: None) -> Client:
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client

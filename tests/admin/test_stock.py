"""Counting, writing off, and what runs out, as a storekeeper does it."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db.models import F
from django.test import Client

from apps.goods.models import SKU, StockMovement
from apps.goods.services import receive_stock
from apps.users.models import User
from tests.admin.forms import cells, change_page, errors, filled, save, send
from tests.factories import SKUFactory
from tests.world import unchanged

pytestmark = pytest.mark.django_db

RECEIVE = "/admin/goods/stockmovement/add/"
CORRECT = "/admin/goods/stockmovement/correct/"
LOW = "/admin/goods/sku/low/"


def sell(sku: SKU, count: int) -> None:
    SKU.objects.filter(pk=sku.pk).update(stock=F("stock") - count, sales=F("sales") + count)


def correction(sku: SKU) -> str:
    return f"{CORRECT}?sku={sku.pk}"


class TestCorrecting:
    def test_first_the_sku_is_chosen(self, desk: Client) -> None:
        sku = SKUFactory()
        assert list(desk.get(CORRECT).context["adminform"].form.fields) == ["sku"]
        answer = desk.post(CORRECT, {"sku": sku.pk})
        assert (answer.status_code, answer["Location"]) == (302, correction(sku))
        for nonsense in ("", "x", "9" * 30, "0"):
            assert desk.get(f"{CORRECT}?sku={nonsense}").status_code == 200

    def test_what_was_counted_becomes_the_stock(self, desk: Client, operator: User) -> None:
        sku = SKUFactory(stock=10)
        assert "10" in str(desk.get(correction(sku)).context["adminform"].form["counted"].help_text)
        save(desk, correction(sku), counted=7, note="盘点")
        moved = StockMovement.objects.get()
        assert (moved.change, moved.stock_after, moved.reason) == (-3, 7, "correction")
        assert (moved.note, moved.author) == ("盘点", operator)
        assert SKU.objects.get().stock == 7

    def test_sales_since_the_look_stay_sold(self, desk: Client) -> None:
        sku = SKUFactory(stock=10)
        form = filled(desk.get(correction(sku)))
        sell(sku, 4)
        assert desk.post(correction(sku), {**form, "counted": 12}).status_code == 302
        sku.refresh_from_db()
        assert (sku.stock, sku.sales) == (8, 4)

    def test_more_sold_than_was_counted_is_shown_anew(self, desk: Client) -> None:
        sku = SKUFactory(stock=10)
        form = filled(desk.get(correction(sku)))
        sell(sku, 9)
        with unchanged():
            answer = desk.post(correction(sku), {**form, "counted": 5, "note": "盘点"})
        assert answer.status_code == 200
        (message,) = answer.context["messages"]
        assert str(message) == "您查看之后库存有变动，请按现在显示的数字重新盘点。"
        shown = filled(answer)
        assert (shown["seen"], shown["note"]) == (1, "盘点")

    def test_sent_twice_it_is_booked_once(self, desk: Client) -> None:
        sku = SKUFactory(stock=10)
        form = {**filled(desk.get(correction(sku))), "counted": 8}
        assert desk.post(correction(sku), form).status_code == 302
        with unchanged():
            assert desk.post(correction(sku), form).status_code == 200
        assert SKU.objects.get().stock == 8

    def test_goods_received_since_the_look_are_counted_again(
        self, desk: Client, operator: User
    ) -> None:
        sku = SKUFactory(stock=10)
        form = {**filled(desk.get(correction(sku))), "counted": 8}
        receive_stock(sku.pk, 5, author=operator)
        with unchanged():
            assert desk.post(correction(sku), form).status_code == 200
        save(desk, correction(sku), counted=13)
        assert SKU.objects.get().stock == 13

    def test_as_many_as_there_were_before_somebody_corrected_them(self, desk: Client) -> None:
        sku = SKUFactory(stock=10)
        form = {**filled(desk.get(correction(sku))), "counted": 10}
        save(desk, correction(sku), counted=8)
        with unchanged():
            *_first, message = desk.post(correction(sku), form).context["messages"]
        assert str(message) == "您查看之后库存有变动，请按现在显示的数字重新盘点。"

    @pytest.mark.parametrize("counted", ["", "-1", "1.5", "10", "1000000001"])
    def test_no_number_or_no_difference(self, counted: str, desk: Client) -> None:
        sku = SKUFactory(stock=10)
        with unchanged():
            assert errors(desk, correction(sku), counted=counted)

    @pytest.mark.parametrize("name", ["seen", "last_movement", "sku"])
    def test_without_what_was_seen_nothing_is_booked(self, name: str, desk: Client) -> None:
        sku = SKUFactory(stock=10)
        form = {**filled(desk.get(correction(sku))), "counted": 8}
        for broken in ("", "x", "99999999999999999999"):
            with unchanged():
                assert desk.post(correction(sku), {**form, name: broken}).status_code == 200


def test_a_receipt_sent_twice_is_booked_once(desk: Client) -> None:
    sku = SKUFactory(stock=10)
    form = {**filled(desk.get(f"{RECEIVE}?sku={sku.pk}")), "change": 5}
    assert desk.post(RECEIVE, form).status_code == 302
    with unchanged():
        answer = desk.post(RECEIVE, form)
    *_first, message = answer.context["messages"]
    assert str(message) == "重复提交：只入账了一次。"
    assert SKU.objects.get().stock == 15
    save(desk, RECEIVE, sku=sku.pk, change=5)
    assert SKU.objects.get().stock == 20
    call_command("audit")


def test_from_the_sku_one_gets_to_its_movements(desk: Client) -> None:
    sku = SKUFactory()
    page = desk.get(change_page(sku)).content.decode()
    listed = desk.get("/admin/goods/sku/").content.decode()
    for html in (page, listed):
        assert f'href="{RECEIVE}?sku={sku.pk}"' in html
        assert f'href="{correction(sku)}"' in html
    assert filled(desk.get(f"{RECEIVE}?sku={sku.pk}"))["sku"] == str(sku.pk)


def test_a_movement_says_what_was_left(desk: Client, operator: User) -> None:
    receive_stock(SKUFactory(stock=10).pk, 5, author=operator)
    answer = desk.get("/admin/goods/stockmovement/")
    assert cells(answer, "stock_after") == ["15"]
    assert desk.get(change_page(StockMovement.objects.get())).status_code == 200


class TestWhatRunsOut:
    def test_its_page_has_the_lowest_first(self, desk: Client) -> None:
        three, none = SKUFactory(stock=3), SKUFactory(stock=0)
        SKUFactory(stock=0, is_launched=False)
        own = SKUFactory(stock=50, low_stock_at=50)
        SKUFactory(stock=3, low_stock_at=2)
        SKUFactory(stock=11)
        answer = desk.get(LOW)
        assert [sku for sku, _links in answer.context["skus"]] == [none, three, own]
        assert answer.context["count"] == "3"
        html = answer.content.decode()
        assert re.findall(r'sku/(\d+)/change/">\d', html) == [
            str(it.pk) for it in (none, three, own)
        ]
        listed = desk.get("/admin/goods/sku/?low=1").context["cl"].result_list
        assert {sku.pk for sku in listed} == {none.pk, three.pk, own.pk}

    def test_a_threshold_is_set_on_the_page_of_the_sku(self, desk: Client) -> None:
        sku = SKUFactory(stock=20)
        save(desk, change_page(sku), low_stock_at=20)
        assert len(desk.get(LOW).context["skus"]) == 1
        save(desk, change_page(sku), low_stock_at="")
        assert desk.get(LOW).context["skus"] == []


class TestRights:
    @pytest.fixture
    def storekeeper(self, buyer: User) -> Client:
        buyer.is_staff = True
        buyer.save()
        names = ["view_sku", "add_stockmovement", "view_stockmovement"]
        buyer.user_permissions.add(*Permission.objects.filter(codename__in=names))
        client = Client()
        client.force_login(buyer)
        return client

    def test_who_moves_stock_changes_no_prices_and_sees_no_costs(self, storekeeper: Client) -> None:
        sku = SKUFactory(cost_price="31.41")
        save(storekeeper, RECEIVE, sku=sku.pk, change=5)
        save(storekeeper, correction(sku), counted=9)
        assert SKU.objects.get().stock == 9
        page = storekeeper.get(change_page(sku)).content.decode()
        assert "31.41" not in page
        assert "售价" in page
        with unchanged():
            assert storekeeper.post(change_page(sku), {"price": "1.00"}).status_code == 403

    @pytest.mark.parametrize("page", [CORRECT, RECEIVE, "/admin/goods/sku/sheet/", LOW])
    def test_who_may_nothing_gets_nowhere(self, page: str, buyer: User) -> None:
        buyer.is_staff = True
        buyer.save()
        client = Client()
        client.force_login(buyer)
        sku = SKUFactory()
        with unchanged():
            assert client.get(f"{page}?sku={sku.pk}").status_code == 403
            assert client.post(f"{page}?sku={sku.pk}", {"sku": sku.pk}).status_code == 403

    def test_who_sees_no_costs_adds_a_sku_without(self, storekeeper: Client, buyer: User) -> None:
        names = ["add_sku", "change_sku", "view_goods"]
        buyer.user_permissions.add(*Permission.objects.filter(codename__in=names))
        goods = SKUFactory().goods
        fields = {"name": "新", "goods": goods.pk, "price": 2, "market_price": 3, "stock": 1}
        answer = send(storekeeper, "/admin/goods/sku/add/", **fields, cost_price=5)
        assert answer.status_code == 302
        assert SKU.objects.latest("pk").cost_price == 0

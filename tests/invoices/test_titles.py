"""The buyer's book of invoice titles."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.invoices.models import InvoiceTitle
from apps.users.models import User
from tests.conftest import logged_in
from tests.invoices.conftest import TAX_NUMBER, TITLES, tax_number
from tests.world import unchanged

pytestmark = pytest.mark.django_db

COMPANY = {"kind": "company", "name": "示例（北京）公司", "tax_number": TAX_NUMBER}
PERSON = {"kind": "personal", "name": "王小美"}
BLANK = {"tax_number": "", "bank": "", "account": "", "address": "", "phone": ""}


def test_a_company_and_a_person(shop: APIClient) -> None:
    company = shop.post(TITLES, COMPANY)
    person = shop.post(TITLES, PERSON)
    assert (company.status_code, person.status_code) == (201, 201)
    ids = InvoiceTitle.objects.order_by("pk").values_list("pk", flat=True)
    assert company.json() == BLANK | COMPANY | {"id": ids[0], "is_default": False}
    assert person.json() == BLANK | PERSON | {"id": ids[1], "is_default": False}
    book = shop.get(TITLES).json()
    assert book == {"limit": 20, "titles": [person.json(), company.json()]}


def test_everything_is_kept_as_it_is_printed(shop: APIClient) -> None:
    written = {
        "name": "  示例（北京）   公司 ",
        "tax_number": "９１３５０１００ m000100y43",
        "bank": "中国银行　示例支行",
        "account": "６２１７ 0000-1234 5678",
        "address": "北京市东城区和平路1号",
        "phone": "０１０-12345678",
    }
    kept = shop.post(TITLES, COMPANY | written).json()
    assert {name: kept[name] for name in written} == {
        "name": "示例（北京） 公司",
        "tax_number": TAX_NUMBER,
        "bank": "中国银行 示例支行",
        "account": "6217000012345678",
        "address": "北京市东城区和平路1号",
        "phone": "010-12345678",
    }


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": "special"}, "kind"),
        ({"kind": None}, "kind"),
        ({"name": ""}, "name"),
        ({"name": "　 "}, "name"),
        ({"name": "名" * 101}, "name"),
        ({"name": "示例\u202e公司"}, "name"),
        ({"name": "示例\u200b公司"}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "a\x1bb"}, "name"),
        ({"name": ["a"]}, "name"),
        ({"tax_number": ""}, "tax_number"),
        ({"tax_number": TAX_NUMBER[:-1] + "4"}, "tax_number"),
        ({"tax_number": "9" * 400}, "tax_number"),
        ({"tax_number": {}}, "tax_number"),
        ({"bank": "行" * 101}, "bank"),
        ({"account": "12345"}, "account"),
        ({"account": "=1+1"}, "account"),
        ({"account": "1" * 31}, "account"),
        ({"phone": "call me"}, "phone"),
        ({"phone": "\u202e123456"}, "phone"),
        ({"address": "址" * 201}, "address"),
    ],
)
def test_what_cannot_be_printed_is_refused(
    changed: dict[str, Any], field: str, shop: APIClient
) -> None:
    with unchanged():
        answer = shop.post(TITLES, COMPANY | changed)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_a_person_has_no_tax_number(shop: APIClient) -> None:
    with unchanged():
        answer = shop.post(TITLES, PERSON | {"tax_number": TAX_NUMBER})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["tax_number"])


def test_a_title_is_replaced_as_a_whole(shop: APIClient, title: InvoiceTitle) -> None:
    InvoiceTitle.objects.update(bank="示例银行")
    answer = shop.put(f"{TITLES}{title.pk}/", PERSON)
    assert answer.status_code == 200
    assert answer.json() == BLANK | PERSON | {"id": title.pk, "is_default": False}
    title.refresh_from_db()
    assert (title.kind, title.name, title.tax_number, title.bank) == ("personal", "王小美", "", "")


def test_one_is_the_default(shop: APIClient, title: InvoiceTitle) -> None:
    other = shop.post(TITLES, PERSON).json()["id"]
    for chosen in (title.pk, other, other):
        assert shop.put(f"{TITLES}{chosen}/default/").json() == {"message": "OK"}
        defaults = [each["id"] for each in shop.get(TITLES).json()["titles"] if each["is_default"]]
        assert defaults == [chosen]


def test_a_deleted_one_is_gone_and_no_default(shop: APIClient, title: InvoiceTitle) -> None:
    shop.put(f"{TITLES}{title.pk}/default/")
    assert shop.delete(f"{TITLES}{title.pk}/").status_code == 204
    assert shop.get(TITLES).json()["titles"] == []
    title.refresh_from_db()
    assert (title.is_deleted, title.default_of) == (True, None)
    with unchanged():
        assert shop.delete(f"{TITLES}{title.pk}/").status_code == 404
        assert shop.put(f"{TITLES}{title.pk}/", PERSON).status_code == 404
        assert shop.put(f"{TITLES}{title.pk}/default/").status_code == 404


def test_there_is_an_end_to_them(
    shop: APIClient, title: InvoiceTitle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(InvoiceTitle, "LIMIT", 2)
    assert shop.post(TITLES, PERSON).status_code == 201
    with unchanged():
        answer = shop.post(TITLES, PERSON)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_invoice_titles")
    assert answer.json()["limit"] == 2
    shop.delete(f"{TITLES}{title.pk}/")
    assert shop.post(TITLES, PERSON).status_code == 201


def test_a_stranger_finds_none_of_them(title: InvoiceTitle, stranger: User) -> None:
    client = logged_in(stranger)
    assert client.get(TITLES).json()["titles"] == []
    with unchanged():
        for answer in (
            client.put(f"{TITLES}{title.pk}/", PERSON),
            client.delete(f"{TITLES}{title.pk}/"),
            client.put(f"{TITLES}{title.pk}/default/"),
        ):
            assert answer.status_code == 404


@pytest.mark.parametrize("number", ["0", "99999999999999999999999", "-1", "x", "1.5"])
def test_hostile_ids(number: str, shop: APIClient, title: InvoiceTitle) -> None:
    assert shop.put(f"{TITLES}{number}/", PERSON).status_code == 404


def test_nobody_is_told_anything_without_a_token(api: APIClient, title: InvoiceTitle) -> None:
    assert api.get(TITLES).status_code == 401
    assert api.post(TITLES, PERSON).status_code == 401


def test_other_numbers_pass(shop: APIClient) -> None:
    for number in (tax_number("MA01ABCD"), tax_number("12345678"), "11010519491231002X"):
        assert shop.post(TITLES, COMPANY | {"tax_number": number}).status_code == 201

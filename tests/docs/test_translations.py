"""Every text has its Chinese, the compiled catalogue is current, and Django speaks from it."""

import re
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from django.utils.translation import override
from rest_framework.test import APIClient

from apps.orders.models import OrderInfo
from tests.factories import SKUFactory

ROOT = Path(__file__).resolve().parents[2]
LOCALE = ROOT / "locale"
PO = LOCALE / "zh_Hans" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
MEND = "run `make messages` and translate what is new"


@pytest.fixture(scope="module")
def chinese() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file)


@pytest.fixture
def extracted(monkeypatch: pytest.MonkeyPatch) -> set[Any]:
    """Every text of the shop, found as `make messages` finds it."""
    monkeypatch.syspath_prepend(str(LOCALE))
    found = re.search(r'--keywords "([^"]+)"', (ROOT / "Makefile").read_text())
    assert found, "make messages names no keywords"
    with (LOCALE / "babel.cfg").open() as file:
        method_map, options_map = parse_mapping_cfg(file)
    texts: set[Any] = set()
    for directory in ("apps", "meiduo"):
        messages = extract_from_dir(
            ROOT / directory,
            method_map,
            options_map,
            keywords={**DEFAULT_KEYWORDS, **parse_keywords(found[1].split())},
        )
        texts.update(text for _, _, text, _, _ in messages)
    sys.modules.pop("django_templates", None)
    return texts


def test_every_text_is_translated(chinese: Catalog, extracted: set[Any]) -> None:
    translated = {message.id for message in chinese if message.id and _is_whole(message.string)}
    assert "There is not enough stock." in extracted  # in Python
    assert "We are waiting for the payment to be confirmed." in extracted  # in a template
    assert extracted - translated == set(), MEND


def test_nothing_translated_is_gone(chinese: Catalog, extracted: set[Any]) -> None:
    assert {message.id for message in chinese if message.id} - extracted == set(), MEND
    assert not chinese.obsolete, MEND


def test_nothing_is_a_guess_and_every_placeholder_is_kept(chinese: Catalog) -> None:
    assert not [message.id for message in chinese if message.id and message.fuzzy]
    assert not [(message.id, errors) for message, errors in chinese.check()]
    for message in chinese:
        for translation in _forms(message.string) if message.id else []:
            named = [
                set(re.findall(r"%\(\w+\)", text)) for text in (_forms(message.id)[-1], translation)
            ]
            assert named[0] == named[1], message.id


def test_the_compiled_catalogue_is_current(chinese: Catalog) -> None:
    fresh = BytesIO()
    write_mo(fresh, chinese)
    fresh.seek(0)
    with MO.open("rb") as file:
        assert _content(read_mo(file)) == _content(read_mo(fresh)), "run `make messages`"


@pytest.mark.django_db
def test_a_refusal_is_chinese_unless_the_client_asks_for_english(shop: APIClient) -> None:
    sku = SKUFactory(stock=1)
    said = []
    for headers in ({}, {"Accept-Language": "fr"}, {"Accept-Language": "en-GB,en;q=0.8"}):
        answer = shop.post("/api/v1/cart/", {"sku_id": sku.pk, "count": 2}, headers=headers)
        assert answer.status_code == 409
        assert answer.json()["detail"] == answer.json()["message"] == answer.json()["title"]
        said.append(answer.json()["message"])
    assert said == ["商品库存不足", "商品库存不足", "There is not enough stock."]


@pytest.mark.django_db
def test_what_is_not_there_is_said_in_chinese_without_a_word_of_the_code(shop: APIClient) -> None:
    answer = shop.get("/api/v1/orders/202601010000000000010000/")
    assert answer.status_code == 404
    assert (answer.json()["code"], answer.json()["message"]) == ("not_found", "未找到")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-CN", "登录已失效，请重新登录"),
        ("en", "Your login is no longer valid. Please log in again."),
    ],
)
def test_a_stale_token_is_refused_in_words_for_the_buyer(language: str, said: str) -> None:
    stale = APIClient(HTTP_AUTHORIZATION="JWT stale", HTTP_ACCEPT_LANGUAGE=language)
    assert stale.get("/api/v1/user/").json()["message"] == said
    refresh = stale.post("/api/v1/authorizations/refresh/", {"refresh": "stale"})
    assert (refresh.status_code, refresh.json()["message"]) == (401, said)


def test_statuses_and_payment_methods_have_the_shop_s_words() -> None:
    with override("zh-hans"):
        assert [str(label) for label in OrderInfo.Status.labels] == [
            "待支付",
            "待发货",
            "待收货",
            "待评价",
            "已完成",
            "已取消",
        ]
        assert [str(label) for label in OrderInfo.PayMethod.labels] == [
            "货到付款",
            "支付宝",
            "微信支付",
        ]


def _forms(text: Any) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, tuple | list) else (text,)


def _is_whole(translation: Any) -> bool:
    return all(form.strip() for form in _forms(translation))


def _content(catalog: Catalog) -> dict[Any, Any]:
    return {_forms(message.id): _forms(message.string) for message in catalog if message.id}

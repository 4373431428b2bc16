"""The API for tests, and the page for people, behind which the switches are."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.config import BASE_DIR
from sandbox.faults import KINDS
from tests.sandbox.merchant import NUMBER, Merchant, call, pay, url_of


def listed(client: FlaskClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/faults").get_json()
    return found


def test_a_switch_is_stored_as_it_was_asked_for(client: FlaskClient) -> None:
    wish = {
        "name": "timeout_after",
        "provider": "alipay",
        "out_trade_no": "N1",
        "action": "refund",
        "times": 2,
        "value": 1.5,
    }
    answer = client.post("/faults", json=wish)
    assert (answer.status_code, answer.get_json()) == (201, {"id": 1, **wish})
    bare = client.post("/faults", json={"name": "timeout_after"}).get_json()
    anything = {"provider": "", "out_trade_no": "", "action": "", "times": None, "value": 30}
    assert bare == {"id": 2, "name": "timeout_after", **anything}
    assert listed(client) == [answer.get_json(), bare]


@pytest.mark.parametrize("name", KINDS)
def test_every_name_is_known(client: FlaskClient, name: str) -> None:
    assert client.post("/faults", json={"name": name}).status_code == 201
    for provider in KINDS[name].providers:
        wish = {"name": name, "provider": provider}
        assert client.post("/faults", json=wish).status_code == 201


def test_the_page_about_it_names_every_switch_and_no_other() -> None:
    text = (BASE_DIR / "docs" / "sandbox.md").read_text()
    table = text[text.index("| name | what happens |") : text.index("Each bill switch")]
    named = [name for line in table.splitlines()[2:] for name in re.findall("`([a-z0-9_]+)`", line)]
    assert set(named) - {"value", "out_trade_no"} == set(KINDS)


@pytest.mark.parametrize(
    "wish",
    [
        {},
        [],
        {"name": "explode"},
        {"name": ["timeout"]},
        {"name": "timeout", "provider": "paypal"},
        {"name": "refund_closed", "provider": "alipay"},
        {"name": "trade_finished", "provider": "wechatpay"},
        {"name": "timeout", "action": "dance"},
        {"name": "timeout", "out_trade_no": 1},
        {"name": "timeout", "times": 0},
        {"name": "timeout", "times": "1"},
        {"name": "timeout", "times": True},
        {"name": "timeout", "value": -1},
        {"name": "timeout", "value": "30"},
        {"name": "timeout", "seconds": 30},
        {"name": "timeout", "provider": ["alipay"]},
        {"name": "timeout", "action": ["query"]},
        {"name": "timeout", "times": 2**63},
        {"name": "timeout", "value": 10**400},
        {"name": "timeout", "out_trade_no": "\ud800"},
    ],
)
def test_an_unknown_wish_switches_nothing_on(client: FlaskClient, wish: Any) -> None:
    assert client.post("/faults", json=wish).status_code == 400
    assert listed(client) == []


@pytest.mark.parametrize("path", ["/faults", "/refunds/x"])
def test_a_wish_as_deep_as_a_well_is_refused(client: FlaskClient, path: str) -> None:
    deep = {"data": "[" * 100_000, "content_type": "application/json"}
    assert client.post(path, **deep).status_code in {400, 404}


def test_switches_are_cleared_one_by_one_or_all(client: FlaskClient) -> None:
    for name in ("timeout", "drop_notice", "no_balance"):
        client.post("/faults", json={"name": name})
    assert client.delete("/faults/2").status_code == 204
    assert client.delete("/faults/2").status_code == 404
    assert client.delete(f"/faults/{2**63}").status_code == 404
    assert [fault["name"] for fault in listed(client)] == ["timeout", "no_balance"]
    assert client.delete("/faults").status_code == 204
    assert listed(client) == []


def test_switches_survive_a_restart(start: Any) -> None:
    start().test_client().post("/faults", json={"name": "timeout"})
    assert [fault["name"] for fault in listed(start().test_client())] == ["timeout"]


# --- The page -----------------------------------------------------------------------------------
def test_a_person_presses_switches(client: FlaskClient) -> None:
    form = {"name": "delay_notice", "provider": "alipay", "out_trade_no": " N1 ", "action": ""}
    answer = client.post("/switches", data={**form, "times": "3", "value": "90"})
    assert answer.location == "/switches"
    (fault,) = listed(client)
    assert (fault["name"], fault["out_trade_no"], fault["times"]) == ("delay_notice", "N1", 3)
    page = client.get("/switches").text
    assert "剩余 3 次" in page
    assert "90 秒" in page
    assert "delay_notice" in client.get("/").text
    client.post("/switches", data={"off": str(fault["id"])})
    assert listed(client) == []
    assert "没有打开的开关" in client.get("/switches").text


def test_all_are_switched_off(client: FlaskClient) -> None:
    for name in ("timeout", "drop_notice"):
        client.post("/switches", data={"name": name, "times": "", "value": ""})
    assert len(listed(client)) == 2
    client.post("/switches", data={"off": "all"})
    assert listed(client) == []


@pytest.mark.parametrize(
    "form",
    [{"name": "explode"}, {"name": "timeout", "times": "x"}, {"off": "x"}, {}],
)
def test_a_bad_form_switches_nothing(client: FlaskClient, form: dict[str, str]) -> None:
    assert client.post("/switches", data=form).status_code == 400
    assert listed(client) == []


def test_another_site_presses_nothing(client: FlaskClient) -> None:
    form = {"name": "timeout"}
    for origin in ("http://elsewhere.test", "null"):
        answer = client.post("/switches", data=form, headers={"Origin": origin})
        assert answer.status_code == 403
    assert listed(client) == []
    client.post("/switches", data=form, headers={"Origin": "http://localhost"})
    assert len(listed(client)) == 1


def test_the_front_page_leads_to_a_trades_switches(client: FlaskClient, merchant: Merchant) -> None:
    client.get(url_of(merchant.page_pay()))
    link = f"/switches?provider=alipay&amp;out_trade_no={NUMBER}"
    assert link in client.get("/").text
    page = client.get(link.replace("&amp;", "&")).text
    assert f'value="{NUMBER}"' in page
    assert 'value="alipay" selected' in page


# --- The books ----------------------------------------------------------------------------------
def test_the_books(client: FlaskClient, merchant: Merchant) -> None:
    cashier = pay(client, merchant)
    refund = {"out_trade_no": NUMBER, "refund_amount": "30.00", "out_request_no": "R1"}
    call(client, merchant, "alipay.trade.refund", **refund)
    client.get(url_of(merchant.page_pay(out_trade_no="N2")))
    first, second = client.get("/ledger.json").get_json()["trades"]
    assert len(first.pop("trade_no")) == 28
    assert len(first["refunds"][0].pop("refund_no")) == 28
    noon = "2026-03-04T12:00:00+08:00"
    assert first == {
        "provider": "alipay",
        "product": "page",
        "out_trade_no": NUMBER,
        "status": "PAID",
        "subject": "手机 一台",
        "total_fen": 9990,
        "refunded_fen": 3000,
        "held_fen": 0,
        "code": "",
        "cashier": cashier,
        "created_at": noon,
        "expires_at": "2026-03-04T12:30:00+08:00",
        "paid_at": noon,
        "closed_at": None,
        "refunds": [
            {
                "out_request_no": "R1",
                "fen": 3000,
                "status": "SUCCESS",
                "created_at": noon,
                "finished_at": noon,
            }
        ],
        "notices": [],
    }
    assert (second["out_trade_no"], second["status"]) == ("N2", "WAITING")
    for query, count in ((f"out_trade_no={NUMBER}", 1), ("provider=alipay", 2), ("provider=x", 0)):
        assert len(client.get(f"/ledger.json?{query}").get_json()["trades"]) == count

"""Switches that change while something is on its way to them, and bills that one of another kind spares."""

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from sandbox.bills import Bills
from sandbox.faults import Fault, Faults
from sandbox.ledger import Ledger
from tests.sandbox.receiver import WAIT_SECONDS

DAY = date(2026, 3, 4)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "sandbox.sqlite3")
    yield ledger
    ledger.close()


@pytest.mark.parametrize("is_one", [True, False])
def test_cleared_before_it_holds_a_call_up(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, is_one: bool
) -> None:
    faults = Faults(ledger.database)
    faults.switch_on({"name": "timeout", "value": 3600})
    take = faults.take

    def take_and_clear(*case: str) -> Fault | None:
        if fault := take(*case):
            faults.clear(fault.id if is_one else None)
        return fault

    monkeypatch.setattr(faults, "take", take_and_clear)
    call = threading.Thread(target=faults.before, args=("alipay", "1", "query"))
    call.start()
    call.join(WAIT_SECONDS)
    is_held_up = call.is_alive()
    faults.close()
    call.join()
    assert not is_held_up


@pytest.mark.parametrize(("action", "rows"), [("", 1), ("bill", 1), ("refund", 0)])
def test_a_switch_for_one_kind_of_call_spares_the_bill(
    ledger: Ledger, action: str, rows: int
) -> None:
    faults = Faults(ledger.database)
    faults.switch_on({"name": "bill_extra_row", "action": action})
    assert len(Bills(ledger, faults).rows("alipay", DAY)) == rows

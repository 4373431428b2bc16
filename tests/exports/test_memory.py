"""However long a list is, a page of its rows is in memory."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import Client

from apps.exports.models import Export
from apps.payment.models import Statement, StatementLine
from tests.core.spreadsheets.memory import peak_of
from tests.exports.conftest import export, progress, work

pytestmark = pytest.mark.django_db

LABEL = "payment.StatementLine"


@pytest.fixture
def statement() -> Statement:
    return Statement.objects.create(
        provider="alipay", account="1", day=date(2026, 1, 1), state=Statement.State.DONE
    )


def fill(statement: Statement, rows: int) -> None:
    first = statement.lines.count()
    lines = (
        StatementLine(
            statement=statement,
            position=n,
            kind="payment",
            out_trade_no=f"{n:024d}",
            amount=Decimal("1.00"),
            fee=Decimal("0.01"),
            at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        for n in range(first, first + rows)
    )
    StatementLine.objects.bulk_create(lines, batch_size=1000)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_ten_times_the_rows_in_the_same_memory(
    kind: str, desk: Client, statement: Statement, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.exports.services.SHORT", 100)
    monkeypatch.setattr("apps.exports.selectors.lists.ROWS_TOGETHER", 100)
    peaks = []
    for rows in (200, 400, 5400):  # the first one fills what is kept for the process
        fill(statement, rows)
        ordered = progress(export(desk, LABEL, "out_trade_no", "amount", "at", kind=kind))
        with peak_of() as peak:
            work()
        assert Export.objects.get(pk=ordered.pk).rows == statement.lines.count()
        peaks.append(peak.bytes)
    assert peaks[2] < peaks[1] * 1.3

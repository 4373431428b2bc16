"""A bill that does not agree with the books: what reconciliation gives an operator to work off."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings

from apps.core.clock import BEIJING
from apps.demo.rows import Rows, times
from apps.payment.models import Difference, MovementKind, Statement, StatementLine

PROVIDER = "alipay"
AMOUNT, FEE = Decimal("128.00"), Decimal("0.77")
AGE = timedelta(days=3)


def write_difference(rows: Rows, *, now: datetime) -> None:
    """Add a day's bill with one payment that the shop knows nothing of; operators were told.

    The provider is not asked for the bill of that day: it asks from the first day on which somebody paid through it.
    """
    moved = now - AGE
    day = moved.astimezone(BEIJING).date()
    fetched = now - AGE + timedelta(days=1)
    statement = rows.add(
        Statement(
            provider=PROVIDER,
            account=settings.ALIPAY["app_id"],
            day=day,
            state=Statement.State.DONE,
            fetched_at=fetched,
            tries=1,
            their_payments=1,
            their_payment_amount=AMOUNT,
            their_fee=FEE,
            **times(fetched),
        )
    )
    out_trade_no = f"{day:%Y%m%d}112347000000000101"
    trade_no = f"{day:%Y%m%d}22001400000000000001"
    paid = {"out_trade_no": out_trade_no, "trade_no": trade_no}
    rows.add(
        StatementLine(
            statement_id=statement.pk,
            position=1,
            kind=MovementKind.PAYMENT,
            amount=AMOUNT,
            fee=FEE,
            status="交易",
            at=moved,
            **paid,
        )
    )
    kind, problem = MovementKind.PAYMENT, Difference.Type.PROVIDER_ONLY
    rows.add(
        Difference(
            statement_id=statement.pk,
            kind=kind,
            type=problem,
            key=Difference.key_of(kind, problem, out_trade_no, ""),
            theirs=AMOUNT,
            is_told=True,
            **paid,
            **times(fetched),
        )
    )

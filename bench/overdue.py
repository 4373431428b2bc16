"""How long canceling overdue orders takes, by one worker and by several at once, and in how much memory.

``python bench/overdue.py [ORDERS] [WORKERS]``. Every tenth order has an open attempt to pay it at a bank that exists in
this process alone: no figure holds a provider's time. It works on a test database that is made beside DATABASE_URL and
dropped again.
"""

import logging
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meiduo.settings.dev")
os.environ.setdefault("SECRET_KEY", "bench")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.test.utils import setup_databases, teardown_databases  # noqa: E402

from apps.goods.models import SKU  # noqa: E402
from apps.orders.models import OrderEvent, OrderGoods, OrderInfo, Status  # noqa: E402
from apps.payment.models import Payment  # noqa: E402
from apps.payment.services import cancel_overdue_orders, poll_due_payments  # noqa: E402
from tests.factories import SKUFactory, UserFactory  # noqa: E402
from tests.payment.fake_gateway import Bank, FakeGateway, Trade, lines_of  # noqa: E402

SKUS = 200
BUYERS = 50
# One order in so many was about to be paid.
ATTEMPTED = 10
PRICE = Decimal("50.00")
AT_ONCE = 1000


def main(orders: int = 100_000, workers: int = 4) -> None:
    logging.disable(logging.ERROR)
    _say(f"{orders} overdue orders of 2 lines, {SKUS} SKUs, on {connection.vendor}\n")
    _row("", "done", "seconds", "a second", "ms each", "CPU ms", "statements", "grown MB")
    for many in sorted({1, workers}):
        old = setup_databases(verbosity=0, interactive=False)
        try:
            _measure(orders, many)
        finally:
            teardown_databases(old, verbosity=0)


def _measure(orders: int, workers: int) -> None:
    bank = Bank()
    for name, value in lines_of(bank).items():
        setattr(settings, name, value)
    _fill(orders, bank)
    _tell("attempts ended, 1 worker", [_timed(poll_due_payments)])
    connections.close_all()
    # New processes: what filling the shop took is not counted as theirs.
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        name = str(connection.settings_dict["NAME"])
        said = f"orders canceled, {workers} worker{'s' if workers > 1 else ''}"
        results = pool.map(_work, [name] * workers, chunksize=1)
    _tell(said, results)
    done = sum(each["done"] for each in results)
    assert done == orders == OrderEvent.objects.count(), "one was done twice, or not at all"  # noqa: S101
    assert not SKU.objects.exclude(sales=0).exists()  # noqa: S101
    call_command("audit", verbosity=0, stdout=open(os.devnull, "w"))  # noqa: SIM115, PTH123


def _work(database: str) -> dict[str, float]:
    logging.disable(logging.ERROR)
    connection.settings_dict["NAME"] = database
    connection.ensure_connection()
    return _timed(cancel_overdue_orders)


def _timed(job: Callable[[], int]) -> dict[str, float]:
    """Run it as beat does, again and again, until it finds nothing more."""
    statements = 0

    def count(execute: Callable, *about: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*about)

    memory, cpu, started = _peak_mb(), time.process_time(), time.perf_counter()
    done = 0
    with connection.execute_wrapper(count):
        while more := job():
            done += more
    return {
        "done": done,
        "seconds": time.perf_counter() - started,
        "cpu": time.process_time() - cpu,
        "statements": statements,
        "grown": _peak_mb() - memory,
    }


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _tell(name: str, results: list[dict[str, float]]) -> None:
    done = sum(each["done"] for each in results)
    seconds = max(each["seconds"] for each in results)
    _row(
        name,
        f"{done:.0f}",
        f"{seconds:.1f}",
        f"{done / seconds:.0f}",
        f"{seconds / done * 1000:.2f}",
        f"{sum(each['cpu'] for each in results) / done * 1000:.2f}",
        f"{sum(each['statements'] for each in results) / done:.2f}",
        f"{max(each['grown'] for each in results):.1f}",
    )


def _fill(orders: int, bank: Bank) -> None:
    """The shop half an hour after it sold that much and nobody paid."""
    sold = -(-2 * orders // SKUS)
    skus = [SKUFactory(stock=0, sales=sold, opening_stock=sold, price=PRICE) for _ in range(SKUS)]
    buyers = [UserFactory() for _ in range(BUYERS)]
    past = datetime.now(UTC) - timedelta(hours=1)
    for first in range(0, orders, AT_ONCE):
        placed = [
            _order(number, buyers[number % BUYERS].pk, past)
            for number in range(first, min(first + AT_ONCE, orders))
        ]
        OrderInfo.objects.bulk_create(placed)
        OrderGoods.objects.bulk_create(
            OrderGoods(order=order, sku=sku, name=sku.name, price=PRICE, count=1)
            for number, order in enumerate(placed, first)
            for sku in (skus[number % SKUS], skus[(number + SKUS // 2) % SKUS])
        )
        attempts = [_attempt(order, past) for order in placed[::ATTEMPTED]]
        Payment.objects.bulk_create(attempts)
        bank.trades |= {each.out_trade_no: Trade(each.amount) for each in attempts}


def _order(number: int, buyer_id: int, past: datetime) -> OrderInfo:
    return OrderInfo(
        order_id=f"{20260101080000:d}{number:010d}",
        user_id=buyer_id,
        cart_stamp=f"{number:032d}",
        receiver="王小美",
        mobile="13900000000",
        province="北京市",
        city="北京市",
        district="东城区",
        place="和平路1号",
        total_count=2,
        total_amount=2 * PRICE,
        freight=0,
        pay_method=OrderInfo.PayMethod.ALIPAY,
        status=Status.UNPAID,
        # As fast as they were sold: a hundred in a second.
        expires_at=past + timedelta(seconds=number // 100),
    )


def _attempt(order: OrderInfo, past: datetime) -> Payment:
    return Payment(
        order=order,
        provider=FakeGateway.provider,
        account=FakeGateway.account,
        product="code",
        out_trade_no=f"{order.pk}01",
        amount=order.total_amount,
        expires_at=order.expires_at,
        next_query_at=past,
    )


def _row(name: str, *cells: str) -> None:
    _say(f"{name:<28}" + "".join(f"{cell:>11}" for cell in cells))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:3]))

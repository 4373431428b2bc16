"""What the back office's first page costs the database, and what the job costs that keeps its figures.

``python bench/dashboard.py``, on the database of DATABASE_URL, after ``manage.py load_demo --skus 100000 --orders
1000000`` and ``manage.py recount_figures``. The page is asked for by a superuser, who sees all of it. The milliseconds
are what the statements took as Django measures them, beside a bare ``SELECT 1`` of the same minute.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import django  # noqa: E402

PAGES = 20
RUNS = 3


def main() -> None:
    os.environ.setdefault("SECRET_KEY", "bench")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meiduo.settings.dev")
    django.setup()
    from django.db import connection
    from django.test import RequestFactory

    from apps.orders.models import OrderInfo
    from apps.reports.admin.dashboard import BLOCKS
    from apps.reports.services import update_recent_figures
    from apps.users.models import User

    request = RequestFactory().get("/admin/")
    request.user = User(is_superuser=True, is_staff=True, is_active=True)

    def page() -> None:
        for block in BLOCKS.values():
            block(request)

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    _say(f"{OrderInfo.objects.count()} orders; {connection.vendor}")
    _report("SELECT 1", [_cost(bare) for _ in range(PAGES)])
    for name, block in BLOCKS.items():
        _report(name, [_cost(lambda block=block: block(request)) for _ in range(PAGES)])
    _report("the whole page", [_cost(page) for _ in range(PAGES)])
    _report("the job, three days", [_cost(update_recent_figures) for _ in range(RUNS)])


def _cost(work: Callable[[], object]) -> tuple[int, float, float]:
    """Statements, and milliseconds in the database and in all."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    started = time.perf_counter()
    with CaptureQueriesContext(connection) as captured:
        work()
    taken = 1000 * (time.perf_counter() - started)
    return len(captured), 1000 * sum(float(each["time"]) for each in captured), taken


def _report(what: str, costs: list[tuple[int, float, float]]) -> None:
    counts, in_database, taken = zip(*costs, strict=True)
    _say(
        f"{what:24}{max(counts):4} statements, SQL p50 {median(in_database):9.1f} ms,"
        f" most {max(in_database):9.1f}; in all p50 {median(taken):9.1f} ms"
    )


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

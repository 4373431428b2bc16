"""What the catalogue's pages cost over HTTP, cached and not, as ratios to an uncached category page.

``python bench/catalogue.py``, after ``manage.py load_demo --skus 100000``, on the database of DATABASE_URL. Two web
processes, one with the cache and one without, are asked in turns, so that what else the machine does hits both.
"""

import os
import sys
import tempfile
import tomllib
from collections import defaultdict
from itertools import cycle, islice
from pathlib import Path
from statistics import quantiles

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import django  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Count  # noqa: E402

from bench.load import milliseconds, shop  # noqa: E402
from meiduo import embedded_redis  # noqa: E402

ROUNDS = 10
REQUESTS = 60
"""Of each kind in each round; p99 is over all rounds."""
WARM_UP = 20
BASELINE = "category page, uncached"
NEVER_CACHED = {"empty view", "search"}


def main() -> None:
    with tempfile.TemporaryDirectory() as directory, embedded_redis.running(Path(directory)):
        if not os.environ.get("REDIS_URL"):
            os.environ["REDIS_DATA_DIR"] = directory
        paths = _paths()
        with shop(PAGE_CACHE_SECONDS="3600") as cached, shop(PAGE_CACHE_SECONDS="0") as uncached:
            servers = {"cached": cached, "uncached": uncached}
            kinds = {
                f"{kind}, {server}": (port, some)
                for kind, some in paths.items()
                for server, port in servers.items()
                if server == "uncached" or kind not in NEVER_CACHED
            }
            _report(_measured(kinds))


def _measured(kinds: dict[str, tuple[int, list[str]]]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = defaultdict(list)
    for port, paths in kinds.values():
        milliseconds(port, [*paths, *islice(cycle(paths), WARM_UP)])
    for number in range(ROUNDS):
        for kind, (port, paths) in kinds.items():
            start = number * REQUESTS % len(paths)
            times[kind] += milliseconds(port, islice(cycle(paths), start, start + REQUESTS))
    return times


def _paths() -> dict[str, list[str]]:
    """Some of every kind of page: of the fullest categories, and of SKUs from all over the shop."""
    os.environ.setdefault("SECRET_KEY", "bench")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meiduo.settings.dev")
    django.setup()
    from apps.goods.models import SKU, Category

    leaves = Category.objects.filter(subs=None).annotate(count=Count("skus")).order_by("-count")
    full = [f"/api/v1/categories/{pk}" for pk in leaves.values_list("pk", flat=True)[:10]]
    tops = Category.objects.filter(parent=None).values_list("pk", flat=True)
    sku_ids = SKU.objects.launched().order_by("pk").values_list("pk", flat=True)
    count = sku_ids.count()
    some = sku_ids.filter(pk__in=range(1, sku_ids.last() or 1, max(1, count // 40)))
    goods_ids = SKU.objects.filter(pk__in=list(some)).values_list("goods_id", flat=True)
    spec = "spec=颜色:石墨&min_price=100"
    _say(f"{count} SKUs on sale, {len(leaves)} leaf categories; {connection.vendor}\n")
    return {
        "empty view": ["/healthz"],
        "menu": ["/api/v1/channels/"],
        "home page": ["/api/v1/index/"],
        "category page": [
            f"{path}/skus/?ordering={ordering}&page={page}"
            for path in full
            for ordering in ("-create_time", "price")
            for page in (1, 2)
        ],
        "category page, first level": [f"/api/v1/categories/{pk}/skus/" for pk in tops],
        "category page, filtered": [f"{path}/skus/?{spec}" for path in full],
        "facets": [f"{path}/facets/" for path in full],
        "facets, first level": [f"/api/v1/categories/{pk}/facets/" for pk in tops],
        "SKU": [f"/api/v1/skus/{pk}/" for pk in some],
        "goods": [f"/api/v1/goods/{pk}/" for pk in goods_ids],
        "search": [f"/api/v1/skus/search/?text={text}" for text in _searches()],
    }


def _searches() -> list[str]:
    queries = tomllib.loads((ROOT / "bench" / "queries.toml").read_text())
    return [text for of_kind in queries.values() for text in of_kind]


def _report(times: dict[str, list[float]]) -> None:
    base = quantiles(times[BASELINE], n=100)
    _row("", "p50 ms", "p99 ms", "p50 ratio", "p99 ratio")
    for kind, of_kind in times.items():
        centiles = quantiles(of_kind, n=100)
        p50, p99 = centiles[49], centiles[98]
        _row(kind, f"{p50:.2f}", f"{p99:.2f}", f"{p50 / base[49]:.2f}×", f"{p99 / base[98]:.2f}×")


def _row(first: str, *others: str) -> None:
    _say(f"{first:36}" + "".join(f"{each:>12}" for each in others))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

"""How long a page of search results takes over HTTP, beside an uncached page of a category, on the same server.

``python bench/search_pages.py``, after ``manage.py load_demo --skus 100000``. The kinds take turns, one request at a
time, so that whatever else the machine does falls on all of them.
"""

import json
import sys
import tomllib
from itertools import cycle
from pathlib import Path
from statistics import quantiles
from urllib.parse import quote
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.load import milliseconds, shop  # noqa: E402

REQUESTS = 1500


def main() -> None:
    # No cache: what is compared is the work.
    with shop(PAGE_CACHE_SECONDS="0") as port:
        paths = _paths(port)
        for of_kind in paths.values():
            milliseconds(port, of_kind)
        turns = zip(*map(cycle, paths.values()), strict=False)
        asked = [path for _, turn in zip(range(REQUESTS), turns, strict=False) for path in turn]
        times = milliseconds(port, asked)
    of_kinds = {name: times[place :: len(paths)] for place, name in enumerate(paths)}
    base = quantiles(of_kinds["category"], n=100)
    _say(f"{'':12}{'p50 ms':>10}{'p99 ms':>10}{'p50 ratio':>12}{'p99 ratio':>12}")
    for name, of_kind in of_kinds.items():
        centiles = quantiles(of_kind, n=100)
        p50, p99 = centiles[49], centiles[98]
        _say(f"{name:12}{p50:>10.1f}{p99:>10.1f}{p50 / base[49]:>12.2f}{p99 / base[98]:>12.2f}")


def _paths(port: int) -> dict[str, list[str]]:
    with urlopen(f"http://127.0.0.1:{port}/api/v1/categories/") as tree:
        leaves = [
            leaf["id"]
            for top in json.load(tree)
            for middle in top["subs"]
            for leaf in middle["subs"]
        ]
    kinds = tomllib.loads((ROOT / "bench" / "queries.toml").read_text())
    texts = [text for rules in kinds.values() for text in rules]
    search = "/api/v1/skus/search/"
    return {
        "category": [f"/api/v1/categories/{leaf}/skus/?page_size=20" for leaf in leaves],
        "search": [f"{search}?text={quote(text, safe='')}&page_size=20" for text in texts],
        "facets": [f"{search}facets/?text={quote(text, safe='')}" for text in texts],
        "suggestions": [
            f"/api/v1/skus/suggestions/?text={quote(text[:3], safe='')}" for text in texts
        ],
    }


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

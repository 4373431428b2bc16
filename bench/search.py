"""Compare search engines on the SKUs of DATABASE_URL: what they find of what buyers mean, and how fast.

``python bench/search.py``, after ``manage.py load_demo --skus 100000``. Xapian takes part where Python can import it:
Debian's python3-xapian; there is no wheel.
"""

import os
import sys
import tempfile
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, quantiles
from typing import Any

import django

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meiduo.settings.dev")
django.setup()

from engines import Candidate, candidates  # noqa: E402

from apps.search import selectors  # noqa: E402
from apps.search.gateways.base import Document  # noqa: E402

TOP = 10
ROUNDS = 10


def main() -> None:
    documents = list(selectors.all_documents())
    queries = list(_queries(documents))
    _say(f"{len(documents)} SKUs, {len(queries)} queries, {ROUNDS} rounds each\n")
    kinds = list(dict.fromkeys(kind for kind, _, _ in queries))
    _row("", *kinds, "all", "p50 ms", "p99 ms", "build s")
    with tempfile.TemporaryDirectory() as directory:
        for make in candidates(Path(directory)):
            try:
                candidate = make()
            except ImportError as missing:
                _say(f"not here: {missing}")
                continue
            started = time.perf_counter()
            candidate.build(documents)
            built = time.perf_counter() - started
            recalls = _recalls(candidate, queries)
            times = _times(candidate, [text for _, text, _ in queries])
            everything = [recall for of_kind in recalls.values() for recall in of_kind]
            figures = [*(mean(recalls[kind]) for kind in kinds), mean(everything)]
            centiles = quantiles(times, n=100)
            _row(
                candidate.name,
                *(f"{each:.2f}" for each in figures),
                f"{centiles[49]:.2f}",
                f"{centiles[98]:.2f}",
                f"{built:.0f}",
            )


def _queries(documents: list[Document]) -> Iterator[tuple[str, str, set[int]]]:
    """Kind, text, and the ids that are meant."""
    by_kind = tomllib.loads((ROOT / "bench" / "queries.toml").read_text())
    for kind, rules in by_kind.items():
        for text, rule in rules.items():
            meant = {each.id for each in documents if _is_meant(each, **rule)}
            if not meant:
                raise SystemExit(f"{text}: nothing in this catalogue is meant by {rule}")
            yield kind, text, meant


def _is_meant(
    document: Document,
    brand: str = "",
    category: tuple[str, ...] = (),
    specs: tuple[str, ...] = (),
    words: tuple[str, ...] = (),
) -> bool:
    values = {value for _, value in document.specs}
    return (
        document.brand.startswith(brand)
        and (not category or document.categories[-1] in category)
        and values.issuperset(specs)
        and all(word in document.name for word in words)
    )


def _recalls(
    candidate: Candidate, queries: list[tuple[str, str, set[int]]]
) -> dict[str, list[float]]:
    recalls: dict[str, list[float]] = defaultdict(list)
    for kind, text, meant in queries:
        found = candidate.top(text, TOP)
        recalls[kind].append(len(meant.intersection(found)) / min(TOP, len(meant)))
        if "-v" in sys.argv and recalls[kind][-1] < 1:
            _say(f"    {candidate.name}: {text} {recalls[kind][-1]:.1f}")
    return recalls


def _times(candidate: Candidate, texts: list[str]) -> list[float]:
    """CPU milliseconds of every search, all texts in turn: what else the machine does is not counted."""
    times = []
    for text in texts * ROUNDS:
        started = time.thread_time()
        candidate.top(text, TOP)
        times.append((time.thread_time() - started) * 1000)
    return times


def _row(*cells: Any) -> None:
    first, *rest = cells
    _say(f"{first:24}" + "".join(f"{cell:>10}" for cell in rest))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

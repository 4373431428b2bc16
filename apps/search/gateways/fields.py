"""What every engine stores of a document: plain fields that any of them can hold."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from math import log10
from typing import Any

from apps.search.gateways import analysis
from apps.search.gateways.base import Document, Facets, Filters

# Tokens with spaces between: in their order, or as a bag.
PHRASES = ("name", "brand", "category", "specs", "caption", "pinyin", "department")
BAGS = ("characters", "models", "sounds")
SEPARATOR = "\x1f"
"""In no token: analysis drops it."""
_ID_BITS = 29


def of(document: Document) -> dict[str, Any]:
    """The fields of a document."""
    name, brand = document.name, document.brand
    *departments, category = document.categories
    values = [value for _, value in document.specs]
    named = [name, brand, category, *values]
    return {
        "id": document.id,
        "name": " ".join(_tokens(name)),
        "brand": " ".join(_tokens(brand)),
        "category": " ".join(_tokens(category)),
        # "手机数码" is no reason to show a camera to those who look for "手机", unless nothing else is found.
        "department": " ".join([_all(_tokens, departments), _all(_sounds, departments)]),
        "specs": _all(_tokens, values),
        "caption": " ".join(_tokens(document.caption)),
        "pinyin": _all(_sound_pairs, named),
        "characters": _all(analysis.characters, named),
        "models": _all(analysis.models, [name, *values]),
        "sounds": _all(_sounds, named),
        "suggest": sorted(set(suggestions(document))),
        "brand_id": document.brand_id,
        "category_id": list(document.category_ids),
        "leaf_id": document.category_ids[-1],
        "spec": [spec(*each) for each in document.specs],
        "in_stock": int(document.in_stock),
        "price": fen(document.price),
        "by_price": _key(fen(document.price), document.id),
        "by_sales": _key(document.sales, document.id),
        "by_create_time": _key(int(document.create_time.timestamp()), document.id),
        # A factor of the score: 1 for what never sold, 1.25 for what sold 100,000 times.
        "popularity": 1 + log10(1 + document.sales) / 20,
    }


def _key(value: int, sku_id: int) -> int:
    """Orders by the value, and what is equal by the id."""
    return max(value, 0) << _ID_BITS | sku_id % (1 << _ID_BITS)


def fen(yuan: Decimal) -> int:
    return int(yuan * 100)


def yuan(fen: float) -> Decimal:
    return Decimal(round(fen)) / 100


def spec(name: str, value: str) -> str:
    return f"{name}{SEPARATOR}{value}"


def specs_by_name(counts: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Counts by specification and value, of counts by what ``spec`` made of them."""
    by_name: dict[str, dict[str, int]] = defaultdict(dict)
    for key, count in counts.items():
        name, _, value = key.partition(SEPARATOR)
        by_name[name][value] = count
    return dict(by_name)


def without_spec(filters: Filters, name: str) -> Filters:
    """The filters but for what was chosen of this specification."""
    others = {other: values for other, values in filters.specs.items() if other != name}
    return replace(filters, specs=others)


NO_FACETS = Facets(count=0, brands={}, categories={}, specs={}, prices=None)


def _all(cut: Any, texts: Iterable[str]) -> str:
    return " ".join(token for text in texts for token in cut(text))


# Brands, categories and options are those of thousands of SKUs.
_tokens = lru_cache(maxsize=1 << 14)(analysis.tokens)


@lru_cache(maxsize=1 << 14)
def _sound_pairs(text: str) -> list[str]:
    return [
        pair
        for run in analysis.runs(text)
        if analysis.is_han(run)
        for pair in analysis.sound_pairs(run)
    ]


@lru_cache(maxsize=1 << 14)
def _sounds(text: str) -> set[str]:
    """How the text's Chinese runs, and the words in them, are typed."""
    found: set[str] = set()
    for run in filter(analysis.is_han, analysis.runs(text)):
        for piece in {run, *analysis.words(run)}:
            found |= analysis.sounds(piece)
    return found


# --- Suggestions ----------------------------------------------------------------------------------


def suggestions(document: Document) -> Iterator[str]:
    """Terms that begin with what is typed and end with what is suggested for it."""
    brand = _chinese_name(document.brand)
    leaf = document.categories[-1]
    yield from _suggestion(brand, document.brand)
    for category in document.categories:
        yield from _suggestion(category)
    yield from _suggestion(f"{brand} {leaf}")
    yield from _suggestion(document.goods)


@lru_cache(maxsize=1 << 14)
def _suggestion(shown: str, *others: str) -> tuple[str, ...]:
    runs = analysis.runs(shown)
    keys = {"".join(runs[start:]) for start in range(min(len(runs), 3))}
    for text in others:
        keys |= {run for run in analysis.runs(text) if not analysis.is_han(run)}
    said = [analysis.spoken(run) if analysis.is_han(run) else [run] for run in runs]
    keys.add("".join(part for run in said for part in run))
    keys.add(
        "".join(
            part[:1] if analysis.is_han(run) else part
            for run, parts in zip(runs, said, strict=True)
            for part in parts
        )
    )
    return tuple(f"{key}{SEPARATOR}{shown}" for key in keys if key)


def _chinese_name(brand: str) -> str:
    """ "砾星" of "砾星（LIXING）"."""
    for opening in "（(":
        brand = brand.partition(opening)[0].strip() or brand
    return brand


def suggestion_keys(text: str) -> list[str]:
    """What the terms may begin with: the text as typed; if nothing does, as it sounds."""
    runs = analysis.runs(text)
    if not runs:
        return []
    said = (analysis.spoken(run) if analysis.is_han(run) else [run] for run in runs)
    return list(dict.fromkeys(["".join(runs), "".join(part for run in said for part in run)]))


def suggestion_of(term: str) -> str:
    return term.rpartition(SEPARATOR)[2]

"""The demo catalogue as it is written in ``data/*.toml``: departments, brands and products."""

import itertools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

DATA = Path(__file__).parent / "data"


class Brand(NamedTuple):
    name: str
    latin: str

    @property
    def label(self) -> str:
        return f"{self.name}（{self.latin}）"


@dataclass(frozen=True)
class Option:
    """One value of a specification. ``extra`` is CNY yuan on the price, ``tint`` "#rrggbb" or ""."""

    value: str
    extra: Decimal = Decimal(0)
    tint: str = ""


class Variant(NamedTuple):
    """One choice from every specification: what becomes a SKU."""

    options: tuple[Option, ...]

    @property
    def code(self) -> str:
        """How the data files call it: "雾蓝/8GB+256GB"."""
        return "/".join(option.value for option in self.options)


@dataclass(frozen=True)
class Product:
    """A goods with its options. Money is CNY yuan; ``margin`` and ``markup`` are shares of the price."""

    key: str
    name: str
    brand: Brand
    category: str
    kind: str
    look: int
    accent: str
    price: Decimal
    margin: Decimal
    markup: Decimal
    caption: str
    points: tuple[str, ...]
    pack: str
    service: str
    options: Mapping[str, tuple[Option, ...]]
    missing: tuple[str, ...] = ()
    scarce: Mapping[str, int] = field(default_factory=dict)
    withdrawn: tuple[str, ...] = ()

    @property
    def variants(self) -> Iterator[Variant]:
        """Every combination of options that is made."""
        for options in itertools.product(*self.options.values()):
            variant = Variant(options)
            if variant.code not in self.missing:
                yield variant

    @property
    def tints(self) -> list[str]:
        """The colours that there are pictures of."""
        return [o.tint for options in self.options.values() for o in options if o.tint]

    def price_of(self, variant: Variant) -> Decimal:
        price = self.price + sum(option.extra for option in variant.options)
        return price.quantize(Decimal("0.01"))


@dataclass(frozen=True)
class Department:
    """A first-level category: its tree (second level: third level) and what stands in it."""

    name: str
    group: int
    tree: Mapping[str, tuple[str, ...]]
    products: tuple[Product, ...]


@dataclass(frozen=True)
class Poster:
    """A wide picture of some products in a colour each; the first is what it advertises."""

    key: str
    title: str
    text: str
    ground: int
    things: tuple[tuple[Product, str], ...]

    @property
    def product(self) -> Product:
        return self.things[0][0]


@dataclass(frozen=True)
class Floor:
    """A floor of the home page: categories it leads to, and its shelves by the end of their place's key."""

    number: int
    poster: Poster
    channels: tuple[str, ...]
    labels: tuple[str, ...]
    shelves: Mapping[str, tuple[Product, ...]]


@dataclass(frozen=True)
class HomePage:
    banners: tuple[Poster, ...]
    strip: Poster
    news: tuple[str, ...]
    coming_news: str
    floors: tuple[Floor, ...]


@cache
def brands() -> dict[str, Brand]:
    return {name: Brand(name, latin) for name, latin in _toml(DATA / "brands.toml").items()}


@cache
def departments() -> tuple[Department, ...]:
    return tuple(_department(_toml(file)) for file in sorted(DATA.glob("[0-9]_*.toml")))


def products() -> list[Product]:
    return [product for department in departments() for product in department.products]


@cache
def home_page() -> HomePage:
    data = _toml(DATA / "home_page.toml")
    product = {each.key: each for each in products()}

    def poster(written: Mapping[str, Any]) -> Poster:
        things = (thing.split() for thing in written["things"])
        return Poster(
            key=written["key"],
            title=written["title"],
            text=written["text"],
            ground=written["ground"],
            things=tuple((product[key], product[key].tints[int(tint)]) for key, tint in things),
        )

    def floor(number: int, written: Mapping[str, Any]) -> Floor:
        shelves = written["shelves"].items()
        return Floor(
            number=number,
            poster=poster(written),
            channels=tuple(written["channels"]),
            labels=tuple(written["labels"]),
            shelves={name: tuple(product[key] for key in keys) for name, keys in shelves},
        )

    return HomePage(
        banners=tuple(map(poster, data["banner"])),
        strip=poster(data["strip"]),
        news=tuple(data["news"]),
        coming_news=data["coming_news"],
        floors=tuple(floor(number, each) for number, each in enumerate(data["floor"], start=1)),
    )


def _toml(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)


def _department(data: Mapping[str, Any]) -> Department:
    return Department(
        name=data["name"],
        group=data["group"],
        tree={name: tuple(leaves) for name, leaves in data["tree"].items()},
        products=tuple(_product(goods, data) for goods in data["goods"]),
    )


def _product(goods: Mapping[str, Any], department: Mapping[str, Any]) -> Product:
    return Product(
        **{
            **goods,
            "brand": brands()[goods["brand"]],
            "price": Decimal(goods["price"]),
            "margin": department["margin"],
            "markup": department["markup"],
            "points": tuple(goods["points"]),
            "service": department["service"],
            "options": {
                name: tuple(map(_option, written)) for name, written in goods["options"].items()
            },
        }
    )


def _option(written: str) -> Option:
    """Read "雾蓝 #7da0c4 +300"."""
    value, *rest = written.split()
    return Option(
        value,
        extra=sum((Decimal(part) for part in rest if part.startswith("+")), Decimal(0)),
        tint=next((part for part in rest if part.startswith("#")), ""),
    )

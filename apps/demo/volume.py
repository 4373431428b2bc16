"""Rows by the million, for load tests: more of what the demo shop has, with every sum still right."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from random import Random

from django.core.management import CommandError
from django.db import reset_queries, transaction
from django.utils import timezone

from apps.demo import catalogue, people, shop
from apps.demo.catalogue import Product
from apps.demo.history import DAYS, Line, add_order
from apps.demo.life import carriers
from apps.demo.rows import Rows, last_key
from apps.goods.models import SKU, Goods, StockMovement
from apps.goods.selectors import SKUSnapshot, sku_snapshots
from apps.goods.services import announce
from apps.orders.models import Status
from apps.users.models import User

BATCH = 1_000
"""Goods or orders in one transaction: what is in memory at a time, and what a Ctrl-C loses."""
SKUS_A_GOODS = 4
ORDERS_A_BUYER = 20
RECEIPT = 1_000
"""Units that come in when the stock of a SKU does not last."""

Progress = Callable[[int], object]


def add_skus(count: int, progress: Progress) -> None:
    """Add ``count`` SKUs: variations of the demo products, with the same pictures."""
    shelves = shop.existing_shelves()
    templates = [
        product
        for product in catalogue.products()
        if product.category in shelves.category and product.brand.name in shelves.brand
    ]
    if not templates:
        raise CommandError("None of the demo shop's categories is left: there is nothing to vary.")
    now, serial = timezone.now(), last_key(Goods)
    rng = _rng(f"skus after {serial}")
    rows = Rows()
    while count:
        with transaction.atomic():
            added = 0
            for _ in range(BATCH):
                serial += 1
                product = _varied(rng.choice(templates), serial, rng, most=count - added)
                at = now - timedelta(days=DAYS) - timedelta(days=300) * rng.random()
                stock = partial(rng.randrange, 50, 2_000)
                added += len(shop.add_product(rows, product, shelves, at, stock=stock, pictures=1))
                if added == count:
                    break
            rows.write()
            announce([])  # the index is rebuilt as a whole afterwards
        reset_queries()  # with DEBUG on, Django remembers them
        count -= added
        progress(added)


def add_orders(count: int, progress: Progress) -> None:
    """Add ``count`` orders of one to three lines, from new buyers, spread evenly over the last days."""
    sellable = array("q", SKU.objects.launched().values_list("pk", flat=True).iterator())
    if not sellable:
        raise CommandError("No SKU is on sale: there is nothing to order.")
    staff, choice = people.staff(), carriers()
    now, area_name = timezone.now(), people.area_names()
    user_ids = _add_buyers(count // ORDERS_A_BUYER + 1, now)
    rng = _rng(f"orders of {user_ids}")
    rows = Rows()
    for start in range(0, count, BATCH):
        serials = range(start, min(start + BATCH, count))
        drawn = [_drawn(sellable, rng) for _ in serials]
        with transaction.atomic():
            skus = _locked({sku_id for units in drawn for sku_id in units})
            sold: Counter[int] = Counter()
            for serial, units in zip(serials, drawn, strict=True):
                # Ever later: numbers of one run cannot meet, and rows are appended to the index.
                at = now - timedelta(days=DAYS) * (1 - serial / count)
                lines = [_line(skus[sku_id], number) for sku_id, number in units.items()]
                user_id = rng.choice(user_ids)
                buyer = people.buyer(user_id, user_id, area_name)
                order = add_order(
                    rows,
                    buyer,
                    lines,
                    at=at,
                    now=now,
                    serial=serial,
                    rng=rng,
                    staff=staff,
                    choice=choice,
                )
                if order.status != Status.CANCELED:
                    sold.update(units)
            _sell(rows, sold, skus, staff.warehouse, now)
            rows.write()
        reset_queries()
        progress(len(serials))


def _rng(seed: str) -> Random:
    """Chance that comes out the same for the same rows in the database, and differs the next time."""
    return Random(seed)  # noqa: S311  nothing secret is drawn


def _varied(template: Product, serial: int, rng: Random, *, most: int) -> Product:
    """A product like this one under its own name, of at most four and at most ``most`` SKUs."""
    kept = 2 if len(template.options) > 1 else SKUS_A_GOODS
    if most < SKUS_A_GOODS:
        kept = 1
    first, *others = template.name.split()
    return replace(
        template,
        name=" ".join((first, f"{serial:X}", *others[-1:])),
        price=(template.price * Decimal(rng.randrange(70, 131)) / 100).quantize(Decimal("0.1")),
        options={name: options[:kept] for name, options in template.options.items()},
        missing=(),
        scarce={},
        withdrawn=(),
    )


def _add_buyers(count: int, now: datetime) -> range:
    """Create users who cannot log in."""
    first, rows = last_key(User) + 1, Rows()
    with transaction.atomic():
        for user_id in range(first, first + count):
            user = people.account(f"load_{user_id}", date_joined=now)
            user.set_unusable_password()
            rows.add(user)
            if user_id % BATCH == 0:
                rows.write()
        rows.write()
    return range(first, first + count)


def _drawn(sellable: Sequence[int], rng: Random) -> dict[int, int]:
    """Units by SKU, for one order. Some SKUs sell far better than others."""
    return {
        sellable[int(len(sellable) * rng.random() ** 2)]: rng.choice((1, 1, 1, 2, 3))
        for _ in range(rng.choice((1, 2, 3)))
    }


def _locked(sku_ids: set[int]) -> dict[int, SKUSnapshot]:
    """The SKUs as nobody else changes them until the transaction ends."""
    ordered = sorted(sku_ids)
    locked = SKU.objects.select_for_update().filter(pk__in=ordered).order_by("pk")
    list(locked.values_list("pk"))
    return sku_snapshots(ordered)


def _line(sku: SKUSnapshot, count: int) -> Line:
    return Line(sku.id, sku.name, sku.image, sku.specification, sku.price, count)


def _sell(
    rows: Rows,
    sold: Counter[int],
    skus: Mapping[int, SKUSnapshot],
    author_id: int,
    now: datetime,
) -> None:
    """Move the units from stock to sales; where the stock does not last, goods are received first."""
    alike: dict[tuple[int, int], list[int]] = defaultdict(list)
    for sku_id, units in sold.items():
        received = RECEIPT if skus[sku_id].stock < units else 0
        alike[units, received].append(sku_id)
        if received:
            rows.add(
                StockMovement(
                    sku_id=sku_id,
                    change=received,
                    reason=StockMovement.Reason.RECEIPT,
                    author_id=author_id,
                    create_time=now,
                )
            )
    # A statement for all SKUs that sold alike, instead of a branch for each as in SKUQuerySet.take.
    for (units, received), sku_ids in alike.items():
        for some in _chunks(sorted(sku_ids)):
            SKU.objects.filter(pk__in=some).receive_and_sell(received=received, sold=units)


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]

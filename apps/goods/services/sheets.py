"""Prices and stock by spreadsheet: looked at first, then applied as a whole or not at all (ADR 0013)."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.spreadsheets import Column, Problem, Row, SpreadsheetRefused, read
from apps.core.transactions import retry_lost_transactions
from apps.goods.exceptions import SheetApplied, SheetOutdated
from apps.goods.models import MOST_STOCK, SKU, StockMovement, StockSheet
from apps.goods.services.catalogue import announce
from apps.goods.services.columns import TITLES
from apps.goods.store import catalogue

if TYPE_CHECKING:
    from apps.users.models import User

BATCH = 500
DESCRIBED = ("price", "market_price", "cost_price", "is_launched")
HIGHEST_PRICE = Decimal("99999999.99")
T = TypeVar("T")


@dataclass(frozen=True)
class Change:
    """What a row does to a SKU: the columns that it changes ``before`` and ``after``, and ``units`` more in stock.

    ``stock`` and ``last_movement`` are what the SKU had when the row was looked at, or exported.
    """

    row: int
    sku_id: int
    name: str
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    units: int = 0
    stock: int = 0
    last_movement: int = 0

    @property
    def stock_after(self) -> int:
        return self.stock + self.units

    @property
    def described(self) -> list[tuple[str, Any, Any]]:
        """Title, before and after of each column that is changed, in the sheet's order: JSON keeps none."""
        return [
            (str(titles[0]), self.before[key], self.after[key])
            for key, titles in TITLES.items()
            if key in self.after
        ]


@dataclass
class Look:
    """What a file would do. ``sheet`` is what may be applied: None if there is a problem, or nothing to change."""

    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unchanged: int = 0
    sheet: StockSheet | None = None


def changes_of(sheet: StockSheet) -> list[Change]:
    return [Change(**change) for change in sheet.changes]


def look_at_sheet(file: BinaryIO, *, name: str, columns: Sequence[Column], author: "User") -> Look:
    """Say of every row what it would change or why it cannot, and keep that to be applied. Changes nothing yet.

    ``columns`` are those of ``sheet_columns`` that the author may change. Raises SpreadsheetRefused, also for a file
    that was applied as it is.
    """
    rows = read(file, columns=columns, unique=["id"])
    digest = _digest(file)
    _refuse_second_use(digest)
    look = Look()
    for batch in _batches(rows):
        _look_at_rows(batch, look)
    if look.changes and not look.problems:
        StockSheet.objects.forget_unapplied()
        look.sheet = StockSheet.objects.create(
            name=name[-100:],
            digest=digest,
            changes=[asdict(change) for change in look.changes],
            author=author,
        )
    return look


@retry_lost_transactions
def apply_sheet(sheet_id: int, *, author: "User") -> StockSheet:
    """Do all that a sheet was looked at to do, in one transaction.

    Raises SheetApplied; SheetOutdated, with every row that has been overtaken by somebody else's change since. Sales
    do not overtake a row: its units are added to what is there, as long as that is enough.
    """
    with transaction.atomic(durable=True):
        if not StockSheet.objects.mark_applied(sheet_id):
            raise SheetApplied
        sheet = StockSheet.objects.get(pk=sheet_id)
        # In the order of the keys: no two of these, and no buyer, wait for each other in a circle.
        changes = sorted(changes_of(sheet), key=lambda change: change.sku_id)
        outdated = [it for batch in _batches(changes) for it in _outdated(batch)]
        if outdated:
            raise SheetOutdated(problems=sorted(outdated))
        for batch in _batches(changes):
            _apply(batch, sheet, author)
        announce([change.sku_id for change in changes if change.after])
        transaction.on_commit(catalogue.renew)
    return sheet


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    return iter(partial(_some, iter(items)), [])


def _some(items: Iterator[T]) -> list[T]:
    return list(islice(items, BATCH))


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    for piece in iter(partial(file.read, 64 * 1024), b""):
        digest.update(piece)
    return digest.hexdigest()


def _refuse_second_use(digest: str) -> None:
    before = StockSheet.objects.applied().filter(digest=digest).first()
    if before and before.applied_time:
        at = timezone.localtime(before.applied_time)
        raise SpreadsheetRefused(
            _("This very file was applied on %(at)s: export the list again and change that.")
            % {"at": f"{at:%Y-%m-%d %H:%M}"}
        )


def _look_at_rows(rows: list[Row], look: Look) -> None:
    sku_ids = [row["id"] for row in rows if row["id"] is not None and 0 < row["id"] < 2**63]
    # In this order: a movement between the two is noticed when the sheet is applied.
    moved = StockMovement.objects.last_ids(sku_ids)
    skus = SKU.objects.in_bulk(sku_ids)
    for row in rows:
        sku = skus.get(row["id"])
        if row.is_sound and sku is None:
            _refuse(row, "id", _("There is no such SKU."))
        if row.is_sound and sku:
            change = _change(row, sku, moved.get(sku.pk, 0))
            if row.is_sound and (change.after or change.units):
                look.changes.append(change)
            elif row.is_sound:
                look.unchanged += 1
        look.problems.extend(row.problems)


def _refuse(row: Row, key: str, message: str) -> None:
    row.problems.append(Problem(row.number, str(TITLES[key][0]), message))


def _change(row: Row, sku: SKU, last_movement: int) -> Change:
    """What the row does to the SKU; its problems are noted in the row."""
    name = row.values.get("name")
    if name is not None and name.split() != sku.name.split():
        said = _("SKU %(id)d is called “%(name)s”: have the rows been mixed up?")
        _refuse(row, "name", said % {"id": sku.pk, "name": sku.name})
    described = [key for key in DESCRIBED if _is_changed(row, sku, key)]
    units = _units(row)
    if units and row.values.get("movement") not in {None, last_movement}:
        said = _("Stock was received or corrected since the export; now there are %(stock)d.")
        _refuse(row, "stock", said % {"stock": sku.stock})
    if row.is_sound and not 0 <= sku.stock + units <= MOST_STOCK:
        said = _("There are %(stock)d now: %(units)+d cannot be.")
        _refuse(row, "stock", said % {"stock": sku.stock, "units": units})
    return Change(
        row=row.number,
        sku_id=sku.pk,
        name=sku.name,
        before={key: _plain(getattr(sku, key)) for key in described},
        after={key: _plain(row[key]) for key in described},
        units=units,
        stock=sku.stock,
        last_movement=last_movement,
    )


def _is_changed(row: Row, sku: SKU, key: str) -> bool:
    value = row.values.get(key)
    if value is None or value == getattr(sku, key):
        return False
    if key != "is_launched":
        lowest = Decimal("0.01") if key == "price" else Decimal(0)
        if not lowest <= value <= HIGHEST_PRICE:
            _refuse(
                row,
                key,
                _("Between %(lowest)s and %(highest)s.")
                % {"lowest": lowest, "highest": HIGHEST_PRICE},
            )
    return True


def _units(row: Row) -> int:
    """How many more there are to be: what was entered less what the export said, never what is there less that."""
    stock, seen, receipt = (row.values.get(key) for key in ("stock", "stock_seen", "receipt"))
    if stock is None or stock == seen:
        units = receipt or 0
        return int(units) if abs(units) <= MOST_STOCK else _too_many(row, "receipt")
    if receipt:
        _refuse(row, "receipt", _("Either the stock or the units that came in, not both."))
    if seen is None or row.values.get("movement") is None:
        _refuse(
            row,
            "stock",
            _(
                "Stock is changed by its difference: leave the columns of the export as they are, or use the column "
                "of units that came in."
            ),
        )
        return 0
    if not 0 <= stock <= MOST_STOCK or not 0 <= seen <= MOST_STOCK:
        return _too_many(row, "stock")
    return int(stock - seen)


def _too_many(row: Row, key: str) -> int:
    _refuse(
        row, key, _("Between %(lowest)s and %(highest)s.") % {"lowest": 0, "highest": MOST_STOCK}
    )
    return 0


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool) else f"{value:.2f}"


def _outdated(changes: list[Change]) -> Iterator[tuple[int, str]]:
    """Which of these SKUs, locked from now on, somebody else has changed."""
    sku_ids = [change.sku_id for change in changes]
    skus = {sku.pk: sku for sku in SKU.objects.lock(sku_ids)}
    moved = StockMovement.objects.last_ids([change.sku_id for change in changes if change.units])
    for change in changes:
        sku = skus[change.sku_id]
        for key, before in change.before.items():
            now = _plain(getattr(sku, key))
            if now != before:
                said = _("%(column)s was %(before)s and is %(now)s now.")
                place = {"column": TITLES[key][0], "before": before, "now": now}
                yield change.row, said % place
        if change.units and moved.get(sku.pk, 0) != change.last_movement:
            said = _("Stock was received or corrected meanwhile; now there are %(stock)d.")
            yield change.row, said % {"stock": sku.stock}
        elif not 0 <= sku.stock + change.units <= MOST_STOCK:
            said = _("There are %(stock)d now: %(units)+d cannot be.")
            yield change.row, said % {"stock": sku.stock, "units": change.units}


def _apply(changes: list[Change], sheet: StockSheet, author: "User") -> None:
    """``_outdated`` has locked these SKUs."""
    skus = SKU.objects.in_bulk([change.sku_id for change in changes])
    described = [change for change in changes if change.after]
    for change in described:
        sku = skus[change.sku_id]
        for key, value in change.after.items():
            setattr(sku, key, value if isinstance(value, bool) else Decimal(value))
    if described:
        # Only what changes, and what is the same for all at once: meanwhile buyers of these SKUs wait.
        columns = sorted({key for change in described for key in change.after})
        SKU.objects.bulk_update([skus[change.sku_id] for change in described], columns)
        touched = SKU.objects.filter(pk__in=[change.sku_id for change in described])
        touched.update(update_time=timezone.now())
    moving = [change for change in changes if change.units]
    if moving:
        SKU.objects.change_stocks({change.sku_id: change.units for change in moving})
    StockMovement.objects.bulk_create(
        StockMovement(
            sku_id=change.sku_id,
            change=change.units,
            stock_after=skus[change.sku_id].stock + change.units,
            reason=StockMovement.Reason.SHEET,
            note=_("%(file)s, row %(row)d") % {"file": sheet.name, "row": change.row},
            author=author,
        )
        for change in moving
    )

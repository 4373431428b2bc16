"""Which specifications a goods is sold by, and which SKU has which options."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from apps.goods.models import SKUSpecification


class Choice(NamedTuple):
    """An option of a specification, once for each SKU that has it; None where there is no option, or no such SKU."""

    spec_id: int
    spec: str
    option_id: int | None
    value: str | None
    sku_id: int | None
    is_launched: bool | None


@dataclass(frozen=True)
class Variants:
    """A goods' specifications, which of its SKUs has which options, and which SKUs are on sale."""

    specs: list[dict[str, Any]]
    options_of_sku: dict[int, dict[int, int]]
    launched: frozenset[int]

    @classmethod
    def of(cls, rows: Iterable[Choice]) -> "Variants":
        specs: dict[int, dict[str, Any]] = {}
        values: dict[int, dict[int, str]] = defaultdict(dict)
        options_of_sku: dict[int, dict[int, int]] = defaultdict(dict)
        launched = set()
        for row in sorted(rows, key=lambda row: (row.spec_id, row.option_id or 0)):
            specs[row.spec_id] = {"id": row.spec_id, "name": row.spec}
            if row.option_id and row.value:
                values[row.spec_id][row.option_id] = row.value
            if row.sku_id and row.option_id:
                options_of_sku[row.sku_id][row.spec_id] = row.option_id
            if row.sku_id and row.is_launched:
                launched.add(row.sku_id)
        for spec_id, spec in specs.items():
            spec["options"] = [{"id": pk, "value": each} for pk, each in values[spec_id].items()]
        return cls(list(specs.values()), dict(options_of_sku), frozenset(launched))

    def matrix(self, sku_id: int) -> list[dict[str, Any]]:
        """For every option: the SKU that a buyer looking at ``sku_id`` gets by choosing it, or None.

        That is the SKU on sale which differs from this one in the one specification only.
        """
        mine = self.options_of_sku.get(sku_id, {})
        sku_of_options = {
            frozenset(options.items()): sku
            for sku, options in self.options_of_sku.items()
            if sku in self.launched
        }
        return [
            {
                **spec,
                "options": [
                    {
                        **option,
                        "sku_id": sku_of_options.get(
                            frozenset({**mine, spec["id"]: option["id"]}.items())
                        ),
                        "selected": mine.get(spec["id"]) == option["id"],
                    }
                    for option in spec["options"]
                ],
            }
            for spec in self.specs
        ]


def sku_of_options(goods_id: int, option_ids: set[int], *, but: int | None) -> int | None:
    """The id of another SKU of this goods that has just these options; None without one, or without options."""
    options_of_sku: dict[int, set[int]] = defaultdict(set)
    chosen = SKUSpecification.objects.filter(sku__goods=goods_id).exclude(sku=but)
    for sku_id, option_id in chosen.values_list("sku_id", "option_id"):
        options_of_sku[sku_id].add(option_id)
    same = (sku_id for sku_id, options in options_of_sku.items() if options == option_ids)
    return next(same, None)

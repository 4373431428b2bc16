import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


class Kind(enum.Enum):
    """What a column holds, and as what Python gets it: str, int, Decimal with two places (CNY yuan), bool."""

    TEXT = "text"
    INTEGER = "integer"
    MONEY = "money"
    YES_NO = "yes or no"


@dataclass(frozen=True)
class Column:
    """A column that the sheet may have, found by any of its titles; the first is the one messages call it by.

    ``required``: without this column the file is refused. ``blank``: a cell of it may be empty, and is None then;
    cells of a column that is not required always may.
    """

    key: str
    titles: Sequence[str]
    kind: Kind = Kind.TEXT
    required: bool = True
    blank: bool = False
    longest: int = 200

    @property
    def title(self) -> str:
        return str(self.titles[0])

    @property
    def may_be_empty(self) -> bool:
        return self.blank or not self.required


@dataclass(frozen=True)
class Problem:
    """Why a row cannot be used; ``column`` is the title, "" where it is about the whole row."""

    row: int
    column: str
    message: str


@dataclass
class Row:
    """One row of the data. ``number`` is the one that Excel shows beside it; ``values`` are None where a cell is
    empty, its column is missing, or there is a problem with it."""

    number: int
    values: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        return not self.problems

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

"""A search as a tree of clauses, which every engine translates into its own."""

from dataclasses import dataclass
from typing import Union


@dataclass(frozen=True)
class Term:
    field: str
    token: str


@dataclass(frozen=True)
class Phrase:
    """The tokens one behind the other; two or more."""

    field: str
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class Near:
    """A token that differs in one letter: wrong, missing, too many, or two that changed places."""

    field: str
    token: str


@dataclass(frozen=True)
class Prefix:
    field: str
    start: str


@dataclass(frozen=True)
class Every:
    """All of them; what also matches ``better`` stands higher."""

    clauses: tuple["Clause", ...]
    better: tuple["Clause", ...] = ()


@dataclass(frozen=True)
class Some:
    """At least so many of them, the more the higher."""

    clauses: tuple["Clause", ...]
    at_least: int = 1


@dataclass(frozen=True)
class Best:
    """Any of them; the best one counts, the others a little."""

    clauses: tuple["Clause", ...]


@dataclass(frozen=True)
class Weighted:
    clause: "Clause"
    weight: float


Clause = Union[Term, Phrase, Near, Prefix, Every, Some, Best, Weighted]  # noqa: UP007  named above already

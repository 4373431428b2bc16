"""From what a buyer typed to clauses: first as it is written, then as it may have been meant.

Each step finds more than the one before; an engine takes the first that finds anything. Nothing a buyer types is
syntax: every character reaches an engine inside a token of letters, digits or Chinese characters.
"""

from collections.abc import Callable, Iterable
from functools import partial
from math import ceil

from apps.search.gateways import analysis
from apps.search.gateways.clauses import (
    Best,
    Clause,
    Every,
    Near,
    Phrase,
    Prefix,
    Some,
    Term,
    Weighted,
)

# A hit in the name counts more than one in the brand, and so on.
WEIGHTS = {"name": 4.0, "brand": 3.0, "category": 2.0, "specs": 2.0, "caption": 1.0}
SOUND, MODEL, MISHEARD, MISTYPED, DEPARTMENT = 0.8, 0.7, 0.6, 0.5, 0.5
WHOLE = 6.0
MOST_RUNS = MOST_PIECES = 16
# So many words have no need of being mended: most of them are right.
MOST_MENDED = 5
# They say nothing of what is sold.
EMPTY_WORDS = frozenset("的了和与及或在是有给吗呢吧")

Reading = Callable[[str], Clause]


def steps(text: str) -> list[Clause]:
    """What to look for, one after the other; none if there is no word in the text."""
    runs = analysis.runs(text)[:MOST_RUNS]
    if not runs:
        return []
    as_written = Every(tuple(map(_as_written, runs)), better=tuple(_whole(runs)))
    plan = [_best([as_written, *_joined(runs)])]
    parts = [part for run in runs for part in _parts(run)][:MOST_PIECES]
    if len(runs) <= MOST_MENDED:
        plan.append(Every(tuple(map(_as_meant, runs))))
        plan.append(Every(tuple(map(_but_for_one, runs)), better=tuple(parts)))
    return [*plan, _most(parts, 0.6), _most(parts, 0.2)]


def _pieces(run: str) -> list[str]:
    """The words of a run, without those that say nothing of what is sold."""
    if not analysis.is_han(run):
        return [run]
    return [word for word in analysis.words(run) if word not in EMPTY_WORDS] or [run]


def _anywhere(clause_in: Callable[[str], Clause]) -> list[Clause]:
    return [Weighted(clause_in(field), weight) for field, weight in WEIGHTS.items()]


def _in_order(tokens: Iterable[str], field: str) -> Clause:
    found = tuple(tokens)
    return Phrase(field, found) if len(found) > 1 else Term(field, found[0])


def _best(clauses: list[Clause]) -> Clause:
    return clauses[0] if len(clauses) == 1 else Best(tuple(clauses))


def _most(clauses: list[Clause], share: float) -> Clause:
    """Of a few all but one, of many this share."""
    count = len(clauses)
    return Some(tuple(clauses), at_least=max(1, min(count - 1, ceil(count * share))))


def _as_written(run: str) -> Clause:
    """A run as a whole; of Chinese also every word of it, wherever each stands."""
    if not analysis.is_han(run):
        return _best(_latin(run))
    pieces = _pieces(run)
    apart = [Every(tuple(_best(_chinese(piece)) for piece in pieces))] if pieces != [run] else []
    return _best([*_chinese(run), *apart])


def _chinese(piece: str) -> list[Clause]:
    if len(piece) == 1:
        return [Term("characters", piece)]
    return _anywhere(partial(_in_order, analysis.pairs(piece)))


def _latin(piece: str) -> list[Clause]:
    written = _anywhere(lambda field: Term(field, piece))
    written.append(Weighted(Term("models", piece), MODEL))
    if piece.isalpha():
        written += [Weighted(clause, SOUND) for clause in _heard(piece)]
    return written


def _heard(letters: str) -> list[Clause]:
    """Letters as pinyin, or as the initials of it."""
    heard: list[Clause] = [Term("sounds", letters)]
    for spelling in analysis.spelt(letters):
        if len(spelling) > 1:
            heard.append(_in_order(analysis.joined_pairs(spelling), "pinyin"))
    return heard


def _whole(runs: list[str]) -> Iterable[Clause]:
    """The text as one phrase of the name, if it has more than one token."""
    tokens = [
        token for run in runs for token in (analysis.pairs(run) if analysis.is_han(run) else [run])
    ]
    if len(tokens) > 1:
        yield Weighted(Phrase("name", tuple(tokens)), WHOLE)


def _joined(runs: list[str]) -> Iterable[Clause]:
    """Letters with spaces between, as one word: "xiao mi", "i phone"."""
    if 1 < len(runs) <= 6 and all(run.isascii() and run.isalpha() for run in runs):
        yield _as_written("".join(runs))


def _as_meant(run: str) -> Clause:
    """A run as it is written, in the name of its department, as it sounds, or with a slip in it."""
    if not analysis.is_han(run):
        slips = [Weighted(clause, MISTYPED) for clause in _mistyped(run)]
        return _best([_as_written(run), Term("department", run), *slips])
    pieces = [_best([_as_written(piece), *_misheard(piece)]) for piece in _pieces(run)]
    return _best([Every(tuple(pieces)), *_misheard(run)])


def _misheard(piece: str) -> Iterable[Clause]:
    yield Weighted(_in_order(analysis.pairs(piece), "department"), DEPARTMENT)
    if said := analysis.sound_pairs(piece):
        yield Weighted(_in_order(said, "pinyin"), MISHEARD)


def _mistyped(piece: str) -> Iterable[Clause]:
    if len(piece) >= 2:
        for field in ("name", "brand", "models"):
            yield Prefix(field, piece)
    if len(piece) >= 4:
        for field in ("name", "brand", "specs", "sounds", "pinyin"):
            yield Near(field, piece)
    if piece.isalpha() and piece.isascii() and 4 <= len(piece) <= 24:
        for cut in range(2, len(piece) - 1):
            halves = piece[:cut], piece[cut:]
            yield Every(tuple(_best(_heard(half)) for half in halves))
    parts = analysis.parts(piece)
    if len(parts) > 1:
        yield Every(tuple(_best(_latin(part)) for part in parts))


def _but_for_one(run: str) -> Clause:
    """A Chinese run of three characters or more, with one that is wrong or too many."""
    if not analysis.is_han(run) or len(run) < 3:
        return _as_meant(run)
    letters = tuple(Term("characters", each) for each in dict.fromkeys(run))
    return _best([_as_meant(run), Weighted(Some(letters, at_least=len(letters) - 1), MISTYPED)])


def _parts(run: str) -> list[Clause]:
    """What is left to look for when a run is not found as a whole: of Chinese, each pair of characters."""
    if not analysis.is_han(run) or len(run) < 3:
        return [_as_meant(run)]
    return [_best([*_chinese(pair), *_misheard(pair)]) for pair in analysis.pairs(run)]

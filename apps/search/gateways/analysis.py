"""What a text consists of: the same cutting for what is indexed and for what is asked, whichever engine stores it.

Chinese is cut into pairs of neighbouring characters, which need no dictionary to find a brand that was invented
yesterday; words (jieba) say where a query or a name has its joints. Latin letters and digits stay together, in lower
case, without full-width forms, "256GB" as "256g".
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import islice, pairwise

import rjieba
from pypinyin import lazy_pinyin
from pypinyin.pinyin_dict import pinyin_dict

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_TOKENS = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+(?:\.\d+[^\W_{HAN}]*)*")
_IS_HAN = re.compile(rf"[{HAN}]")
# A number and its unit are one word, however they are written.
_UNITS = {
    "gb": "g",
    "tb": "t",
    "mb": "m",
    "g": "g",
    "t": "t",
    "kg": "kg",
    "ml": "ml",
    "l": "l",
    "mah": "mah",
    "w": "w",
    "千克": "kg",
    "公斤": "kg",
    "克": "g",
    "毫升": "ml",
    "升": "l",
    "毫安": "mah",
    "瓦": "w",
}
_MEASURE = re.compile(rf"(\d)\s*({'|'.join(sorted(_UNITS, key=len, reverse=True))})(?![a-z0-9])")
_PARTS = re.compile(r"[a-z]+|\d+(?:\.\d+)?")


def normalised(text: str) -> str:
    """Half-width, lower case, units in one form."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _MEASURE.sub(lambda found: found[1] + _UNITS[found[2]], plain)


def runs(text: str) -> list[str]:
    """The words of a text between which it has a space, a sign, or a change between Chinese and other letters."""
    return _TOKENS.findall(normalised(text))


def is_han(run: str) -> bool:
    return bool(_IS_HAN.match(run))


def pairs(run: str) -> list[str]:
    """Neighbouring characters of a Chinese run; a lone character is itself."""
    return [a + b for a, b in pairwise(run)] or [run]


def tokens(text: str) -> list[str]:
    """What is indexed of a text, in its order."""
    return [token for run in runs(text) for token in (pairs(run) if is_han(run) else [run])]


def characters(text: str) -> set[str]:
    return {character for run in runs(text) if is_han(run) for character in run}


def models(text: str) -> set[str]:
    """Model numbers as people write them too: "iPhone 15" as "iphone15", "1000XM5" as "xm5"."""
    found = set()
    latin = [None if is_han(run) else run for run in runs(text)]
    for length in (2, 3):
        for start in range(len(latin) - length + 1):
            joined = latin[start : start + length]
            if None not in joined:
                found.add("".join(map(str, joined)))
    for run in filter(None, latin):
        first, *others = parts(run) or [run]
        if others:
            found.add(first)
        for start in range(len(others)):
            end = "".join(others[start:])
            if not end.isalpha():  # letters behind a number are its unit
                found.add(end)
    return found


def parts(run: str) -> list[str]:
    """Letters and numbers of a Latin run."""
    return _PARTS.findall(run)


# --- How it sounds --------------------------------------------------------------------------------


@lru_cache(maxsize=1 << 16)
def syllables(word: str) -> tuple[str, ...]:
    """The pinyin of a Chinese word, a syllable for each character, without tones."""
    return tuple(re.sub(r"[^a-z]", "", each) or "?" for each in lazy_pinyin(word))


@lru_cache(maxsize=1 << 16)
def words(run: str) -> tuple[str, ...]:
    """A Chinese run cut into words."""
    return tuple(rjieba.cut(run))


def spoken(run: str) -> list[str]:
    """The syllables of a Chinese run, each word read as the dictionary reads it."""
    return [syllable for word in words(run) for syllable in syllables(word)]


def sound_pairs(run: str) -> list[str]:
    """小米手机 as "xiaomi", "mishou", "shouji"; nothing for a lone character."""
    return joined_pairs(spoken(run))


def joined_pairs(spoken_run: Iterable[str]) -> list[str]:
    return [a + b for a, b in pairwise(spoken_run)]


def sounds(piece: str) -> set[str]:
    """A whole Chinese name as one types it: in full ("xiaomi") and by its initials ("xm")."""
    said = spoken(piece)
    full = {"".join(said)}
    return full | {"".join(each[0] for each in said)} if len(said) > 1 else full


@lru_cache(maxsize=1 << 12)
def spelt(letters: str) -> tuple[tuple[str, ...], ...]:
    """Up to eight ways to read Latin letters as pinyin: "xian" is xian or xi an, "iphone" is none."""
    if not letters.isascii() or len(letters) > 30:
        return ()
    # There may be tens of thousands: each "ao" is ao or a o.
    return tuple(map(tuple, islice(_spellings(letters, 0), 8)))


def _spellings(letters: str, start: int) -> Iterator[list[str]]:
    if start == len(letters):
        yield []
        return
    # The longest first: "xian" is rather one syllable than two. A dead end is not walked into twice.
    for end in range(min(len(letters), start + 6), start, -1):
        if letters[start:end] in _known_syllables() and _can_end(letters, end):
            for rest in _spellings(letters, end):
                yield [letters[start:end], *rest]


@lru_cache(maxsize=1 << 12)
def _can_end(letters: str, start: int) -> bool:
    return start == len(letters) or any(
        letters[start:end] in _known_syllables() and _can_end(letters, end)
        for end in range(start + 1, min(len(letters), start + 6) + 1)
    )


@cache
def _known_syllables() -> frozenset[str]:
    """Every syllable of the common characters; letters that only make a sound ("m", "ng") are none."""
    readings = {
        re.sub(r"[^a-z]", "", unicodedata.normalize("NFD", reading.replace("ü", "v")))
        for code, line in pinyin_dict.items()
        if 0x4E00 <= code <= 0x9FFF
        for reading in line.split(",")
    }
    return frozenset(each for each in readings if each in "aeo" or re.search("[aeiouv]", each))

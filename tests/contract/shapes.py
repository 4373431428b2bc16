"""Whether an answer has the shape that the storefronts' contract says.

A shape is a type (``bool`` is no ``int``), a pattern that the whole text matches, a tuple of alternatives, a list of
one shape for all items, of which there must be some, a dict of the keys that must be there (others may), or the value
itself.
"""

import re
from typing import Any

MONEY = re.compile(r"\d+\.\d\d")
ORDER_ID = re.compile(r"\d+")
SHANGHAI_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+08:00")
MASKED_MOBILE = re.compile(r"\d{3}\*{4}\d{4}")
TOKEN = re.compile(r"\S{20,}")
# Without a host, a storefront of another origin would look for it at its own.
ADDRESS = re.compile(r"https?://\S+")


def faults(value: Any, shape: Any, at: str = "$") -> list[str]:
    """Every place where the value is not of this shape."""
    if isinstance(shape, type):
        fits = isinstance(value, shape) and (shape is bool or not isinstance(value, bool))
    elif isinstance(shape, re.Pattern):
        fits = isinstance(value, str) and shape.fullmatch(value) is not None
    elif isinstance(shape, tuple):
        fits = any(not faults(value, each) for each in shape)
    elif isinstance(shape, list):
        if not isinstance(value, list) or not value:
            return [f"{at}: {value!r} is no array with something in it"]
        return [
            fault for n, each in enumerate(value) for fault in faults(each, shape[0], f"{at}[{n}]")
        ]
    elif isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{at}: {value!r} is no object"]
        missing = [f"{at}.{key} is missing" for key in shape if key not in value]
        there = (key for key in shape if key in value)
        return missing + [
            fault for key in there for fault in faults(value[key], shape[key], f"{at}.{key}")
        ]
    else:
        fits = type(value) is type(shape) and value == shape
    return [] if fits else [f"{at}: {value!r} is not {shape!r}"]

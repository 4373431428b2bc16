"""Reads the texts of Django templates for Babel, which knows Python and JavaScript only."""

from collections.abc import Collection, Iterable, Iterator
from io import BytesIO
from typing import IO, Any

from babel.messages.extract import extract_python
from django.utils.translation.template import templatize


def extract(
    file: IO[bytes],
    keywords: Iterable[str],
    comment_tags: Collection[str],
    options: dict[str, Any],
) -> Iterator[tuple]:
    """Django turns the tags into calls of gettext(); what is left over must not look indented."""
    calls = templatize(file.read().decode())
    lines = "\n".join(line.strip() for line in calls.splitlines())
    yield from extract_python(BytesIO(lines.encode()), keywords, comment_tags, options)

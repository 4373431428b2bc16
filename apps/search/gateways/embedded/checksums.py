"""Whether the files of a tantivy index are what was written.

Each ends with a footer, JSON that holds the CRC-32 of what stands before it, then the footer's length and a magic
number, both 32 bits. tantivy itself does not look at the checksum when it opens a file.
"""

import json
import struct
import zlib
from pathlib import Path

_END = struct.Struct("<II")
_MAGIC = 1337
_CHUNK = 1 << 20


class Checksums:
    """Remembers the files it has found right: an index of a million SKUs is not read again for every commit."""

    def __init__(self) -> None:
        self._right: set[tuple[str, int, int, int]] = set()

    def verify(self, directory: Path) -> None:
        """Raise ValueError if a file of the index is damaged, FileNotFoundError if one is missing."""
        meta = json.loads((directory / "meta.json").read_bytes())
        right = set()
        for segment in meta["segments"]:
            stem = segment["segment_id"].replace("-", "")
            files = list(directory.glob(f"{stem}.*"))
            if not {".idx", ".pos", ".term", ".fast", ".store"} <= {each.suffix for each in files}:
                raise FileNotFoundError(stem)
            for file in files:
                stat = file.stat()
                known = (file.name, stat.st_ino, stat.st_size, stat.st_mtime_ns)
                if known not in self._right and not _is_whole(file, stat.st_size):
                    raise ValueError(f"{file} is damaged")
                right.add(known)
        self._right = right


def _is_whole(file: Path, size: int) -> bool:
    with file.open("rb") as content:
        content.seek(max(size - _END.size, 0))
        end = content.read()
        if len(end) != _END.size:
            return False
        length, magic = _END.unpack(end)
        left = size - _END.size - length
        if magic != _MAGIC or left < 0:
            return False
        content.seek(left)
        try:
            wanted = json.loads(content.read(length))["crc"]
        except (ValueError, KeyError, TypeError):
            return False
        content.seek(0)
        found = 0
        while left > 0 and (chunk := content.read(min(_CHUNK, left))):
            found = zlib.crc32(chunk, found)
            left -= len(chunk)
        return bool(found == wanted)

"""The redis-server that the laptop rung starts by itself: real, local, with its append-only file on.

It listens on a Unix socket only, so no port can be taken and nobody else can reach it.
"""

import hashlib
import tempfile
from pathlib import Path

# sockaddr_un holds 108 bytes on Linux and 104 on macOS, the closing zero included.
SOCKET_PATH_MAX = 100


def socket_path(data_dir: Path) -> Path:
    """Where the server of ``data_dir`` listens; beside its data unless that path is too long."""
    beside = data_dir / "redis.sock"
    if len(str(beside).encode()) <= SOCKET_PATH_MAX:
        return beside
    name = hashlib.sha256(str(data_dir).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"meiduo-redis-{name}.sock"


def url(data_dir: Path, *, database: int) -> str:
    """The address of one logical database, as redis-py reads it."""
    return f"unix://{socket_path(data_dir)}?db={database}"

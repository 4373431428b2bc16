import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Renew = Callable[[], object]


@contextmanager
def turn(file: Path, *, wait: bool) -> Iterator[Renew | None]:
    """Be the only process of this machine in here; None if there is another and we do not wait.

    The lock is the kernel's: it ends with the process that holds it, however that ends, so nothing needs renewing.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield None
        else:
            yield lambda: None

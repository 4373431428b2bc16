import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from urllib3.exceptions import HTTPError

from apps.search.exceptions import SearchUnavailable

logger = logging.getLogger(__name__)


class Outages:
    """Turns what a broken index or a silent server raises into SearchUnavailable, and says it once until it is over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_known = False

    @contextmanager
    def noticed(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            # A panic of Rust is no Exception; its class cannot be imported.
            is_panic = type(error).__name__ == "PanicException"
            if not is_panic and not isinstance(error, ValueError | OSError | HTTPError):
                raise
            with self._lock:
                is_known, self._is_known = self._is_known, True
            if not is_known:
                logger.exception(
                    "Search is out of order. If the index is to blame, manage.py rebuild_index mends it"
                )
            raise SearchUnavailable from error
        self._is_known = False

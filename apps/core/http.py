"""Pooled HTTP to servers that nobody can be sure of: none may hold a worker by a drop now and then."""

import socket
from contextlib import suppress
from threading import Event, Timer
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

CONNECT_SECONDS = 3.0
READ_SECONDS = 5.0
# For all of an answer. Its headers are held to this here; whoever reads its body sees to that.
ANSWER_SECONDS = 10.0
CONNECTIONS = 8
POOLS = 32


class _HangsUp:
    """Bounds the wait for an answer's headers, which may come in drops as well; a read's time-out does not."""

    sock: socket.socket | None

    def getresponse(self) -> Any:
        is_over = Event()
        timer = Timer(ANSWER_SECONDS, self._hang_up, [is_over])
        timer.daemon = True
        timer.start()
        try:
            response = super().getresponse()  # type: ignore[misc]
        finally:
            timer.cancel()
        if is_over.is_set():
            # To http.client, headers that break off have ended.
            raise TimeoutError
        return response

    def _hang_up(self, is_over: Event) -> None:
        is_over.set()
        if self.sock is not None:
            # The system's own: that of TLS would change what another thread is reading from.
            with suppress(OSError):
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


class _Connection(_HangsUp, HTTPConnection):
    pass


class _TLSConnection(_HangsUp, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


def new_pools(**changed: Any) -> urllib3.PoolManager:
    """Pools without retries; ``changed`` as PoolManager takes it."""
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
    pools = urllib3.PoolManager(
        POOLS, maxsize=CONNECTIONS, retries=False, timeout=timeout, **changed
    )
    pools.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}
    return pools

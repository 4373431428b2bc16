"""Tells merchants that money moved, until they answer ``success`` or the schedule ends.

One thread delivers. It sleeps until the next notice is due or a new one wakes it; what waits is in
the ledger, so a restarted process goes on where the old one stopped. A process that dies between
sending a notice and recording the answer sends it again: at least once, as with the provider.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import urllib3

from sandbox import signing
from sandbox.clock import beijing_text
from sandbox.records import NoticeState

if TYPE_CHECKING:
    from sandbox.config import Config
    from sandbox.ledger import Ledger
    from sandbox.records import Notice

logger = logging.getLogger(__name__)

# Alipay waits 4 min, 10 min, 10 min, 1 h, 2 h, 6 h and 15 h between its tries, then gives up.
RETRY_SECONDS = (240, 600, 600, 3600, 7200, 21600, 54000)
MAX_TRIES = 1 + len(RETRY_SECONDS)

# Enough to show on the front page what a merchant answered instead of ``success``.
ANSWER_BYTES = 200
PAUSE_AFTER_FAULT_SECONDS = 1.0


class Notifier:
    def __init__(self, config: Config, ledger: Ledger) -> None:
        self._config = config
        self._ledger = ledger
        self._http = urllib3.PoolManager(
            retries=False, timeout=urllib3.Timeout(config.notify_timeout_seconds)
        )
        self._woken = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="notices", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Let the try under way end, and start no other."""
        self._stopping = True
        self._woken.set()
        self._thread.join()

    def wake(self) -> None:
        """Say that a notice was written down."""
        self._woken.set()

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping:
            # Cleared before looking: what is written after the look sets it again.
            self._woken.clear()
            try:
                self._deliver_due()
                pause = self._seconds_to_next()
            except sqlite3.Error:
                # A full disk or a locked file must not end all deliveries for good.
                logger.exception("the ledger failed; deliveries go on in a moment")
                pause = PAUSE_AFTER_FAULT_SECONDS
            if not self._stopping:
                self._woken.wait(pause)

    def _deliver_due(self) -> None:
        for notice in self._ledger.due_notices():
            if self._stopping:
                return
            self._try(notice)

    def _seconds_to_next(self) -> float | None:
        due_at = self._ledger.next_due_at()
        if due_at is None:
            return None
        # Never longer than the platform's lock can wait.
        return min(max(due_at - self._ledger.now().timestamp(), 0.0), threading.TIMEOUT_MAX)

    def _try(self, notice: Notice) -> None:
        """Send once and record the answer: delivered, due again, or given up."""
        delivered, answer = self._send(notice)
        tries = notice.tries + 1
        if delivered:
            self._ledger.record_try(notice, answer=answer, state=NoticeState.DELIVERED)
            return
        notify_id = notice.fields["notify_id"]
        logger.warning("notice %s, try %d of %d: %s", notify_id, tries, MAX_TRIES, answer)
        if tries == MAX_TRIES:
            self._ledger.record_try(notice, answer=answer, state=NoticeState.GIVEN_UP)
            return
        pause = RETRY_SECONDS[tries - 1] * self._config.retry_scale
        due_at = self._ledger.now().timestamp() + pause
        self._ledger.record_try(notice, answer=answer, state=NoticeState.WAITING, due_at=due_at)

    def _send(self, notice: Notice) -> tuple[bool, str]:
        """Whether the merchant answered 200 with exactly ``success``, and what it did answer."""
        fields = {**notice.fields, "notify_time": beijing_text(self._ledger.now())}
        try:
            response = self._http.request(
                "POST",
                notice.url,
                body=urlencode(signing.signed(fields, self._config.private_key)),
                headers={
                    "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
                    "Connection": "close",
                },
                redirect=False,
                preload_content=False,
            )
            try:
                # One byte more than is kept, lest "success…" of any length reads as success.
                body = response.read(ANSWER_BYTES + 1, decode_content=False)
            finally:
                response.close()
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            return False, f"{type(error).__name__}: {error}"[:ANSWER_BYTES]
        shown = body[:ANSWER_BYTES].decode("utf-8", errors="replace")
        return response.status == 200 and body == b"success", f"{response.status} {shown}"

"""Tells merchants that money moved, until they accept it or the provider's schedule ends.

One thread delivers. It sleeps until the next notice is due or a new one wakes it; what waits is in
the ledger, so a restarted process goes on where the old one stopped. A process that dies between
sending a notice and recording the answer sends it again: at least once, as with the providers.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from typing import TYPE_CHECKING

import urllib3

from sandbox.ledger.records import NoticeState

if TYPE_CHECKING:
    from sandbox.channel import Channel
    from sandbox.config import Config
    from sandbox.faults import Faults
    from sandbox.ledger import Ledger
    from sandbox.ledger.records import Notice

logger = logging.getLogger(__name__)

# Enough to show on the front page what a merchant answered.
ANSWER_BYTES = 200
PAUSE_AFTER_FAULT_SECONDS = 1.0


class Notifier:
    def __init__(
        self, config: Config, ledger: Ledger, faults: Faults, channels: dict[str, Channel]
    ) -> None:
        self._config = config
        self._ledger = ledger
        self._faults = faults
        self._channels = channels
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
        """Say that a notice was written down, or that nothing holds it back any more."""
        self._woken.set()

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping:
            # Cleared before looking: what is written after the look sets it again.
            self._woken.clear()
            try:
                pause = self._deliver_due()
            except sqlite3.Error:
                # A full disk or a locked file must not end all deliveries for good.
                logger.exception("the ledger failed; deliveries go on in a moment")
                pause = PAUSE_AFTER_FAULT_SECONDS
            if not self._stopping:
                self._woken.wait(pause)

    def _deliver_due(self) -> float | None:
        """Send what is due; how many seconds until there is more, None if nothing waits."""
        due = self._ledger.due_notices()
        sendable = self._in_order(due)
        for notice in sendable:
            if self._stopping:
                return None
            self._try(notice)
        held = len(due) > len(sendable)
        now = self._ledger.now().timestamp()
        # What is held back is due already: somebody wakes us when it may go.
        due_at = self._ledger.next_due_at(after=now if held else float("-inf"))
        if due_at is None:
            return None
        # Never longer than the platform's lock can wait.
        return min(max(due_at - now, 0.0), threading.TIMEOUT_MAX)

    def _in_order(self, due: list[Notice]) -> list[Notice]:
        """All of them; of those that ``reorder_notices`` covers, none until there are two, newest first."""
        covered = [
            notice
            for notice in due
            if self._faults.is_on("reorder_notices", notice.provider, notice.out_trade_no)
        ]
        others = [notice for notice in due if notice not in covered]
        if len(covered) < 2 and all(notice.tries == 0 for notice in covered):
            return others
        return others + sorted(covered, key=lambda notice: -notice.id)

    def _try(self, notice: Notice) -> None:
        """Send once and record the answer: delivered, due again, or given up."""
        pauses = self._channels[notice.provider].retry_seconds
        delivered, answer = self._send(notice)
        tries = notice.tries + 1
        if delivered:
            self._ledger.record_try(notice, answer=answer, state=NoticeState.DELIVERED)
            return
        logger.warning("notice %s, try %d: %s", notice.event_id, tries, answer)
        if tries > len(pauses):
            self._ledger.record_try(notice, answer=answer, state=NoticeState.GIVEN_UP)
            return
        pause = pauses[tries - 1] * self._config.retry_scale
        due_at = self._ledger.now().timestamp() + pause
        self._ledger.record_try(notice, answer=answer, state=NoticeState.WAITING, due_at=due_at)

    def _send(self, notice: Notice) -> tuple[bool, str]:
        """Whether the merchant accepted, and what it did answer; the faults of one try are here."""
        case = (notice.provider, notice.out_trade_no)
        if self._faults.take("forge_notice", *case):
            _, answer = self._post(notice, is_forged=True)
            logger.warning("forged notice for %s: %s", notice.out_trade_no, answer)
        if self._faults.take("drop_notice", *case):
            return False, "dropped"
        if fault := self._faults.take("duplicate_notice", *case):
            for _ in range(int(fault.value) - 1):
                self._post(notice)
        return self._post(notice)

    def _post(self, notice: Notice, *, is_forged: bool = False) -> tuple[bool, str]:
        channel = self._channels[notice.provider]
        post = channel.post(notice, now=self._ledger.now(), is_forged=is_forged)
        try:
            response = self._http.request(
                "POST",
                notice.url,
                body=post.body,
                headers={**post.headers, "Connection": "close"},
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
        return channel.accepts(response.status, body), f"{response.status} {shown}"

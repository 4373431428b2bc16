"""What the shared parts ask of one payment provider; each provider's package has one such class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.ledger.records import Announcement, Notice, Refund, Trade


@dataclass(frozen=True)
class Post:
    """A notice as it goes over the wire."""

    body: bytes
    headers: dict[str, str]


class Channel(Protocol):
    """``name`` is for people. ``retry_seconds`` are the pauses between the tries of one notice."""

    name: str
    retry_seconds: tuple[int, ...]

    def about(self) -> list[tuple[str, str]]:
        """What a person has to configure in the shop, as labels and values for the front page."""

    def merchant(self) -> str:
        """Who is paid, as the cashier page shows it."""

    def has_run_out(self, trade: Trade, *, now: datetime) -> bool:
        """Whether the trade's code leads to its cashier page no more."""

    def payment_notice(self, trade: Trade) -> Announcement | None:
        """The words for a trade that was just paid; None if the merchant named no address."""

    def refund_notice(self, trade: Trade, refund: Refund) -> Announcement | None:
        """The words for a refund that has just ended; None if nobody is told."""

    def post(self, notice: Notice, *, now: datetime, is_forged: bool = False) -> Post:
        """Sign one try. A forged one names another amount, and its signature does not fit."""

    def accepts(self, status: int, body: bytes) -> bool:
        """Whether the merchant's answer ends the tries; ``body`` is its first 201 bytes."""

    def return_address(self, trade: Trade) -> str | None:
        """Where the browser goes from a paid trade's page; None if the merchant named no place."""

    def leave_address(self, trade: Trade) -> str | None:
        """Where the browser goes if the buyer does not pay; None to stay."""

"""The first page of the back office. A block is counted and shown only for whoever may see the rows behind it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from apps.reports.admin.dashboard.best_sellers import best_sellers
from apps.reports.admin.dashboard.figures import figures
from apps.reports.admin.dashboard.jobs import jobs
from apps.reports.admin.dashboard.waiting import last_audit, waiting

BLOCKS: dict[str, Callable[[HttpRequest], Any]] = {
    "waiting": waiting,
    "figures": figures,
    "best_sellers": best_sellers,
    "audit": last_audit,
    "jobs": jobs,
}


def dashboard_callback(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the blocks to what unfold shows; None is one that this operator may not see."""
    shown = {name: block(request) for name, block in BLOCKS.items()}
    return {**context, **shown, "is_empty": not any(shown.values())}


__all__ = ["BLOCKS", "dashboard_callback"]

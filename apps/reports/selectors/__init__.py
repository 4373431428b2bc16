from apps.reports.selectors.best_sellers import best_categories, best_skus
from apps.reports.selectors.figures import (
    LOOKED_AT,
    PERIODS,
    Totals,
    by_day,
    first_of,
    last_days,
    totals,
)
from apps.reports.selectors.jobs import Job, JobHealth, job_health

__all__ = [
    "LOOKED_AT",
    "PERIODS",
    "Job",
    "JobHealth",
    "Totals",
    "best_categories",
    "best_skus",
    "by_day",
    "first_of",
    "job_health",
    "last_days",
    "totals",
]

from apps.reports.selectors.figures import (
    LOOKED_AT,
    PERIODS,
    Totals,
    by_day,
    first_of,
    last_days,
    totals,
)

__all__ = ["LOOKED_AT", "PERIODS", "Totals", "by_day", "first_of", "last_days", "totals"]

from apps.reports.services.best_sellers import rank_best_sellers
from apps.reports.services.counting import count_days, recount_figures, update_recent_figures

__all__ = ["count_days", "rank_best_sellers", "recount_figures", "update_recent_figures"]

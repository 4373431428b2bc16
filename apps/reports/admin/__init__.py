from django.contrib import admin

from apps.reports.admin.day_figures import DayFiguresAdmin

__all__ = ["DayFiguresAdmin"]

# What it shows comes from dashboard_callback, which unfold's settings name.
admin.site.index_template = "reports/dashboard.html"

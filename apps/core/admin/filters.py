"""Filters by two bounds that are typed in. What cannot be understood does not filter; it never fails."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import DateTimeField, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from apps.core.admin.unfolded import RangeDateFilter, RangeNumericFilter

# Beyond these a day has no beginning in some time zone.
EARLIEST, LATEST = date(1970, 1, 2), date(9998, 12, 31)


class _Bounds:
    used_parameters: dict[str, Any]
    parameter_name: str

    def _bound(self, end: str, field: forms.Field) -> Any:
        """The lower or the upper bound; None of what is not one."""
        try:
            return field.clean(self.used_parameters.get(f"{self.parameter_name}_{end}"))
        except ValidationError:
            return None


class DayRangeFilter(_Bounds, RangeDateFilter):
    """From a day to a day, both included, as the clock of the shop has them."""

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        first, last = (self._bound(end, forms.DateField(required=False)) for end in ("from", "to"))
        beginning = _midnight if isinstance(self.field, DateTimeField) else _itself
        name = self.parameter_name
        if first:
            queryset = queryset.filter(**{f"{name}__gte": beginning(_clamped(first))})
        if last:
            queryset = queryset.filter(
                **{f"{name}__lt": beginning(_clamped(last) + timedelta(days=1))}
            )
        return queryset


class AmountRangeFilter(_Bounds, RangeNumericFilter):
    """From an amount to an amount, both included."""

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        for end, lookup in (("from", "gte"), ("to", "lte")):
            amount = self._bound(
                end, forms.DecimalField(required=False, max_digits=12, decimal_places=2)
            )
            if amount is not None:
                queryset = queryset.filter(**{f"{self.parameter_name}__{lookup}": amount})
        return queryset


def _clamped(day: date) -> date:
    return min(max(day, EARLIEST), LATEST)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _itself(day: date) -> date:
    return day

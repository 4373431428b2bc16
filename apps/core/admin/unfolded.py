"""unfold's classes that are inherited from. It has no types: to mypy they are the ones of Django that they extend."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.admin import FieldListFilter as RangeDateFilter
    from django.contrib.admin import FieldListFilter as RangeNumericFilter
    from django.contrib.admin import ModelAdmin, TabularInline
    from django.contrib.admin.forms import AdminAuthenticationForm as AuthenticationForm
    from django.contrib.admin.views.main import ChangeList
    from django.contrib.admin.widgets import AdminFileWidget as FileInput
else:
    from unfold.admin import ModelAdmin, TabularInline
    from unfold.contrib.filters.admin import RangeDateFilter, RangeNumericFilter
    from unfold.forms import AuthenticationForm
    from unfold.views import ChangeList
    from unfold.widgets import UnfoldAdminFileFieldWidget as FileInput

__all__ = [
    "AuthenticationForm",
    "ChangeList",
    "FileInput",
    "ModelAdmin",
    "RangeDateFilter",
    "RangeNumericFilter",
    "TabularInline",
]

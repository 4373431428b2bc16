from functools import partial, reduce
from operator import or_
from typing import Any, ClassVar

from django.db.models import Model, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from apps.core.admin import PictureInput, ShopAdmin
from apps.core.pictures import PictureField
from apps.goods import services
from apps.goods.models import SKU


class CatalogueAdmin(ShopAdmin):
    """The page of rows that the catalogue shows: whatever is changed there is announced in the same transaction.

    ``from_sku`` are the ways from a SKU to such a row. A page whose ``save_model`` calls a service leaves that to it.
    """

    from_sku: ClassVar[tuple[str, ...]] = ()
    formfield_overrides: ClassVar = {PictureField: {"widget": PictureInput}}

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        with services.announcing(partial(self._skus, [obj])):
            super().save_model(request, obj, form, change)

    def save_related(
        self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool
    ) -> None:
        with services.announcing(partial(self._skus, [form.instance])):
            super().save_related(request, form, formsets, change)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with services.announcing(partial(self._skus, [obj])):
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        with services.announcing(partial(self._skus, list(queryset))):
            super().delete_queryset(request, queryset)

    def _skus(self, rows: list[Model]) -> QuerySet[SKU]:
        keys = [row.pk for row in rows]
        ways = [Q(**{f"{way}__in": keys}) for way in self.from_sku]
        return SKU.objects.filter(reduce(or_, ways)) if ways else SKU.objects.none()

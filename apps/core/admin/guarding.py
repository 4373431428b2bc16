"""Columns that not everybody may see, on any page of the back office: in lists, forms, filters, searches, addresses.

By name, so that a page made tomorrow guards them, too. A page guards more of its own by ``guarded``.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from django.http import HttpRequest

COST, AMOUNTS = "goods.view_cost_price", "operators.view_amounts"
GUARDED: Mapping[str, str] = {
    "cost_price": COST,
    **dict.fromkeys(
        [
            "total_amount",
            "freight",
            "amount",
            "paid_amount",
            "refunded_amount",
            "refundable_amount",
            "settled_amount",
            "amount_asked",
            "amount_approved",
            "fee",
        ],
        AMOUNTS,
    ),
}


def hidden_columns(user: Any, guarded: Mapping[str, str] = GUARDED) -> set[str]:
    """The names of columns that this user may not see."""
    return {name for name, permission in guarded.items() if not user.has_perm(permission)}


class Guarding:
    """Mixed into the pages: whatever names a column is sifted."""

    guarded: ClassVar[Mapping[str, str]] = {}
    # Columns that links of ours filter by, beside those of ``list_filter``.
    linked: ClassVar[tuple[str, ...]] = ()

    def hidden(self, request: HttpRequest) -> set[str]:
        return hidden_columns(request.user, {**GUARDED, **self.guarded})

    def _sifted(self, request: HttpRequest, names: Iterable[Any]) -> list[Any]:
        hidden = self.hidden(request)
        return [name for name in names if not _parts(name) & hidden]

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._sifted(request, super().get_list_display(request))  # type: ignore[misc]

    def get_list_filter(self, request: HttpRequest) -> Any:
        return self._sifted(request, super().get_list_filter(request))  # type: ignore[misc]

    def get_search_fields(self, request: HttpRequest) -> Any:
        return self._sifted(request, super().get_search_fields(request))  # type: ignore[misc]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self._sifted(request, super().get_readonly_fields(request, obj))  # type: ignore[misc]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        model_fields = {field.name for field in self.opts.fields}  # type: ignore[attr-defined]
        hidden = self.hidden(request) & model_fields
        exclude = super().get_exclude(request, obj)  # type: ignore[misc]
        return [*(exclude or ()), *sorted(hidden)] if hidden else exclude

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = []
        for name, options in super().get_fieldsets(request, obj):  # type: ignore[misc]
            lines = [
                self._sifted(request, line) if isinstance(line, list | tuple) else line
                for line in options["fields"]
            ]
            fields = self._sifted(request, (line for line in lines if line))
            if fields:
                fieldsets.append((name, {**options, "fields": fields}))
        return fieldsets

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Allow what the page filters by, to who sees it: any other would tell a column bit by bit, shown or not."""
        if _parts(lookup) & self.hidden(request) or not self._is_filtered_by(lookup, request):
            return False
        allowed: Callable[..., bool] = super().lookup_allowed  # type: ignore[misc]
        return allowed(lookup, value, request)

    def _is_filtered_by(self, lookup: str, request: HttpRequest) -> bool:
        names = {*self.linked, self.date_hierarchy}  # type: ignore[attr-defined]
        for each in self.get_list_filter(request):
            if isinstance(each, str):
                names.add(each)
            elif isinstance(each, tuple | list):
                names |= {each[0], f"{each[0]}_from", f"{each[0]}_to"}
            else:
                names.add(each.parameter_name)
        return any(name and (lookup == name or lookup.startswith(f"{name}__")) for name in names)


def _parts(name: Any) -> set[str]:
    """The columns on the way that a name, a filter or a lookup goes: {"sku", "cost_price"} of "=sku__cost_price"."""
    if isinstance(name, list | tuple):
        name = name[0] if name else ""
    return set(name.lstrip("^=@-").split("__")) if isinstance(name, str) else set()

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db.models import ManyToManyField
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from apps.core.admin import DayRangeFilter, ShopAdmin
from apps.core.admin.unfolded import AuthenticationForm
from apps.core.clients import client_address
from apps.core.exceptions import TooManyRequests
from apps.users import services
from apps.users.exceptions import WrongCredentials
from apps.users.models import Address, Favourite, OAuthAccount, User


class LoginForm(AuthenticationForm):
    """The admin's door, as well guarded as the storefront's: the same tries are counted."""

    request: HttpRequest

    def clean(self) -> dict[str, Any]:
        username, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if username and password:
            address = client_address(self.request)
            try:
                user = services.log_in(username, password, address=address)
            except WrongCredentials as exc:
                raise self.get_invalid_login_error() from exc
            except TooManyRequests as exc:
                raise ValidationError(exc.title, code=exc.code) from exc
            self.confirm_login_allowed(user)
            self.user_cache = user
        return self.cleaned_data


admin.site.login_form = LoginForm


VERBS = {
    "view": pgettext_lazy("right", "look"),
    "add": pgettext_lazy("right", "add"),
    "change": pgettext_lazy("right", "change"),
    "delete": pgettext_lazy("right", "delete"),
}


class NamingRights:
    """Permissions are stored in English; here they are called by what they allow, in the language of the page."""

    def formfield_for_manytomany(
        self, db_field: ManyToManyField, request: HttpRequest | None = None, **kwargs: Any
    ) -> Any:
        field = super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]
        if db_field.related_model is Permission:
            field.label_from_instance = _name_of_right
        return field


def _name_of_right(right: Permission) -> str:
    verb, _of, model = right.codename.partition("_")
    row = right.content_type.model_class()
    if row is None or model != right.content_type.model or verb not in VERBS:
        return gettext(right.name)
    app = row._meta.app_config
    return f"{app.verbose_name if app else ''} | {row._meta.verbose_name} | {VERBS[verb]}"


RIGHTS = ["is_staff", "is_superuser", "groups", "user_permissions"]


@admin.register(User)
class UserAdmin(NamingRights, DjangoUserAdmin, ShopAdmin):
    """Who may change users looks after buyers. Rights are given, and staff changed, by superusers only.

    That goes for all of a member of staff: who could change a mobile could have a new password sent there.
    """

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["id", "username", "mobile", "email", "is_staff", "date_joined"]
    export_columns: ClassVar = ["is_active", "email_active", "last_login"]
    search_fields = ["username", "mobile", "email"]
    list_keyset = True
    list_filter = ["is_staff", "is_active", ("date_joined", DayRangeFilter)]
    ordering = ["-id"]
    readonly_fields = ["default_address"]
    fieldsets = (
        *(DjangoUserAdmin.fieldsets or ()),
        (_("Shop"), {"fields": ("mobile", "email_active", "default_address")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        return [*self.readonly_fields, *([] if request.user.is_superuser else RIGHTS)]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        if "email" in form.changed_data and "email_active" not in form.changed_data:
            obj.email_active = False
        super().save_model(request, obj, form, change)


def _may_touch(request: HttpRequest, user: User | None) -> bool:
    return request.user.is_superuser or user is None or not (user.is_staff or user.is_superuser)


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(NamingRights, DjangoGroupAdmin, ShopAdmin):
    """What a group may do, superusers say: who could change his own would give himself every right."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return request.user.is_superuser


@admin.register(Address)
class AddressAdmin(ShopAdmin):
    list_display = ["id", "user", "receiver", "mobile", "province", "city", "district", "place"]
    list_select_related = ["user", "province", "city", "district"]
    list_keyset = True
    ordering = ["-id"]
    list_filter = ["is_deleted"]
    search_fields = ["user__username", "receiver", "mobile"]
    autocomplete_fields = ["user", "province", "city", "district"]


@admin.register(OAuthAccount)
class OAuthAccountAdmin(ShopAdmin):
    """To look at, and to sever: who somebody is elsewhere cannot be typed in."""

    list_display = ["id", "user", "provider", "openid", "create_time"]
    list_select_related = ["user"]
    list_keyset = True
    ordering = ["-id"]
    list_filter = ["provider", ("create_time", DayRangeFilter)]
    search_fields = ["user__username", "user__mobile", "openid", "unionid"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: OAuthAccount | None = None) -> bool:
        return False


@admin.register(Favourite)
class FavouriteAdmin(ShopAdmin):
    """What buyers want is theirs to say: it can be looked at."""

    list_display = ["id", "user", "sku", "create_time"]
    export_columns: ClassVar = ["sku_id"]
    list_select_related = ["user", "sku"]
    list_keyset = True
    ordering = ["-id"]
    search_fields = ["user__username", "user__mobile", "sku__name"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Favourite | None = None) -> bool:
        return False

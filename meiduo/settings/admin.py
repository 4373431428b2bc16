"""The back office: its name, its colours, what stands in its menu and who sees it."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from meiduo.settings.environment import env

# How long it can be looked at who logged in.
LOGIN_DAYS = env.int("LOGIN_DAYS", default=180)
# After how long a pause an operator has to log in again.
OPERATOR_SESSION_MINUTES = env.int("OPERATOR_SESSION_MINUTES", default=60)
# Whether every operator has to have a second factor; otherwise whoever set one up is asked for it.
OPERATORS_NEED_TOTP = env.bool("OPERATORS_NEED_TOTP", default=False)


def _item(title: Any, icon: str, page: str, *permissions: str) -> dict[str, Any]:
    """An entry of the menu, seen by whoever has one of the permissions.

    ``page`` is the name of its URL behind "admin:". A list is seen by those who may look at its rows, if nothing
    else is said: "goods_sku_changelist" by those who have "goods.view_sku". ``icon`` is one of Material Symbols.
    """
    if not permissions:
        # Apps and models whose names have no underscore; others name the permission.
        app, _, model = page.removesuffix("_changelist").partition("_")
        permissions = tuple(f"{app}.{verb}_{model}" for verb in ("view", "change"))

    def may_see(request: HttpRequest) -> bool:
        return any(request.user.has_perm(permission) for permission in permissions)

    def is_open(request: HttpRequest) -> bool:
        return request.path.startswith(reverse(f"admin:{page}"))

    return {
        "title": title,
        "icon": icon,
        "link": _leads_to(f"admin:{page}"),
        "permission": may_see,
        "active": is_open,
    }


def _leads_to(page: str) -> Callable[[HttpRequest], str]:
    """Not a lazy string: an error report writes settings out, maybe before there are URLs, or because of them."""
    return lambda request: reverse(page)


def _group(title: Any, *items: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "collapsible": True, "items": list(items)}


def _is_overview(request: HttpRequest) -> bool:
    return request.path == reverse("admin:index")


# A new page is one line here.
NAVIGATION = [
    {
        "items": [
            {
                "title": _("Overview"),
                "icon": "home",
                "link": _leads_to("admin:index"),
                "active": _is_overview,
            }
        ]
    },
    _group(
        _("Orders and after-sales"),
        _item(_("Orders"), "receipt_long", "orders_orderinfo_changelist"),
        _item(_("Shipments"), "local_shipping", "orders_shipment_changelist"),
        _item(_("Carriers"), "warehouse", "orders_carrier_changelist"),
        _item(
            _("After-sale requests"),
            "assignment_return",
            "after_sales_aftersale_changelist",
            "after_sales.view_aftersale",
        ),
        _item(_("Reviews"), "reviews", "orders_review_changelist"),
        _item(_("Invoices"), "receipt", "invoices_invoice_changelist"),
        _item(_("Invoice titles"), "badge", "invoices_invoicetitle_changelist"),
    ),
    _group(
        _("Goods and stock"),
        _item(_("SKUs"), "inventory_2", "goods_sku_changelist"),
        _item(_("Goods (SPU)"), "category", "goods_goods_changelist"),
        _item(_("Brands"), "sell", "goods_brand_changelist"),
        _item(_("Categories"), "account_tree", "goods_category_changelist"),
        _item(_("Channels"), "view_column", "goods_channel_changelist"),
        _item(_("Specifications"), "tune", "goods_goodsspecification_changelist"),
        _item(_("Options of specifications"), "checklist", "goods_specificationoption_changelist"),
        _item(_("Low stock"), "production_quantity_limits", "goods_sku_low", "goods.view_sku"),
        _item(
            _("Prices and stock by spreadsheet"),
            "upload_file",
            "goods_sku_sheet",
            "goods.change_sku",
            "goods.add_stockmovement",
        ),
        _item(_("Stock movements"), "swap_vert", "goods_stockmovement_changelist"),
    ),
    _group(
        _("Payment and reconciliation"),
        _item(_("Payments"), "payments", "payment_payment_changelist"),
        _item(_("Refunds"), "currency_exchange", "payment_refund_changelist"),
        _item(_("Cash on delivery"), "local_atm", "payment_cashorder_changelist"),
        _item(_("Payment events"), "history", "payment_paymentevent_changelist"),
        _item(_("Statements"), "account_balance", "payment_statement_changelist"),
        _item(_("Statement lines"), "table_rows", "payment_statementline_changelist"),
        _item(_("Differences"), "difference", "payment_difference_changelist"),
        _item(_("Audits"), "fact_check", "payment_auditrun_changelist"),
    ),
    _group(
        _("Contents"),
        _item(_("Home page"), "web", "contents_content_changelist"),
        _item(_("Places on the home page"), "dashboard", "contents_contentcategory_changelist"),
    ),
    _group(
        _("Users"),
        _item(_("Users"), "person", "users_user_changelist"),
        _item(_("Addresses"), "home_pin", "users_address_changelist"),
        _item(_("Favourites"), "favorite", "users_favourite_changelist"),
        _item(_("Sign-in with others"), "link", "users_oauthaccount_changelist"),
    ),
    _group(
        _("Notifications"),
        _item(_("Outbox"), "outbox", "notifications_message_changelist"),
        _item(_("Templates of messages"), "edit_note", "notifications_template_changelist"),
        _item(_("Webhooks"), "webhook", "notifications_webhookendpoint_changelist"),
    ),
    _group(
        _("Reports"),
        _item(_("Figures by day"), "bar_chart", "reports_dayfigures_changelist"),
        _item(_("My exports"), "download", "exports_export_mine", "exports.add_export"),
    ),
    _group(
        _("System"),
        _item(_("Roles"), "groups", "auth_group_changelist"),
        _item(_("History of changes"), "manage_history", "auditlog_logentry_changelist"),
        _item(_("Exports of all operators"), "outbox", "exports_export_changelist"),
        _item(_("Logins"), "login", "operators_loginevent_changelist"),
        _item(
            _("Second factors"),
            "phonelink_lock",
            "otp_totp_totpdevice_changelist",
            "otp_totp.view_totpdevice",
        ),
        _item(_("Areas"), "map", "areas_area_changelist"),
    ),
]


def _shop_name(request: HttpRequest) -> str:
    return str(settings.SHOP_NAME)


# A sober blue; the greys are unfold's own.
_BLUE = {
    "50": "oklch(97% .014 254.604)",
    "100": "oklch(93.2% .032 255.585)",
    "200": "oklch(88.2% .059 254.128)",
    "300": "oklch(80.9% .105 251.813)",
    "400": "oklch(70.7% .165 254.624)",
    "500": "oklch(62.3% .214 259.815)",
    "600": "oklch(54.6% .245 262.881)",
    "700": "oklch(48.8% .243 264.376)",
    "800": "oklch(42.4% .199 265.638)",
    "900": "oklch(37.9% .146 265.522)",
    "950": "oklch(28.2% .091 267.935)",
}
UNFOLD = {
    "SITE_TITLE": _shop_name,
    "SITE_HEADER": _shop_name,
    "SITE_SYMBOL": "storefront",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("core/favicon.svg"),
        }
    ],
    "SITE_URL": None,  # the storefront is elsewhere; here there is only the API
    "BORDER_RADIUS": "4px",
    "COLORS": {"primary": _BLUE},
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    # A function: the name of the file with its hash is known only once static files are collected.
    "STYLES": [lambda request: static("core/admin.css")],
    "ACCOUNT": {
        "navigation": [
            {"title": _("Change password"), "link": _leads_to("admin:password_change")},
            {"title": _("Second factor"), "link": _leads_to("operator-enrol")},
        ]
    },
    "SIDEBAR": {"navigation": NAVIGATION},
    "DASHBOARD_CALLBACK": "apps.reports.admin.dashboard.dashboard_callback",
}
# The language chosen in the back office is the back office's: the API goes by what the browser asks for.
LANGUAGE_COOKIE_PATH = "/admin/"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

"""What each role may do: one table, given after every migration, so that new models join by a line here."""

from collections.abc import Iterator, Mapping

from django.apps import apps
from django.contrib.auth.models import Group, Permission

from apps.operators.models import Role

ALL = ("view", "add", "change", "delete")
LOOK = ("view",)
WORK = ("view", "change")
KEEP = ("view", "add", "change")

# Whatever is not there yet is given by the migration that brings it.
ROLES: Mapping[str, tuple[str, Mapping[str, tuple[str, ...]]]] = {
    "service": (
        "客服",
        {
            "orders.orderinfo": WORK,
            "orders.ordergoods": LOOK,
            "orders.orderevent": LOOK,
            "orders.shipment": LOOK,
            "orders.trackingevent": LOOK,
            "orders.review": WORK,
            "after_sales.*": WORK,
            "invoices.invoice": LOOK,
            "notifications.message": LOOK,
            "payment.payment": LOOK,
            "payment.refund": LOOK,
            "goods.sku": LOOK,
            "goods.goods": LOOK,
            "users.user": LOOK,
            "users.address": LOOK,
            "operators": ("view_amounts",),
        },
    ),
    "warehouse": (
        "仓库",
        {
            "orders.orderinfo": WORK,
            "orders.ordergoods": LOOK,
            "orders.orderevent": LOOK,
            "orders.carrier": WORK,
            "orders.shipment": KEEP,
            "orders.trackingevent": LOOK,
            "after_sales.*": LOOK,
            "goods.sku": LOOK,
            "goods.goods": LOOK,
            "goods.stockmovement": ("view", "add"),
            "exports.export": ("add",),
        },
    ),
    "finance": (
        "财务",
        {
            "orders.orderinfo": LOOK,
            "orders.ordergoods": LOOK,
            "orders.orderevent": LOOK,
            "after_sales.*": LOOK,
            "payment.*": KEEP,
            "invoices.*": KEEP,
            "reports.*": KEEP,
            "goods.sku": LOOK,
            "goods.goods": LOOK,
            "users.user": LOOK,
            "exports.export": ("add",),
            "operators": ("view_amounts",),
            "goods": ("view_cost_price",),
        },
    ),
    "catalogue": (
        "商品",
        {
            "goods.*": ALL,
            "contents.*": ALL,
            "orders.review": LOOK,
            "reports.bestsku": LOOK,
            "reports.bestcategory": LOOK,
            "exports.export": ("add",),
            "goods": ("view_cost_price",),
        },
    ),
    # Whoever could change groups, or what is recorded of himself, would be a superuser.
    "manager": (
        "管理员",
        {
            "areas.*": ALL,
            "goods.*": ALL,
            "contents.*": ALL,
            "users.*": ALL,
            "orders.*": ALL,
            "payment.*": ALL,
            "after_sales.*": ALL,
            "invoices.*": ALL,
            "notifications.*": ALL,
            "reports.*": ALL,
            "auth.group": LOOK,
            "auditlog.logentry": LOOK,
            "operators.loginevent": LOOK,
            "exports.*": ("view", "add"),
            "operators": ("view_amounts",),
            "goods": ("view_cost_price",),
        },
    ),
}


def give_roles() -> None:
    """Give every role's group the permissions of the table that it was never given before. Safe to repeat."""
    permissions = {
        f"{app}.{codename}": pk
        for app, codename, pk in Permission.objects.values_list(
            "content_type__app_label", "codename", "pk"
        )
    }
    for key, (name, table) in ROLES.items():
        role, is_new = Role.objects.get_or_create(key=key)
        if is_new:
            role.group, _ = Group.objects.get_or_create(name=name)
        wanted = [each for each in _names(table) if each in permissions]
        fresh = [each for each in wanted if each not in role.given]
        if fresh and role.group:
            role.group.permissions.add(*(permissions[each] for each in fresh))
        if is_new or fresh:
            role.given = sorted({*role.given, *fresh})
            role.save()


def _names(table: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """The permissions by name, "goods.view_sku"; "goods.*" are all models of that app, and what else it permits.

    An app without a model has permissions of their full names.
    """
    for target, verbs in table.items():
        label, _, model = target.partition(".")
        if not model:
            yield from (f"{label}.{verb}" for verb in verbs)
        elif model == "*":
            for each in apps.get_app_config(label).get_models():
                yield from (f"{label}.{verb}_{each._meta.model_name}" for verb in verbs)
                yield from (f"{label}.{codename}" for codename, _name in each._meta.permissions)
        else:
            yield from (f"{label}.{verb}_{model}" for verb in verbs)

"""Of which models every change in the back office is recorded, and which of their columns."""

from collections.abc import Callable, Mapping

from auditlog.models import LogEntry
from auditlog.receivers import make_log_m2m_changes
from auditlog.registry import auditlog
from django.apps import apps
from django.db.models.signals import m2m_changed, pre_save

from apps.core.admin.history import sign, while_recording

# Columns that are left out: counters, which every sale moves, and what nobody shall read anywhere.
COUNTED = ["stock", "sales", "comments", "score_total", "create_time", "update_time"]
RECORDED: Mapping[str, list[str]] = {
    "areas.Area": [],
    "goods.SKU": COUNTED,
    "goods.SKUSpecification": COUNTED,
    "goods.SKUImage": COUNTED,
    "goods.GoodsSpecification": COUNTED,
    "goods.SpecificationOption": COUNTED,
    "goods.Goods": COUNTED,
    "goods.Brand": COUNTED,
    "goods.Category": COUNTED,
    "goods.Channel": COUNTED,
    "contents.Content": COUNTED,
    "contents.ContentCategory": COUNTED,
    "users.Address": COUNTED,
    "users.OAuthAccount": ["openid", "unionid", *COUNTED],
    "users.User": ["password", "last_login", "date_joined", "default_address"],
    "auth.Group": [],
    "orders.Carrier": COUNTED,
    "orders.Shipment": ["next_query_at", "queries", "asked_at", *COUNTED],
    "orders.Review": COUNTED,
    "payment.Difference": ["is_told", *COUNTED],
    "after_sales.AfterSale": COUNTED,
    "invoices.Invoice": COUNTED,
    "notifications.Template": COUNTED,
    "notifications.WebhookEndpoint": ["secret", "previous_secret", *COUNTED],
    "otp_totp.TOTPDevice": [
        *("key", "drift", "last_t", "last_used_at"),
        *("throttling_failure_count", "throttling_failure_timestamp"),
    ],
}
# Relations to many whose changes are recorded, too.
RELATIONS = {"users.User": ["groups", "user_permissions"], "auth.Group": ["permissions"]}
_RECEIVERS: list[Callable[..., None]] = []


def record_history() -> None:
    """Connect the models with the record. Signals know receivers weakly: these are kept here."""
    for signal, receiver in auditlog._signals.items():
        auditlog._signals[signal] = while_recording(receiver)
    for label, left_out in RECORDED.items():
        auditlog.register(apps.get_model(label), exclude_fields=[*left_out])
    for label, names in RELATIONS.items():
        for name in names:
            receiver = while_recording(make_log_m2m_changes(name))
            _RECEIVERS.append(receiver)
            through = getattr(apps.get_model(label), name).through
            m2m_changed.connect(receiver, sender=through, dispatch_uid=f"history.{label}.{name}")
    pre_save.connect(sign, sender=LogEntry, dispatch_uid="history.sign")

"""What is announced, and by which ways."""

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Event(models.TextChoices):
    """What happens to an order that somebody outside is told of. A new one needs its line in ``FIELDS``."""

    ORDER_PAID = "order_paid", _("order paid")
    ORDER_SHIPPED = "order_shipped", _("order shipped")
    ORDER_REFUNDED = "order_refunded", _("order refunded")
    ORDER_CANCELED = "order_canceled", _("order canceled")
    AFTER_SALE_DECIDED = "after_sale_decided", _("after-sale request decided")
    INVOICE_ISSUED = "invoice_issued", _("invoice issued")


# What the payload of each event holds at least: templates may name these, and webhooks are sent them.
FIELDS: dict[Event, tuple[str, ...]] = {
    Event.ORDER_PAID: ("amount",),
    Event.ORDER_SHIPPED: ("carrier", "tracking_number"),
    Event.ORDER_REFUNDED: ("amount",),
    Event.ORDER_CANCELED: ("reason",),
    Event.AFTER_SALE_DECIDED: ("decision", "reason"),
    Event.INVOICE_ISSUED: ("invoice_number",),
}

# What an endpoint is sent when an operator tries it; nobody subscribes to it.
TEST = "test"


class Channel(models.TextChoices):
    SMS = "sms", _("SMS")
    EMAIL = "email", _("e-mail")
    WEBHOOK = "webhook", pgettext_lazy("channel", "webhook")


class EventsField(models.CharField):
    """Several events, kept as ``,order_paid,order_shipped,``: every database finds one of them by ``contains``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 500)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: str | None, *args: Any) -> list[str] | None:
        return None if value is None else self.to_python(value)

    def to_python(self, value: Any) -> Any:
        return [each for each in value.split(",") if each] if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, list | tuple | set):
            return f",{','.join(sorted(value))}," if value else ""
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.get_prep_value(self.value_from_object(obj)))

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(self.get_prep_value(value), model_instance)

    def run_validators(self, value: Any) -> None:
        super().run_validators(self.get_prep_value(value))

    def formfield(self, **kwargs: Any) -> forms.Field:
        return forms.MultipleChoiceField(
            label=kwargs.get("label", self.verbose_name),
            required=not self.blank,
            choices=Event.choices,
            widget=forms.CheckboxSelectMultiple,
            help_text=self.help_text,
        )

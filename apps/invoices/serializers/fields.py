"""What people write on an invoice title, made fit to be printed: one line, nothing invisible."""

import re
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.invoices.models.tax_numbers import clean_tax_number

# Control and format characters (also those that turn the direction of writing), surrogates, private use, line ends.
UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


class LineField(serializers.CharField):
    """One line of text; spaces in a row are one."""

    default_error_messages = {
        "unprintable": _("There are characters in it that cannot be printed.")
    }

    def to_internal_value(self, data: Any) -> str:
        text: str = super().to_internal_value(data)
        if any(unicodedata.category(each) in UNPRINTABLE for each in text):
            self.fail("unprintable")
        return " ".join(text.split())


class DigitsField(LineField):
    """Digits, perhaps with spaces and hyphens, which are left out; full-width ones become half-width."""

    default_error_messages = {"not_digits": _("Digits only, please.")}

    def to_internal_value(self, data: Any) -> str:
        text = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", super().to_internal_value(data)))
        if text and not re.fullmatch("[0-9]{6,30}", text):
            self.fail("not_digits")
        return text


class PhoneField(LineField):
    default_error_messages = {"no_phone": _("This is no telephone number.")}

    def to_internal_value(self, data: Any) -> str:
        text = unicodedata.normalize("NFKC", super().to_internal_value(data))
        if text and not re.fullmatch(r"\+?[0-9()][0-9() -]{4,18}", text):
            self.fail("no_phone")
        return text


class TaxNumberField(LineField):
    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            return clean_tax_number(text) if text else ""
        except ValidationError as exc:
            raise serializers.ValidationError(exc.messages) from exc

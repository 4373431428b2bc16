from typing import Any

from django.apps import apps
from django.utils import timezone

from apps.exports.models import Export


def model_of(export: Export) -> Any:
    """None of a list that is gone."""
    try:
        return apps.get_model(export.model)
    except LookupError:
        return None


def name_of_list(export: Export) -> str:
    model = model_of(export)
    return str(model._meta.verbose_name_plural) if model else export.model


def file_name(export: Export) -> str:
    """What the downloaded file is called: the list and when it was asked for."""
    at = timezone.localtime(export.create_time)
    return f"{name_of_list(export)}-{at:%Y%m%d-%H%M%S}.{export.kind}"

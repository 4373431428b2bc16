"""What an address may ask a list for: what the page filters by, and no other column, shown or not."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import reverse

from apps.notifications.models import Message, WebhookEndpoint
from apps.payment.models import Difference, PaymentEvent, StatementLine
from apps.users.models import User

pytestmark = pytest.mark.django_db

PAGES = {model._meta.label: page for model, page in admin.site._registry.items()}
# What nobody may learn bit by bit: keys, tokens, what was sent to whom, what a provider said.
SECRETS: list[tuple[type[Model], dict[str, str]]] = [
    (WebhookEndpoint, {"secret__regex": "^a"}),
    (WebhookEndpoint, {"previous_secret__gt": "a"}),
    (Message, {"receiver__startswith": "138"}),
    (Message, {"endpoint__secret__startswith": "a"}),
    (PaymentEvent, {"payload__buyer_id": "1"}),
    (User, {"password__startswith": "a"}),
]


def filtered_by(page: Any) -> set[str]:
    """The columns that a page says it filters by."""
    named = (each[0] if isinstance(each, tuple | list) else each for each in page.list_filter)
    return {str(each) for each in named} | {str(page.date_hierarchy), *page.linked}


def listed(desk: Client, model: type[Model], asked: dict[str, str]) -> int:
    meta = model._meta
    page = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    return desk.get(page, asked).status_code


@pytest.mark.parametrize("label", sorted(PAGES))
@pytest.mark.parametrize("lookup", ["{}", "{}__startswith", "{}__regex", "{}__isnull", "{}__gt"])
def test_no_column_but_those_it_filters_by(
    label: str, lookup: str, operator: User, rf: RequestFactory
) -> None:
    page: ModelAdmin = PAGES[label]
    request = rf.get("/")
    request.user = operator
    asked = [f.name for f in page.opts.get_fields() if f.name not in filtered_by(page)]
    assert asked
    told = [name for name in asked if page.lookup_allowed(lookup.format(name), "1", request)]
    assert told == []


@pytest.mark.parametrize(
    ("model", "asked"), SECRETS, ids=[f"{m.__name__}-{[*a][0]}" for m, a in SECRETS]
)
def test_an_address_that_asks_for_a_secret_is_refused(
    model: type[Model], asked: dict[str, str], desk: Client
) -> None:
    assert listed(desk, model, asked) == 400


@pytest.mark.parametrize(
    ("model", "asked"),
    [
        (Message, {"state__exact": "sent"}),
        (Message, {"create_time_from": "2026-01-01", "create_time_to": "2026-01-02"}),
        (StatementLine, {"statement__provider": "alipay"}),
        (StatementLine, {"statement__id__exact": "1"}),
        (Difference, {"statement__id__exact": "1"}),
    ],
)
def test_filters_and_links_of_ours_work(
    model: type[Model], asked: dict[str, str], desk: Client
) -> None:
    assert listed(desk, model, asked) == 200

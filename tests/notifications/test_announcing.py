"""What is written down when something happens: to whom, in which words, and at what cost."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.notifications.models import FIELDS, Channel, Event, Message, Template, WebhookEndpoint
from apps.notifications.selectors import Outlet, outlets, switched_on
from tests.notifications.conftest import ORDER, new_endpoint, tell

pytestmark = pytest.mark.django_db


def cost(**changed: Any) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        tell(**changed)
    return [each["sql"].split()[0].strip("(") for each in captured][:-1]  # tell() reads


class TestReceivers:
    def test_nobody_is_told_of_what_is_not_switched_on(self, switch_on: Callable) -> None:
        switch_on(is_active=False)
        switch_on(channel=Channel.EMAIL, event=Event.ORDER_SHIPPED, text="{carrier}")
        new_endpoint(is_active=False)
        new_endpoint(events=[Event.ORDER_SHIPPED])
        assert tell() == []

    def test_the_buyer_by_sms(self, switch_on: Callable) -> None:
        switch_on()
        (message,) = tell()
        assert (message.channel, message.receiver) == ("sms", "13900000001")
        assert message.body == f"订单 {ORDER} 已付款 50.00 元"
        assert message.payload == {
            "template": "SMS_1",
            "parameters": {"order_id": ORDER, "amount": "50.00"},
        }
        assert (message.event, message.subject, message.user_id) == ("order_paid", ORDER, 7)
        assert (message.state, message.tries, message.next_try_at) == (
            "queued", 0, pytest.approx(message.create_time, abs=message.create_time.resolution * 10**6),
        )  # fmt: skip

    def test_the_buyer_by_mail(self, switch_on: Callable) -> None:
        switch_on(channel=Channel.EMAIL)
        (message,) = tell()
        assert (message.channel, message.receiver) == ("email", "buyer@example.com")
        assert message.payload == {"title": f"订单 {ORDER}"}

    @pytest.mark.parametrize(
        "unreachable", [{"mobile": "", "email": ""}, {"mobile": "010-1234", "email": ""}]
    )
    def test_nobody_who_cannot_be_reached(
        self, switch_on: Callable, unreachable: dict[str, str]
    ) -> None:
        switch_on()
        switch_on(channel=Channel.EMAIL)
        assert tell(**unreachable) == []

    def test_every_endpoint_that_subscribes(self, endpoint: WebhookEndpoint) -> None:
        other = new_endpoint()
        one, two = tell(
            payload={"amount": Decimal("50.00"), "paid_at": datetime(2026, 1, 1, tzinfo=UTC)}
        )
        assert {one.endpoint, two.endpoint} == {endpoint, other}
        assert one.message_id != two.message_id
        assert one.receiver == one.endpoint.url
        body = json.loads(one.body)
        assert datetime.fromisoformat(body.pop("time"))
        assert body == {
            "id": one.message_id,
            "event": "order_paid",
            "data": {"order_id": ORDER, "amount": "50.00", "paid_at": "2026-01-01T08:00:00+08:00"},
        }

    def test_one_event_is_not_taken_for_another(self) -> None:
        new_endpoint(events=[Event.ORDER_CANCELED])
        assert outlets(Event.ORDER_PAID) == []
        assert [each.channel for each in outlets(Event.ORDER_CANCELED)] == ["webhook"]

    @pytest.mark.parametrize(
        ("written", "asked", "used"),
        [
            (["zh-hans", "en"], "en", "en"),
            (["zh-hans", "en"], "zh-hans", "zh-hans"),
            (["en", "zh-hans"], "fr", "zh-hans"),
            (["en"], "zh-hans", "en"),
        ],
    )
    def test_the_language(
        self, switch_on: Callable, written: list[str], asked: str, used: str
    ) -> None:
        for language in written:
            switch_on(language=language, text=language)
        (message,) = tell(language=asked)
        assert message.body == used


class TestCost:
    def test_one_statement_when_nothing_is_on(self, switch_on: Callable) -> None:
        switch_on(is_active=False)
        with transaction.atomic():
            assert cost() == ["SELECT"]

    def test_two_whatever_is_on(self, switch_on: Callable) -> None:
        switch_on()
        switch_on(channel=Channel.EMAIL)
        for _ in range(3):
            new_endpoint()
        with transaction.atomic():
            assert cost() == ["SELECT", "INSERT"]
        assert Message.objects.count() == 5

    def test_one_for_who_has_asked_before(self, switch_on: Callable) -> None:
        switch_on()
        switched_on = outlets(Event.ORDER_PAID)
        with transaction.atomic():
            assert cost(switched_on=switched_on) == ["INSERT"]

    def test_it_is_undone_with_what_it_tells_of(self, switch_on: Callable) -> None:
        switch_on()
        with transaction.atomic():
            assert len(tell()) == 1
            transaction.set_rollback(True)
        assert not Message.objects.exists()


class TestHostile:
    HOSTILE = "{shop} {0.__class__} %s \x00\x1b[31m\ud800 <b> \r\nBcc: all@example.com"

    def test_what_a_value_says_is_not_carried_out(self, switch_on: Callable) -> None:
        about = {"event": Event.ORDER_CANCELED, "payload": {"reason": self.HOSTILE}}
        switch_on(Event.ORDER_CANCELED, text="{reason}")
        switch_on(Event.ORDER_CANCELED, Channel.EMAIL, title="{reason}", text="{reason}")
        new_endpoint(events=[Event.ORDER_CANCELED])
        sms, mail, webhook = tell(**about)
        assert sms.body == "{shop} {0.__class__} %s [31m? <b> \nBcc: all@example.com"
        assert mail.payload == {"title": "{shop} {0.__class__} %s [31m? <b> Bcc: all@example.com"}
        assert json.loads(webhook.body)["data"]["reason"] == sms.body

    def test_long_values_are_cut_in_texts_only(self, switch_on: Callable) -> None:
        switch_on(Event.ORDER_CANCELED, Channel.EMAIL, title="{reason}" * 9, text="{reason}")
        new_endpoint(events=[Event.ORDER_CANCELED])
        mail, webhook = tell(event=Event.ORDER_CANCELED, payload={"reason": "长" * 5000})
        assert mail.body == "长" * 200
        assert mail.payload == {"title": "长" * 200}
        assert json.loads(webhook.body)["data"]["reason"] == "长" * 5000

    def test_a_text_that_nobody_checked_does_not_stop_what_it_tells_of(
        self, switch_on: Callable
    ) -> None:
        switch_on(text="{nothing} {amount.__class__} {0} { } {amount}")
        (message,) = tell(payload={"amount": None})
        assert message.body == " {amount.__class__} {0} { } "

    @pytest.mark.parametrize("event", Event)
    def test_a_caller_who_forgets_what_texts_may_name_is_told(self, event: Event) -> None:
        assert FIELDS[event]
        with pytest.raises(ValueError, match=FIELDS[event][0]):
            tell(event=event, payload={})


class TestTemplates:
    @pytest.mark.parametrize(
        "text",
        ["{carrier}", "{amount!r}", "{amount.real}", "{}", "{0}", "{amount", "}", "{{amount}}"],
    )
    def test_only_the_events_own_places_may_be_named(self, text: str) -> None:
        template = Template(
            event="order_paid", channel="email", language="en", title="x", text=text
        )
        with pytest.raises(ValidationError) as refusal:
            template.full_clean()
        assert refusal.value.messages == ["大括号里只能写：{amount}, {order_id}, {shop}"]
        template.title, template.text = text, "{amount}"
        with pytest.raises(ValidationError) as refusal:
            template.full_clean()
        assert list(refusal.value.message_dict) == ["title"]

    def test_a_mail_has_a_title(self) -> None:
        template = Template(event="order_paid", channel="email", language="en", text="x")
        with pytest.raises(ValidationError) as refusal:
            template.full_clean()
        assert list(refusal.value.message_dict) == ["title"]

    def test_an_sms_is_on_only_with_a_template_of_the_provider(self, switch_on: Callable) -> None:
        template = switch_on(sms_template="")
        with pytest.raises(ValidationError) as refusal:
            template.full_clean()
        assert list(refusal.value.message_dict) == ["sms_template"]
        assert tell() == []

    def test_there_are_texts_for_every_event_channel_and_language(self) -> None:
        defaults = import_module("apps.notifications.migrations.0002_default_templates")
        for _ in range(2):  # those that are there already stay
            defaults.add(apps, SimpleNamespace(connection=connection))
        assert Template.objects.count() == len(Event) * 2 * 2
        for template in Template.objects.all():
            template.full_clean()
        on = Template.objects.filter(is_active=True).values_list("event", "channel", "language")
        assert sorted(on) == [
            ("order_refunded", "email", "en"),
            ("order_refunded", "email", "zh-hans"),
            ("order_shipped", "email", "en"),
            ("order_shipped", "email", "zh-hans"),
        ]


class TestEndpoints:
    @pytest.mark.parametrize(
        "url",
        [
            "http://erp.example/", "https://127.0.0.1/", "https://10.0.0.8/x", "https://[::1]/",
            "https://169.254.169.254/latest/", "https://localhost/", "https://erp.internal/",
            "https://[::ffff:10.0.0.8]/", "ftp://erp.example/", "https://", "https://u:p@erp.example/",
            "https://erp.example/#x", "https://erp.example/a b", "https://erp.example:99999/", "x",
        ],
    )  # fmt: skip
    def test_an_address_that_is_not_called(self, url: str) -> None:
        with pytest.raises(ValidationError) as refusal:
            WebhookEndpoint(name="x", url=url, events=["order_paid"]).full_clean()
        assert list(refusal.value.message_dict) == ["url"]

    def test_a_laptops_own_servers_may_be(self, settings: Any) -> None:
        settings.WEBHOOK_ALLOW_PRIVATE = True
        for url in ("http://127.0.0.1:9000/hooks", "https://erp.internal/"):
            WebhookEndpoint(name="x", url=url, events=["order_paid"]).full_clean()

    def test_every_endpoint_has_a_secret_of_its_own(self) -> None:
        one, two = new_endpoint(), new_endpoint()
        assert one.secret.startswith("whsec_")
        assert len(one.secret) == 49
        assert one.secret != two.secret

    def test_events_are_kept_as_a_list(self, endpoint: WebhookEndpoint) -> None:
        endpoint.refresh_from_db()
        assert endpoint.events == ["order_paid", "order_refunded"]


def test_what_is_asked_as_text_is_what_the_query_asks(switch_on: Callable) -> None:
    """The statement is written once for each event; Django's own is its twin."""
    for channel in (Channel.SMS, Channel.EMAIL):
        switch_on(channel=channel)
        switch_on(channel=channel, language="en")
    switch_on(event=Event.ORDER_SHIPPED)
    new_endpoint()
    for event, many in ((Event.ORDER_PAID, 5), (Event.ORDER_SHIPPED, 1), (Event.ORDER_CANCELED, 0)):
        told = sorted(outlets(event), key=str)
        assert told == sorted((Outlet(*row) for row in switched_on(event)), key=str)
        assert len(told) == many

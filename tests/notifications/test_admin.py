"""What operators see and do: messages again, endpoints tried, secrets once."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from apps.notifications.exceptions import Undelivered
from apps.notifications.gateways import webhooks
from apps.notifications.models import Message, WebhookEndpoint
from apps.users.models import User
from tests.factories import UserFactory
from tests.notifications.conftest import ORDER, tell
from tests.world import unchanged

pytestmark = pytest.mark.django_db

MESSAGES = "/admin/notifications/message/"
ENDPOINTS = "/admin/notifications/webhookendpoint/"


@pytest.fixture
def operator(db: None) -> User:
    return UserFactory(is_staff=True, is_superuser=True)


@pytest.fixture
def desk(operator: User) -> Client:
    client = Client()
    client.force_login(operator)
    return client


@pytest.fixture
def looker(db: None) -> Client:
    user = UserFactory(is_staff=True)
    codes = ["view_message", "view_webhookendpoint", "view_template"]
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))
    client = Client()
    client.force_login(user)
    return client


def test_a_new_endpoint_shows_its_secret_once(desk: Client) -> None:
    form = {
        "name": "ERP",
        "url": "https://erp.example/",
        "events": ["order_paid"],
        "is_active": "on",
    }
    shown = desk.post(f"{ENDPOINTS}add/", form, follow=True).content.decode()
    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.events == ["order_paid"]
    assert endpoint.secret in shown
    again = desk.get(f"{ENDPOINTS}{endpoint.pk}/change/").content.decode()
    assert endpoint.secret not in again
    assert f"whsec_***{endpoint.secret[-4:]}" in again


def test_a_test_is_sent_and_its_answer_shown(
    desk: Client, endpoint: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "send", lambda *args, **kwargs: "200 thanks")
    page = desk.post(f"{ENDPOINTS}{endpoint.pk}/test/", follow=True).content.decode()
    assert "200 thanks" in page

    def fail(*args: object, **kwargs: object) -> str:
        raise Undelivered("Nobody listens there", is_down=True)

    monkeypatch.setattr(webhooks, "send", fail)
    page = desk.post(f"{ENDPOINTS}{endpoint.pk}/test/", follow=True).content.decode()
    assert "Nobody listens there" in page


def test_a_new_secret_is_shown_once(desk: Client, endpoint: WebhookEndpoint) -> None:
    old = endpoint.secret
    page = desk.post(f"{ENDPOINTS}{endpoint.pk}/secret/", follow=True).content.decode()
    endpoint.refresh_from_db()
    assert endpoint.secret != old == endpoint.previous_secret
    assert endpoint.secret in page
    assert endpoint.secret not in desk.get(f"{ENDPOINTS}{endpoint.pk}/change/").content.decode()


def test_messages_are_sent_again(desk: Client, endpoint: WebhookEndpoint) -> None:
    (message,) = tell()
    Message.objects.update(state="gave_up", next_try_at=None)
    desk.post(MESSAGES, {"action": "send_again", "_selected_action": [message.pk]})
    message.refresh_from_db()
    assert message.state == "queued"
    Message.objects.update(state="gave_up", next_try_at=None)
    desk.post(f"{ENDPOINTS}{endpoint.pk}/resend/")
    message.refresh_from_db()
    assert message.state == "queued"


def test_who_may_only_look(
    looker: Client, desk: Client, endpoint: WebhookEndpoint, switch_on
) -> None:  # type: ignore[no-untyped-def]
    switch_on()
    sms, webhook = tell()
    Message.objects.update(state="gave_up", next_try_at=None)
    page = looker.get(f"{MESSAGES}{sms.pk}/change/").content.decode()
    assert ORDER in page
    assert "139****0001" in page
    assert "13900000001" not in page
    assert "/hooks" not in looker.get(f"{MESSAGES}{webhook.pk}/change/").content.decode()
    assert "13900000001" in desk.get(f"{MESSAGES}{sms.pk}/change/").content.decode()
    with unchanged():
        looker.post(MESSAGES, {"action": "send_again", "_selected_action": [sms.pk]})
        for step in ("test", "resend", "secret"):
            assert looker.post(f"{ENDPOINTS}{endpoint.pk}/{step}/").status_code == 403
            assert desk.get(f"{ENDPOINTS}{endpoint.pk}/{step}/").status_code == 405

"""Many workers at the same message: each is sent once, as long as nobody dies."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from apps.notifications.gateways import webhooks
from apps.notifications.models import Message
from apps.notifications.models.messages import MessageQuerySet
from apps.notifications.services.delivering import deliver
from tests.notifications.conftest import new_endpoint, tell
from tests.races.conftest import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

WORKERS = 8


def unconditional(self: MessageQuerySet, message: Message, **rest: Any) -> bool:
    """The control: whoever has seen the message sends it."""
    self.filter(pk=message.pk).update(state="sending", next_try_at=rest["next_try_at"])
    return True


@pytest.mark.parametrize(
    ("claim", "is_right"), [(MessageQuerySet.claim, True), (unconditional, False)]
)
def test_one_message_many_workers(
    claim: Callable, is_right: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(MessageQuerySet, "claim", claim)
    monkeypatch.setattr("apps.notifications.services.announcing.ask_for_round", lambda: None)
    monkeypatch.setattr(webhooks, "send", lambda number, url, **rest: sent.append(number) or "200")
    new_endpoint()
    tell()
    seen = [Message.objects.select_related("endpoint").get() for _ in range(WORKERS)]
    outcomes = together(*[partial(deliver, message) for message in seen])
    assert not [each for each in outcomes if isinstance(each, Exception)]
    assert (len(sent) == 1) is is_right
    assert Message.objects.get().state == "sent"

"""SIGKILL in the middle of delivering: every message arrives at least once, and its number tells which came twice."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from apps.notifications.models import Message
from tests.notifications.conftest import new_endpoint, tell
from tests.notifications.receiver import Receiver, answer, receiving
from tests.processes import kill, kill_at, last_words, workers

# Real transactions: another process reads what is written here.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Callable]:
    """Another process, which may send to this machine."""
    with workers("tests.notifications.worker", tmp_path, WEBHOOK_ALLOW_PRIVATE="true") as start:
        yield start


@pytest.fixture
def messages(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """Seven, which nobody has begun to send."""
    monkeypatch.setattr("apps.notifications.services.announcing.ask_for_round", lambda: None)
    new_endpoint(url=receiver.url)
    for _ in range(7):
        tell()
    return list(Message.objects.select_related("endpoint").order_by("pk"))


def test_killed_three_times(worker: Callable, receiver: Receiver, messages: list[Message]) -> None:
    """Before a message leaves, while the receiver has it and has not answered, and before the answer is kept."""
    kill_at(worker("0", "_send", "2"))
    has_it = Event()

    def keep_waiting(handler: Any) -> None:
        has_it.set()
        handler.is_over.wait(30)
        handler.close_connection = True

    receiver.behave = [answer(200), keep_waiting]
    held_up = worker("0")
    assert has_it.wait(timeout=30)
    kill(held_up)
    kill_at(worker("0", "_mark_sent", "2"))
    numbers = [message.message_id for message in messages]
    arrived = [letter.headers["Meiduo-Id"] for letter in receiver.letters]
    # The first, without the second; the third, and the fourth unanswered; the fifth, and the sixth unnoted.
    assert arrived == [numbers[0], *numbers[2:6]]

    assert last_words(worker("0"))["tried"] == 1, "nobody touches what another one may be sending"
    state = last_words(worker("4"))
    assert state["tried"] == 3, "what the three left behind is due again"
    assert state["messages"] == [["sent", 2 if n in (1, 3, 5) else 1] for n in range(7)]
    assert last_words(worker("600"))["tried"] == 0

    arrived = [letter.headers["Meiduo-Id"] for letter in receiver.letters]
    assert Counter(arrived) == {number: 2 if n in (3, 5) else 1 for n, number in enumerate(numbers)}
    bodies = {(letter.headers["Meiduo-Id"], letter.body) for letter in receiver.letters}
    assert len(bodies) == 7, "what comes twice is the same to the byte"
    assert {json.loads(body)["id"] for _, body in bodies} == set(numbers)
    secret = messages[0].endpoint.secret
    assert all(letter.is_signed_with(secret) for letter in receiver.letters)

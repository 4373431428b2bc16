from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings

from tests.conftest import Phones
from tests.contract.world import World
from tests.users.fake_provider import FakeProvider, running, sign_in_settings


@pytest.fixture
def world(
    db: None, phones: Phones, django_capture_on_commit_callbacks: Callable[..., Any]
) -> World:
    return World(phones, django_capture_on_commit_callbacks)


@pytest.fixture(scope="module")
def listening() -> Iterator[FakeProvider]:
    with running() as provider:
        yield provider


@pytest.fixture
def qq(listening: FakeProvider, world: World, monkeypatch: pytest.MonkeyPatch) -> FakeProvider:
    """QQ, on a socket of its own."""
    monkeypatch.setattr(settings, "SIGN_IN", sign_in_settings(listening.address))
    world.qq = listening
    return listening

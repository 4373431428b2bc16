from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Phones
from tests.contract.world import World


@pytest.fixture
def world(
    db: None, phones: Phones, django_capture_on_commit_callbacks: Callable[..., Any]
) -> World:
    return World(phones, django_capture_on_commit_callbacks)

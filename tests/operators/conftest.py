"""Operators of every role, and how they come in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from apps.operators.models import Role
from apps.users.models import User
from tests.factories import UserFactory

PASSWORD = "correct-horse-7"
LOGIN = "/admin/login/"
HOME = "/admin/"


@pytest.fixture
def operator(db: None) -> User:
    user: User = UserFactory(username="operator", is_staff=True, is_superuser=True)
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def desk_of(db: None) -> Callable[[str], Client]:
    """A browser of somebody of this role."""

    def enter(role: str) -> Client:
        user = UserFactory(is_staff=True)
        user.groups.add(group(role))
        client = Client()
        client.force_login(user)
        return client

    return enter


def group(role: str) -> Group:
    found = Role.objects.get(key=role).group
    assert found is not None
    return found


def log_in(
    client: Client, username: str = "operator", password: str = PASSWORD, **extra: Any
) -> Any:
    return client.post(LOGIN, {"username": username, "password": password}, **extra)

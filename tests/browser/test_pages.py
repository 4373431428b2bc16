"""Every page opens for each role that may see it, and for no other, without a word of complaint in the browser."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from tests.browser.conftest import ROLES, SUPERUSER
from tests.browser.desk import Desk
from tests.browser.pages import Walk, names

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def walks(desk_of: Callable[[str], Desk]) -> Callable[[str], Walk]:
    """What each role has seen: everybody walks once."""
    walked: dict[str, Walk] = {}

    def of(role: str) -> Walk:
        if role not in walked:
            walked[role] = Walk(desk_of(role))
            walked[role].everywhere()
        return walked[role]

    return of


@pytest.mark.parametrize("role", ROLES)
def test_whatever_is_shown_opens(role: str, walks: Callable[[str], Walk]) -> None:
    walk = walks(role)
    assert len(walk.opened) > 10
    faults = [f"{path}: {fault}" for path, each in walk.faults.items() for fault in each]
    assert "\n".join(faults) == ""


def test_a_link_leads_to_every_page_there_is(walks: Callable[[str], Walk]) -> None:
    """But to the form of a row that nobody may add."""
    walk = walks(SUPERUSER)
    missing = names() - walk.opened.keys()
    adding = {name for name in missing if name.endswith("_add")}
    refused = {name for name in adding if walk.desk.ask(reverse(f"admin:{name}")).status == 403}
    assert "\n".join(sorted(missing - refused)) == ""


@pytest.mark.parametrize("role", ROLES[1:])
def test_what_a_role_is_not_shown_is_shut(role: str, walks: Callable[[str], Walk]) -> None:
    walk = walks(role)
    hidden = {
        path: walk.desk.ask(path).status
        for name, path in walks(SUPERUSER).opened.items()
        if name not in walk.opened
    }
    assert hidden
    open_to_all = [f"{path}: {status}" for path, status in hidden.items() if status != 403]
    assert "\n".join(open_to_all) == ""

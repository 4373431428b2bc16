"""The back office as operators see it: ``make run`` with the demo shop, and Debian's Chromium before it."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright

from tests.browser.desk import Desk
from tests.e2e.conftest import Shop
from tests.e2e.conftest import shop as shop

SUPERUSER = "superuser"
ROLES = [SUPERUSER, "manager", "service", "warehouse", "finance", "catalogue"]
OPERATOR, OPERATOR_PASSWORD = "demo_operator", "meiduo-demo-2"
ROLES_PASSWORD = "meiduo-demo-3"
WINDOW = {"width": 1440, "height": 900}
PATIENCE_MS = 60_000


@pytest.fixture(scope="session", autouse=True)
def chromium() -> str:
    """Where it is; whoever has none is told how to get it, at once and once."""
    wanted = os.environ.get("CHROMIUM", "chromium")
    found = shutil.which(wanted)
    if found is None:
        pytest.exit(
            f"There is no {wanted} here: install it (Debian, Ubuntu: apt install chromium "
            "fonts-wqy-microhei) or name another: make browser CHROMIUM=/path/to/chrome",
            returncode=1,
        )
    return found


@pytest.fixture(scope="session")
def browser(chromium: str, playwright: Playwright) -> Iterator[Browser]:
    # Chromium's sandbox refuses to start for root.
    started = playwright.chromium.launch(
        executable_path=chromium, chromium_sandbox=os.geteuid() != 0
    )
    yield started
    started.close()


@pytest.fixture(scope="session")
def contexts(browser: Browser, shop: Shop) -> Iterator[Callable[[str], BrowserContext]]:
    """A window of the browser for each role, in which somebody has logged in."""
    entered: dict[str, BrowserContext] = {}

    def of(role: str) -> BrowserContext:
        if role not in entered:
            context = browser.new_context(locale="zh-CN", viewport=WINDOW)
            context.set_default_timeout(PATIENCE_MS)
            log_in(context, shop.url, role)
            entered[role] = context
        return entered[role]

    yield of
    for context in entered.values():
        context.close()


def log_in(context: BrowserContext, url: str, role: str) -> None:
    known = {SUPERUSER: (OPERATOR, OPERATOR_PASSWORD)}
    username, password = known.get(role, (f"demo_{role}", ROLES_PASSWORD))
    page = context.new_page()
    page.goto(f"{url}/admin/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"{url}/admin/")
    page.close()


@pytest.fixture(scope="session")
def desk_of(contexts: Callable[[str], BrowserContext], shop: Shop) -> Callable[[str], Desk]:
    """The browser of somebody of this role."""

    def sit_down(role: str) -> Desk:
        return Desk(contexts(role), shop.url)

    return sit_down

"""An operator's browser, and what of it he would not tell us."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import APIResponse, BrowserContext, Error, Page

TABS = 3  # while one is drawn another is fetched


@dataclass
class Tab:
    page: Page
    shop_url: str
    wrong: list[str] = field(default_factory=list)
    is_page: bool = True

    def __post_init__(self) -> None:
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)
        self.page.on("request", self._asked)

    def begin(self, path: str) -> None:
        """Open a page, of which the first bytes have come; of a file it is only known that it is one."""
        self.wrong, self.is_page = [], True
        try:
            self.page.goto(self.shop_url + path, wait_until="commit")
        except Error as error:
            if "Download is starting" not in error.message:
                raise
            self.is_page = False

    def _heard(self, message: Any) -> None:
        # What did not load is told with its address by the response.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.wrong.append(f"console: {message.text}")

    def _failed(self, request: Any) -> None:
        # A page that is left cancels what it was still loading, and a download is no page.
        if request.failure != "net::ERR_ABORTED":
            self.wrong.append(f"{request.failure}: {request.url}")

    def _answered(self, response: Any) -> None:
        if response.status >= 400:
            self.wrong.append(f"{response.status}: {response.url}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((f"{self.shop_url}/", "data:", "blob:")):
            self.wrong.append(f"elsewhere: {request.url}")


@dataclass
class Desk:
    context: BrowserContext
    shop_url: str
    tabs: list[Tab] = field(init=False)

    def __post_init__(self) -> None:
        self.tabs = [Tab(self.context.new_page(), self.shop_url) for _ in range(TABS)]

    @property
    def page(self) -> Page:
        return self.tabs[0].page

    def open(self, *paths: str) -> Iterator[tuple[str, Tab]]:
        """Pages, each in a tab, once all of them is there."""
        taken = list(zip(paths, self.tabs, strict=False))
        for path, tab in taken:
            tab.begin(path)
        for path, tab in taken:
            tab.page.wait_for_load_state()
            yield path, tab

    def ask(self, path: str) -> APIResponse:
        """What this browser is answered, without showing it."""
        return self.context.request.get(self.shop_url + path, max_redirects=0)

    def text(self, path: str) -> str:
        return self.ask(path).text()

    def leave(self) -> None:
        for tab in self.tabs:
            tab.page.close()

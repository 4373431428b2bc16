"""Every page of the back office, found as an operator finds it: from the menu, by what is shown, link by link."""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urljoin

from django.contrib import admin
from django.db.models import Field
from django.http import Http404
from django.urls import URLPattern, URLResolver, resolve

from tests.browser.desk import Desk, Tab

# What scripts ask, and where one comes in and goes out.
NO_PAGES = {"autocomplete", "jsi18n", "view_on_site", "login", "logout"}
# Two English words in a row are a text that somebody forgot to translate; a line with a digit is a row's own name.
FORGOTTEN = re.compile(r"^[^\d\n]*\b[A-Za-z]{2,} [A-Za-z]{2,}\b[^\d\n]*$", re.MULTILINE)
# What the library calls its table: another name would be a migration of the library's.
FOREIGN = "TOTP devices"
# Seen in one look, because every question to the browser is a journey. Two lists side by side (".selector") are
# Django's, whose Chinese lags behind.
LOOK = """() => {
  const told = "h1, h2, h3, thead th, legend, label, button, nav a, li > a, .helptext, input[type=submit]";
  const isSeen = (each) => each.checkVisibility() && !each.closest(".selector");
  const shown = [...document.querySelectorAll(told)].filter(isSeen);
  return {
    heading: document.querySelector("h1, h2")?.innerText || document.title.trim(),
    texts: shown.map((each) => each.innerText || each.value || ""),
    links: [...document.querySelectorAll("a[href]")].map((each) => each.href),
  };
}"""


@cache
def names() -> set[str]:
    """Of all pages that there are, of whichever app: one made tomorrow is among them."""

    def below(patterns: list[Any]) -> Iterator[str]:
        for each in patterns:
            if isinstance(each, URLResolver):
                yield from below(each.url_patterns)
            elif isinstance(each, URLPattern) and each.name:
                yield each.name

    # Who may not delete has no link to it.
    return {
        name
        for name in below(admin.site.get_urls())
        if name not in NO_PAGES and not name.endswith("_delete")
    }


@cache
def name_of(path: str) -> str:
    """ "goods_sku_low" of an address; nothing of one that is no page of the back office."""
    try:
        match = resolve(path)
    except Http404:
        return ""
    return match.url_name or "" if "admin" in match.app_names else ""


@dataclass
class Walk:
    """Opens each kind of page once in the browser.

    Which buttons a row has depends on its state: one in each state is asked for, too, without being drawn; so are
    the histories, which are one page.
    """

    desk: Desk
    opened: dict[str, str] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)
    _waiting: deque[str] = field(default_factory=deque)

    def everywhere(self) -> None:
        self._remember(["/admin/"])
        while self._waiting:
            together = [self._waiting.popleft() for _ in self.desk.tabs[: len(self._waiting)]]
            for path, tab in self.desk.open(*together):
                self._look(path, tab)
                if name_of(path).endswith("_changelist"):
                    self._rows(path)

    def _look(self, path: str, tab: Tab) -> None:
        self.faults[path] = tab.wrong
        if tab.is_page:
            seen = tab.page.evaluate(LOOK)
            texts = [text.replace(FOREIGN, "") for text in seen["texts"]]
            english = [text for text in texts if FORGOTTEN.search(text)]
            self.faults[path] += [f"in English: {text}" for text in english]
            self.faults[path] += [] if seen["heading"] else ["no heading"]
            self._remember(seen["links"])

    def _remember(self, links: Iterable[str]) -> None:
        """To open what has not been opened yet."""
        for link in links:
            path = link.removeprefix(self.desk.shop_url).partition("?")[0].partition("#")[0]
            name = name_of(path)
            if name in names() and name not in self.opened:
                self.opened[name] = path
                if name.endswith("_history"):
                    self._ask(path)
                else:
                    self._waiting.append(path)

    def _rows(self, path: str) -> None:
        """The first row of a list, and the first in every state by which it can be filtered."""
        for query in ["", *states(path)]:
            rows = re.findall(rf'href="({path}[^"/?]+/change/)', self.desk.text(path + query))
            self._remember(rows[:1])
            if rows and rows[0] not in self.faults and rows[0] not in self._waiting:
                self._ask(rows[0])

    def _ask(self, path: str) -> None:
        self.faults[path] = []
        shown = self.desk.ask(path)
        if shown.status == 200:
            hrefs = re.findall(r'href="([^"#?]+)', shown.text())
            self._remember(urljoin(path, href) for href in hrefs)
        else:
            self.faults[path].append(f"{shown.status}: {path}")


def states(path: str) -> Iterator[str]:
    """What the list there can be filtered by, of a few values each."""
    page: Any = resolve(path).func
    model_admin = page.model_admin
    columns = {column.name: column for column in model_admin.opts.get_fields()}
    for name in model_admin.list_filter:
        column = columns.get(name) if isinstance(name, str) else None
        if isinstance(column, Field) and column.choices:
            yield from (f"?{name}__exact={value}" for value, _ in column.flatchoices)

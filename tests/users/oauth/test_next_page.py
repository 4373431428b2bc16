"""Where one is sent after signing in: a page of our own front end, whatever was asked for."""

import re
from urllib.parse import parse_qs, quote, unquote, urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from apps.users.services.next_page import MAX_LENGTH, own_page
from tests.users.oauth.conftest import API

FRONT = "https://shop.example/oauth_callback.html?code=x"

OWN = [
    "/",
    "/cart.html",
    "/list.html?cat=115&page=2",
    "/goods/1.html#comments",
    "/search.html?q=http://x",
    "/@me",
    "/a:b",
    "/%E6%89%8B%E6%9C%BA.html",
]
OTHERS = [
    "", "cart.html", "?x=1", "#x", ".", "../x",
    "//evil.example", "///evil.example", "////", "//", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
    "http://evil.example", "https:evil.example", "https:/evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)", "data:text/html,x", "vbscript:x", "blob:x", "mailto:x@y",
    " //evil.example", "\t//evil.example", "/\t/evil.example", "/\n/evil.example", "/\r\n/evil.example",
    "/ /evil.example",
    "/%09/evil.example", "/%0a/evil.example", "/%0D%0A/evil.example", "/%2509/evil.example", "/%252509/evil.example",
    "/%2f/evil.example", "/%2F%2Fevil.example", "/%5cevil.example", "/%255cevil.example", "%2F%2Fevil.example",
    "/a//evil.example", "/./%2Fevil.example", "/x/..//evil.example", "/%00", "/\x00", "/\x7f", "/\u2028", "/\u200b",
    "/\ufeff/evil.example", "/\xa0/x", "/\u3000/x", "/\ud800", "/x y", "/x\\y", "/" + "x" * MAX_LENGTH,
    "/" + "手" * 40,
]  # fmt: skip


@pytest.mark.parametrize("page", OWN)
def test_our_own_pages(page: str) -> None:
    assert own_page(page) == page


def test_a_page_in_chinese_is_encoded() -> None:
    assert own_page("/search.html?q=手机") == "/search.html?q=%E6%89%8B%E6%9C%BA"


@pytest.mark.parametrize("page", OTHERS, ids=ascii)
def test_others_are_the_home_page(page: str) -> None:
    assert own_page(page) == "/"


def where(reference: str) -> tuple[str, str]:
    """Scheme and host to which a browser on our callback page would go: it drops tabs and newlines, strips the ends,
    and takes a backslash for a slash."""
    seen = re.sub(r"[\t\r\n]", "", reference).strip("".join(map(chr, range(0x21))))
    before_query = re.match(r"[^?#]*", seen)[0]  # type: ignore[index]
    seen = before_query.replace("\\", "/") + seen[len(before_query) :]
    address = urlsplit(urljoin(FRONT, seen))
    return address.scheme, address.netloc


PIECES = [
    "/", "\\", "//", ".", "..", ":", "@", "?", "#", "%", "%2f", "%5c", "%09", "%0a", "%25", "%2509", "\t",
    "\n", "\r", " ",
    "\x00", "\x0b", "\u2028", "evil.example", "http:", "https://", "javascript:", "cart.html", "手", "\ud800",
    "&", "=", ";",
]  # fmt: skip
tricks = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=8).map("".join)


@given(tricks | tricks.map(lambda trick: "/" + trick))
@example("/%09/evil.example")
@example("/\u3000/evil.example")
def test_however_it_is_decoded_it_stays_at_home(wanted: str) -> None:
    page = own_page(wanted)
    assert page.isascii()
    assert len(page) <= MAX_LENGTH
    for _ in range(4):
        assert page.startswith("/")
        assert where(page) == ("https", "shop.example")
        page = unquote(page)


@given(tricks.map(lambda trick: "/" + trick))
def test_what_is_our_own_stays_so_when_asked_again(wanted: str) -> None:
    assert own_page(own_page(wanted)) == own_page(wanted)


@pytest.mark.django_db
def test_the_state_is_that_page_and_the_nonce(api: APIClient) -> None:
    for wanted, before, after in [
        ("/", "/", ""),
        ("//evil.example", "/", ""),
        ("javascript:alert(1)", "/", ""),
        ("/cart.html", "/cart.html", ""),
        ("/list.html?cat=1&page=2", "/list.html", "&cat=1&page=2"),
        ("/list.html?", "/list.html", "&"),
        ("/goods/1.html#comments", "/goods/1.html", "#comments"),
        ("/a?b#c?d", "/a", "&b#c?d"),
        ("/search.html?q=手机", "/search.html", f"&q={quote('手机')}"),
        ("/" + "x" * (MAX_LENGTH - 1), "/" + "x" * (MAX_LENGTH - 1), ""),
        ("/?" + "x" * (MAX_LENGTH - 2), "/", "&" + "x" * (MAX_LENGTH - 2)),
    ]:
        address = api.get(f"{API}qq/authorization/", {"next": wanted}).json()["login_url"]
        (state,) = parse_qs(urlsplit(address).query)["state"]
        expected = f"{re.escape(before)}\\?state=[\\w-]{{22}}{re.escape(after)}"
        assert re.fullmatch(expected, state), (wanted, state)
        assert len(state) <= 128
        assert urlsplit(address).fragment == ""

import re
from urllib.parse import unquote

from django.utils.encoding import iri_to_uri

HOME = "/"
# The providers hand back a state of 128 bytes whole, and what we add to it (services.sign_in) needs 29 of them.
MAX_LENGTH = 96
# One slash and then neither another nor what browsers take for one; no backslash, no space, nothing invisible.
OWN_PATH = re.compile(
    r"/(?![/\\])[^\\\s\x00-\x20\x7f-\xa0\u2000-\u200f\u2028-\u202f\ufeff\ud800-\udfff]*"
)


def own_page(wanted: str) -> str:
    """``wanted`` if it is a page of our own front end, ASCII only; else the home page.

    It must look like that however often it is decoded, because storefronts decode it before they go there: browsers
    drop a tab, so that "/%09/evil.example", decoded, leads to another host.
    """
    address = iri_to_uri(wanted) if _is_own(wanted) else HOME
    return address if len(address) <= MAX_LENGTH else HOME


def _is_own(path: str) -> bool:
    while True:
        before_query = re.split("[?#]", path, maxsplit=1)[0]
        if not OWN_PATH.fullmatch(path) or "//" in before_query:
            return False
        if (decoded := unquote(path)) == path:
            return True
        path = decoded

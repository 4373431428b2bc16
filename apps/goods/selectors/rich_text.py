"""What operators write with a rich text editor, or paste into it from anywhere, made safe to be shown."""

import nh3
from django.conf import settings

SCHEMES = {"http", "https", "mailto", "tel"}


def clean(html: str) -> str:
    """Keep text, tables, pictures and links; drop scripts, styles, forms, frames, and addresses like ``javascript:``.

    Done when it is shown and not when it is saved: so it holds for rows that were imported, and for rules that change.
    """
    return nh3.clean(
        html,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
        attribute_filter=_pictures_of_ours,
    )


def _pictures_of_ours(tag: str, attribute: str, value: str) -> str:
    """A picture without a host is ours, wherever the storefront is. A link without one is the storefront's."""
    is_path = value.startswith("/") and not value.startswith("//")
    is_ours = (tag, attribute) == ("img", "src") and is_path
    return f"{settings.SITE_URL}{value}" if is_ours else value

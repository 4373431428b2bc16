"""What operators write with a rich text editor, or paste into it from anywhere, made safe to be shown."""

import nh3

SCHEMES = {"http", "https", "mailto", "tel"}


def clean(html: str) -> str:
    """Keep text, tables, pictures and links; drop scripts, styles, forms, frames, and addresses like ``javascript:``.

    Done when it is shown and not when it is saved: so it holds for rows that were imported, and for rules that change.
    """
    return nh3.clean(html, url_schemes=SCHEMES, link_rel="noopener noreferrer nofollow")

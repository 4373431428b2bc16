"""The catalogue's pages in the cache; ``apps.core.store.pages`` has the table of keys."""

from apps.core.store import Pages

catalogue = Pages("catalogue")

from apps.core.store.limits import Limit
from apps.core.store.pages import Copy, Page, Pages

__all__ = ["Copy", "Limit", "Page", "Pages"]

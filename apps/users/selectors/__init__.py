from apps.users.selectors.favourites import favourite_skus
from apps.users.selectors.history import browse_history

__all__ = ["browse_history", "favourite_skus"]

from apps.exports.selectors.columns import ListColumn, offered_columns
from apps.exports.selectors.lists import Listing, listing

__all__ = ["ListColumn", "Listing", "listing", "offered_columns"]

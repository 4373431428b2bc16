from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import Conflict, DomainError, Missing


class UnknownSKU(DomainError):
    code = "unknown_sku"
    title = _("There is no such product.")


class Withdrawn(Conflict):
    code = "withdrawn"
    title = _("This product is no longer on sale.")


class CartFull(Conflict):
    """The cart holds as many different SKUs as it may."""

    code = "cart_full"
    title = _("The cart is full.")


class TooManyUnits(Conflict):
    code = "too_many_units"
    title = _("That is more than one may buy at once.")


class ShortOfStock(Conflict):
    code = "short_of_stock"
    title = _("There is not enough stock.")


class NotInCart(Missing):
    code = "not_in_cart"
    title = _("This product is not in the cart.")


class StillChanging(Exception):
    """A visitor's cart was changed again and again while it was being moved; nothing of it is lost."""

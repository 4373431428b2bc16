from django.utils.translation import gettext_lazy as _

from apps.core.exceptions import Conflict


class StockWouldBeNegative(Conflict):
    code = "stock_would_be_negative"
    title = _("There is not that much stock to take away.")


class StockWouldBeTooMuch(Conflict):
    code = "stock_would_be_too_much"
    title = _("That is more stock than can be kept account of.")

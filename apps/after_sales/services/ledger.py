"""What every step of a request is made of: one lock for each order, and a line about who did what."""

from django.conf import settings
from django.utils import translation

from apps.after_sales.exceptions import NoSuchAfterSale, WrongAfterSaleState
from apps.after_sales.models import AfterSale, AfterSaleEvent
from apps.after_sales.models.after_sales import State
from apps.notifications.services import Event
from apps.orders.models import OrderInfo
from apps.orders.services import tell_buyer
from apps.users.models import User


def lock(after_sale_id: int) -> AfterSale:
    """A request, locked to the end of the transaction with its order, which is locked first, as everywhere.

    Raises NoSuchAfterSale.
    """
    order_id = AfterSale.objects.filter(pk=after_sale_id).values_list("order", flat=True).first()
    if order_id is None:
        raise NoSuchAfterSale
    OrderInfo.objects.select_for_update().get(pk=order_id)
    return AfterSale.objects.select_for_update().get(pk=after_sale_id)


def note(
    after_sale: AfterSale, to_state: str, *, by: User, words: str = "", came_from: str = ""
) -> None:
    """Write down that somebody took a step."""
    AfterSaleEvent.objects.create(
        after_sale=after_sale,
        from_state=came_from,
        to_state=to_state,
        by=by,
        note=words[: AfterSaleEvent.LONGEST_NOTE],
    )


def tell_decision(after_sale: AfterSale, state: State, words: str) -> None:
    """Tell the buyer, in the shop's language, and machines by the state's code."""
    with translation.override(settings.LANGUAGE_CODE):
        decision = str(state.label)
    told = {
        "decision": decision,
        "state": str(state),
        "reason": words,
        "number": after_sale.number,
    }
    tell_buyer(Event.AFTER_SALE_DECIDED, after_sale.order_id, told)


def fresh(after_sale: AfterSale) -> AfterSale:
    after_sale.refresh_from_db()
    return after_sale


def too_late(after_sale: AfterSale) -> WrongAfterSaleState:
    """Why a step was not possible: where the request, which was locked, stands."""
    standing = after_sale.standing
    return WrongAfterSaleState(state=str(standing), state_text=str(standing.label))

"""What every step of a request is made of: one lock for each order, and a line about who did what."""

from apps.after_sales.exceptions import NoSuchAfterSale, WrongAfterSaleState
from apps.after_sales.models import AfterSale, AfterSaleEvent
from apps.orders.models import OrderInfo
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


def too_late(after_sale: AfterSale) -> WrongAfterSaleState:
    """Why a step was not possible: where the request, which was locked, stands."""
    return WrongAfterSaleState(
        state=after_sale.state, state_text=str(after_sale.get_state_display())
    )

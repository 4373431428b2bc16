"""What buyers have asked back of past orders: some of it to be decided, some of it done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.after_sales.models import AfterSale, AfterSaleEvent, AfterSaleLine
from apps.after_sales.models.after_sales import Kind, State
from apps.demo.money import give_back
from apps.demo.movements import Moved
from apps.demo.opinions import Purchase
from apps.demo.people import Staff
from apps.demo.rows import Rows, times
from apps.goods.models import StockMovement
from apps.orders.models import MOVES, OrderEvent, Status, Step

Reason = AfterSale.Reason
# Each step is so long after the one before it; the first, after the order was paid.
PAUSE = timedelta(hours=6)


@dataclass(frozen=True)
class Story:
    """What somebody asked for, in his words, and how far it has come; ``answer`` is the operator's."""

    kind: Kind
    reason: AfterSale.Reason
    words: str
    state: State = State.REQUESTED
    answer: str = ""


STORIES = (
    Story(Kind.CANCEL, Reason.CHANGED_MIND, "拍错了，麻烦取消。"),
    Story(Kind.CANCEL, Reason.LATE, "急用，等不及了，请退款。"),
    Story(
        Kind.CANCEL, Reason.CHANGED_MIND, "颜色选错了，我重新拍。", State.REFUNDED, "已为您取消。"
    ),
    Story(Kind.CANCEL, Reason.OTHER, "想换个收货地址。", State.WITHDRAWN),
    Story(Kind.REFUND_ONLY, Reason.DAMAGED, "外壳有一道划痕，希望退一部分。"),
    Story(Kind.REFUND_ONLY, Reason.MISSING, "少发了一件。"),
    Story(
        Kind.REFUND_ONLY, Reason.DAMAGED, "收到时已经碎了。", State.REFUNDED, "核实无误，全额退款。"
    ),
    Story(
        Kind.REFUND_ONLY,
        Reason.OTHER,
        "想要补差价。",
        State.REJECTED,
        "非活动期间下单，不能补差价。",
    ),
    Story(Kind.REFUND_ONLY, Reason.MISSING, "缺一根数据线。", State.SETTLED, "已补发数据线。"),
    Story(Kind.RETURN, Reason.WRONG, "和下单的规格不一样。"),
    Story(Kind.RETURN, Reason.CHANGED_MIND, "买大了，想退货。"),
    Story(Kind.RETURN, Reason.DAMAGED, "用了两天就坏了。", State.APPROVED, "请寄回美多商城仓库。"),
    Story(Kind.RETURN, Reason.WRONG, "发错颜色了。", State.RECEIVED, "请寄回美多商城仓库。"),
    Story(Kind.RETURN, Reason.CHANGED_MIND, "不合适，七天无理由。", State.REFUNDED, "请寄回。"),
    Story(Kind.RETURN, Reason.OTHER, "不想要了。", State.WITHDRAWN),
)


def write_requests(
    rows: Rows, purchases: Sequence[Purchase], *, staff: Staff
) -> tuple[set[str], list[Moved]]:
    """Have the stories told of paid orders; the numbers of these, and the goods that came back."""
    waiting = _paid(purchases, Status.UNSEND)
    received = _paid(purchases, Status.UNCOMMENT)
    asked, returned = set(), []
    for story in STORIES:
        purchase = next(waiting if story.kind == Kind.CANCEL else received)
        asked.add(purchase.order.pk)
        returned += _write(rows, purchase, story, staff)
    return asked, returned


def _paid(purchases: Sequence[Purchase], status: Status) -> Iterator[Purchase]:
    """Those of the orders that stand there; of what waits the oldest first, of what arrived the newest."""
    paid = [each for each in purchases if each.payment and each.order.status == status]
    is_arrived = status == Status.UNCOMMENT
    yield from sorted(paid, key=lambda each: each.order.create_time, reverse=is_arrived)


def _write(rows: Rows, purchase: Purchase, story: Story, staff: Staff) -> list[Moved]:
    order, payment = purchase.order, purchase.payment
    if payment is None or payment.paid_at is None:
        raise ValueError(f"Nobody has paid order {order.pk}.")
    is_whole = story.kind == Kind.CANCEL
    begins = payment.paid_at + (timedelta(minutes=10) if is_whole else PAUSE)
    pause = timedelta(minutes=5) if is_whole else PAUSE
    moments = {state: begins + pause * nth for nth, state in enumerate(_path(story))}
    wanted = purchase.lines if is_whole else purchase.lines[:1]
    amount = payment.amount if is_whole else wanted[0][0].price
    after_sale = AfterSale(
        number=f"{order.pk}A01",
        order_id=order.pk,
        user_id=order.user_id,
        kind=story.kind,
        state=story.state,
        reason=story.reason,
        words=story.words,
        amount_asked=amount,
        amount_approved=amount if State.APPROVED in moments else None,
        **times(begins, moments[story.state]),
    )
    if refunded_at := moments.get(State.REFUNDED):
        after_sale.refund_id = give_back(
            rows,
            payment,
            amount,
            f"{after_sale.get_kind_display()}: {after_sale.get_reason_display()}",
            at=refunded_at,
            by=staff.service,
            key=after_sale.refund_key,
        ).pk
        if is_whole:
            _cancel(rows, purchase, story, staff, at=refunded_at)
    rows.add(after_sale)
    came_back = State.RECEIVED in moments
    for line, _offer in wanted:
        rows.add(
            AfterSaleLine(
                after_sale_id=after_sale.pk,
                line_id=line.pk,
                count=line.count if is_whole else 1,
                sellable=1 if came_back else None,
            )
        )
    _write_events(rows, after_sale, story, moments, staff)
    if not came_back:
        return []
    sku, note = wanted[0][1].sku, after_sale.number
    at = moments[State.RECEIVED]
    return [Moved(sku, 1, StockMovement.Reason.RETURN, note, at, staff.warehouse)]


def _path(story: Story) -> list[State]:
    """The states that it has gone through."""
    if story.state not in {State.APPROVED, State.RECEIVED, State.REFUNDED}:
        return list(dict.fromkeys([State.REQUESTED, story.state]))
    path = [State.REQUESTED, State.APPROVED, State.RECEIVED, State.REFUNDED]
    if story.kind != Kind.RETURN:
        path.remove(State.RECEIVED)
    return path[: path.index(story.state) + 1]


def _write_events(
    rows: Rows,
    after_sale: AfterSale,
    story: Story,
    moments: dict[State, datetime],
    staff: Staff,
) -> None:
    by_buyer = (after_sale.user_id, "")
    by_and_why = {
        State.REQUESTED: (after_sale.user_id, story.words),
        State.WITHDRAWN: by_buyer,
        State.RECEIVED: (staff.warehouse, "包装完好，可再售"),
    }
    before = ""
    for state, at in moments.items():
        by_id, why = by_and_why.get(state, (staff.service, story.answer))
        rows.add(
            AfterSaleEvent(
                after_sale_id=after_sale.pk,
                from_state=before,
                to_state=state,
                by_id=by_id,
                note=why,
                create_time=at,
            )
        )
        before = state


def _cancel(rows: Rows, purchase: Purchase, story: Story, staff: Staff, *, at: datetime) -> None:
    """Take back what the order sold."""
    order, step = purchase.order, Step.CANCEL_UNSHIPPED
    source, target = MOVES[step]
    order.status, order.update_time = target, at
    rows.add(
        OrderEvent(
            order_id=order.pk,
            step=step,
            from_status=source,
            to_status=target,
            actor_id=staff.service,
            reason=story.words,
            create_time=at,
        )
    )
    for line, offer in purchase.lines:
        offer.sku.sales -= line.count
        offer.sku.opening_stock -= line.count

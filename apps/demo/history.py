"""Past orders, so that sales, bestsellers, operators' lists and the demo buyer have something to show."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from django.conf import settings

from apps.core.clock import BEIJING
from apps.demo.life import REACHED_AFTER, carriers, write_life, write_parcel, write_tracking
from apps.demo.money import give_back, take_in
from apps.demo.opinions import Purchase
from apps.demo.people import Buyer, Staff
from apps.demo.rows import Rows, times
from apps.demo.shop import Offer
from apps.goods.models import SKU
from apps.orders.models import Carrier, OrderGoods, OrderInfo, Shipment, Status
from apps.orders.selectors import freight_for
from apps.payment.models import Payment

DAYS = 60
CANCELED_SHARE = 0.05
# Placed after the last parcels left, and paid for over the counter: what the warehouse finds in the morning.
WAITING, WAITING_HOURS = 66, 30
PAID_AFTER = timedelta(minutes=10)
# To be paid on line, so long ago: nobody does, and within the half-hour the shop cancels them.
UNPAID_MINUTES = (2, 5, 9, 14, 20)

PayMethod = OrderInfo.PayMethod

# How long ago, at least, an order was placed that has come so far.
REACHES = (
    (timedelta(days=11), Status.FINISHED),
    (timedelta(days=6), Status.UNCOMMENT),
    (timedelta(days=2), Status.UNRECEIVED),
    (timedelta(0), Status.UNSEND),
)
LEFT = {Status.UNRECEIVED, Status.UNCOMMENT, Status.FINISHED}
# What is paid at the door is paid when it is received.
RECEIVED = {Status.UNCOMMENT, Status.FINISHED}

# The demo buyer's: how long ago, how far it has come, units of each product's first variant.
OWN = (
    (timedelta(days=20), Status.FINISHED, {"youlishan-bottle": 1}),
    (timedelta(days=15), Status.CANCELED, {"tinglan-h5": 1}),
    (timedelta(days=7), Status.UNCOMMENT, {"tinglan-e2": 1, "sutianji-nuts": 2}),
    (timedelta(days=2), Status.UNRECEIVED, {"geyan-notebook": 3}),
    (timedelta(hours=5), Status.UNSEND, {"buheng-shirt": 1}),
)
OWN_REFUND = (Decimal("10.00"), "包装破损")


@dataclass(frozen=True)
class Line:
    """What was sold: ``image`` is a storage name, ``price`` CNY yuan a unit."""

    sku_id: int
    name: str
    image: str
    specification: str
    price: Decimal
    count: int


@dataclass(frozen=True)
class Written:
    """An order and what hangs on it; ``payment`` is None if nobody has paid."""

    order: OrderInfo
    lines: list[OrderGoods]
    shipment: Shipment | None
    payment: Payment | None


def write_past(
    rows: Rows,
    offers: Sequence[Offer],
    buyers: Sequence[Buyer],
    *,
    count: int,
    now: datetime,
    rng: Random,
    staff: Staff,
) -> list[Purchase]:
    """Add ``count`` orders of the last days, those that wait, and to the SKUs what these sold; the orders.

    The stock that the SKUs have is what is left after the sales: their opening stock grows by them.
    """
    purchases = []
    goods_ids = {offer.sku.goods_id for offer in offers}
    fame = {goods_id: min(rng.paretovariate(1.3), 8) for goods_id in sorted(goods_ids)}
    weights = [fame[offer.sku.goods_id] * _appeal(offer.sku) * rng.random() for offer in offers]
    choice = carriers()
    for serial, (at, status) in enumerate(_planned(count, now, rng)):
        drawn = rng.choices(range(len(offers)), weights, k=rng.choice((1, 1, 1, 2, 2, 3, 4)))
        bought = {place: rng.choice((1, 1, 1, 1, 2, 3)) for place in drawn}
        items = [(offers[place], units) for place, units in bought.items()]
        came_to = status or _progress(now - at, rng)
        is_canceled_online = came_to == Status.CANCELED and rng.random() < 0.6
        purchase = _add(
            rows,
            rng.choice(buyers),
            [_line(*item) for item in items],
            at=at,
            serial=serial,
            status=came_to,
            online=is_canceled_online or came_to == Status.UNPAID,
            is_prepaid=status == Status.UNSEND,
            staff=staff,
            choice=choice,
        )
        _follow(rows, purchase, now)
        purchases.append(_booked(purchase, items))
    return purchases


def write_own(
    rows: Rows,
    offers_of: Mapping[str, Sequence[Offer]],
    buyer: Buyer,
    *,
    now: datetime,
    staff: Staff,
) -> list[Purchase]:
    """Add an order of the demo buyer in every state but "to be paid", which is where a purchase begins; the orders.

    Of the first a part was refunded.
    Stock and sales are booked as in ``write_past``; ``offers_of`` has the offers by the product's key.
    """
    purchases, choice = [], carriers()
    for serial, (age, status, units_of) in enumerate(OWN):
        items = [(offers_of[key][0], units) for key, units in units_of.items()]
        purchase = _add(
            rows,
            buyer,
            [_line(*item) for item in items],
            at=now - age,
            serial=serial,
            status=status,
            online=status == Status.CANCELED,
            staff=staff,
            choice=choice,
            refunded=OWN_REFUND if serial == 0 else None,
        )
        _follow(rows, purchase, now)
        purchases.append(_booked(purchase, items))
    return purchases


def add_order(
    rows: Rows,
    buyer: Buyer,
    lines: Sequence[Line],
    *,
    at: datetime,
    now: datetime,
    serial: int,
    rng: Random,
    staff: Staff,
    choice: Sequence[Carrier],
) -> OrderInfo:
    """Add an order, its lines, steps and parcel, as far along as it would be ``now``.

    Its number is its own if no two orders of one buyer in one second have serials with the same last four digits.
    """
    status = _progress(now - at, rng)
    online = status == Status.CANCELED and rng.random() < 0.6
    written = _add(
        rows,
        buyer,
        lines,
        at=at,
        serial=serial,
        status=status,
        online=online,
        staff=staff,
        choice=choice,
    )
    return written.order


def _add(
    rows: Rows,
    buyer: Buyer,
    lines: Sequence[Line],
    *,
    at: datetime,
    serial: int,
    status: Status,
    online: bool,
    staff: Staff,
    choice: Sequence[Carrier],
    is_prepaid: bool = False,
    refunded: tuple[Decimal, str] | None = None,
) -> Written:
    """``online``: by Alipay, and nobody paid. What was received was paid at the door, ``refunded`` of it given back."""
    amount = sum((line.price * line.count for line in lines), Decimal("0.00"))
    freight = freight_for(amount)
    moment = at.astimezone(BEIJING).strftime("%Y%m%d%H%M%S")
    order_id = f"{moment}{buyer.user_id % 1_000_000:06d}{serial % 10_000:04d}"
    order = OrderInfo(
        order_id=order_id,
        cart_stamp=f"demo{order_id:0>28}",
        total_count=sum(line.count for line in lines),
        total_amount=amount + freight,
        freight=freight,
        pay_method=PayMethod.ALIPAY if online else PayMethod.CASH,
        status=status,
        expires_at=at + timedelta(minutes=settings.PAYMENT_MINUTES) if online else None,
        user_id=buyer.user_id,
        **buyer.address,
        **times(at, at + REACHED_AFTER[status]),
    )
    rows.add(order)
    written = [rows.add(OrderGoods(order_id=order_id, **vars(line), **times(at))) for line in lines]
    shipment = payment = None
    if status in LEFT:
        shipment = write_parcel(rows, order, choice=choice, staff=staff, serial=serial)
    write_life(rows, order, staff=staff, serial=serial)
    if status in RECEIVED or is_prepaid:
        paid_at = at + (PAID_AFTER if is_prepaid else REACHED_AFTER[Status.UNCOMMENT])
        payment = take_in(rows, order, at=paid_at, by=staff.finance)
        if refunded:
            next_day = paid_at + timedelta(days=1)
            give_back(rows, payment, *refunded, at=next_day, by=staff.finance)
    return Written(order, written, shipment, payment)


def _planned(count: int, now: datetime, rng: Random) -> Iterator[tuple[datetime, Status | None]]:
    """When each was placed, the earliest first, and where it stands; None: as far as its age lets it come."""
    yield from (
        (at, None) for at in sorted(now - timedelta(days=DAYS) * rng.random() for _ in range(count))
    )
    waiting = timedelta(hours=WAITING_HOURS)
    yield from (
        (at, Status.UNSEND)
        for at in sorted(now - timedelta(hours=1) - waiting * rng.random() for _ in range(WAITING))
    )
    yield from (
        (now - timedelta(minutes=ago), Status.UNPAID)
        for ago in sorted(UNPAID_MINUTES, reverse=True)
    )


def _follow(rows: Rows, written: Written, now: datetime) -> None:
    if written.shipment:
        write_tracking(rows, written.order, written.shipment, now=now)


def _booked(written: Written, items: Sequence[tuple[Offer, int]]) -> Purchase:
    """What was ordered of each offer: counted as sold, unless it was canceled."""
    if written.order.status != Status.CANCELED:
        for offer, units in items:
            offer.sku.sales += units
            offer.sku.opening_stock += units
    offers = [offer for offer, _ in items]
    lines = list(zip(written.lines, offers, strict=True))
    return Purchase(written.order, lines, written.payment)


def _appeal(sku: SKU) -> float:
    """Cheap things sell more often; and what is short of stock is short because it sold."""
    return math.pow(sku.price, -0.3) * (6 if sku.stock < 10 else 1)


def _progress(age: timedelta, rng: Random) -> Status:
    if age > timedelta(hours=1) and rng.random() < CANCELED_SHARE:
        return Status.CANCELED
    reached = [status for least, status in REACHES if age >= least]
    # One in five is a step behind.
    return reached[1] if len(reached) > 1 and rng.random() < 0.2 else reached[0]


def _line(offer: Offer, count: int) -> Line:
    sku = offer.sku
    return Line(sku.pk, sku.name, str(sku.default_image), offer.specification, sku.price, count)

"""Past orders, so that sales, bestsellers, operators' lists and the demo buyer have something to show."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from django.conf import settings

from apps.core.clock import BEIJING
from apps.demo.money import give_back, take_in
from apps.demo.opinions import Purchase
from apps.demo.people import Buyer
from apps.demo.rows import Rows, times
from apps.demo.shop import Offer
from apps.goods.models import SKU
from apps.orders.models import OrderGoods, OrderInfo, Status
from apps.orders.selectors import freight_for

DAYS = 60
CANCELED_SHARE = 0.05
CANCELED_AFTER = timedelta(minutes=30)

PayMethod = OrderInfo.PayMethod

# How long ago, at least, an order was placed that has come so far; the latest change is so long after the first.
REACHED_AFTER = (
    (timedelta(days=12), Status.FINISHED, timedelta(days=9)),
    (timedelta(days=6), Status.UNCOMMENT, timedelta(days=4)),
    (timedelta(days=2), Status.UNRECEIVED, timedelta(days=1)),
    (timedelta(0), Status.UNSEND, timedelta(0)),
)

# What is paid at the door is paid when it is received.
RECEIVED = {Status.UNCOMMENT, Status.FINISHED}
RECEIVED_AFTER = timedelta(days=4)

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


def write_past(
    rows: Rows,
    offers: Sequence[Offer],
    buyers: Sequence[Buyer],
    *,
    count: int,
    now: datetime,
    rng: Random,
    operator_id: int,
) -> list[Purchase]:
    """Add ``count`` orders of the last days, and to the SKUs what these sold; the orders.

    The stock that the SKUs have is what is left after the sales: their opening stock grows by them.
    """
    purchases = []
    goods_ids = {offer.sku.goods_id for offer in offers}
    fame = {goods_id: min(rng.paretovariate(1.3), 8) for goods_id in sorted(goods_ids)}
    weights = [fame[offer.sku.goods_id] * _appeal(offer.sku) * rng.random() for offer in offers]
    moments = sorted(now - timedelta(days=DAYS) * rng.random() for _ in range(count))
    for serial, at in enumerate(moments):
        drawn = rng.choices(range(len(offers)), weights, k=rng.choice((1, 1, 1, 2, 2, 3, 4)))
        bought = {place: rng.choice((1, 1, 1, 1, 2, 3)) for place in drawn}
        items = [(offers[place], units) for place, units in bought.items()]
        order, written = add_order(
            rows,
            rng.choice(buyers),
            [_line(*item) for item in items],
            at=at,
            now=now,
            serial=serial,
            rng=rng,
            operator_id=operator_id,
        )
        purchases.append(_booked(order, written, items))
    return purchases


def write_own(
    rows: Rows,
    offers_of: Mapping[str, Sequence[Offer]],
    buyer: Buyer,
    *,
    now: datetime,
    operator_id: int,
) -> list[Purchase]:
    """Add an order of the demo buyer in every state but "to be paid", which is where a purchase begins; the orders.

    Of the first a part was refunded.
    Stock and sales are booked as in ``write_past``; ``offers_of`` has the offers by the product's key.
    """
    lasted = {status: after for _, status, after in REACHED_AFTER}
    lasted[Status.CANCELED] = CANCELED_AFTER
    purchases = []
    for serial, (age, status, units_of) in enumerate(OWN):
        items = [(offers_of[key][0], units) for key, units in units_of.items()]
        order, written = _add(
            rows,
            buyer,
            [_line(*item) for item in items],
            at=now - age,
            serial=serial,
            status=status,
            after=lasted[status],
            online=status == Status.CANCELED,
            operator_id=operator_id,
            refunded=OWN_REFUND if serial == 0 else None,
        )
        purchases.append(_booked(order, written, items))
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
    operator_id: int,
) -> tuple[OrderInfo, list[OrderGoods]]:
    """Add an order and its lines, as far along as it would be ``now``.

    Its number is its own if no two orders of one buyer in one second have serials with the same last four digits.
    """
    status, after = _progress(now - at, rng)
    online = status == Status.CANCELED and rng.random() < 0.6
    return _add(
        rows,
        buyer,
        lines,
        at=at,
        serial=serial,
        status=status,
        after=after,
        online=online,
        operator_id=operator_id,
    )


def _add(
    rows: Rows,
    buyer: Buyer,
    lines: Sequence[Line],
    *,
    at: datetime,
    serial: int,
    status: Status,
    after: timedelta,
    online: bool,
    operator_id: int,
    refunded: tuple[Decimal, str] | None = None,
) -> tuple[OrderInfo, list[OrderGoods]]:
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
        **times(at, at + after),
    )
    rows.add(order)
    written = [rows.add(OrderGoods(order_id=order_id, **vars(line), **times(at))) for line in lines]
    if status in RECEIVED:
        at_door = at + RECEIVED_AFTER
        payment = take_in(rows, order, at=at_door, by=operator_id)
        if refunded:
            give_back(rows, payment, *refunded, at=at_door + timedelta(days=1), by=operator_id)
    return order, written


def _booked(
    order: OrderInfo, lines: Sequence[OrderGoods], items: Sequence[tuple[Offer, int]]
) -> Purchase:
    """What was ordered of each offer, with these lines: counted as sold, unless it was canceled."""
    if order.status != Status.CANCELED:
        for offer, units in items:
            offer.sku.sales += units
            offer.sku.opening_stock += units
    offers = [offer for offer, _ in items]
    return Purchase(order, list(zip(lines, offers, strict=True)))


def _appeal(sku: SKU) -> float:
    """Cheap things sell more often; and what is short of stock is short because it sold."""
    return math.pow(sku.price, -0.3) * (6 if sku.stock < 10 else 1)


def _progress(age: timedelta, rng: Random) -> tuple[Status, timedelta]:
    if age > timedelta(hours=1) and rng.random() < CANCELED_SHARE:
        return Status.CANCELED, CANCELED_AFTER
    reached = [(status, after) for least, status, after in REACHED_AFTER if age >= least]
    # One in five is a step behind.
    return reached[1] if len(reached) > 1 and rng.random() < 0.2 else reached[0]


def _line(offer: Offer, count: int) -> Line:
    sku = offer.sku
    return Line(sku.pk, sku.name, str(sku.default_image), offer.specification, sku.price, count)

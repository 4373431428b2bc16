"""Past orders, so that sales, bestsellers and the operators' lists have something to show."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from apps.demo.people import Buyer
from apps.demo.rows import Rows, times
from apps.demo.shop import Offer
from apps.goods.models import SKU
from apps.orders.models import OrderGoods, OrderInfo
from apps.orders.selectors import freight_for

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAYS = 60
CANCELED_SHARE = 0.05

Status, PayMethod = OrderInfo.Status, OrderInfo.PayMethod

# How long ago, at least, an order was placed that has come so far; the latest change is so long after the first.
REACHED_AFTER = (
    (timedelta(days=12), Status.FINISHED, timedelta(days=9)),
    (timedelta(days=6), Status.UNCOMMENT, timedelta(days=4)),
    (timedelta(days=2), Status.UNRECEIVED, timedelta(days=1)),
    (timedelta(0), Status.UNSEND, timedelta(0)),
)


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
) -> None:
    """Add ``count`` orders of the last days, and to the SKUs what these sold.

    The stock that the SKUs have is what is left after the sales: their opening stock grows by them.
    """
    goods_ids = {offer.sku.goods_id for offer in offers}
    fame = {goods_id: min(rng.paretovariate(1.3), 8) for goods_id in sorted(goods_ids)}
    weights = [fame[offer.sku.goods_id] * _appeal(offer.sku) * rng.random() for offer in offers]
    moments = sorted(now - timedelta(days=DAYS) * rng.random() for _ in range(count))
    for serial, at in enumerate(moments):
        drawn = rng.choices(range(len(offers)), weights, k=rng.choice((1, 1, 1, 2, 2, 3, 4)))
        bought = {place: rng.choice((1, 1, 1, 1, 2, 3)) for place in drawn}
        lines = [_line(offers[place], units) for place, units in bought.items()]
        order = add_order(rows, rng.choice(buyers), lines, at=at, now=now, serial=serial, rng=rng)
        if order.status != Status.CANCELED:
            for place, units in bought.items():
                offers[place].sku.sales += units
                offers[place].sku.opening_stock += units


def add_order(
    rows: Rows,
    buyer: Buyer,
    lines: Sequence[Line],
    *,
    at: datetime,
    now: datetime,
    serial: int,
    rng: Random,
) -> OrderInfo:
    """Add an order and its lines, as far along as it would be ``now``.

    Its number is its own if no two orders of one buyer in one second have serials with the same last four digits.
    """
    amount = sum((line.price * line.count for line in lines), Decimal("0.00"))
    freight = freight_for(amount)
    status, after = _progress(now - at, rng)
    # Only what is paid at the door has come further without a Payment.
    online = status == Status.CANCELED and rng.random() < 0.6
    moment = at.astimezone(SHANGHAI).strftime("%Y%m%d%H%M%S")
    order_id = f"{moment}{buyer.user_id % 1_000_000:06d}{serial % 10_000:04d}"
    order = OrderInfo(
        order_id=order_id,
        cart_stamp=f"demo{order_id:0>28}",
        total_count=sum(line.count for line in lines),
        total_amount=amount + freight,
        freight=freight,
        pay_method=PayMethod.ALIPAY if online else PayMethod.CASH,
        status=status,
        user_id=buyer.user_id,
        **buyer.address,
        **times(at, at + after),
    )
    rows.add(order)
    for line in lines:
        rows.add(OrderGoods(order_id=order_id, **vars(line), **times(at)))
    return order


def _appeal(sku: SKU) -> float:
    """Cheap things sell more often; and what is short of stock is short because it sold."""
    return math.pow(sku.price, -0.3) * (6 if sku.stock < 10 else 1)


def _progress(age: timedelta, rng: Random) -> tuple[OrderInfo.Status, timedelta]:
    if age > timedelta(hours=1) and rng.random() < CANCELED_SHARE:
        return Status.CANCELED, timedelta(minutes=30)
    reached = [(status, after) for least, status, after in REACHED_AFTER if age >= least]
    # One in five is a step behind.
    return reached[1] if len(reached) > 1 and rng.random() < 0.2 else reached[0]


def _line(offer: Offer, count: int) -> Line:
    sku = offer.sku
    return Line(sku.pk, sku.name, str(sku.default_image), offer.specification, sku.price, count)

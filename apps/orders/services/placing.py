"""The steps inside the transaction (ADR 0001); the serializer's ``create()`` opens it."""

import secrets
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.core.clock import BEIJING
from apps.core.exceptions import LostRace
from apps.goods.models import SKU
from apps.orders import selectors
from apps.orders.exceptions import LinesRefused, TooExpensive
from apps.orders.models import OrderGoods, OrderInfo
from apps.orders.selectors import Basket
from apps.orders.services.checkout import Submission
from apps.users.models import Address, User

# The most that a column of ten digits holds; Alipay takes 100,000,000.00.
MOST_EXPENSIVE = Decimal("99999999.99")


def new_order_id(user_id: int, *, at: datetime) -> str:
    """24 digits: Beijing time to the second, the end of the user id, four random ones."""
    moment = at.astimezone(BEIJING).strftime("%Y%m%d%H%M%S")
    return f"{moment}{user_id % 1_000_000:06d}{secrets.randbelow(10_000):04d}"


def open_order(
    buyer: User,
    basket: Basket,
    *,
    order_id: str,
    address: Address,
    pay_method: int,
    submission: Submission,
) -> OrderInfo:
    """Write the order's head. A cart that became an order before meets the unique stamp: IntegrityError."""
    if basket.total_amount > MOST_EXPENSIVE:
        raise TooExpensive(total_amount=str(basket.total_amount))
    is_cash = pay_method == OrderInfo.PayMethod.CASH
    # Whole seconds: the providers are told no finer.
    waits_until = timezone.now().replace(microsecond=0) + timedelta(
        minutes=settings.PAYMENT_MINUTES
    )
    return OrderInfo.objects.create(
        order_id=order_id,
        user=buyer,
        cart_stamp=basket.stamp,
        idempotency_key=submission.key or None,
        request_digest=submission.digest,
        receiver=address.receiver,
        mobile=address.mobile,
        tel=address.tel,
        email=address.email,
        province=address.province.name,
        city=address.city.name,
        district=address.district.name,
        place=address.place,
        total_count=basket.total_count,
        total_amount=basket.total_amount,
        freight=basket.freight,
        pay_method=pay_method,
        status=OrderInfo.Status.UNSEND if is_cash else OrderInfo.Status.UNPAID,
        expires_at=None if is_cash else waits_until,
    )


def fill_order(order: OrderInfo, basket: Basket) -> None:
    """Take the stock of every line, then write the lines; or raise LinesRefused, naming every one at fault.

    The stock comes first: a line's foreign key takes a shared lock on its SKU, and two buyers who hold it deadlock when
    both go on to update it.
    """
    if not _take_whole(basket):
        found = selectors.obstacles(basket)
        if not found:
            raise LostRace("What was missing a moment ago is there again.")
        raise LinesRefused(found)
    OrderGoods.objects.bulk_create(
        OrderGoods(
            order=order,
            sku_id=line.sku.id,
            name=line.sku.name,
            image=line.sku.image,
            specification=line.sku.specification,
            price=line.price,
            count=line.count,
        )
        for line in basket.lines
    )


def _take_whole(basket: Basket) -> bool:
    """The savepoint: a selection that can be taken only in part is put back before anyone looks at what is left."""
    with transaction.atomic():
        taken = SKU.objects.take(basket.wanted)
        transaction.set_rollback(not taken)
    return taken

"""Orders that are paid at the door."""

from django.db import transaction
from django.utils import timezone

from apps.core.transactions import retry_lost_transactions
from apps.orders.models import OrderInfo
from apps.payment.exceptions import OrderNotPayable
from apps.payment.models import Payment, PaymentEvent
from apps.payment.models.payments import CASH
from apps.users.models import User

Status = OrderInfo.Status
ON_ITS_WAY = (Status.UNSEND, Status.UNRECEIVED, Status.UNCOMMENT, Status.FINISHED)


@retry_lost_transactions
@transaction.atomic(durable=True)
def settle_cash(order_id: str, *, by: User) -> Payment:
    """Record that the money of a CASH order was taken in on delivery, once however often it is said.

    Raises OrderNotPayable. The order's row is locked, so two operators get the same payment.
    """
    orders = OrderInfo.objects.select_for_update()
    order = orders.filter(pk=order_id, pay_method=OrderInfo.PayMethod.CASH).first()
    if order is None:
        raise OrderNotPayable
    if settlement := Payment.objects.filter(settles=order).first():
        return settlement
    if order.status not in ON_ITS_WAY:
        raise OrderNotPayable
    now = timezone.now()
    payment = Payment.objects.create(
        order=order,
        settles=order,
        provider=CASH,
        product=CASH,
        out_trade_no=f"{order.pk}{order.payments.count() + 1:02d}",
        amount=order.total_amount,
        state=Payment.State.SUCCEEDED,
        expires_at=now,
        paid_at=now,
    )
    PaymentEvent.objects.create(
        payment=payment,
        provider=CASH,
        event_id=f"received:{payment.out_trade_no}",
        kind=PaymentEvent.Kind.OPERATOR,
        status="RECEIVED",
        amount=payment.amount,
        payload={"by": by.pk, "username": by.username},
        verdict=PaymentEvent.Verdict.SETTLED,
    )
    return payment

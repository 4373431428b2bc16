"""Attempts to pay: opening one and leading the buyer to it. No provider is called inside a transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from apps.core.transactions import retry_lost_transactions
from apps.orders.models import OrderInfo
from apps.payment.exceptions import (
    BuyerDetailMissing,
    BuyerDetailRefused,
    OrderNotPayable,
    Rejected,
    TooManyAttempts,
    UnknownProduct,
)
from apps.payment.gateways import gateway
from apps.payment.gateways.interface import Form, Offer, PaymentGateway
from apps.payment.models import Payment
from apps.payment.services.asking import close_attempt, first_query_at
from apps.payment.services.returns import return_key
from apps.users.models import User

# An order that expires sooner than this is not offered any more: WeChat Pay's rule for a new attempt.
SHORTEST_OFFER = timedelta(minutes=1)
# Of one order, those that are yet to be closed included: each is asked after until it ends. All ways to pay that there
# are come to eight; beyond them it takes another openid.
MOST_ATTEMPTS = 10
ALIPAY = "alipay"


@dataclass(frozen=True)
class Started:
    """An attempt and the way to it: ``url``, ``qr`` or ``params``, as ``form`` says."""

    payment: Payment
    form: Form
    url: str = ""
    qr: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


def cashier_url(buyer: User, order_id: str) -> str:
    """Where the buyer pays this order by Alipay, as the storefronts' contract has it. Raises OrderNotPayable,
    TooManyAttempts.

    While an attempt is open the address leads to it, however often it is asked for.
    """
    order = OrderInfo.objects.filter(pk=order_id, user=buyer).first()
    if order is None or order.pay_method != OrderInfo.PayMethod.ALIPAY:
        raise OrderNotPayable
    try:
        return start_payment(buyer, order_id, provider=ALIPAY, product="page").url
    except OrderNotPayable as refusal:
        # In the contract every reason is the same.
        raise OrderNotPayable from refusal


def start_payment(
    buyer: User,
    order_id: str,
    *,
    provider: str,
    product: str,
    client_ip: str = "",
    openid: str = "",
) -> Started:
    """Lead the buyer to pay an order. Asked again, it leads to the same attempt while that is open.

    What needs an ``openid`` has an attempt for each of them, for nobody else can pay it.
    A number that the provider calls spent is asked after and closed, and a new one is tried, once; but not if a request
    at the same moment was given its code.
    Raises UnknownProvider, UnknownProduct, BuyerDetailMissing, BuyerDetailRefused, OrderNotPayable, TooManyAttempts,
    GatewayError.
    """
    us = gateway(provider)
    if product not in us.products:
        raise UnknownProduct(product=product)
    details = {"client_ip": client_ip, "openid": openid}
    if missing := [name for name in sorted(us.products[product].needs) if not details.get(name)]:
        raise BuyerDetailMissing(missing)
    person = openid if "openid" in us.products[product].needs else ""
    way = {"provider": provider, "product": product, "opened_for": person}
    payment = open_attempt(buyer, order_id, **way)
    try:
        return _lead(us, payment, **details)
    except Rejected as refusal:
        if refusal.buyer_detail:
            raise BuyerDetailRefused(refused=[refusal.buyer_detail]) from refusal
        if not refusal.is_number_spent:
            raise
        payment.refresh_from_db(fields=["code", "is_closing"])
        if payment.code and not payment.is_closing:
            # Spent by another request at this moment: what it was given is being shown to the buyer.
            return _lead(us, payment, **details)
        close_attempt(payment)
    payment = open_attempt(buyer, order_id, **way)
    return _lead(us, payment, **details)


@retry_lost_transactions
@transaction.atomic(durable=True)
def open_attempt(
    buyer: User, order_id: str, *, provider: str, product: str, opened_for: str = ""
) -> Payment:
    """The attempt that is open, or a new one; it is open as long as its order. Raises OrderNotPayable,
    TooManyAttempts.

    ``opened_for`` is the openid of the only person who can pay it, "" if anybody can. The order's row is locked, so
    requests at once get the same.
    """
    now = timezone.now()
    order = OrderInfo.objects.select_for_update().filter(pk=order_id, user=buyer).first()
    if order is None:
        raise OrderNotPayable
    if reason := _why_not(order, now):
        raise OrderNotPayable(reason)
    way = {
        "provider": provider,
        "account": gateway(provider).account,
        "product": product,
        "opened_for": opened_for,
    }
    if payment := Payment.objects.open_at(order, now).filter(**way).first():
        return payment
    is_pending = Q(state=Payment.State.PENDING)
    attempts = order.payments.aggregate(all=Count("pk"), pending=Count("pk", filter=is_pending))
    if attempts["pending"] >= MOST_ATTEMPTS:
        raise TooManyAttempts(limit=MOST_ATTEMPTS)
    return Payment.objects.create(
        order=order,
        out_trade_no=f"{order.pk}{attempts['all'] + 1:02d}",
        amount=order.total_amount,
        expires_at=cast("datetime", order.expires_at),
        next_query_at=first_query_at(now),
        **way,
    )


def _why_not(order: OrderInfo, now: datetime) -> str:
    """A reason of OrderNotPayable; "" if the order can be paid now."""
    if order.status == OrderInfo.Status.CANCELED:
        return "canceled"
    if order.pay_method == OrderInfo.PayMethod.CASH:
        return "cash_on_delivery"
    if not order.is_payable:
        return "paid"
    is_over = order.expires_at is None or order.expires_at < now + SHORTEST_OFFER
    return "expired" if is_over else ""


def _lead(us: PaymentGateway, payment: Payment, *, client_ip: str, openid: str) -> Started:
    product = us.products[payment.product]
    offer = Offer(
        product=payment.product,
        out_trade_no=payment.out_trade_no,
        amount=payment.amount,
        subject=f"{settings.SHOP_NAME}订单 {payment.order_id}",
        expires_at=payment.expires_at,
        at=timezone.now(),
        client_ip=client_ip,
        openid=openid,
        code=payment.code,
        return_key=return_key(payment),
    )
    if product.form == "url":
        return Started(payment, "url", url=us.page_url(offer))
    if product.form == "qr":
        return Started(payment, "qr", qr=_kept(us, payment, offer))
    if product.is_kept:
        offer = replace(offer, code=_kept(us, payment, offer))
    return Started(payment, "params", params=us.app_params(offer))


def _kept(us: PaymentGateway, payment: Payment, offer: Offer) -> str:
    """What the provider gave for this attempt: now, or when it was first asked. Of two at once the first is kept.

    Raises GatewayError; Rejected with a spent number if the attempt is being closed by now.
    """
    product = us.products[payment.product]
    if product.is_kept and payment.code:
        return payment.code
    code = us.qr(offer) if product.form == "qr" else us.prepay(offer)
    offered = Payment.objects.filter(is_closing=False)
    if not product.is_kept or offered.keep_code(payment, code):
        return code
    payment.refresh_from_db(fields=["code", "is_closing"])
    if payment.is_closing or not payment.code:
        raise Rejected("", "", f"{payment} is being closed", is_number_spent=True)
    return payment.code

"""Reviews: written once for each line that was received, moderated by the shop, counted exactly as they are seen."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from apps.core.transactions import retry_lost_transactions
from apps.goods.services import announce, count_review, discount_review
from apps.orders.exceptions import AlreadyReviewed, ImagesNotUsable, NotReceived
from apps.orders.models import OrderGoods, OrderInfo, Review, ReviewImage, Step
from apps.orders.services.steps import take_step
from apps.users.models import User


@retry_lost_transactions
@transaction.atomic(durable=True)
def review_line(
    line: OrderGoods,
    *,
    comment: str,
    score: int,
    is_anonymous: bool,
    image_ids: Sequence[int] = (),
) -> Review:
    """Write the buyer's review of a line; with the last line's the order is finished.

    Raises AlreadyReviewed, NotReceived, or ImagesNotUsable. The order's row is locked first: two tabs that review its
    last two lines come one after the other. The counters are changed before the review is inserted, whose foreign keys
    take shared locks on the rows that have them: the other way round, two reviews of one SKU deadlock.
    """
    order = OrderInfo.objects.select_for_update().get(pk=line.order_id)
    if not OrderGoods.objects.mark_reviewed(line.pk):
        raise AlreadyReviewed
    if order.status != OrderInfo.Status.UNCOMMENT:
        raise NotReceived
    count_review(line.sku, score)
    review = Review.objects.create(
        line=line,
        user_id=order.user_id,
        sku=line.sku,
        goods_id=line.sku.goods_id,
        score=score,
        comment=comment,
        is_anonymous=is_anonymous,
    )
    if image_ids and not ReviewImage.objects.attach(image_ids, to=review):
        raise ImagesNotUsable
    take_step(order.pk, Step.FINISH, by_id=order.user_id, among=OrderInfo.objects.fully_reviewed())
    return review


def hide_reviews(review_ids: Iterable[int], *, by: User) -> int:
    """Take reviews out of the lists and out of the counters; how many were shown until now."""
    return sum(_hide(review_id, by) for review_id in review_ids)


def show_reviews(review_ids: Iterable[int], *, by: User) -> int:
    """Show hidden reviews again, and count them again; how many were hidden until now."""
    return sum(_show(review_id, by) for review_id in review_ids)


@retry_lost_transactions
@transaction.atomic
def _hide(review_id: int, by: User) -> bool:
    hidden = Review.objects.hide(review_id, by=by)
    if hidden:
        review = Review.objects.select_related("sku").get(pk=review_id)
        discount_review(review.sku, review.score)
        announce([review.sku_id])
    return hidden


@retry_lost_transactions
@transaction.atomic
def _show(review_id: int, by: User) -> bool:
    shown = Review.objects.unhide(review_id, by=by)
    if shown:
        review = Review.objects.select_related("sku").get(pk=review_id)
        count_review(review.sku, review.score)
        announce([review.sku_id])
    return shown


def reply_to_review(review_id: int, text: str, *, by: User) -> None:
    """Say something to a review in the shop's name; "" takes it back."""
    Review.objects.reply(review_id, text, by=by)

"""What past customers say of what they bought."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from apps.demo.rows import Rows, times
from apps.demo.shop import Offer
from apps.goods.models import SCORES
from apps.orders.models import OrderGoods, OrderInfo, Review, ReviewImage
from apps.payment.models import Payment

# How many of a hundred reviews have 1, 2, 3, 4 and 5 stars.
SHARES = (1, 2, 6, 18, 73)
FIRST = {
    1: ("等了一个多星期才收到。", "和想的差距有点大。", "拆开就发现有磕碰。"),
    2: ("一般吧，没有描述里那么好。", "包装有点简单，边角压坏了。", "用了两天，不太满意。"),
    3: ("中规中矩，对得起这个价钱。", "总体还行，细节可以再打磨。", "没有惊喜，也没有失望。"),
    4: ("整体不错，值得买。", "东西挺好，和图片一致。", "用了一周，比较满意。", "性价比可以。"),
    5: (
        "非常满意，和描述的一样。",
        "第二次买了，一如既往地好。",
        "做工细致，拿在手里很有质感。",
        "朋友推荐的，果然没让人失望。",
        "收到就迫不及待试了试，很喜欢。",
        "包装严实，打开完好无损。",
        "比实体店划算，正品放心。",
    ),
}
THEN = {
    1: ("客服回复也慢，希望改进。", "已经联系售后了。"),
    2: ("将就着用吧。", "下次再看看别家。"),
    3: ("物流倒是挺快。", "先用一段时间再来追评。", "活动的时候买会更合适。"),
    4: ("要是再便宜一点就更好了。", "发货速度快，两天就到。", "家里人也说好。", "会再来的。"),
    5: (
        "快递小哥态度很好，送货上门。",
        "下单第二天就收到了。",
        "已经推荐给同事了。",
        "家里老人也很喜欢。",
        "客服耐心解答了好几个问题，赞。",
        "有需要还会再来。",
        "",
    ),
}
REPLIES = {
    1: "非常抱歉给您带来不好的体验，我们已安排专人与您联系，一定给您满意的答复。",
    2: "感谢您的反馈，包装和细节我们会改进，如需帮助请随时联系客服。",
    3: "感谢您的中肯评价，我们会继续努力，期待您再次光临。",
    5: "感谢您的认可与支持，祝您生活愉快，期待再次为您服务！",
}


@dataclass(frozen=True)
class Purchase:
    """A past order, each of its lines with what it was, and its payment if there is one."""

    order: OrderInfo
    lines: list[tuple[OrderGoods, Offer]]
    payment: Payment | None


def write_reviews(
    rows: Rows, purchases: Iterable[Purchase], *, operator_id: int, rng: Random
) -> int:
    """Add a review of every line of the finished orders, and count it; how many these are."""
    finished = [each for each in purchases if each.order.status == OrderInfo.Status.FINISHED]
    finished.sort(key=lambda each: each.order.update_time)  # the newest has the highest key
    reviewed = [(each.order, *line) for each in finished for line in each.lines]
    for order, line, offer in reviewed:
        (score,) = rng.choices(SCORES, SHARES)
        review = _review(order, line, offer, score, rng)
        if score in REPLIES and rng.random() < (0.15 if score == max(SCORES) else 0.8):
            review.reply, review.replier_id = REPLIES[score], operator_id
            review.replied_at = review.create_time + timedelta(hours=rng.randrange(2, 30))
        rows.add(review)
        if score >= 4 and rng.random() < 0.15:
            rows.add(
                ReviewImage(
                    user_id=order.user_id,
                    review_id=review.pk,
                    image=line.image,
                    create_time=review.create_time,
                )
            )
        line.is_commented = True
        for counted in (offer.sku, offer.goods):
            for counter in ("comments", f"score_{score}"):
                setattr(counted, counter, getattr(counted, counter) + 1)
    return len(reviewed)


def _review(order: OrderInfo, line: OrderGoods, offer: Offer, score: int, rng: Random) -> Review:
    return Review(
        line_id=line.pk,
        user_id=order.user_id,
        sku_id=offer.sku.pk,
        goods_id=offer.goods.pk,
        score=score,
        comment=rng.choice(FIRST[score]) + rng.choice(THEN[score]),
        is_anonymous=rng.random() < 0.3,
        **times(order.update_time),
    )

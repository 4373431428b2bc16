from django.conf import settings
from django.db import models
from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.models import TimestampedModel
from apps.core.pictures import PictureField
from apps.core.uploads import UploadQuerySet
from apps.goods.models import BEST_SCORE, SCORES, SKU, Goods
from apps.orders.models.orders import OrderGoods
from apps.users.models import User


class ReviewQuerySet(models.QuerySet["Review"]):
    def visible(self) -> "ReviewQuerySet":
        return self.filter(status=Review.Status.VISIBLE)

    def to_show(self) -> "ReviewQuerySet":
        """The visible ones with all that is shown of them, newest first; one query, and one for the pictures."""
        pictures = ReviewImage.objects.only("review", "image")
        shown = self.visible().select_related("user", "line").order_by("-id")
        return shown.prefetch_related(Prefetch("images", pictures))

    def hide(self, review_id: int, *, by: User) -> bool:
        """VISIBLE → HIDDEN; False if it was hidden before."""
        return self._moderate(review_id, Review.Status.VISIBLE, Review.Status.HIDDEN, by)

    def unhide(self, review_id: int, *, by: User) -> bool:
        """HIDDEN → VISIBLE; False if it was visible before."""
        return self._moderate(review_id, Review.Status.HIDDEN, Review.Status.VISIBLE, by)

    def _moderate(self, review_id: int, before: int, after: int, by: User) -> bool:
        now = timezone.now()
        rows = self.filter(pk=review_id, status=before)
        return rows.update(status=after, moderator=by, moderated_at=now, update_time=now) == 1

    def reply(self, review_id: int, text: str, *, by: User) -> None:
        """What the shop says to it, "" for nothing any more."""
        now = timezone.now()
        at = now if text else None
        rows = self.filter(pk=review_id)
        rows.update(reply=text, replier=by, replied_at=at, update_time=now)


class Review(TimestampedModel):
    """What a buyer says of one line of an order that was received. ``comment`` is plain text, whatever it contains.

    ``goods`` is the SKU's: kept here too, so that the newest reviews of all variants are one range of an index.
    """

    MIN_LENGTH = 5
    MAX_LENGTH = 500

    class Status(models.IntegerChoices):
        VISIBLE = 1, _("shown")
        HIDDEN = 2, _("hidden")

    line = models.OneToOneField(
        OrderGoods, verbose_name=_("order line"), on_delete=models.PROTECT, related_name="review"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("buyer"),
        on_delete=models.PROTECT,
        related_name="reviews",
    )
    sku = models.ForeignKey(
        SKU, verbose_name=_("SKU"), on_delete=models.PROTECT, related_name="reviews"
    )
    goods = models.ForeignKey(
        Goods, verbose_name=_("goods"), on_delete=models.PROTECT, related_name="reviews"
    )
    score = models.PositiveSmallIntegerField(
        _("score"), choices=[(score, "★" * score) for score in SCORES], default=BEST_SCORE
    )
    comment = models.CharField(_("comment"), max_length=MAX_LENGTH)
    is_anonymous = models.BooleanField(_("anonymous"), default=False)

    status = models.PositiveSmallIntegerField(
        _("status"), choices=Status, default=Status.VISIBLE, editable=False
    )
    moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("shown or hidden by"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
    )
    moderated_at = models.DateTimeField(_("shown or hidden at"), null=True, editable=False)

    reply = models.CharField(_("reply of the shop"), max_length=MAX_LENGTH, blank=True)
    replier = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("replied by"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
    )
    replied_at = models.DateTimeField(_("replied at"), null=True, editable=False)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(score__gte=1, score__lte=BEST_SCORE), name="review_has_1_to_5_stars"
            ),
        ]
        indexes = [
            models.Index(fields=["sku", "status", "id"], name="review_of_sku"),
            models.Index(fields=["goods", "status", "id"], name="review_of_goods"),
            models.Index(
                fields=["goods", "status", "score", "id"], name="review_of_goods_by_score"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_score_display()} {self.comment[:20]}"

    @property
    def author_name(self) -> str:
        """Who wrote it, as everybody may read it: of the anonymous, the first and the last character at most."""
        name = self.user.username
        if not self.is_anonymous:
            return name
        return f"{name[0]}***{name[-1]}" if len(name) > 2 else f"{name[:1]}***"


class ReviewImageQuerySet(UploadQuerySet):
    shown_by = "review"


class ReviewImage(models.Model):
    """A picture that a buyer uploaded to show it in a review: first without one, and only for a day."""

    MOST = 9

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("buyer"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    review = models.ForeignKey(
        Review,
        verbose_name=_("review"),
        on_delete=models.PROTECT,
        related_name="images",
        null=True,
    )
    image = PictureField(_("image"), upload_to="reviews/%Y/%m/")
    sequence = models.PositiveSmallIntegerField(_("sequence"), default=0)
    create_time = models.DateTimeField(_("created"), auto_now_add=True)

    objects = ReviewImageQuerySet.as_manager()

    class Meta:
        verbose_name = _("picture of a review")
        verbose_name_plural = _("pictures of reviews")
        ordering = ["sequence", "id"]
        indexes = [models.Index(fields=["review", "create_time"], name="review_image_by_age")]

    def __str__(self) -> str:
        return self.image.name or ""

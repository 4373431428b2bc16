from typing import Any, TypeVar

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

BEST_SCORE = 5
SCORES = range(1, BEST_SCORE + 1)
GOOD_SCORES = (4, 5)

R = TypeVar("R", bound="Reviewed")


class ReviewedQuerySet(models.QuerySet[R]):
    def count_review(self, pk: int, score: int) -> bool:
        """Count one more visible review with this score."""
        return self._add(pk, score, 1)

    def discount_review(self, pk: int, score: int) -> bool:
        """Take back one that was counted; False if none with this score was."""
        return self._add(pk, score, -1)

    def _add(self, pk: int, score: int, change: int) -> bool:
        column = f"score_{score}"
        enough = self.filter(pk=pk, comments__gte=-change, **{f"{column}__gte": -change})
        changes: dict[str, Any] = {"comments": F("comments") + change, column: F(column) + change}
        return enough.update(**changes) == 1


class Reviewed(models.Model):
    """What reviews are written about: how many there are to be seen, and how many of each score.

    The columns change only through ``ReviewedQuerySet``, so that nobody writes back what he read a while ago; a
    summary and the number of pages are read from them, however many reviews there are.
    """

    COUNTERS = ("comments", *(f"score_{score}" for score in SCORES))

    comments = models.PositiveIntegerField(_("number of reviews"), default=0, editable=False)
    score_1 = models.PositiveIntegerField(_("reviews with 1 star"), default=0, editable=False)
    score_2 = models.PositiveIntegerField(_("reviews with 2 stars"), default=0, editable=False)
    score_3 = models.PositiveIntegerField(_("reviews with 3 stars"), default=0, editable=False)
    score_4 = models.PositiveIntegerField(_("reviews with 4 stars"), default=0, editable=False)
    score_5 = models.PositiveIntegerField(_("reviews with 5 stars"), default=0, editable=False)

    class Meta:
        abstract = True

    @property
    def reviews_of_score(self) -> dict[int, int]:
        """How many visible reviews have which score, from 1 to 5."""
        return {score: getattr(self, f"score_{score}") for score in SCORES}

    @property
    def score_total(self) -> int:
        """All the stars of all visible reviews."""
        return sum(score * count for score, count in self.reviews_of_score.items())

    @property
    def good_comments(self) -> int:
        return sum(self.reviews_of_score[score] for score in GOOD_SCORES)

    @property
    def review_summary(self) -> dict[str, Any]:
        """``count``, ``average`` stars and ``good_rate`` in percent, both None without any, ``scores`` from 1 to 5."""
        count = self.comments
        return {
            "count": count,
            "average": round(self.score_total / count, 1) if count else None,
            "good_rate": round(100 * self.good_comments / count) if count else None,
            "scores": list(self.reviews_of_score.values()),
        }

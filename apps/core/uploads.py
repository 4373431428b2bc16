"""Pictures that are uploaded ahead of what is to show them: they wait for a while, and are shown or gone after that."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils import timezone

from apps.core import pictures

USABLE_FOR = timedelta(days=1)


class UploadQuerySet(models.QuerySet):
    """Of rows with a buyer (``user``), a picture (``image``), its place (``sequence``) and when it came."""

    shown_by: ClassVar[str]
    """The foreign key of what shows it, null until then; that has a ``user`` as well."""

    def unused(self) -> Self:
        return self.filter(**{self.shown_by: None})

    def expired(self) -> Self:
        """Uploads that nothing took in time, and nothing will: not even on a server whose clock is behind."""
        until = timezone.now() - USABLE_FOR - timedelta(hours=1)
        return self.unused().filter(create_time__lte=until)

    def attach(self, image_ids: Sequence[int], *, to: Any, first: int = 0) -> bool:
        """Give its author's uploads to what is to show them, in this order, the first at place ``first``.

        False if some are used, too old or not theirs; that may leave some attached: roll that back.
        """
        young = Q(create_time__gt=timezone.now() - USABLE_FOR)
        theirs = self.unused().filter(young, pk__in=image_ids, user=to.user_id)
        place = Case(
            *(When(pk=pk, then=Value(place)) for place, pk in enumerate(image_ids, first)),
            output_field=models.PositiveSmallIntegerField(),
        )
        taken = theirs.update(**{self.shown_by: to, "sequence": place})
        return taken == len(image_ids)

    def discard(self, image_id: int) -> bool:
        """Delete the row of an upload; False if it is gone, or shown."""
        return self.unused().filter(pk=image_id).delete()[0] == 1


def remove_expired(uploads: UploadQuerySet) -> int:
    """Delete those that nothing took in time, files first: what a crash leaves is found again. How many."""
    removed = 0
    for upload in uploads.expired().only("image").iterator():
        pictures.delete(str(upload.image), upload.image.storage)
        removed += uploads.discard(upload.pk)
    return removed

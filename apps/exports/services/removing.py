from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from apps.core.private_files import private_storage
from apps.exports.models import Export


def remove_old_exports() -> int:
    """Remove the files of exports that ended ``EXPORT_DAYS`` ago, and of those that came to nothing; how many.

    What was exported stays written down.
    """
    old = Export.objects.with_file().filter(
        finished_at__lt=timezone.now() - timedelta(days=settings.EXPORT_DAYS)
    )
    broken = Export.objects.with_file().filter(
        state__in=[Export.State.FAILED, Export.State.CANCELED]
    )
    removed = 0
    for export in (old | broken).order_by("pk").iterator(200):
        private_storage().delete(str(export.file))
        removed += Export.objects.forget_file(export)
    return removed

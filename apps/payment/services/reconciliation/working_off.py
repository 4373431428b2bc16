from django.utils import timezone

from apps.core.transactions import retry_lost_transactions
from apps.payment.exceptions import DifferenceSettled, NoteMissing
from apps.payment.models import Difference
from apps.users.models import User


@retry_lost_transactions
def work_off(difference: Difference, *, by: User, note: str) -> None:
    """Record that an operator has dealt with a difference, and how. Raises NoteMissing, DifferenceSettled.

    Of two operators at once one is recorded.
    """
    note = note.strip()
    if not note or len(note) > Difference.LONGEST_NOTE:
        raise NoteMissing
    done = Difference.objects.work_off(difference, by_id=by.pk, note=note, at=timezone.now())
    if not done:
        raise DifferenceSettled

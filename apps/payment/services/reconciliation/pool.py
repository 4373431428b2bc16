"""Differences that time may settle: looked at again after every bill."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.transactions import retry_lost_transactions
from apps.payment.models import Difference, Statement
from apps.payment.services.reconciliation import alarms
from apps.payment.services.reconciliation.days import batches, beijing_day, is_of_age
from apps.payment.services.reconciliation.findings import Numbers, State, Type, has_gone_back
from apps.payment.services.reconciliation.lost import Questions
from apps.payment.services.reconciliation.missing import found_note, nearby_bills

LOOK_BACK = timedelta(days=30)


def review_pool(provider: str, account: str) -> None:
    """Resolve what another bill or the provider's answer has explained since; open what has waited in vain.

    Safe to run twice and at once: every step is conditional on the state.
    """
    now = timezone.now()
    unsettled = Difference.objects.of_account(provider, account).unsettled()
    recent = unsettled.filter(statement__day__gte=beijing_day(now) - LOOK_BACK)
    candidates = recent.filter(type__in=[Type.OURS_ONLY, Type.STATUS]).order_by("pk")
    # Only the keys at once: the rows change while they are gone through.
    for ids in batches(list(candidates.values_list("pk", flat=True))):
        batch = unsettled.filter(pk__in=ids).select_related(
            "statement", "payment", "refund__payment"
        )
        _review(provider, account, list(batch))
    _open_aged(provider, account)


def _review(provider: str, account: str, differences: list[Difference]) -> None:
    _look_into_other_bills(
        provider, account, [each for each in differences if each.type == Type.OURS_ONLY]
    )
    questions = Questions()
    doubtful = [each for each in differences if each.type == Type.STATUS]
    for difference in doubtful:
        if difference.state == State.WAITING and not _agrees(difference):
            _ask(difference, questions)
    agreed = [each.pk for each in doubtful if _agrees(each)]
    hopeless = [
        each.pk
        for each in doubtful
        if _number(each) not in questions.unanswered and not _is_under_way(each)
    ]
    Difference.objects.resolve(agreed, note=_("Our books agree by now."))
    Difference.objects.open(hopeless)


def _look_into_other_bills(provider: str, account: str, missing: list[Difference]) -> None:
    wanted = [(_numbers(each), each.statement.day) for each in missing]
    nearby = nearby_bills(provider, account, wanted)
    explained: dict[date, list[int]] = {}
    for difference, movement in zip(missing, wanted, strict=True):
        if movement in nearby:
            explained.setdefault(nearby[movement], []).append(difference.pk)
    for day, ids in explained.items():
        Difference.objects.resolve(ids, note=found_note(day))


def _ask(difference: Difference, questions: Questions) -> None:
    """The answer is taken in by the gate; what it did is seen in the rows."""
    if difference.refund is not None:
        questions.ask_refund(difference.refund)
        difference.refund.refresh_from_db()
    elif difference.payment is not None:
        questions.ask_payment(difference.payment)
        difference.payment.refresh_from_db()


def _agrees(difference: Difference) -> bool:
    if difference.refund is not None:
        return has_gone_back(difference.refund)
    return difference.payment is not None and difference.payment.is_paid


def _is_under_way(difference: Difference) -> bool:
    return difference.refund is not None and not difference.refund.is_finished


def _number(difference: Difference) -> str:
    return difference.out_request_no or difference.out_trade_no


def _numbers(difference: Difference) -> Numbers:
    return difference.kind, difference.out_trade_no, difference.out_request_no


@retry_lost_transactions
@transaction.atomic
def _open_aged(provider: str, account: str) -> None:
    waiting = Difference.objects.of_account(provider, account).filter(state=State.WAITING)
    now = timezone.now()
    aged = [
        pk for pk, day in waiting.values_list("pk", "statement__day") if is_of_age(day, now=now)
    ]
    for ids in batches(aged):
        Difference.objects.open(ids)
    untold = Statement.objects.filter(
        provider=provider,
        account=account,
        differences__state=State.OPEN,
        differences__is_told=False,
    )
    for statement in untold.distinct():
        alarms.tell_of_open(statement)

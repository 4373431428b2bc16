"""What was found is kept beside what an earlier run found; what a person has worked off stays as it is."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from apps.payment.models import Difference, Statement
from apps.payment.services.reconciliation.days import BATCH, batches
from apps.payment.services.reconciliation.findings import Finding, State


def keep(statement: Statement, findings: Iterable[Finding]) -> None:
    """Store the differences of a statement whose row the caller has locked."""
    known = {difference.key: difference for difference in statement.differences.all()}
    found = {_key(finding, known): finding for finding in findings}
    fresh = [
        Difference(statement=statement, key=key, **_columns(finding))
        for key, finding in found.items()
        if key not in known
    ]
    Difference.objects.bulk_create(fresh, batch_size=BATCH)
    for key, difference in known.items():
        if key in found:
            _bring_up_to_date(difference, found[key])
    gone = [
        difference.pk
        for key, difference in known.items()
        if key not in found and not difference.is_settled
    ]
    for ids in batches(gone):
        Difference.objects.resolve(ids, note=_("No longer there when compared again."))


def _key(finding: Finding, known: Mapping[str, Difference]) -> str:
    settled = known.get(finding.key)
    if settled is None or settled.state != State.WORKED_OFF:
        return finding.key
    is_the_same = (settled.ours, settled.theirs) == (finding.ours, finding.theirs)
    return finding.key if is_the_same else finding.key_with_figures


def _columns(finding: Finding) -> dict[str, object]:
    names = ("kind", "type", "out_trade_no", "out_request_no")
    return {name: getattr(finding, name) for name in names} | _changing(finding)


def _changing(finding: Finding) -> dict[str, object]:
    return {
        "trade_no": finding.trade_no,
        "ours": finding.ours,
        "theirs": finding.theirs,
        "payment_id": finding.payment.pk if finding.payment else None,
        "refund_id": finding.refund.pk if finding.refund else None,
        "state": finding.state,
        "note": finding.note,
    }


def _bring_up_to_date(difference: Difference, finding: Finding) -> None:
    """A worked-off one is never touched, even if that happened a moment ago."""
    changes = _changing(finding)
    if difference.state == State.OPEN and finding.state == State.WAITING:
        changes["state"] = State.OPEN
    if all(getattr(difference, name) == value for name, value in changes.items()):
        return
    if difference.state == State.RESOLVED:
        changes["is_told"] = False
    Difference.objects.filter(pk=difference.pk).exclude(state=State.WORKED_OFF).update(**changes)

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from apps.payment.models import AuditRun
from apps.payment.selectors import last_audit
from apps.payment.services.alerts import alert

LATE = timedelta(hours=26)
"""Without an audit that came to its end, somebody is told."""
MOST_KEPT = 200
"""Differences of one run that are written down."""
MOST_MAILED = 20


def record_audit(differences: Iterable[str]) -> AuditRun:
    """Take in what an audit finds, keep it, and mail the operators if something does not add up.

    However many differences there are, only the first are held in memory; all of them are counted. They are looked
    for as they are taken in: if that breaks off, the run stays without an end.
    """
    AuditRun.objects.forget_old()
    run = AuditRun.objects.create(started_at=timezone.now())
    count, found = 0, []
    for difference in differences:
        count += 1
        if count <= MOST_KEPT:
            found.append(difference[:500])
    with transaction.atomic():
        AuditRun.objects.finish(run.pk, count=count, found=found)
        if count:
            alert(
                _("The audit found %(count)d differences"),
                _("The books do not add up. The first differences: %(found)s"),
                count=count,
                found="".join(f"\n{each}" for each in found[:MOST_MAILED]),
            )
    run.refresh_from_db()
    return run


def miss_audit() -> bool:
    """Mail the operators if no audit has come to its end for 26 hours: it was killed, hangs, or never began."""
    last = last_audit()
    if last and last.finished_at and last.finished_at > timezone.now() - LATE:
        return False
    alert(
        _("The nightly audit is missing"),
        _(
            "No audit has come to its end for %(hours)d hours; the last one that did began at %(last)s."
        ),
        hours=LATE // timedelta(hours=1),
        last=last or "-",
    )
    return True

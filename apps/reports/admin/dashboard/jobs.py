"""Whether the jobs run, and what to do where they do not."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.reports.selectors import Job, JobHealth, job_health


def jobs(request: HttpRequest) -> dict[str, Any] | None:
    if not request.user.has_perm("reports.view_jobs"):
        return None
    health = job_health()
    return {
        "is_good": health.is_good,
        "advice": list(_advice(health)),
        "jobs": [(job, _state(job)) for job in health.jobs or []],
    }


def _advice(health: JobHealth) -> Iterator[str]:
    if health.jobs is None:
        yield _(
            "Redis does not answer, so it is not known whether jobs run. See whether Redis runs."
        )
    if health.stands_still:
        yield _("No job has run in time. See whether beat and the workers run, and the broker.")
    for queue in health.silent_queues:
        yield _(
            "Nothing from the queue “%(queue)s”. See whether its worker runs: "
            "celery --app meiduo worker --queues %(queue)s"
        ) % {"queue": queue}
    for job in health.single:
        if job.has_failed:
            yield _(
                "“%(command)s” failed. The reason is in the worker's log; "
                "manage.py %(command)s tries it again."
            ) % {"command": job.command}
        else:
            yield _(
                "“%(command)s” is late. If it does not come to its end soon, "
                "look into the worker's log, and run manage.py %(command)s."
            ) % {"command": job.command}


def _state(job: Job) -> str:
    if job.has_failed:
        return _("failed")
    if job.is_late:
        return _("late")
    return _("in order") if job.finished_at else _("not due yet")

"""Whether the periodic jobs run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from celery.schedules import maybe_schedule
from django.conf import settings

from apps.core.store import JobNotes, job_notes

# A job of every few seconds may take minutes if there is much to do; one of the night may take longer.
LATE_AFTER = timedelta(minutes=5)
LATE_AT_NIGHT_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Job:
    """A periodic job. ``every``: None of one that runs at an hour of the day. ``has_failed``: its last run did."""

    command: str
    queue: str
    every: timedelta | None
    finished_at: datetime | None
    is_late: bool
    has_failed: bool

    @property
    def is_good(self) -> bool:
        return not self.is_late and not self.has_failed


@dataclass(frozen=True)
class JobHealth:
    """``jobs`` is None if it is not known, because Redis does not answer."""

    jobs: list[Job] | None

    @property
    def is_good(self) -> bool:
        return bool(self.jobs) and all(job.is_good for job in self.jobs or [])

    @property
    def stands_still(self) -> bool:
        """No job runs: it is beat, or all of the workers."""
        probes = self._probes()
        return bool(probes) and all(job.is_late for job in probes.values())

    @property
    def silent_queues(self) -> list[str]:
        """Queues of which no job runs, although others do: their workers."""
        if self.stands_still:
            return []
        return sorted(queue for queue, job in self._probes().items() if job.is_late)

    @property
    def single(self) -> list[Job]:
        """Jobs that are late or failed, although others of their queue run."""
        if self.stands_still:
            return []
        silent = self.silent_queues
        return [job for job in self.jobs or [] if not job.is_good and job.queue not in silent]

    def _probes(self) -> dict[str, Job]:
        """The most frequent job of each queue.

        It runs every few seconds, and a run that cannot start in time is dropped: while it comes to its end, the queue
        is drained.
        """
        probes: dict[str, Job] = {}
        for job in self.jobs or []:
            known = probes.get(job.queue)
            if job.every and (known is None or known.every is None or job.every < known.every):
                probes[job.queue] = job
        return probes


def job_health() -> JobHealth:
    """What is known of every job on beat's schedule. One round trip to Redis, nothing of the database."""
    notes = job_notes()
    if notes is None:
        return JobHealth(None)
    return JobHealth([_job(entry, notes) for entry in settings.CELERY_BEAT_SCHEDULE.values()])


def _job(entry: Mapping[str, Any], notes: JobNotes) -> Job:
    (command,) = entry["args"]
    finished, failed = notes.finished.get(command), notes.failed.get(command)
    # What has not run yet is due since it came on the schedule; of that nobody knew before the first worker ran.
    ended = [at for at in (finished, failed) if at is not None]
    since = max(ended) if ended else notes.known.get(command)
    schedule = entry["schedule"]
    return Job(
        command=command,
        queue=entry.get("options", {}).get("queue", "celery"),
        every=schedule if isinstance(schedule, timedelta) else None,
        finished_at=None if finished is None else datetime.fromtimestamp(finished, UTC),
        is_late=since is None or _overdue(schedule, since) > _grace(schedule),
        has_failed=failed is not None,
    )


def _overdue(schedule: Any, since: float) -> timedelta:
    """How long ago the run after ``since`` should have begun; negative if that is to come."""
    planned: Any = maybe_schedule(schedule)
    remaining: timedelta = planned.remaining_estimate(datetime.fromtimestamp(since, UTC))
    return -remaining


def _grace(schedule: Any) -> timedelta:
    return LATE_AFTER if isinstance(schedule, timedelta) else LATE_AT_NIGHT_AFTER

from apps.core.store.jobs import JobNotes, job_notes, note_end
from apps.core.store.limits import Limit
from apps.core.store.pages import Copy, Page, Pages

__all__ = ["Copy", "JobNotes", "Limit", "Page", "Pages", "job_notes", "note_end"]

"""Files that are for some people only: kept apart from the pictures that everybody may see."""

from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.http import FileResponse


def private_storage() -> Storage:
    """Where they are. No address leads there: a view streams such a file to who may have it."""
    return storages["private"]


def download(file: File, *, filename: str) -> FileResponse:
    """The file, to be saved rather than shown or run by a browser, and to be kept by nobody on the way."""
    return FileResponse(
        file.open("rb"),
        as_attachment=True,
        filename=filename,
        headers={"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"},
    )

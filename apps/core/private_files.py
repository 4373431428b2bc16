"""Files that are for some people only: kept apart from the pictures that everybody may see."""

from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.http import FileResponse, Http404


def private_storage() -> Storage:
    """Where they are. No address leads there: a view streams such a file to who may have it."""
    return storages["private"]


PICTURE_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
NOT_KEPT = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


def show_picture(name: str, storage: Storage) -> FileResponse:
    """A picture that was encoded by us, to be shown where it is asked for. Raises Http404 if the file is gone."""
    try:
        file = storage.open(name)
    except FileNotFoundError as exc:
        raise Http404 from exc
    kind = PICTURE_TYPES[name.rpartition(".")[2]]
    return FileResponse(file, content_type=kind, headers=NOT_KEPT)


def download(file: File, *, filename: str) -> FileResponse:
    """The file, to be saved rather than shown or run by a browser, and to be kept by nobody on the way."""
    return FileResponse(
        file.open("rb"),
        as_attachment=True,
        filename=filename,
        headers=NOT_KEPT,
    )

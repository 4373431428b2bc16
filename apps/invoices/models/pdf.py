"""The file of an issued invoice, as the tax software makes it."""

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.utils.translation import gettext_lazy as _

MAX_BYTES = 5 * 1024 * 1024
MAGIC = b"%PDF-"
END = b"%%EOF"
END_WITHIN = 1024
"""Bytes: readers look for the end no farther from the end (ISO 32000, implementation notes)."""


def read_pdf(upload: File) -> ContentFile:
    """Look whether an upload is a whole PDF of at most 5 MB; raises ValidationError with a sentence for who uploads it.

    What it is called and what kind of file the browser takes it for does not matter.
    """
    if upload.size > MAX_BYTES:
        limit = {"limit": MAX_BYTES // 1024**2}
        raise ValidationError(_("A PDF may have %(limit)d MB."), "too_large", limit)
    upload.seek(0)
    content = upload.read(MAX_BYTES + 1)
    if not content.startswith(MAGIC) or END not in content[-END_WITHIN:]:
        raise ValidationError(_("This is no PDF, or not a whole one."), "no_pdf")
    return ContentFile(content)

"""Where uploaded pictures are kept, and files that are not for everybody: entries of Django's STORAGES."""

import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# A picture's name is never given to another one.
CACHE_CONTROL = "public, max-age=31536000, immutable"

# Python knows it from 3.13 on; before, a picture would be stored and served as a mere row of bytes.
mimetypes.add_type("image/webp", ".webp")


def storage(kind: str, *, s3: Mapping[str, Any], media_url: str) -> dict[str, Any]:
    """The directory ``media/``, or a bucket that speaks S3 (AWS, Alibaba Cloud OSS, MinIO and others).

    ``s3`` holds options of django-storages; those that are empty are left to boto3, which also finds credentials of its
    own (a role of the machine). With an absolute ``media_url`` pictures are shown from there, by a CDN or a domain of
    the bucket's own. What does not fit together is for ``manage.py check`` to say.
    """
    if kind != "s3":
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    options = {name: value for name, value in s3.items() if value != ""}
    address = urlsplit(media_url)
    if address.netloc:
        options["custom_domain"] = f"{address.netloc}{address.path}".rstrip("/")
        options["url_protocol"] = f"{address.scheme or 'https'}:"
    try:
        from botocore.config import Config
    except ImportError:
        pass
    else:
        options["client_config"] = Config(
            s3={"addressing_style": options.pop("addressing_style", "auto")},
            signature_version=options.pop("signature_version", None),
            # Newer AWS clients add checksums of their own, which other makers' servers refuse.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            connect_timeout=3,
            read_timeout=20,
            retries={"max_attempts": 2},
        )
    options["object_parameters"] = {"CacheControl": CACHE_CONTROL}
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def private_storage(bucket: str, *, s3: Mapping[str, Any], directory: Path) -> dict[str, Any]:
    """A directory that no address leads to, or a bucket of its own beside that of the pictures, ``s3``.

    Of its own, because one whose pictures everybody may see often lets everybody see all that is in it.
    """
    if not bucket:
        modes = {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
        options = {"location": str(directory), "base_url": "", **modes}
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    private = {**s3, "bucket_name": bucket, "default_acl": "", "querystring_auth": True}
    chosen = storage("s3", s3=private, media_url="")
    chosen["OPTIONS"]["object_parameters"] = {"CacheControl": "private, no-store"}
    return chosen

"""What can be seen to be wrong with the storage of pictures without calling anybody."""

from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

INSTALL = "Install it: bin/setup requirements.txt requirements-s3.txt"


@register("media")
def check_media(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    kind, s3 = settings.MEDIA_STORAGE, settings.S3
    if kind not in {"local", "s3"}:
        return [_error(1, f"MEDIA_STORAGE is {kind!r}.", "It is local or s3.")]
    errors: list[CheckMessage] = _private_bucket(settings.S3_PRIVATE_BUCKET, s3["bucket_name"])
    if kind == "local":
        return errors
    if find_spec("boto3") is None:
        errors.append(_error(2, "MEDIA_STORAGE is s3, and boto3 is not installed.", INSTALL))
    if not s3["bucket_name"]:
        errors.append(_error(3, "S3_BUCKET is empty.", "It is the name of the bucket."))
    if bool(s3["access_key"]) != bool(s3["secret_key"]):
        errors.append(
            _error(
                4,
                "Of S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY one is empty.",
                "Set both; or neither, and boto3 looks for a role of the machine.",
            )
        )
    endpoint = urlsplit(s3["endpoint_url"])
    if s3["endpoint_url"] and (endpoint.scheme not in {"http", "https"} or not endpoint.netloc):
        errors.append(
            _error(
                5, f"S3_ENDPOINT_URL is {s3['endpoint_url']!r}.", "It must be an absolute address."
            )
        )
    if s3["addressing_style"] not in {"auto", "virtual", "path"}:
        style = s3["addressing_style"]
        errors.append(
            _error(6, f"S3_ADDRESSING_STYLE is {style!r}.", "It is auto, virtual or path.")
        )
    if (endpoint.hostname or "").endswith(".aliyuncs.com") and (
        (s3["addressing_style"], s3["signature_version"]) != ("virtual", "s3")
    ):
        errors.append(
            _error(
                7,
                "Alibaba Cloud OSS refuses uploads that are addressed or signed in this way.",
                "Set S3_ADDRESSING_STYLE=virtual and S3_SIGNATURE_VERSION=s3.",
            )
        )
    if s3["querystring_auth"] and urlsplit(settings.MEDIA_URL).netloc:
        errors.append(
            _error(
                8,
                "S3_SIGNED_URLS is on, but addresses at MEDIA_URL are not signed.",
                "Leave MEDIA_URL empty, and pictures are shown from the bucket itself.",
            )
        )
    return errors


def _private_bucket(private: str, pictures: str) -> list[CheckMessage]:
    errors: list[CheckMessage] = []
    if private and private == pictures:
        hint = "Leave it empty, or name another bucket, which nobody else may read."
        said = "S3_PRIVATE_BUCKET is S3_BUCKET, whose files may be seen by everybody."
        errors.append(_error(9, said, hint))
    if private and find_spec("boto3") is None:
        errors.append(_error(10, "S3_PRIVATE_BUCKET is set, and boto3 is not installed.", INSTALL))
    return errors


def _error(number: int, message: str, hint: str) -> Error:
    return Error(message, hint=hint, id=f"core.E{number:03d}")

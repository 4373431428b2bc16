"""Where pictures are kept, by settings; the bucket itself is django-storages' business."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.files.storage import FileSystemStorage, default_storage
from pytest_django import Settings

from apps.core.checks import check_media
from meiduo import media

ROOT = Path(__file__).resolve().parents[2]
S3 = {
    "bucket_name": "shop",
    "endpoint_url": "",
    "region_name": "",
    "access_key": "",
    "secret_key": "",
    "addressing_style": "auto",
    "signature_version": "",
    "location": "",
    "default_acl": "",
    "querystring_auth": False,
}


def options(media_url: str = "/media/", **changed: Any) -> dict[str, Any]:
    chosen = media.storage("s3", s3=S3 | changed, media_url=media_url)
    assert chosen["BACKEND"] == "storages.backends.s3.S3Storage"
    return chosen["OPTIONS"]


def found(settings: Settings, kind: str = "s3", **changed: Any) -> list[str | None]:
    """What the check says, of a machine with boto3 on it."""
    settings.MEDIA_STORAGE, settings.S3 = kind, S3 | changed
    return [message.id for message in check_media(None) if message.id != "core.E002"]


def test_on_a_laptop_it_is_a_directory(settings: Settings) -> None:
    assert isinstance(default_storage._wrapped, FileSystemStorage)  # type: ignore[attr-defined]
    assert default_storage.url("skus/a.png") == "http://testserver/media/skus/a.png"
    assert media.storage("local", s3=S3, media_url="/media/").keys() == {"BACKEND"}
    assert run_checks(tags=["media"]) == []


def test_small_pictures_are_called_what_they_are_on_a_machine_without_a_list_of_types() -> None:
    """Storages and Django ask Python, which knows WebP by itself from 3.13 on."""
    script = (
        "import mimetypes; mimetypes.knownfiles.clear()\n"
        "import meiduo.media\n"
        "print(mimetypes.guess_type('a.webp')[0])"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "image/webp"


def test_what_is_not_set_is_left_to_boto3() -> None:
    chosen = options()
    assert chosen.keys() & {"endpoint_url", "access_key", "secret_key", "default_acl"} == set()
    assert chosen["bucket_name"] == "shop"
    assert chosen["querystring_auth"] is False
    assert "custom_domain" not in chosen


def test_pictures_are_shown_by_a_cdn() -> None:
    assert options("https://cdn.example.com/m/").items() >= {
        "custom_domain": "cdn.example.com/m", "url_protocol": "https:",
    }.items()  # fmt: skip


def test_alibaba_gets_what_it_understands() -> None:
    config = options(addressing_style="virtual", signature_version="s3")["client_config"]
    assert (config.s3, config.signature_version) == ({"addressing_style": "virtual"}, "s3")
    assert config.request_checksum_calculation == "when_required"


@pytest.mark.parametrize("kind", ["local", "s3"])
def test_nothing_to_say(kind: str, settings: Settings) -> None:
    assert found(settings, kind) == []


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"bucket_name": ""}, "core.E003"),
        ({"access_key": "a"}, "core.E004"),
        ({"secret_key": "a"}, "core.E004"),
        ({"endpoint_url": "minio:9000"}, "core.E005"),
        ({"addressing_style": "host"}, "core.E006"),
        ({"endpoint_url": "https://s3.oss-cn-hangzhou.aliyuncs.com"}, "core.E007"),
    ],
)
def test_what_does_not_fit_is_named(
    changed: dict[str, Any], error: str, settings: Settings
) -> None:
    assert found(settings, **changed) == [error]


def test_alibaba_addressed_and_signed_as_it_likes(settings: Settings) -> None:
    likes = {"addressing_style": "virtual", "signature_version": "s3"}
    endpoint = "https://s3.oss-cn-hangzhou.aliyuncs.com"
    assert found(settings, endpoint_url=endpoint, **likes) == []


def test_signed_addresses_and_a_cdn_exclude_each_other(settings: Settings) -> None:
    settings.MEDIA_URL = "/media/"
    assert found(settings, querystring_auth=True) == []
    settings.MEDIA_URL = "https://cdn.example.com/"
    assert found(settings, querystring_auth=True) == ["core.E008"]


@pytest.mark.parametrize("kind", ["local", "s3"])
def test_what_is_private_has_a_bucket_of_its_own(kind: str, settings: Settings) -> None:
    settings.S3_PRIVATE_BUCKET = "shop"
    assert set(found(settings, kind)) - {"core.E010"} == {"core.E009"}
    settings.S3_PRIVATE_BUCKET = "papers"
    assert set(found(settings, kind)) - {"core.E010"} == set()


def test_another_kind_of_storage_is_named(settings: Settings) -> None:
    assert found(settings, "ftp") == ["core.E001"]


def test_settings_are_read_from_the_environment() -> None:
    """And neither settings nor checks fall over where boto3 is missing."""
    script = (
        "import json, django; django.setup()\n"
        "from django.conf import settings\n"
        "from django.core.checks import run_checks\n"
        "storage = settings.STORAGES['default']\n"
        "storage['OPTIONS'].pop('client_config', None)\n"
        "print(json.dumps([storage, sorted(m.id for m in run_checks(tags=['media']))]))"
    )
    environment = {
        "DJANGO_SETTINGS_MODULE": "meiduo.settings.prod",
        "SECRET_KEY": "x" * 50,
        "MEDIA_STORAGE": "s3",
        "S3_BUCKET": "shop",
        "S3_ENDPOINT_URL": "http://127.0.0.1:9",
        "S3_ACCESS_KEY_ID": "id",
        "S3_SECRET_ACCESS_KEY": "",
        "S3_ACL": "public-read",
        "S3_PREFIX": "m",
        "S3_SIGNED_URLS": "true",
    }
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    storage, said = json.loads(run.stdout)
    assert storage["BACKEND"] == "storages.backends.s3.S3Storage"
    assert (
        storage["OPTIONS"].items()
        >= {
            "bucket_name": "shop",
            "endpoint_url": "http://127.0.0.1:9",
            "access_key": "id",
            "default_acl": "public-read",
            "location": "m",
            "querystring_auth": True,
        }.items()
    )
    assert "custom_domain" not in storage["OPTIONS"]
    assert said == ["core.E004"]

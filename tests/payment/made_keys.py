"""All that `make_keys` makes, made once per run: RSA keys take their time."""

import stat
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings


def point_settings_at(keys: Path, settings: Any) -> None:
    settings.KEYS_DIR = keys
    settings.SECRET_KEY_FILE = keys / "secret_key"
    settings.ALIPAY = settings.ALIPAY | {
        "app_private_key": keys / "alipay_app_private.pem",
        "alipay_public_key": keys / "alipay_public.pem",
    }


@cache
def made_keys() -> dict[str, bytes]:
    """Every file by its name."""
    with (
        tempfile.TemporaryDirectory() as place,
        pytest.MonkeyPatch.context() as patch,
        override_settings(),
    ):
        patch.delenv("SECRET_KEY", raising=False)
        keys = Path(place) / "keys"
        point_settings_at(keys, settings)
        call_command("make_keys", verbosity=0)
        assert {stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()} == {0o600}
        assert stat.S_IMODE(keys.stat().st_mode) == 0o700
        return {path.name: path.read_bytes() for path in keys.iterdir()}


def lay_keys(place: Path) -> Path:
    """The made keys as files in a directory, which is made."""
    place.mkdir()
    for name, content in made_keys().items():
        (place / name).write_bytes(content)
        (place / name).chmod(0o600)
    return place

from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from PIL import Image

from apps.demo.drawing import banners, cards


def load(**options: int) -> str:
    """What loading the demo shop says."""
    out = StringIO()
    call_command("load_demo", stdout=out, **options)
    return out.getvalue()


def draw_blanks(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Nothing is drawn, only stored there; test_pictures draws."""
    monkeypatch.setattr(settings, "MEDIA_ROOT", folder)
    for name in ("draw", "card", "close_up", "line_up", "wordmark"):
        monkeypatch.setattr(cards, name, lambda *args: Image.new("RGB", (1, 1)))
    for name in ("banner", "strip", "floor"):
        monkeypatch.setattr(banners, name, lambda *args: Image.new("RGB", (1, 1)))

from pathlib import Path

import pytest

from tests.demo.loading import draw_blanks
from tests.factories import add_places


@pytest.fixture
def places(db: None) -> None:
    """Those of the migration, whatever tests on whole transactions left of them."""
    add_places()


@pytest.fixture
def blank_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw_blanks(monkeypatch, tmp_path)

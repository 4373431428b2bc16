import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings


def test_production_settings_refuse_the_demo_logins(tmp_path: Path) -> None:
    """With the settings as they are, not as a test sets them; refused before the database is touched."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "meiduo.settings.prod",
        "SECRET_KEY": "only-for-this-test",
        "DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3",
    }
    # Without checks: no keys need to be made for this.
    load = [sys.executable, "manage.py", "load_demo", "--skip-checks"]
    done = subprocess.run(
        load, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "production settings refuse it" in done.stderr
    assert not (tmp_path / "empty.sqlite3").exists()

"""Where the settings come from, and the addresses that many of them are made of."""

from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = BASE_DIR / "var"
KEYS_DIR = BASE_DIR / "keys"
# SQLite and celery beat write here and make no directories themselves.
VAR_DIR.mkdir(mode=0o700, exist_ok=True)

env = environ.Env()
env.read_env(BASE_DIR / ".env")

PORT = env.int("PORT", default=8000)
SANDBOX_PORT = env.int("SANDBOX_PORT", default=8001)
SITE_URL = env.str("SITE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
# Where the storefront's pages are: mails, payment providers and sign-in with others lead there.
FRONT_URL = (env.str("FRONT_URL", default="") or SITE_URL).rstrip("/")

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from Crypto.PublicKey import RSA
from django.conf import settings
from django.core.management.base import BaseCommand
from django.core.management.utils import get_random_secret_key

RSA_BITS = 2048


class Command(BaseCommand):
    help = "Make the secret key and the PEM keys that are missing under keys/. Never replaces one."
    # The checks would say that the keys are missing.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--no-sandbox",
            dest="sandbox",
            action="store_false",
            help="leave out the sandbox's key pair: alipay_public.pem is then to be had from Alipay",
        )

    def handle(self, *args: Any, sandbox: bool, verbosity: int, **options: Any) -> None:
        self.verbosity = verbosity
        keys: Path = settings.KEYS_DIR
        keys.mkdir(mode=0o700, exist_ok=True)
        if not os.environ.get("SECRET_KEY"):
            self._write(settings.SECRET_KEY_FILE, get_random_secret_key().encode())
        self._make_pair(settings.ALIPAY["app_private_key"], keys / "alipay_app_public.pem")
        if sandbox:
            self._make_pair(keys / "sandbox_private.pem", settings.ALIPAY["alipay_public_key"])

    def _make_pair(self, private: Path, public: Path) -> None:
        """Make both halves, or the public one of a private one that is there."""
        if not private.exists():
            if public.exists():
                self.stderr.write(f"{public} is there without {private}: left as it is.")
                return
            self._write(private, RSA.generate(RSA_BITS).export_key())
        if not public.exists():
            key = RSA.import_key(private.read_bytes())
            self._write(public, key.public_key().export_key())

    def _write(self, path: Path, content: bytes) -> None:
        """Create a file that only its owner can read, in one step; leave one that is there."""
        if path.exists():
            return
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        draft.rename(path)
        if self.verbosity:
            self.stdout.write(f"Made {path}")

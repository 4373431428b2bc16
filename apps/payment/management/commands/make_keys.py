import os
import secrets
import string
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.core.management.base import BaseCommand
from django.core.management.utils import get_random_secret_key

from apps.payment.management.certificates import Authority
from apps.payment.management.keyring import Keyring

# WeChat Pay's rule: 32 bytes, which are the AES key as they stand.
APIV3_KEY_LENGTH = 32
APIV3_KEY_CHARACTERS = string.ascii_letters + string.digits


class Command(BaseCommand):
    help = "Make the keys and certificates that are missing under keys/. Never replaces one."
    # The checks would say that the keys are missing.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--no-sandbox",
            dest="sandbox",
            action="store_false",
            help="only what is ours: what stands for a provider is then to be had from the provider",
        )

    def handle(self, *args: Any, sandbox: bool, verbosity: int, **options: Any) -> None:
        self.verbosity = verbosity
        self.keys: Path = settings.KEYS_DIR
        self.keys.mkdir(mode=0o700, exist_ok=True)
        self.ring = Keyring(made=self._made, left=self.stderr.write)
        self._make_ours()
        if sandbox:
            self._make_alipay()
            self._make_wechatpay()

    def _make_ours(self) -> None:
        if not os.environ.get("SECRET_KEY"):
            self.ring.add(settings.SECRET_KEY_FILE, lambda: get_random_secret_key().encode())
        self.ring.add_pair(settings.ALIPAY["app_private_key"], self.keys / "alipay_app_public.pem")
        self.ring.add_private(
            self.keys / "wechatpay_merchant_private.pem",
            unless=[self.keys / "wechatpay_merchant.crt"],
        )
        self.ring.add(self.keys / "wechatpay_apiv3_key", _apiv3_key)

    def _make_alipay(self) -> None:
        """What the sandbox needs to stand for Alipay; nothing of it where Alipay's own files are."""
        ours = settings.ALIPAY["app_private_key"]
        theirs, root = self.keys / "sandbox_private.pem", self.keys / "sandbox_alipay_root.pem"
        if not (ours.exists() and self.ring.add_pair(theirs, settings.ALIPAY["alipay_public_key"])):
            return
        names = ("alipay_root.crt", "alipay.crt", "alipay_app.crt")
        roots, certificate, our_certificate = (self.keys / name for name in names)
        if not self.ring.add_private(root, unless=[roots, certificate, our_certificate]):
            return
        self.ring.add(roots, lambda: self._alipay_roots(root))
        issuer = "Sandbox Alipay Root", root
        self._certify(certificate, theirs, "Sandbox Alipay", by=issuer)
        self._certify(our_certificate, ours, settings.ALIPAY["app_id"], by=issuer)

    def _make_wechatpay(self) -> None:
        """What the sandbox needs to stand for WeChat Pay; likewise."""
        ours = self.keys / "wechatpay_merchant_private.pem"
        pair = self.keys / "sandbox_wechatpay_private.pem", self.keys / "wechatpay_public.pem"
        if not (ours.exists() and self.ring.add_pair(*pair)):
            return
        platform = self.keys / "sandbox_wechatpay_platform.pem"
        certificate = self.keys / "sandbox_wechatpay_platform.crt"
        if not self.ring.add_private(platform, unless=[certificate]):
            return
        name = "Sandbox WeChat Pay"
        self.ring.add(certificate, lambda: Authority(name, self.ring.key(platform)).own())
        our_certificate = self.keys / "wechatpay_merchant.crt"
        self._certify(our_certificate, ours, "Sandbox merchant", by=(name, platform))

    def _certify(
        self, certificate: Path, private: Path, common_name: str, *, by: tuple[str, Path]
    ) -> None:
        """Let an authority, its name and the file of its key, certify the public half of ``private``."""
        name, path = by
        self.ring.add(
            certificate,
            lambda: Authority(name, self.ring.key(path)).issue(
                common_name, self.ring.key(private).public_key()
            ),
        )

    def _alipay_roots(self, root: Path) -> bytes:
        """The sandbox's root after one that is not RSA: Alipay's own bundle has such, and they are to be skipped."""
        other = Authority("Sandbox Alipay EC Root", ec.generate_private_key(ec.SECP256R1()))
        return other.own() + b"\n" + Authority("Sandbox Alipay Root", self.ring.key(root)).own()

    def _made(self, path: Path) -> None:
        if self.verbosity:
            self.stdout.write(f"Made {path}")


def _apiv3_key() -> bytes:
    drawn = (secrets.choice(APIV3_KEY_CHARACTERS) for _ in range(APIV3_KEY_LENGTH))
    return "".join(drawn).encode()

"""The files under keys/: only missing ones are written, and only their owner can read them."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.core.management import CommandError

RSA_BITS = 2048


class Keyring:
    """Calls ``made`` with every file it writes, ``left`` with a line on what it must leave missing."""

    def __init__(self, *, made: Callable[[Path], None], left: Callable[[str], None]) -> None:
        self._made = made
        self._left = left

    def add_private(self, path: Path, *, unless: Iterable[Path]) -> bool:
        """Whether the private key is there now. None is made where files that belong to a lost one are there."""
        if path.exists():
            return True
        if orphans := [str(each) for each in unless if each.exists()]:
            self._left(f"{', '.join(orphans)}: there without {path}, left as it is.")
            return False
        self.add(path, lambda: _private_pem(new_key()))
        return True

    def add_public(self, path: Path, *, private: Path) -> None:
        self.add(path, lambda: _public_pem(self.key(private)))

    def add_pair(self, private: Path, public: Path) -> bool:
        """Whether both halves are there now; of a private key that is there the public half is made."""
        if not self.add_private(private, unless=[public]):
            return False
        self.add_public(public, private=private)
        return True

    def add(self, path: Path, content: Callable[[], bytes]) -> None:
        """Write the file in one step, unless it is there."""
        if path.exists():
            return
        written = content()
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(written)
        draft.rename(path)
        self._made(path)

    def key(self, path: Path) -> rsa.RSAPrivateKey:
        """Read a private key. Raises CommandError."""
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except (ValueError, TypeError) as exc:
            raise CommandError(f"{path} is no private key in PEM form: {exc}") from None
        if not isinstance(key, rsa.RSAPrivateKey):
            raise CommandError(f"{path} is no RSA key.")
        return key


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)


def _private_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _public_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

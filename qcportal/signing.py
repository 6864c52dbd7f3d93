"""Signed receipt codes: Ed25519 over what was received and when, to be verified by anyone, also without the portal.

A code is one line of ASCII, ``QCR1.<key>.<file number>.<version>.<unix time>.<sha256>.<signature>``; the signature
covers everything before the last dot. Numbers are in base64url without padding. It names no person, topic or result.

Keys: ``settings.RECEIPT_SIGNING_KEYS`` (the first signs, all verify) and ``settings.RECEIPT_PUBLIC_KEYS`` (retired,
verify only); without any, one is derived from SECRET_KEY and from each of SECRET_KEY_FALLBACKS.
"""

import base64
import binascii
import functools
import hashlib
import re
from datetime import UTC, datetime
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

PREFIX = "QCR1"
MAX_LENGTH = 400
_SHAPE = re.compile(r"QCR1\.[A-Z2-7]{8}\.[A-Z0-9-]{5,20}\.\d{1,5}\.\d{9,11}\.[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{86}")


class Receipt(NamedTuple):
    """What a genuine code says."""

    key_id: str
    file_number: str
    version: int
    at: datetime
    sha256: str


class PublicKey(NamedTuple):
    key_id: str
    key: Ed25519PublicKey
    signs: bool

    @property
    def pem(self) -> str:
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self.key.public_bytes(serialization.Encoding.PEM, form).decode()


def sign(file_number: str, version: int, at: datetime, sha256: str) -> str:
    """The receipt code of one submission version; the same version and key give the same code."""
    private = _private_keys()[0]
    fields = (key_id(private.public_key()), file_number, str(version), str(int(at.timestamp())), _text(_hex(sha256)))
    told = ".".join((PREFIX, *fields))
    return f"{told}.{_text(private.sign(told.encode()))}"


def looks_like_code(typed: str) -> bool:
    return compact(typed).startswith(f"{PREFIX}.")


def compact(typed: str) -> str:
    """As signed: what a mail programme or a printer broke into lines is put together again."""
    return re.sub(r"\s", "", typed)[:MAX_LENGTH]


def verify(code: str) -> Receipt | None:
    """What ``code`` says when one of the portal's keys signed exactly that; None for everything else."""
    if not _SHAPE.fullmatch(code):
        return None
    told, _dot, signature = code.rpartition(".")
    _prefix, identifier, file_number, version, moment, digest = told.split(".")
    known = {each.key_id: each.key for each in public_keys()}.get(identifier)
    if known is None:
        return None
    try:
        known.verify(_bytes(signature), told.encode())
        at = datetime.fromtimestamp(int(moment), UTC)
        return Receipt(identifier, file_number, int(version), at, _bytes(digest).hex())
    except (InvalidSignature, ValueError, OverflowError):
        return None


def public_keys() -> list[PublicKey]:
    """All keys whose signatures count; the one that signs now is in front."""
    private = [each.public_key() for each in _private_keys()]
    retired = [_public(text) for text in settings.RECEIPT_PUBLIC_KEYS]
    keys = {key_id(key): key for key in [*reversed(retired), *reversed(private)]}
    return [PublicKey(name, key, signs=place == 0) for place, (name, key) in enumerate(reversed(list(keys.items())))]


def key_id(key: Ed25519PublicKey) -> str:
    """Eight characters that follow from the key itself."""
    return base64.b32encode(hashlib.sha256(key.public_bytes_raw()).digest()).decode()[:8]


def _private_keys() -> list[Ed25519PrivateKey]:
    return _load(
        tuple(settings.RECEIPT_SIGNING_KEYS), (settings.SECRET_KEY, *getattr(settings, "SECRET_KEY_FALLBACKS", ()))
    )


@functools.lru_cache(maxsize=4)
def _load(configured: tuple[str, ...], secrets: tuple[str, ...]) -> list[Ed25519PrivateKey]:
    if configured:
        return [Ed25519PrivateKey.from_private_bytes(_key_bytes(text, "RECEIPT_SIGNING_KEYS")) for text in configured]
    return [Ed25519PrivateKey.from_private_bytes(_derived(secret)) for secret in secrets]


def _derived(secret: str) -> bytes:
    """One way: who knows the signing key learns nothing about SECRET_KEY."""
    kdf = HKDF(hashes.SHA256(), length=32, salt=None, info=b"qcportal receipt signing ed25519 v1")
    return kdf.derive(secret.encode())


def _public(text: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(_key_bytes(text, "RECEIPT_PUBLIC_KEYS"))


def _key_bytes(text: str, name: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ImproperlyConfigured(f"{name}: every key is 32 bytes in base64 (openssl rand -base64 32)") from error
    if len(raw) != 32:
        raise ImproperlyConfigured(f"{name}: every key is 32 bytes in base64, this one has {len(raw)}")
    return raw


def _hex(sha256: str) -> bytes:
    return bytes.fromhex(sha256)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

"""Canonical JSON, its sha256, and the 12-character codes printed on documents."""

import hashlib
import json
import secrets
from typing import Any

# RFC 4648 base32: no 0, 1, 8, 9, so nothing is mistaken for O, I, B.
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
CODE_LENGTH = 12


def canonical(data: Any) -> bytes:
    """The one byte sequence of a JSON value: sorted keys, no spaces, UTF-8. What every sha256 here covers."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest(data: Any) -> str:
    return hashlib.sha256(canonical(data)).hexdigest()


def personal_digest(personal: Any, salt: str) -> str:
    """What the frozen public part keeps of the personal part: without salt nothing can be guessed from it."""
    return hashlib.sha256(salt.encode() + canonical(personal)).hexdigest()


def new_code() -> str:
    """60 random bits as 12 characters."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def new_salt() -> str:
    return secrets.token_hex(32)


def normalise_code(typed: str) -> str:
    """What a person reads off paper: spaces, dashes and case do not matter."""
    return "".join(char for char in typed.upper() if char.isalnum())


def grouped(code: str) -> str:
    return " ".join(code[i : i + 4] for i in range(0, len(code), 4))

"""Canonical JSON, its sha256, and the 12-character codes printed on documents."""

import hashlib
import json
import re
import secrets
import unicodedata
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


# What a Chinese input method makes of the keys of an address when it is left on while somebody scans.
_KEYS_OF_AN_INPUT_METHOD = str.maketrans(
    {"、": "/", "。": ".", "；": ":", "·": "", "“": "", "”": "", "\u3000": " ", "\ufeff": None, "\u200b": None,
     "—": "-", "–": "-", "‐": "-", "−": "-", "_": "-"}
)  # fmt: skip
_IN_ADDRESS = re.compile(rf"verify[^0-9A-Z]{{1,3}}([{ALPHABET}]{{{CODE_LENGTH}}})(?![0-9A-Z])", re.IGNORECASE)
_FILE_NUMBER = re.compile(r"(?<![0-9A-Z])QC(\d{4})-?(\d)-?(\d{4,6})(?!\d)", re.IGNORECASE)
# The alphabet has no 0, 1, 8 and 9: who types one of the first three means the letter that looks like it.
_LOOKALIKES = str.maketrans({"0": "O", "1": "I", "8": "B"})


def from_scan(text: str) -> str:
    """The code or file number meant by what a scanner sent or a person typed; without one, what is left of it.

    Taken are the verify address (of any host, also twice in a row, when a scanner fired twice), a code with or
    without spaces and dashes, in full width, in lower case, with punctuation of a Chinese input method, and a
    file number.
    """
    plain = unicodedata.normalize("NFKC", text.translate(_KEYS_OF_AN_INPUT_METHOD))
    plain = plain.translate(_KEYS_OF_AN_INPUT_METHOD).strip()
    address = _IN_ADDRESS.search(plain)
    if address:
        return address[1].upper()
    number = _FILE_NUMBER.search(re.sub(r"\s", "", plain))
    if number:
        return f"QC{number[1]}-{number[2]}-{number[3]}"
    code = normalise_code(plain)
    if len(code) == 2 * CODE_LENGTH and code[:CODE_LENGTH] == code[CODE_LENGTH:]:
        code = code[:CODE_LENGTH]  # two shots at the same code
    return code.translate(_LOOKALIKES) if len(code) == CODE_LENGTH else code


def is_file_number(code: str) -> bool:
    return _FILE_NUMBER.fullmatch(code) is not None

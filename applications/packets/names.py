"""File names that every system unpacks, one beside the other."""

import re
import unicodedata
from pathlib import PurePosixPath

NAME_LIMIT = 80
# Linux counts bytes, 255 of them; a number and an extension of ours may follow.
BYTE_LIMIT = 240
# Names of devices on Windows, with any extension, also after a space.
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)(?= *(\.|$))")
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f-\x9f]')


def safe_name(name: str) -> str:
    """A name without separators, control, invisible, reserved characters or reserved words, not too long, without
    dot or space at either end. A safe name stays as it is.
    """
    visible = "".join(char for char in name if unicodedata.category(char) not in _HIDDEN)
    cleaned = _trimmed(_UNSAFE.sub("_", unicodedata.normalize("NFC", visible)))
    return _cut(_RESERVED.sub(r"\1_", cleaned)) or "未命名"


def _trimmed(name: str) -> str:
    """Windows drops dots and spaces at the end, so that two names would be one; other white space looks the same."""
    while name and (name[0] in " ." or name[0].isspace()):
        name = name[1:]
    while name and (name[-1] in " ." or name[-1].isspace()):
        name = name[:-1]
    return name


def _cut(name: str) -> str:
    """Shortened in the stem, so that a short extension stays."""
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix) > 5 or not suffix.isalnum():
        stem, dot, suffix = name, "", ""
    if len(name) > NAME_LIMIT:
        stem = stem[: NAME_LIMIT - 8] if dot else stem[:NAME_LIMIT]
    while stem and len(f"{stem}{dot}{suffix}".encode()) > BYTE_LIMIT:
        stem = stem[:-1]
    return _trimmed(stem) + dot + suffix


# Format (turning the reading direction, joining), surrogates, private use, line and paragraph separators.
_HIDDEN = {"Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def free_name(path: str, taken: set[str]) -> str:
    """``path``, or with （2）, （3） … when a file of that name is in the folder already."""
    whole = PurePosixPath(path)
    candidate, number = path, 1
    while candidate.casefold() in taken:
        number += 1
        candidate = str(whole.with_name(f"{whole.stem}（{number}）{whole.suffix}"))
    taken.add(candidate.casefold())
    return candidate

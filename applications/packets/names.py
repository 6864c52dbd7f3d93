"""File names that every system unpacks, one beside the other."""

import re
import unicodedata
from pathlib import PurePosixPath

NAME_LIMIT = 80
# Names of devices on Windows, with any extension.
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(?=\.|$)")
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')


def safe_name(name: str) -> str:
    """A name without separators, control, invisible, reserved characters or reserved words, not too long."""
    visible = "".join(char for char in unicodedata.normalize("NFC", name) if unicodedata.category(char) not in _HIDDEN)
    cleaned = _UNSAFE.sub("_", visible).strip(" .")
    cleaned = _RESERVED.sub(r"\1_", cleaned)
    if len(cleaned) <= NAME_LIMIT:
        return cleaned or "未命名"
    stem, dot, suffix = cleaned.rpartition(".")
    return f"{stem[: NAME_LIMIT - 8]}.{suffix}" if dot and len(suffix) <= 5 else cleaned[:NAME_LIMIT]


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

"""单位名称_联系人_电话: folder names as the notice wants them, that Windows opens and that stay apart."""

from applications.packets.folder import Place
from applications.packets.names import safe_name

# With three folders and a file name of 80 below it, a path stays under the 260 characters of older Windows.
LIMIT = 60


def folder_name(unit: str, contact: str, phone: str) -> str:
    """A unit's name that is too long is cut, contact and telephone stay. No dot or space at the end."""
    tail = "_".join(_plain(part) for part in (contact, phone) if _plain(part))[:30]
    room = LIMIT - len(tail) - 1 if tail else LIMIT
    head = safe_name(unit)[:room].strip(" ._")
    return safe_name("_".join(filter(None, [head, tail])))[:LIMIT].strip(" .") or "未命名"


def _plain(part: str) -> str:
    return safe_name(part).strip(" ._") if part.strip() else ""


class FolderNames:
    """One name for each enterprise; two that would look the same to Windows get （2）, （3）."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, place: Place) -> str:
        contact = next((held.contact for held in place.held if any(held.contact)), ("", ""))
        unit = str(place.held[0].submissions[0].data["enterprise"]["name"])
        return free_folder(folder_name(unit, *contact), self._taken)


def free_folder(name: str, taken: set[str]) -> str:
    """Like free_name, but what follows a dot is no extension of a folder."""
    candidate, number = name, 1
    while candidate.casefold() in taken:
        number += 1
        candidate = f"{name}（{number}）"
    taken.add(candidate.casefold())
    return candidate

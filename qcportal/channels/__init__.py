"""Ways out besides mail: short messages (SMS) and an enterprise WeChat group (WeCom).

A backend is a class with ``send`` and ``is_idempotent``. ``settings.CHANNELS`` names it for each channel: ``file``
writes JSON lines, ``http`` posts to a gateway (docs/operations.md, "Short messages and WeCom").
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

from django.conf import settings


@dataclass(frozen=True)
class Note:
    """One message. ``key`` stays the same for every try of it."""

    channel: str
    to: str
    text: str
    key: str


class Refused(Exception):
    """The other side certainly did not take it. ``is_final``: asking again would get the same answer."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_final = is_final


class Unsure(Exception):
    """It may have been taken: the answer did not come."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Backend(Protocol):
    # Whether a second try with the same key cannot make a second message.
    is_idempotent: bool

    def send(self, note: Note) -> None:
        """Returns when the other side has taken it. Raises Refused or Unsure."""


BACKENDS = {"file": "qcportal.channels.file.FileBackend", "http": "qcportal.channels.http.HttpBackend"}


def backend(channel: str) -> Backend:
    """Raises Refused when this installation has none for the channel."""
    said: dict[str, Any] = settings.CHANNELS.get(channel, {})
    name = BACKENDS.get(said.get("backend", ""))
    if name is None:
        raise Refused("没有配置这个发送渠道，请系统管理员检查设置。", is_final=True)
    module, _dot, attribute = name.rpartition(".")
    made: Backend = getattr(import_module(module), attribute)(channel, said)
    return made


def installed() -> list[str]:
    return [channel for channel, said in settings.CHANNELS.items() if said.get("backend") in BACKENDS]

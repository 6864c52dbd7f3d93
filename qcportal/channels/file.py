"""Messages as JSON lines in QCPORTAL_HOME/messages/<channel>.jsonl: for demos, tests, and hand-made forwarding."""

import fcntl
import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from qcportal import clock
from qcportal.channels import Note


class FileBackend:
    """A key that is in the file already is not written again."""

    is_idempotent = True

    def __init__(self, channel: str, said: dict[str, Any]) -> None:
        self.path = Path(said.get("folder") or settings.HOME / "messages") / f"{channel}.jsonl"

    def send(self, note: Note) -> None:
        line = {
            "at": timezone.localtime(clock.now()).isoformat(timespec="seconds"),
            "channel": note.channel,
            "to": note.to,
            "text": note.text,
            "key": note.key,
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Numbers and names: readable by the portal's own user only.
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            if not any(json.loads(each)["key"] == note.key for each in file if each.endswith("\n")):
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
                file.flush()
                os.fsync(file.fileno())

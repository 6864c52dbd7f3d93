"""Sessions in the database, prolonged by use, but written at most once a minute.

Writing at every request would be a durable transaction for every page and every autosave. So a session ends between
29 and 30 minutes after its last use (staff in production: 14 and 15), never later than the rule says.
"""

from datetime import timedelta
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

WRITE_AT_MOST_EVERY = timedelta(minutes=1)


class SessionStore(DatabaseStore):
    """SessionMiddleware stores what is ``modified``, with a new end and a new cookie."""

    def load(self) -> dict[str, Any]:
        row = self._get_session_from_db()  # type: ignore[attr-defined]
        if row is None:
            return {}
        data: dict[str, Any] = self.decode(row.session_data)
        whole = timedelta(seconds=self.get_expiry_age(expiry=data.get("_session_expiry")))
        if row.expire_date - timezone.now() < whole - WRITE_AT_MOST_EVERY:
            self.modified = True
        return data

"""The association's public data as its notice prints it: before a row exists, and where no database may be asked."""

from applications.actions.programmes import ASSOCIATION

DEFAULTS: dict[str, str] = ASSOCIATION

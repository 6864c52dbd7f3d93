"""Note returned mail: from BOUNCE_SOURCE, or from the source named here."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from qcportal import bounces


class Command(BaseCommand):
    help = "Read delivery reports (RFC 3464) and note them on the mails they are about."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", nargs="?", default=settings.BOUNCE_SOURCE, help="eml:/folder, mbox:/file, …")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not options["source"]:
            raise CommandError("Name a source, or set BOUNCE_SOURCE.")
        try:
            found = bounces.read(options["source"], password=settings.BOUNCE_PASSWORD)
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{found.seen} messages read, {found.noted} returned mails noted.")

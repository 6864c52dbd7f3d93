from typing import Any

from django.core.management.base import BaseCommand

from applications.actions.closing import close_due_rounds
from qcportal import clock


class Command(BaseCommand):
    help = "Lapse drafts and corrections that are past their deadline, and tell their owners."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{close_due_rounds(clock.now())} 份申报已失效。")

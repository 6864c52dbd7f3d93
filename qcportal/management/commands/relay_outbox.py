from typing import Any

from django.core.management.base import BaseCommand

from qcportal import outbox


class Command(BaseCommand):
    help = "Hand the outbox rows that are due to the broker, as the beat does every ten seconds."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"已交付 {outbox.relay()} 项后台事项。")

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from qcportal import integrity


class Command(BaseCommand):
    help = "Check frozen versions, numbers, states, scores, the audit trail and stored files. Exit 1 with a list."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--fast", action="store_true", help="do not read the stored files")

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for finding in integrity.run(fast=options["fast"]):
            count += 1
            self.stdout.write(str(finding))
        if count:
            self.stderr.write(f"发现 {count} 处不一致。")
            raise SystemExit(1)
        self.stdout.write("一致：没有发现问题。")

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from qcportal.backup import archive
from qcportal.errors import Refusal


class Command(BaseCommand):
    help = "Fill an empty, migrated database and its storage from a backup."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            counts = archive.restore(path)
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        except (OSError, KeyError, ValueError) as error:
            raise CommandError(f"恢复失败：{error}") from error
        self.stdout.write(f"已恢复 {counts['rows']} 行数据和 {counts['files']} 个文件。请再运行 verify_integrity。")

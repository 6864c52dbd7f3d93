from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from qcportal.backup import archive
from qcportal.errors import Refusal


class Command(BaseCommand):
    help = "Write all rows and files into one tar file (.gz: compressed)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if path.exists():
            raise CommandError(f"{path} 已存在，请换一个文件名。")
        try:
            counts = archive.backup(path)
        except (OSError, Refusal) as error:
            raise CommandError(f"备份失败：{error}") from error
        self.stdout.write(f"已备份 {counts['rows']} 行数据和 {counts['files']} 个文件到 {path}。")

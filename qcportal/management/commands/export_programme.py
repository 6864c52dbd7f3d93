from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from applications.models import Programme
from qcportal import audit, export


class Command(BaseCommand):
    help = "Write a programme's applications, statistics, scores, frozen versions and evidence into a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("year", type=int, metavar="YEAR")
        parser.add_argument("folder", type=Path, metavar="DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        programme = Programme.objects.filter(year=options["year"]).first()
        if programme is None:
            raise CommandError(f"没有 {options['year']} 年度的活动。")
        try:
            counts = export.export(programme, options["folder"])
        except FileExistsError as error:
            raise CommandError(f"{options['folder']} 不是空目录，请换一个。") from error
        with transaction.atomic():
            audit.record("programme.exported", programme, actor=None, after=counts)
        self.stdout.write(
            f"已导出 {programme}：申报 {counts['applications']} 份，提交版本 {counts['submissions']} 个，"
            f"年度材料版本 {counts['reports']} 个，文件 {counts['files']} 个，存于 {options['folder']}。"
        )

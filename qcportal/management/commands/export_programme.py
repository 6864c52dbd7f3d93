from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from applications.models import Programme
from qcportal import audit
from qcportal.errors import Refusal
from qcportal.exports.tree import folder, verify


class Command(BaseCommand):
    help = (
        "Write everything of a programme into a folder: one folder for each enterprise, index, checksums, frozen "
        "versions. Run again after a break, it continues; with --verify it only checks what is there."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("year", type=int, metavar="YEAR")
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--verify", action="store_true", help="check the checksums and the frozen versions")

    def handle(self, *args: Any, **options: Any) -> None:
        programme = Programme.objects.filter(year=options["year"]).first()
        if programme is None:
            raise CommandError(f"没有 {options['year']} 年度的活动。")
        if options["verify"]:
            return self._verify(programme, options["folder"])
        try:
            counts = folder.write(programme, options["folder"])
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        except folder.DamagedFile as damage:
            raise CommandError(f"存储中的文件与其校验值不符，没有写入：{damage}") from damage
        with transaction.atomic():
            audit.record("programme.exported", programme, actor=None, after=counts)
        self.stdout.write(
            f"已导出 {programme}：单位 {counts['enterprises']} 家，申报 {counts['applications']} 份，"
            f"提交版本 {counts['submissions']} 个，年度材料版本 {counts['reports']} 个，"
            f"文件 {counts['files'] + counts['documents']} 个；新写 {counts['new']} 个，沿用 {counts['kept']} 个，"
            f"存于 {options['folder']}。"
        )
        if counts["missing"]:
            self.stderr.write(f"有 {counts['missing']} 个文件在系统中没有找到，见 manifest.json 的 missing。")
        return None

    def _verify(self, programme: Programme, root: Path) -> None:
        problems = verify.verify(programme, root)
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"核对 {root}：发现 {len(problems)} 处问题。")
        self.stdout.write(f"核对 {root}：文件与冻结版本全部一致。")

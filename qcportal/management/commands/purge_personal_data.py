from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from qcportal import clock, retention
from qcportal.errors import Refusal


class Command(BaseCommand):
    help = "Delete personal data of rounds whose retention is over. Only counts, unless --yes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--older-than-years", type=int, metavar="N", help="default: as set for the association")
        parser.add_argument("--yes", action="store_true", help="really delete")

    def handle(self, *args: Any, **options: Any) -> None:
        years = options["older_than_years"]
        years = retention.default_years() if years is None else years
        try:
            before = retention.cutoff(clock.now(), years)
            done = retention.purge(before=before, really=options["yes"])
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        verb = "已删除" if options["yes"] else "将删除（未执行，加 --yes 才会删除）"
        self.stdout.write(
            f"{verb} {before:%Y-%m-%d} 前截止各期的个人信息：申报 {done.applications} 份，"
            f"提交版本 {done.submissions} 个，"
            f"年度材料版本 {done.report_versions} 个，成员 {done.members} 人，生成的文件 {done.documents} 份"
            f"（{done.files} 个），邮件 {done.mails} 封。"
        )

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from applications.actions.programmes import create_programme
from applications.packets import blanks
from events.planning import plan_events
from qcportal.errors import Refusal


class Command(BaseCommand):
    help = "Create the programme of YEAR with rounds, calendar, awards and checklist; refuses when it exists."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("year", type=int)
        parser.add_argument("--notice-number", default="", help="文号, such as 青质协联〔2026〕5号")
        parser.add_argument(
            "--notice-date", type=date.fromisoformat, help="day of the notice, YYYY-MM-DD; the first round opens then"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            programme = create_programme(
                year=options["year"],
                notice_number=options["notice_number"],
                notice_date=options["notice_date"],
            )
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        plan_events(programme)
        blanks.install_newest()
        self.stdout.write(f"{programme}：第 {programme.edition} 次，总结与统计年度 {programme.data_year}")
        for round_ in programme.rounds.all():
            self.stdout.write(f"{round_.label}：截止 {round_.closes_label}，纸质材料 {round_.paper_due_label}")
        self.stdout.write("两期发布会已建立（未公布），请在后台“活动”中填写日期和地点后公布。")

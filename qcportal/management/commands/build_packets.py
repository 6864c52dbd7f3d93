from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from applications.models import Application, Enterprise, Round
from applications.packets import building, folder, sets


class Command(BaseCommand):
    help = "Build every packet, judges' copy, receipt, paper set and bundle that is missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, default=None, help="at most so many submissions")
        parser.add_argument("--no-sets", action="store_true", help="leave out paper sets and bundles")

    def handle(self, *args: Any, limit: int | None, no_sets: bool, **options: Any) -> None:
        built = 0
        for submission in list(building.unbuilt()[:limit]):
            building.build(submission)
            built += 1
        self.stdout.write(f"已生成 {built} 份提交版本的材料包、评审件和回执。")
        if not no_sets:
            self.stdout.write(f"已核对 {_build_sets()} 个单位（期）的纸质套和电子文件夹。")


def _build_sets() -> int:
    places = Application.objects.submitted().order_by().values_list("enterprise", "round").distinct()
    enterprises = Enterprise.objects.in_bulk()
    rounds = Round.objects.select_related("programme").in_bulk()
    for enterprise, round_ in list(places):
        sets.build_set(enterprises[enterprise], rounds[round_])
        folder.build(folder.of_round(enterprises[enterprise], rounds[round_]))
    return len(places)

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from reviews import rechecking
from reviews.models import Ranking


class Command(BaseCommand):
    help = "Compute every frozen ranking again from the inputs it keeps. Exit 1 with the rows that differ."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--uuid", help="one ranking only")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = Ranking.objects.select_related("programme", "round__programme", "special_award").order_by("pk")
        if options["uuid"]:
            rows = rows.filter(uuid=options["uuid"])
        differing = 0
        for ranking in rows.iterator(chunk_size=20):
            found = rechecking.findings(ranking)
            differing += bool(found)
            kept = "" if ranking.inputs is not None else "（没有保存计算依据，只核对校验值）"
            self.stdout.write(f"{ranking}：{'；'.join(found) or f'一致 {ranking.sha256[:12]}'}{kept}")
        if differing:
            self.stderr.write(f"{differing} 版排名与重新计算的结果不一致。")
            raise SystemExit(1)

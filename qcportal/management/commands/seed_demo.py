import time
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from qcportal import clock
from qcportal.demo import build, logins
from qcportal.errors import Refusal


class Command(BaseCommand):
    help = "Fill an empty database with demonstration data, the same for the same seed and day."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--applications", type=int, default=build.DEFAULT_APPLICATIONS, metavar="N")
        parser.add_argument("--judges", type=int, default=build.DEFAULT_JUDGES, metavar="N")
        parser.add_argument("--seed", type=int, default=1, metavar="K")
        parser.add_argument("--today", type=date.fromisoformat, metavar="DATE", help="YYYY-MM-DD, default: today")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.perf_counter()
        today = options["today"] or timezone.localdate(clock.now())
        try:
            summary = build.seed(
                applications=max(options["applications"], 3),
                judges=max(options["judges"], build.DEFAULT_JUDGES),
                seed_=options["seed"],
                today=today,
                small_pool=options["applications"] > build.QUEUE_LIMIT,
            )
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write("演示数据已装入：" + "，".join(f"{name} {count}" for name, count in summary.counts.items()))
        self.stdout.write("用时（秒）：" + "，".join(f"{name} {spent:.1f}" for name, spent in summary.seconds.items()))
        self.stdout.write(f"共 {time.perf_counter() - started:.1f} 秒。演示账号（密码均为 {logins.password()}）：")
        for username, label in logins.listing():
            self.stdout.write(f"  {username:<20}{label}")

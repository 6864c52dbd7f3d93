from typing import Any

from django.core.management.base import BaseCommand

from reviews.actions.rubrics import seed_rubrics


class Command(BaseCommand):
    help = "Create the review sheets of T/CAQ 10201-2020 where they are missing."

    def handle(self, *args: Any, **options: Any) -> None:
        for rubric in seed_rubrics():
            self.stdout.write(f"{rubric}：{rubric.items.count()} 项")

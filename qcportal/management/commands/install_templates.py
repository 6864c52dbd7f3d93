from typing import Any

from django.core.management.base import BaseCommand

from applications.models import Programme
from applications.packets import blanks


class Command(BaseCommand):
    help = "Make the blank forms of attachments 1 to 3 and offer them on the home page. Running again replaces them."

    def handle(self, *args: Any, **options: Any) -> None:
        programme = Programme.objects.published().order_by("-year").first()
        names = tuple(programme.special_awards.values_list("name", flat=True)) if programme else ()
        rows = blanks.install(programme.data_year if programme else None, names)
        self.stdout.write("已更新模板：" + "、".join(row.file_name for row in rows))

from typing import Any

from django.core.management.base import BaseCommand

from applications.packets import blanks


class Command(BaseCommand):
    help = "Make the blank forms of attachments 1 to 3 and offer them on the home page. Running again replaces them."

    def handle(self, *args: Any, **options: Any) -> None:
        rows = blanks.install_newest()
        self.stdout.write("已更新模板：" + "、".join(row.file_name for row in rows))

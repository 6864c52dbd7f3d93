"""What the season's secretary does beside checking: reminders, more time for one enterprise, the summary tables."""

import re
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from django.urls import reverse
from openpyxl import load_workbook

from qcportal import outbox
from tests.e2e.season import Clerk
from tests.processes import wait_for


def remind(clerk: Clerk, occasion: str, *, twice: bool = False) -> None:
    """From the choice of the occasion to the page that shows the reminders going. ``twice``: the last button is pressed
    twice in haste, as people do."""
    send = clerk.page.get_by_role("button", name=re.compile(r"^发送这 \d+ 封提醒$"))
    clerk.go(reverse("admin:reminders"))
    with clerk.piece("催办一批"):
        clerk.page.locator("[name=occasion]").first.select_option(label=occasion)
        clerk.press("查看名单")
        clerk.page.locator(".remind-sample summary").click()
        if twice:
            clerk.shot("secretariat-reminders", 900, send)
        clerk.choose_twice(send) if twice else clerk.choose(send)
        clerk.page.wait_for_url(re.compile("/reminders/[0-9a-f-]{36}/"))


def all_gone(clerk: Clerk) -> bool:
    """The page of the reminders, looked at again."""
    relay()
    clerk.page.reload()
    return "已办完" in clerk.page.locator(".progress-line").inner_text()


def relay() -> None:
    """As the clockwork does every ten seconds, which no test starts: what the mail limit held back goes on."""
    outbox.relay()


def letters(accepted: list[bytes], subject: str) -> list[str]:
    """To whom the mail server took a letter with ``subject`` in its subject."""
    taken = [message_from_bytes(text, policy=policy.default) for text in accepted]
    return [str(one["To"]) for one in taken if subject in str(one["Subject"])]


def extend(clerk: Clerk, year: int, enterprise: str, day: date, reason: str) -> str:
    """延期 for one enterprise, looked at before it is given. Returns what the page said it would touch."""
    page = clerk.page
    clerk.go(reverse("admin:programme_year", args=[year]))
    with clerk.piece("给一个单位延期"):
        clerk.press("延期", role="link", within=page.locator("main"))
        page.fill("[name=enterprise]", enterprise)
        page.fill("[name=new_day]", day.isoformat())
        page.fill("[name=reason]", reason)
        clerk.press("查看影响的范围")
        page.locator(".note details summary").click()
        touched = page.locator(".note").first.inner_text()
        clerk.shot("secretariat-extension", 900, page.get_by_role("button", name="确认延期并通知"))
        clerk.press("确认延期并通知")
    return touched


def ready_to_submit(visitor: Any, address: str) -> None:
    """The page before the last press, all confirmations ticked."""
    visitor.go(f"{address}submit/")
    for box in visitor.page.locator(".confirmations input[type=checkbox]").all():
        box.check()


def submit(visitor: Any) -> None:
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button", name="正式提交").click()


def summary_tables(clerk: Clerk, folder: Path) -> dict[str, tuple[Any, Any]]:
    """导出汇总表, read back: the total of every row of attachment 3 and how many enterprises gave it."""
    clerk.go(reverse("admin:figures"))
    clerk.shot("secretariat-figures", 900, clerk.page.get_by_role("link", name="导出汇总表"))
    with clerk.piece("导出全省汇总表"), clerk.page.expect_download() as coming:
        clerk.choose(clerk.page.get_by_role("link", name="导出汇总表"))
    target = folder / coming.value.suggested_filename
    coming.value.save_as(target)
    sheet = load_workbook(target)["汇总"]
    rows = sheet.iter_rows(min_row=5, values_only=True)
    return {str(row[1]): (row[3], row[4]) for row in rows if isinstance(row[0], int)}


def wait_until_gone(clerk: Clerk, seconds: float = 90) -> None:
    wait_for(lambda: all_gone(clerk), seconds, "all reminders of the batch leaving")

"""The secretariat's, the judges' and the event staff's part of the guides' pictures."""

import re
from collections.abc import Callable
from typing import Any

from applications.models import Submission
from qcportal import clock
from qcportal.models import OutboxMessage
from reviews.models import Assignment
from tests import factories
from tests.e2e import scenes

NEW_JUDGE = "wenhaiqing"


def log_in_as_secretary(visitor: Any) -> None:
    if "/admin/" not in visitor.page.url:
        visitor.log_in("demo-secretary")
        visitor.page.wait_for_url("**/admin/")


def open_check(visitor: Any, number: str) -> None:
    visitor.go(f"/admin/applications/application/?q={number}")
    visitor.page.locator("#result_list tbody a").first.click()
    visitor.page.wait_for_load_state()


def start_check(visitor: Any) -> None:
    visitor.page.get_by_role("button", name="开始审查").click()
    visitor.page.wait_for_load_state()
    for answer in visitor.page.locator(".answer").all():
        answer.locator("label").first.click()


def check(visitor: Any, number: str) -> None:
    """The filing goes back for correction; the pictures of checking are the season's (tests/e2e/test_season.py)."""
    page = visitor.page
    log_in_as_secretary(visitor)
    open_check(visitor, number)
    page.get_by_role("link", name="核验营业执照").click()
    for name in ("单位名称与营业执照一致", "统一社会信用代码与营业执照一致", "登记地在青海"):
        page.get_by_label(name).check()
    page.get_by_role("button", name="核验并回到审查").click()
    page.wait_for_load_state()
    start_check(visitor)
    page.locator(".remark-row select").first.select_option("benefit_basis")
    page.locator(".remark-row textarea").first.fill("请写明年节电量、电价和计算公式，并与财务效益证明一致。")
    page.locator(".outcome", has_text=re.compile("^完善后参评$")).click()
    page.locator("[data-decide-button]").click()
    page.get_by_role("button", name="发出，留在这一件").click()
    page.wait_for_load_state()


def accept(visitor: Any, number: str) -> None:
    page = visitor.page
    open_check(visitor, number)
    start_check(visitor)
    page.locator(".outcome", has_text=re.compile("^参评$")).click()
    page.locator("[data-decide-button]").click()
    page.get_by_role("button", name="发出，留在这一件").click()
    page.wait_for_load_state()


def paper(visitor: Any, number: str) -> None:
    page = visitor.page
    visitor.go(f"/admin/paper/?q={number}")
    visitor.shot("secretariat-paper", 700, page.get_by_role("button", name=re.compile("^签收第")).first)
    page.get_by_role("button", name=re.compile("^签收第")).first.click()
    page.wait_for_load_state()


def rubrics_and_stages(visitor: Any, number: str) -> None:
    page = visitor.page
    visitor.go("/admin/reviews/rubric/")
    visitor.shot("secretariat-rubrics", 560)
    visitor.go("/admin/reviews/ranking/")
    visitor.shot("secretariat-rounds", 560, page.get_by_role("button", name="建立评审阶段").first)
    visitor.go("/admin/reviews/assign/")
    visitor.shot("secretariat-stages", 520, page.get_by_role("link", name="分派评委").first)
    visitor.go("/admin/reviews/stage/")
    page.locator("#result_list tbody a", has_text=f"{scenes.open_round().programme.year} 年第一期").first.click()
    page.wait_for_load_state()
    visitor.shot("secretariat-stage", 1000)


def new_judge(visitor: Any, number: str) -> None:
    """A user, the judge's page, and three filings of the round that is being judged."""
    page = visitor.page
    visitor.go("/admin/qcportal/user/add/")
    page.fill("[name=username]", NEW_JUDGE)
    page.fill("[name=name]", "文海清")
    page.fill("[name=email]", "wen@qc.example")
    page.locator("label", has_text=re.compile("^\\s*评委\\s*$")).first.click()
    page.fill("[name=password1]", factories.PASSWORD)
    page.fill("[name=password2]", factories.PASSWORD)
    visitor.shot("secretariat-user", 1160, page.locator("[name=_save]"))
    page.locator("[name=_save]").click()
    page.wait_for_load_state()
    visitor.go("/admin/reviews/judge/add/")
    choose_person(page, "文海清")
    page.fill("[name=employer_name]", "青海省标准化研究所")
    visitor.shot("secretariat-judge", 1160, page.locator("[name=_save]"))
    page.locator("[name=_save]").click()
    page.wait_for_load_state()
    visitor.go("/admin/reviews/assign/")
    row = page.locator("tr", has_text="资料评审").filter(has_text=re.compile("第一期")).first
    row.get_by_role("link", name="分派评委").click()
    page.wait_for_load_state()
    for number in range(3):
        page.locator("[name=filings]").nth(number).check()
    page.locator("label.check", has_text="文海清").locator("input").check()
    visitor.shot("secretariat-assign", 1000, page.locator("button[value=assign]"))
    page.locator("button[value=assign]").click()
    page.wait_for_load_state()
    make_copies_now()


def make_copies_now() -> None:
    """The documents of the demo data wait (pictures.let_the_demo_wait), but not those that the new judge opens."""
    given = Assignment.objects.filter(judge__user__username=NEW_JUDGE).values("application")
    versions = list(Submission.objects.filter(application__in=given).values_list("pk", flat=True))
    waiting = OutboxMessage.objects.filter(topic="packet.build", state="pending", payload__submission__in=versions)
    waiting.update(available_at=clock.now(), sent_at=None)


def choose_person(page: Any, name: str) -> None:
    """The person field of the judge's page: a list, or a field that searches."""
    if page.locator("select[name=user] option", has_text=name).count():
        page.locator("select[name=user]").select_option(label=name)
        return
    page.locator(".select2-selection").first.click()
    page.locator(".select2-search__field").last.fill(name)
    page.locator(".select2-results__option", has_text=name).first.click()


def ranking(visitor: Any, number: str) -> None:
    page = visitor.page
    visitor.go("/admin/reviews/ranking/")
    row = page.locator("tr", has=page.get_by_role("link", name="查看成绩")).filter(has_text="第一期").first
    row.get_by_role("link", name="查看成绩").click()
    page.wait_for_load_state()
    page.locator(".rank-entry summary").first.click()
    visitor.shot("secretariat-ranking", 1000, page.get_by_role("link", name="导出 Excel"))
    visitor.go("/admin/reviews/scoresheet/?state__exact=submitted")
    page.locator("#result_list tbody a").first.click()
    page.wait_for_load_state()
    button = page.locator(".score-reopen").get_by_role("button", name="退回重评")
    visitor.shot("secretariat-reopen", 980, button, top=page.locator("h2", has_text=re.compile("^评分$")))


def judge(secretary: Any, visit: Callable[..., Any]) -> None:
    """Pledge, dashboard, sheet, confirmation; then the same on a phone, and a recusal."""
    visitor = visit()
    page = visitor.page
    visitor.log_in(NEW_JUDGE)
    page.wait_for_url("**/reviews/**")
    box = page.locator("main input[type=checkbox]").first
    box.check()
    visitor.shot("judge-pledge", 900, page.get_by_role("button", name="签署并开始评审"))
    page.get_by_role("button", name="签署并开始评审").click()
    page.wait_for_load_state()
    visitor.shot("judge-dashboard", 900, page.get_by_role("link", name=re.compile("开始评分")).first)
    page.get_by_role("link", name=re.compile("开始评分")).first.click()
    page.wait_for_url(re.compile(r"/reviews/[0-9a-f-]{36}/"))
    address = page.url
    visitor.camera.download(page, address + "copy.pdf")
    page.reload()
    fill_sheet(page)
    page.wait_for_timeout(1500)
    visitor.shot("judge-sheet", 900, page.locator("button[value=review]"))
    page.locator("button[name=step][value=save]").click()
    page.wait_for_load_state()
    phone(secretary, visit, address)
    visitor.go(address.removeprefix(visitor.base))
    page.locator("button[name=step][value=review]").click()
    page.wait_for_load_state()
    visitor.shot("judge-confirm", 990, page.get_by_role("button", name="提交并锁定"))
    page.get_by_role("button", name="提交并锁定").click()
    page.wait_for_load_state()
    visitor.shot("judge-locked", 800)
    visitor.go("/reviews/")
    page.get_by_role("link", name=re.compile("开始评分")).first.click()
    page.wait_for_load_state()
    page.get_by_role("link", name="申请回避").click()
    page.wait_for_load_state()
    visitor.shot("judge-recuse", 760, page.get_by_role("button", name="确认回避"))


def fill_sheet(page: Any) -> None:
    for field in page.locator("[data-stepper] input").all():
        field.fill(str(int(float(field.get_attribute("max")) * 0.9)))
    page.locator("textarea").last.fill("课题选择有依据，数据充分，对策具体，效果经过验证。")


def phone(secretary: Any, visit: Callable[..., Any], address: str) -> None:
    visitor = visit(phone=True)
    visitor.log_in(NEW_JUDGE)
    visitor.page.wait_for_url("**/reviews/**")
    visitor.shot("judge-phone-dashboard", 844)
    visitor.go(address.removeprefix(visitor.base))
    visitor.shot("judge-phone-sheet", 844, visitor.page.locator(".score-form__read"))


def event(secretary: Any, visit: Callable[..., Any]) -> None:
    """Shortlist, draw and publication of the event that lies ahead, and what the public and the event staff see."""
    page = secretary.page
    secretary.go("/admin/events/event/")
    row = page.locator("#result_list tbody tr").filter(has_text="第一期").first
    secretary.shot("secretariat-events", 620, row.get_by_role("link", name="入选与抽签"))
    row.locator("th a").click()
    page.wait_for_load_state()
    secretary.shot("secretariat-event", 1000)
    page.go_back()
    row.get_by_role("link", name="入选与抽签").click()
    page.wait_for_load_state()
    page.get_by_role("link", name="设定名额并预览").click()
    page.locator("input[name=quota_]").fill("12")
    page.get_by_role("button", name="预览").click()
    page.get_by_role("button", name="确认列入").click()
    page.wait_for_load_state()
    secretary.shot("secretariat-order", 1000, page.locator("button[value=commit]"))
    press(page, "commit")
    press(page, "draw")
    secretary.shot("secretariat-drawn", 1000)
    address = page.locator("a", has_text="公开页面").get_attribute("href")
    press(page, "publish")
    staff = visit()
    staff.log_in("demo-desk")
    staff.page.wait_for_load_state()
    staff.go("/events/")
    staff.shot("event-list", 700)
    staff.go(address)
    staff.shot("event-order", 1000, staff.page.get_by_role("link", name="下载议程 PDF"))


def press(page: Any, step: str) -> None:
    page.locator(f"button[value={step}]").first.click()
    page.wait_for_load_state()


# The secretariat's pages after the acceptance, each with a picture or more; ``number`` is the filing's.
PARTS = (paper, rubrics_and_stages, new_judge, ranking)

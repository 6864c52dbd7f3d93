"""Pages of the staff guide on the demo data, which the season's journey does not come by."""

import re
import time
from typing import Any

from applications.actions import ownership
from applications.models import RecommendingUnit
from qcportal import clock, files
from qcportal.models import PersonalDataRequest, User
from reviews.models import Stage as ReviewStage
from reviews.models import StageKind
from tests import factories
from tests.e2e.scenes import Scene, Stage, enterprise_of, open_round


def office(stage: Stage, address: str = "") -> Any:
    return stage.window(User.objects.get(username="demo-secretary"), address)


def pages(seen: Any, *wanted: tuple[str, str, int]) -> None:
    """Each: name of the picture, address, height."""
    for name, address, height in wanted:
        seen.go(address)
        seen.shot(name, height)


def desk(stage: Stage) -> None:
    seen = office(stage, "/admin/")
    # A portal that has just started knows nothing of its workers yet.
    for _try in range(60):
        if seen.page.locator(".note--red").count() == 0:
            break
        time.sleep(2)
        seen.page.reload()
    seen.shot("secretariat-desk", 1130, seen.page.locator(".counts").first)


def year(stage: Stage) -> None:
    """This year on one page, the next year made from it, what is asked for, a notice."""
    now = open_round().programme.year
    seen = office(stage)
    page = seen.page
    pages(
        seen,
        ("secretariat-year", f"/admin/years/{now}/", 1060),
        ("secretariat-year-new", f"/admin/years/new/?from={now}", 900),
        ("secretariat-fields", f"/admin/years/{now}/fields/", 900),
    )
    seen.go("/admin/applications/notice/add/")
    page.locator("[name=title]").fill(f"关于 {now} 年第二期材料寄送的说明")
    page.locator("textarea").first.fill("各申报单位：\n\n纸质材料请在截止日前寄出，以邮戳为准。")
    seen.shot("secretariat-notice", 900)
    seen.go("/admin/applications/programme/")
    page.locator("#result_list tbody a", has_text=str(now)).first.click()
    page.wait_for_load_state()
    seen.shot("secretariat-programme", 900)


def counter(stage: Stage) -> None:
    """Telephone and paper: who calls, who has sent none, what the scanners read."""
    unit = enterprise_of(User.objects.get(username="demo-enterprise"))
    seen = office(stage)
    page = seen.page
    pages(
        seen,
        ("secretariat-paper-missing", "/admin/paper/missing/", 620),
        ("secretariat-scans", "/admin/scans/", 700),
        ("secretariat-messages", "/admin/messages/", 500),
        ("secretariat-dealings", f"/admin/dealings/{unit.uuid}/", 1100),
    )
    page.get_by_role("link", name="以其身份查看").first.click()
    page.wait_for_load_state()
    seen.shot("secretariat-acting", 760)


def enterprises(stage: Stage) -> None:
    owner = stage.owner()
    User.objects.filter(pk=owner.pk).update(email=f"mahaiyan{owner.pk}@unit.example")
    factories.colleague(owner, username=f"{owner.username}-2", name="李文静", role="manager")
    proof = ownership.ProofFile(files.store(factories.PDF, "application/pdf"), "负责人变更说明（盖章）.pdf")
    ownership.add_proof(enterprise_of(owner), actor=owner, kind="ownership", file=proof)
    seen = office(stage)
    pages(
        seen,
        ("secretariat-enterprises", "/admin/applications/enterprise/", 620),
        ("secretariat-owner", f"/admin/applications/enterprise/{enterprise_of(owner).pk}/owner/", 900),
    )
    seen.go("/admin/claims/")
    seen.press("并排比较", "link")
    seen.shot("secretariat-claims", 760)


def people(stage: Stage) -> None:
    """The portal's own people, those of a recommending unit, what they ask about their data."""
    asks = factories.colleague(stage.owner(), username=f"guide-{clock.now():%H%M%S}", name="李文静", role="manager")
    text = "手机号码已更换，请改为新号码。"
    PersonalDataRequest.objects.create(user=asks, kind="copy", text=text, created_at=clock.now())
    unit = RecommendingUnit.objects.filter(members__is_active=True).first() or RecommendingUnit.objects.first()
    seen = office(stage)
    pages(
        seen,
        ("secretariat-people", "/admin/people/", 760),
        ("secretariat-judges", "/admin/people/judges/", 520),
        ("secretariat-unit", f"/admin/applications/recommendingunit/{unit.pk}/people/", 760),
        ("secretariat-data", "/admin/personal-data/", 620),
    )


def words(stage: Stage) -> None:
    """Texts and rules: confirmations, letters, when mail leaves."""
    seen = office(stage)
    page = seen.page
    pages(
        seen,
        ("secretariat-texts", "/admin/applications/confirmationtext/", 520),
        ("secretariat-rules", "/admin/sending/", 1000),
        ("secretariat-letters", "/admin/qcportal/lettertext/", 760),
    )
    seen.go("/admin/qcportal/outboxmessage/")
    page.locator("select[name=action]").select_option(label="重新处理所选的失败事项")
    seen.shot("secretariat-outbox", 620, page.locator("select[name=action]"))


def mails(stage: Stage) -> None:
    pages(office(stage), ("secretariat-mails", "/admin/qcportal/mailmessage/", 760))


def exports(stage: Stage) -> None:
    seen = office(stage)
    pages(
        seen,
        ("secretariat-exports", "/admin/exports/", 900),
        ("secretariat-audit", "/admin/audit/", 760),
        ("secretariat-numbers", "/admin/books/numbers/", 760),
    )


def intake(stage: Stage) -> None:
    """A mailed folder, and a list of former years."""
    seen = office(stage)
    page = seen.page
    seen.go("/admin/folders/")
    page.locator("main table a").first.click()
    page.wait_for_load_state()
    seen.shot("secretariat-folder", 900, page.get_by_role("button", name="按以上选择重新读取"))
    pages(seen, ("secretariat-past", "/admin/past-results/", 700))


def announcing(stage: Stage) -> None:
    """A ranking of former years is frozen once more, and waits to be announced."""
    seen = office(stage, "/admin/reviews/ranking/")
    page = seen.page
    page.get_by_role("link", name="查看成绩").last.click()
    page.wait_for_load_state()
    seen.press("冻结排名")
    button = page.get_by_role("button", name=re.compile("^公布")).first
    seen.shot("secretariat-publish", 380, button, top=page.get_by_role("heading", name="已冻结的排名"))


def proposal(stage: Stage) -> None:
    """Who scores what, worked out for the round whose documents are being scored."""
    judged = ReviewStage.objects.filter(kind=StageKind.DOCUMENT, assignments__isnull=False).latest("opens_at")
    seen = office(stage, f"/admin/reviews/assign/{judged.pk}/proposals/")
    page = seen.page
    page.get_by_role("button", name="生成方案").click()
    # The page of a proposal comes again by itself until a worker has worked it out.
    page.get_by_role("button", name="确认并分派").wait_for(timeout=120_000)
    seen.shot("secretariat-proposal", 1100)


SCENES: tuple[Scene, ...] = (
    desk, year, counter, enterprises, people, words, mails, exports, intake, announcing, proposal,
)  # fmt: skip

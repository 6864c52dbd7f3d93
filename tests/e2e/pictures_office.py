"""Pages of the staff guide on the demo data, which the season's journey does not come by."""

from typing import Any

from applications.models import RecommendingUnit
from qcportal import clock
from qcportal.models import PersonalDataRequest, User
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
        ("secretariat-notice", "/admin/applications/notice/add/", 900),
    )
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
        ("secretariat-messages", "/admin/messages/", 560),
        ("secretariat-dealings", f"/admin/dealings/{unit.uuid}/", 1100),
    )
    page.get_by_role("link", name="以其身份查看").first.click()
    page.wait_for_load_state()
    seen.shot("secretariat-acting", 620)


def enterprises(stage: Stage) -> None:
    owner = stage.owner()
    factories.colleague(owner, username=f"{owner.username}-2", name="李文静", role="manager")
    seen = office(stage)
    pages(
        seen,
        ("secretariat-enterprises", "/admin/applications/enterprise/", 620),
        ("secretariat-owner", f"/admin/applications/enterprise/{enterprise_of(owner).pk}/owner/", 900),
        ("secretariat-claims", "/admin/claims/", 460),
    )


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
    pages(
        seen,
        ("secretariat-folders", "/admin/folders/", 620),
        ("secretariat-past", "/admin/past-results/", 620),
    )


SCENES: tuple[Scene, ...] = (desk, year, counter, enterprises, people, words, mails, exports, intake)

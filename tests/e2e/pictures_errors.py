"""Every message that stops or warns somebody who fills in, submits or logs in, as the guide shows it."""

import uuid
from datetime import timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.test import RequestFactory
from playwright.sync_api import expect

from applications.models import Membership, WarningConfirmation
from qcportal import clock
from qcportal.site import errors
from tests import factories
from tests.e2e.scenes import Scene, Stage, closed_round, enterprise_of, page_of, section

SIGN = "[data-save-sign]"
NOWHERE = uuid.UUID(int=0)


def wrong_entry(stage: Stage) -> None:
    owner = stage.owner()
    seen = stage.window(owner, section(stage.draft(owner), "results"))
    page = seen.page
    page.fill("[name=economic_benefit]", "五十八万")
    page.locator(".form-end button[name=stay]").click()
    page.locator(".error-summary").wait_for()
    seen.pieces("error-field", page.locator(".error-summary"), page.locator("#div_id_economic_benefit"))


def session_over(stage: Stage) -> None:
    owner = stage.owner()
    seen = stage.window(owner, section(stage.draft(owner), "topic"))
    page = seen.page
    cookie = next(one for one in page.context.cookies() if one["name"] == "sessionid")
    Session.objects.filter(session_key=cookie["value"]).delete()
    page.fill("[name=topic_name]", "降低干燥工序单位能耗")
    expect(page.locator(SIGN)).to_contain_text("登录已过期", timeout=15_000)
    seen.pieces("error-session", page.locator(".page-head").first, frames=[page.locator(SIGN)])


def offline(stage: Stage) -> None:
    owner = stage.owner()
    address = section(stage.draft(owner), "topic")
    seen = stage.window(owner, address)
    page = seen.page
    page.context.set_offline(True)
    page.fill("[name=topic_name]", "降低干燥工序单位能耗")
    expect(page.locator(SIGN)).to_contain_text("网络中断", timeout=15_000)
    seen.pieces("error-offline", page.locator(".page-head").first, frames=[page.locator(SIGN)])
    # Closed as by a power cut: a page that is left in peace still sends what it has, and the browser lets that pass.
    seen.page = page.context.new_page()
    page.close()
    seen.page.context.set_offline(False)
    seen.go(address)
    seen.pieces("error-local-copy", seen.page.locator("[data-local-copy]"))


def somebody_else(stage: Stage) -> None:
    owner = stage.owner()
    colleague = factories.colleague(owner, username=f"{owner.username}-2", name="李文静", role="manager")
    address = section(stage.draft(owner), "results")
    mine, theirs = stage.window(owner, address), stage.window(colleague, address)
    theirs.page.fill("[name=actual_value]", "合格率 98.00%")
    theirs.page.locator(".form-end button[name=stay]").click()
    theirs.page.wait_for_load_state()
    mine.page.fill("[name=actual_value]", "合格率 97.50%")
    mine.page.locator("[name=target_value]").focus()
    mine.page.locator("#conflicts").wait_for()
    mine.pieces("error-conflict", mine.page.locator("#conflicts"))
    mine.pieces("enterprise-presence", mine.page.locator("[data-presence]"))


def deadline_passed(stage: Stage) -> None:
    owner = stage.owner()
    application = stage.draft(owner, closed_round())
    seen = stage.window(owner, page_of(application, "submit/"))
    page = seen.page
    shown = page.locator(".note").filter(has_text="已过截止时间")
    seen.pieces("error-deadline", shown, page.locator(".note").filter(has_text="还可以做什么"))


def not_open_yet(stage: Stage) -> None:
    owner = stage.owner()
    now = clock.now()
    year = now.year + 3
    factories.programme(year, is_published=False)
    far = now + timedelta(days=400)
    round_ = factories.round_of(year, 1, opens_at=far, closes_at=far + timedelta(days=30))
    seen = stage.window(owner, page_of(stage.draft(owner, round_)))
    seen.pieces("error-not-open", seen.page.locator(".note").filter(has_text="尚未开放"))


def incomplete(stage: Stage) -> None:
    owner = stage.owner()
    application = stage.draft(owner, leader_name="", benefit_basis="")
    application.evidence.filter(kind="benefit").delete()
    seen = stage.window(owner, page_of(application, "submit/"))
    seen.pieces("error-incomplete", seen.page.locator("#problems"))


def tick_and_press(page: Any) -> None:
    for box in page.locator(".confirmations input[type=checkbox]").all():
        box.check()
    page.get_by_role("button", name="正式提交").click()
    page.wait_for_load_state()


def warnings_unanswered(stage: Stage) -> None:
    """First with a reason beside the warning, then without."""
    owner = stage.owner()
    application = stage.draft(owner)
    report = enterprise_of(owner).reports.get(programme=application.round.programme)
    type(report).objects.filter(pk=report.pk).update(results_count=25)
    WarningConfirmation.objects.filter(report=report).delete()
    seen = stage.window(owner, page_of(application, "submit/"))
    page = seen.page
    answer = page.locator(".answer").first
    answer.locator("textarea").fill("已与生产部门核对，含上年度延续课题的成果 5 项。")
    seen.pieces("enterprise-warnings", page.locator("section", has=page.locator("#checks")), height=640)
    answer.locator("textarea").fill("")
    tick_and_press(page)
    seen.pieces("error-warning", page.locator("#error-summary, .error-summary"), page.locator(".answer--error"))


def text_renewed(stage: Stage) -> None:
    owner = stage.owner()
    application = stage.draft(owner)
    seen = stage.window(owner, page_of(application, "submit/"))
    page = seen.page
    page.evaluate("document.querySelectorAll('input[name^=seen-]').forEach((one) => { one.value = '2020-1'; })")
    tick_and_press(page)
    page.locator(".submit-area .note--amber").first.wait_for()
    seen.pieces("error-text-renewed", page.locator(".submit-area"), height=180)


def pages_refused(stage: Stage) -> None:
    owner = stage.owner()
    application = stage.draft(owner)
    clerk = factories.colleague(owner, username=f"{owner.username}-3", name="扎西多杰", role="clerk")
    application.clerks.add(clerk)
    seen = stage.window(clerk, page_of(application, "submit/"))
    seen.pieces("error-403", seen.page.locator(".error-page"))
    seen.go(f"/applications/{NOWHERE}/")
    seen.pieces("error-404", seen.page.locator(".error-page"))
    seen.go("/applications/invitation/abcdefghijklmnop/")
    seen.pieces("error-invitation", seen.page.locator("main .card").first)
    seen.enter(owner)
    seen.go("/applications/enterprise/leave/")
    seen.pieces("error-owner-leaves", seen.page.locator("main .card").first)
    owned = Membership.objects.get(user=owner)
    seen.go(f"/applications/enterprise/people/{clerk.uuid}/hand-over/")
    seen.pieces("enterprise-hand-over", seen.page.locator("main form.card, main .card").first)
    assert owned.is_owner


def pages_of_the_server(stage: Stage) -> None:
    """The answers that nobody can provoke politely: the portal's own pages, given by the browser's network."""
    seen = stage.window(None)
    page = seen.page
    request = RequestFactory().get("/applications/")
    request.request_id = "9f3c21d07a54"
    pages = {
        "error-429": errors.too_many(request), "error-500": errors.server_error(request),
        "error-csrf": errors.csrf_failure(request, ""),
    }  # fmt: skip
    for name, answer in pages.items():
        seen.give("/shown/", answer.content.decode())
        seen.go("/shown/")
        seen.pieces(name, page.locator(".error-page"))


def old_browser(stage: Stage) -> None:
    seen = stage.window(None, "/")
    page = seen.page
    page.evaluate(
        """() => { const old = document.querySelector('script[nomodule]'), again = document.createElement('script');
        again.src = old.src; again.dataset.phone = old.dataset.phone; document.head.append(again); }"""
    )
    page.locator(".old-browser").wait_for()
    seen.pieces("error-old-browser", page.locator(".old-browser"))


def login_refused(stage: Stage) -> None:
    owner = stage.owner()
    seen = stage.window(None)
    page = seen.page
    for number in range(6):
        seen.go("/accounts/login/")
        page.fill("input[name=login]", owner.username)
        page.fill("input[name=password]", "Wrong-password-1")
        page.click("main button[type=submit]")
        page.wait_for_load_state()
        if number == 0:
            seen.pieces("error-login", page.locator(".error-summary"))
    seen.pieces("error-locked", page.locator(".error-summary, .error-page"))


def code_refused(stage: Stage) -> None:
    owner = stage.owner()
    seen = stage.window(owner, "/accounts/email/verify/")
    page = seen.page
    page.get_by_role("button", name="发送").first.click()
    page.wait_for_load_state()
    page.fill("[name=code]", "000000")
    page.locator("form", has=page.locator("[name=code]")).locator("button[type=submit]").first.click()
    page.wait_for_load_state()
    seen.pieces("error-code", page.locator("main form", has=page.locator("[name=code]")))


def codes_of_units(stage: Stage) -> None:
    """Registration: a number that cannot be, one from another province, one that is known already."""
    known = enterprise_of(stage.owner()).credit_code
    seen = stage.window(None)
    page = seen.page
    values = {
        "error-credit-code": "91630104MA0000000X", "error-outside": factories.credit_code(7_654_321, "510104"),
    }  # fmt: skip
    for name, code in values.items():
        sign_up(seen, code)
        fields = ["credit_code"] if name == "error-credit-code" else ["origin_explanation"]
        seen.pieces(name, *[page.locator(f"#div_id_{field}") for field in fields])
    sign_up(seen, known)
    seen.pieces("error-known", page.locator("main .card").first)


def sign_up(seen: Any, code: str) -> None:
    page = seen.page
    seen.go("/accounts/signup/")
    name = f"guide-{clock.now():%H%M%S%f}"
    fill = {
        "credit_code": code, "unit_name": "青海澄湖锂业有限公司", "name": "才让卓玛", "username": name,
        "email": f"{name}@chenghu.example", "mobile": f"139{clock.now():%M%S%f}"[:11],
        "password1": factories.PASSWORD, "password2": factories.PASSWORD,
    }  # fmt: skip
    for field, value in fill.items():
        page.fill(f"[name={field}]", value)
    page.check("[name=consent]")
    page.click("main form button[type=submit]")
    page.wait_for_load_state()


SCENES: tuple[Scene, ...] = (
    wrong_entry, session_over, offline, somebody_else, deadline_passed, not_open_yet, incomplete, warnings_unanswered,
    text_renewed, pages_refused, pages_of_the_server, old_browser, login_refused, code_refused, codes_of_units,
)  # fmt: skip

"""What helps: autosave, guidance, the grid, comparison of versions, hand-over, proofs, opinions, messages, own data."""

from typing import Any

from applications.models import FormalCheck
from qcportal.models import User
from tests import factories
from tests.e2e.scenes import Scene, Stage, enterprise_of, open_round, page_of, section, submit


def autosave(stage: Stage) -> None:
    owner = stage.owner()
    application = stage.draft(owner)
    seen = stage.window(owner, page_of(application))
    page = seen.page
    seen.pieces("enterprise-word", page.locator("section", has=page.locator("#more-ways")))
    seen.go(section(application, "topic"))
    page.fill("[name=topic_name]", "降低干燥工序单位能耗")
    page.fill("[name=group_intro]", "小组由干燥工序骨干组成，连续三年开展活动。")
    page.locator("[name=topic_name]").focus()
    page.locator("[data-save-sign]", has_text="已保存").wait_for()
    page.wait_for_timeout(1200)
    seen.pieces("enterprise-saved", page.locator(".page-head").first, frames=[page.locator("[data-save-sign]")])
    box = page.locator("[id='div_id_steps.current_state']")
    box.locator(".advice summary").click()
    seen.pieces("enterprise-advice", box)
    page.select_option("#id_topic_type", "innovation")
    seen.pieces("enterprise-type", page.locator("#div_id_topic_type"), page.locator("[data-type-preview=innovation]"))


def amounts(stage: Stage) -> None:
    owner = stage.owner()
    application = stage.draft(owner)
    seen = stage.window(owner, section(application, "results"))
    page = seen.page
    page.fill("#id_economic_benefit", "462000")
    page.locator("[data-slip-fix]").first.wait_for()
    seen.pieces("enterprise-amount", page.locator("#div_id_economic_benefit"))
    year = application.round.programme.year
    factories.report(enterprise_of(owner), factories.programme(year - 1), employees=1000)
    seen.go(f"/applications/reports/{year}/statistics/")
    page.fill("#id_results_count", "25")
    page.locator("#id_suggestions").focus()
    page.get_by_text("成果数多于").first.wait_for()
    seen.pieces("enterprise-grid", page.locator(".statistics-table"), height=820)


def after_submitting(stage: Stage) -> None:
    owner = stage.owner()
    application = stage.submitted(owner)
    type(application).objects.filter(pk=application.pk).update(
        actual_value="98.20%", group_intro="小组成立于包装车间，连续四年开展活动。", has_unsubmitted_changes=True
    )
    application.refresh_from_db()
    application = submit(application, owner)
    seen = stage.window(owner, page_of(application, "versions/"))
    page = seen.page
    seen.shot("enterprise-versions", 820)
    seen.go(page_of(application, "receipt/"))
    seen.pieces("enterprise-receipt-code", page.locator(".receipt"))
    seen.go(f"/verify/{application.latest_submission.code}/")
    seen.pieces("enterprise-verify", page.locator("main .card").first)
    seen.go("/applications/messages/")
    seen.shot("enterprise-messages", 760)
    seen.go("/accounts/data/")
    seen.shot("enterprise-data", 900)


def colleagues(stage: Stage) -> None:
    owner = stage.owner()
    application = stage.draft(owner)
    stage.draft(owner, group_name="雪豹QC小组", topic_name="提高过滤机利用率")
    clerk = factories.colleague(owner, username=f"{owner.username}-2", name="扎西多杰", role="clerk")
    application.clerks.add(clerk)
    factories.colleague(owner, username=f"{owner.username}-3", name="李文静", role="manager")
    seen = stage.window(clerk, page_of(application))
    seen.pieces("enterprise-filled", seen.page.locator("section", has=seen.page.locator("#filling")))
    seen.enter(owner)
    seen.go("/applications/enterprise/people/")
    seen.pieces("enterprise-members", seen.page.locator("section", has=seen.page.locator("#members")))
    seen.go("/applications/enterprise/")
    seen.pieces("enterprise-proofs", seen.page.locator("section", has=seen.page.locator("#part-proofs")))
    seen.go("/applications/")
    seen.pieces("enterprise-order", seen.page.locator(".filing-table").first)
    seen.go(page_of(application, "copy/"))
    seen.shot("enterprise-copy", 900)


def remarks(stage: Stage) -> None:
    """The demo's own returned filing: the answer to a remark, opened."""
    check = FormalCheck.objects.filter(outcome="return", application__state="returned").first()
    if check is None:
        raise LookupError("the demo data has no returned filing")
    owner = User.objects.get(memberships__enterprise=check.application.enterprise, memberships__role="owner")
    seen = stage.window(owner, page_of(check.application))
    page = seen.page
    page.locator(".remark-answer summary").first.click()
    seen.pieces("enterprise-reply", page.locator("section", has=page.locator("#check")))


def opinion(stage: Stage) -> None:
    owner = User.objects.get(username="demo-enterprise")
    application = enterprise_of(owner).applications.exclude(recommending_unit=None).filter(round=open_round()).first()
    if application is None:
        raise LookupError("no demo filing chose a recommending unit")
    seen: Any = stage.window(owner, page_of(application))
    seen.pieces("enterprise-opinion", seen.page.locator("section", has=seen.page.locator("#recommendation")))


SCENES: tuple[Scene, ...] = (autosave, amounts, after_submitting, colleagues, remarks, opinion)

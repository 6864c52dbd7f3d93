"""One application at a glance: how far each part is, what is left and how long it takes, where to go on."""

import uuid as uuids
from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from applications import completeness, crosschecks, paper_status, progress, report_progress
from applications.actions import copying, entered
from applications.completeness import Problem
from applications.models import Application, CarryAnswer, Round
from applications.progress import SectionState
from applications.report_keys import in_part
from applications.sections import BY_CODE, REPORT_STATISTICS, REPORT_SUMMARY, section_of
from applications.states import State
from applications.views import recommend_card
from applications.views.filing_desk import Desk, LinkedProblem, NavItem, label_of, open_places, problem_url


class Place(NamedTuple):
    """Something to fill in, and where."""

    label: str
    url: str


class Part(NamedTuple):
    """A section of attachment 1: its line of the navigation, minutes left, what is missing and what looks wrong."""

    item: NavItem
    minutes: str
    missing: list[Place]
    problems: list[LinkedProblem]


class ReportPart(NamedTuple):
    annex: str
    title: str
    progress: report_progress.Progress
    minutes: str
    url: str
    problems: list[LinkedProblem]


@login_required
@require_safe
def detail(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    desk = Desk(request, uuid)
    application = desk.application
    comparison = crosschecks.Comparison(application)
    problems = _told(desk, completeness.problems(application, comparison)) if desk.refusal is None else []
    check, remarks = desk.remarks()
    own = [problem for problem in problems if not problem.key.startswith("report.")]
    states = progress.section_states(application, own if desk.refusal is None else None)
    nav = desk.nav(states=states)
    versions = application.submissions.defer("data", "personal").select_related("submitted_by", "report_version")
    submissions = list(versions.order_by("-version"))
    last = submissions[0] if submissions else None
    context = desk.context(
        paper=paper_status.of_submission(last) if last is not None and desk.manages else None,
        nav=nav,
        parts=_parts(desk, states, nav["sections"]),
        problems=[problem for problem in problems if problem.blocks],
        submissions=submissions,
        check=check,
        remarks=remarks,
        open_places=open_places(application, desk.keys),
        clerks=list(application.clerks.all()) if desk.manages else [],
        recommendation=recommend_card.card(desk),
        entered=entered.refusal_for(application) is not None,
        **_left(desk, states, problems, comparison),
        **_origin(desk),
    )
    return render(request, "applications/detail.html", context)


def _told(desk: Desk, problems: list[Problem]) -> list[Problem]:
    """A 填报人 is not told of groups that they were not invited to."""
    return [one for one in problems if desk.manages or one.code not in crosschecks.OF_OWN_FILINGS]


def _parts(desk: Desk, states: list[SectionState], items: list[NavItem]) -> list[Part]:
    kind = desk.application.topic_type
    return [
        Part(
            item,
            progress.spoken_minutes(progress.minutes_left(state.problems, desk.guides, kind)) if desk.editable else "",
            _missing(desk, state.problems) if desk.refusal is None and state.state != "todo" else [],
            _linked(desk, state.problems) if desk.refusal is None else [],
        )
        for state, item in zip(states, items, strict=False)
    ]


def _missing(desk: Desk, problems: list[Problem]) -> list[Place]:
    missing = [problem for problem in problems if problem.code == "missing"]
    return [Place(_short(desk.application, problem), desk.problem_url(problem.key)) for problem in missing]


def _short(application: Application, problem: Problem) -> str:
    """成果报告 for 请上传成果报告。: several kinds of evidence share one key."""
    if problem.key == "evidence":
        return problem.message.removeprefix("请上传").removesuffix("。")
    return label_of(problem.key, application.fields, application.topic_type).removeprefix("活动过程·")


def _linked(desk: Desk, problems: list[Problem]) -> list[LinkedProblem]:
    return desk.linked([problem for problem in problems if problem.code != "missing"])


def _left(
    desk: Desk, states: list[SectionState], problems: list[Problem], comparison: crosschecks.Comparison
) -> dict[str, Any]:
    """Minutes, attachments 2 and 3, and the place to go on; while the filing may be changed."""
    application = desk.application
    programme = application.round.programme
    report, before = comparison.report, comparison.last_year_as_filed
    text, figures = progress.report_minutes(report, desk.guides, programme.fields)
    reports = [
        ReportPart(
            "附件 2", f"{programme.data_year} 年企业质量管理小组活动总结", report_progress.summary_progress(report),
            progress.spoken_minutes(text), reverse("applications:report_summary", args=[programme.year]),
            _linked(desk, [one for one in problems if in_part(one.key, REPORT_SUMMARY)]),
        ),
        ReportPart(
            "附件 3", "企业质量管理小组活动统计表", report_progress.statistics_progress(report, before),
            progress.spoken_minutes(figures), reverse("applications:report_statistics", args=[programme.year]),
            _linked(desk, [one for one in problems if in_part(one.key, REPORT_STATISTICS)]),
        ),
    ]  # fmt: skip
    own = sum(progress.minutes_left(state.problems, desk.guides, application.topic_type) for state in states)
    unfinished = desk.editable and application.state != State.RETURNED
    return {
        "reports": reports,
        "minutes": progress.spoken_minutes(own) if desk.editable else "",
        "place": next_place(application, states) if unfinished else None,
    }


def next_place(application: Application, states: list[SectionState]) -> Place | None:
    """The first unfinished place, with a link to its field."""
    problem = progress.next_problem(states)
    if problem is None:
        return None
    section = section_of(problem.key) or BY_CODE["contact"]
    label = label_of(problem.key, application.fields, application.topic_type)
    title = section.title if problem.key == "evidence" else f"{section.title}：{label.removeprefix('活动过程·')}"
    return Place(title, problem_url(application, problem.key))


def _origin(desk: Desk) -> dict[str, Any]:
    """Where it was copied or carried over from, and where it may go."""
    application = desk.application
    origin = application.carried_from or application.copied_from
    target = None
    if desk.manages:
        rounds = Round.objects.open_at(desk.now).prefetch_related("extensions")
        open_rounds = [one for one in rounds if desk.now < one.deadline_for(application.enterprise_id)]
        target = carry_target(application, open_rounds)
        carried_on = list(application.carried_to.exclude(state=State.WITHDRAWN).select_related("round__programme"))
        asked = application.state == State.DEFERRED and not carried_on
        return {
            "origin": origin,
            "carry_target": target if copying.carry_refusal(application, target) is None else None,
            "can_copy": bool(open_rounds),
            "carried_on": carried_on,
            "carry_asked": asked,
            "carry_said": CarryAnswer.objects.filter(application=application).first() if asked else None,
        }
    return {"origin": origin}


def carry_target(application: Application, open_rounds: list[Round]) -> Round | None:
    """The next round that is open."""
    later = [one for one in open_rounds if one.closes_at > application.round.closes_at]
    return min(later, key=lambda one: one.closes_at, default=None)

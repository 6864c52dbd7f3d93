"""为什么还没有提交: what stands between each open filing of an enterprise and its submission, as said on the telephone.

Reads only; a fixed number of questions, whatever the number of filings. The parts are judged by the same rules that
the enterprise's own pages show.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import OuterRef, Subquery

from applications import attempts, gates, progress, report_progress
from applications.models import AnnualReport, Application, Enterprise, SubmitAttempt
from applications.sections import REPORT_STATISTICS, REPORT_SUMMARY
from applications.states import State

PARTS = {REPORT_SUMMARY: "附件 2 活动总结", REPORT_STATISTICS: "附件 3 统计表"}


class Hindrance(NamedTuple):
    """``reasons`` is empty for a filing that only has to be submitted; ``last`` is its newest press, if refused."""

    application: Application
    reasons: list[str]
    last: SubmitAttempt | None
    is_late: bool

    @property
    def last_word(self) -> str:
        return attempts.REFUSED.get(self.last.outcome, "没有提交成功") if self.last else ""

    @property
    def last_missing(self) -> tuple[str, ...]:
        return attempts.missing_of(self.last) if self.last else ()


def of(enterprise: Enterprise, at: datetime) -> list[Hindrance]:
    """Drafts and returned filings, those with the nearest deadline first."""
    rows = Application.objects.filter(enterprise=enterprise, state__in=[State.DRAFT, State.RETURNED])
    listed = list(
        rows.select_related("enterprise", "round__programme")
        .prefetch_related("members", "evidence", "completing_units", "special_awards", "round__extensions")
        .order_by("-round__closes_at", "preference", "pk")[:10]
    )
    if not listed:
        return []
    reports = {row.programme_id: row for row in _reports(enterprise, listed)}
    refused = {row.application_id: row for row in _refused(listed)}
    return [_one(row, reports.get(row.round.programme_id), refused.get(row.pk), at) for row in listed]


def _reports(enterprise: Enterprise, rows: Iterable[Application]) -> Iterable[AnnualReport]:
    programmes = {row.round.programme_id for row in rows}
    return AnnualReport.objects.filter(enterprise=enterprise, programme__in=programmes).select_related("programme")


def _refused(rows: Iterable[Application]) -> Iterable[SubmitAttempt]:
    """The newest press of each, where it was refused."""
    newest = SubmitAttempt.objects.filter(application=OuterRef("application")).order_by("-pk").values("pk")[:1]
    presses = SubmitAttempt.objects.filter(application__in=[row.pk for row in rows], pk=Subquery(newest))
    return presses.exclude(outcome__in=attempts.SUCCESS).select_related("user")


def _one(row: Application, report: AnnualReport | None, last: SubmitAttempt | None, at: datetime) -> Hindrance:
    shut = gates.edit_refusal(row, at)
    reasons = [shut.message] if shut is not None else []
    if row.state == State.RETURNED and shut is None:
        reasons.append("退回补正，要按审查意见修改后重新提交")
    for state in progress.section_states(row):
        if not state.is_done:
            reasons.append(f"{state.section.title}：{state.note}")
    if row.state == State.DRAFT:
        done = (report_progress.summary_progress(report), report_progress.statistics_progress(report))
        reasons += [
            f"{title}：{part.note}" for title, part in zip(PARTS.values(), done, strict=True) if part.state != "done"
        ]
    return Hindrance(row, reasons, last, is_late=shut is not None and shut.code == "after_deadline")

"""Where a main button leads: from page to page until a filing is submitted, so that nobody has to look for the next."""

from typing import NamedTuple

from django.urls import reverse

from applications import report_progress
from applications.models import AnnualReport, Application, Enterprise, Programme
from applications.sections import REPORT_STATISTICS, REPORT_SUMMARY
from applications.states import State


class Onward(NamedTuple):
    url: str
    label: str


def after_evidence(application: Application) -> Onward:
    """The last section of attachment 1: attachment 2 or 3 while one of them is not done, else the review page."""
    part = _open_part(application.enterprise, application.round.programme)
    if part:
        return Onward(_part_url(part, application.round.programme), f"下一步：{NAMES[part]}")
    return Onward(_submit_url(application), "下一步：核对与提交")


def after_report(enterprise: Enterprise, programme: Programme, part: str) -> Onward:
    """The other part while it is not done; then the review page of the only draft of the year, else the overview."""
    other = _open_part(enterprise, programme, but=part)
    if other:
        return Onward(_part_url(other, programme), f"保存，下一步：{NAMES[other]}")
    drafts = Application.objects.filter(enterprise=enterprise, round__programme=programme, state=State.DRAFT)
    found = list(drafts.select_related("round")[:2])
    if len(found) == 1:
        return Onward(_submit_url(found[0]), "保存，下一步：核对与提交")
    return Onward(reverse("applications:report", args=[programme.year]), "保存并返回")


NAMES = {REPORT_SUMMARY: "附件 2 活动总结", REPORT_STATISTICS: "附件 3 统计表"}


def _open_part(enterprise: Enterprise, programme: Programme, but: str = "") -> str:
    report = AnnualReport.objects.filter(enterprise=enterprise, programme=programme).select_related("programme").first()
    found = {
        REPORT_SUMMARY: report_progress.summary_progress(report),
        REPORT_STATISTICS: report_progress.statistics_progress(report),
    }
    return next((part for part, one in found.items() if one.state != "done" and part != but), "")


def _part_url(part: str, programme: Programme) -> str:
    return reverse(f"applications:{part.replace('.', '_')}", args=[programme.year])


def _submit_url(application: Application) -> str:
    return reverse("applications:submit", args=[application.uuid])

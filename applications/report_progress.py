"""How far attachments 2 and 3 are: for the overview and the workspace."""

from typing import NamedTuple

from applications import statistics
from applications.completeness import SUMMARY_AT_LEAST
from applications.models import AnnualReport


def required(report: AnnualReport) -> list[str]:
    """The rows of attachment 3 without which this year's programme takes no filing."""
    return [row.field for row in report.programme.fields.statistics_rows() if row.required]


class Progress(NamedTuple):
    """``state`` is empty, filling, check (errors to correct) or done; ``percent`` of what a submission needs."""

    state: str
    label: str
    percent: int
    note: str


EMPTY = Progress("empty", "未填写", 0, "尚未填写")


def characters(report: AnnualReport) -> int:
    parts = report.programme.fields.summary_sections()
    return sum(len("".join(getattr(report, name).split())) for name, _title, _help in parts)


def summary_progress(report: AnnualReport | None) -> Progress:
    """Done when the text is as long as a submission needs it (completeness), or a document stands in for it."""
    if report is None:
        return EMPTY
    parts = report.programme.fields.summary_sections()
    filled = sum(bool(getattr(report, name).strip()) for name, _title, _help in parts)
    if report.summary_file_id:
        pages = f"，{report.summary_file_pages} 页" if report.summary_file_pages else ""
        return Progress("done", "填报完成", 100, f"已上传文件{pages}；正文 {characters(report)} 字")
    total = len(parts)
    if not filled:
        return EMPTY
    length = characters(report)
    note = f"{total} 部分中已写 {filled} 部分，共 {length} 字"
    if length >= SUMMARY_AT_LEAST:
        return Progress("done", "填报完成", 100, note)
    return Progress("filling", "填写中", length * 100 // SUMMARY_AT_LEAST, f"{note}，至少 {SUMMARY_AT_LEAST} 字")


def statistics_progress(report: AnnualReport | None, last_year: AnnualReport | None = None) -> Progress:
    """Done when every required row is filled and no error is left; warnings never hold it up."""
    if report is None:
        return EMPTY
    fields, needed = report.programme.fields, required(report)
    values = fields.masked(values_of(report))
    filled = sum(values[field] is not None for field in needed)
    if not filled:
        return EMPTY
    found = statistics.check(values, fields.masked(values_of(last_year)) if last_year else None)
    errors = sum(finding.level == "error" for finding in found)
    warnings = len(found) - errors
    note = f"{len(needed)} 项必填中已填 {filled} 项" + (f"，{errors} 项待改" if errors else "")
    note += f"，{warnings} 项待核" if warnings else ""
    percent = filled * 100 // len(needed)
    if errors:
        return Progress("check", "需要改正", percent, note)
    if filled < len(needed):
        return Progress("filling", "填写中", percent, note)
    return Progress("done", "填报完成", 100, note)


def values_of(report: AnnualReport) -> dict[str, object]:
    return {field: getattr(report, field) for field in statistics.FIELDS}

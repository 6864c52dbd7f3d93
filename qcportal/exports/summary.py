"""汇总.xlsx and the frozen versions of a programme, for its archive: enough to verify without the portal."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, Sum
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.styles import Font

from applications import statistics
from applications.models import (
    AnnualReport,
    Application,
    PaperPart,
    Programme,
    Recommendation,
    ReportVersion,
    ScannedPart,
    Submission,
)
from qcportal.exports.tables import neutral
from reviews.models import Ranking, ScoreSheet
from reviews.states import SheetState


def programme_applications(programme: Programme) -> Any:
    return Application.objects.filter(round__programme=programme)


def _moment(at: datetime | None) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def workbook(programme: Programme) -> Workbook:
    book = Workbook(write_only=True)
    _sheet(book, "申报", _application_rows(programme))
    _sheet(book, "统计表", _statistics_rows(programme))
    _sheet(book, "纸质件", _paper_rows(programme))
    _sheet(book, "评分", _score_rows(programme))
    _sheet(book, "排名", _ranking_rows(programme))
    _sheet(book, "推荐意见", _opinion_rows(programme))
    return book


def _sheet(book: Workbook, title: str, rows: Iterable[list[Any]]) -> None:
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 -- only write-only books need it

    sheet = book.create_sheet(title)
    for place, row in enumerate(rows):
        if place:
            sheet.append([neutral(value) if isinstance(value, str) else value for value in row])
            continue
        heads = [WriteOnlyCell(sheet, value=value) for value in row]
        for head in heads:
            head.font = Font(bold=True)
        sheet.append(heads)


def _application_rows(programme: Programme) -> Iterator[list[Any]]:
    yield [
        "文件编号", "期", "状态", "单位名称", "统一社会信用代码", "所在市（州）", "行业", "小组名称", "课题名称",
        "课题类型", "组长", "小组人数", "直接经济效益（万元）", "单项奖", "推荐单位", "版本", "提交时间", "SHA-256",
    ]  # fmt: skip
    rows = (
        programme_applications(programme)
        .select_related("enterprise", "round", "recommending_unit")
        .prefetch_related("special_awards", "submissions")
        .order_by("round__number", "file_number", "pk")
    )
    for row in rows.iterator(chunk_size=500):
        last = row.latest_submission
        benefit = statistics.to_wan(row.economic_benefit)
        yield [
            row.file_number or "", row.round.label, row.state_label, row.enterprise.name, row.enterprise.credit_code,
            row.enterprise.city_label, row.enterprise.get_industry_display(), row.group_name, row.topic_name,
            row.topic_type_label, row.leader_name, row.member_count, benefit,
            "；".join(award.name for award in row.special_awards.all()),
            row.recommending_unit.name if row.recommending_unit else "", last.version if last else "",
            _moment(last.submitted_at) if last else "", last.sha256 if last else "",
        ]  # fmt: skip


def _statistics_rows(programme: Programme) -> Iterator[list[Any]]:
    """One line for each enterprise, and the sums; rates of the sums are computed, not added."""
    rows = programme.fields.statistics_rows()
    yield ["单位名称", "统一社会信用代码", *(f"{row.label}（{row.unit}）" for row in rows)]
    reports = AnnualReport.objects.filter(programme=programme).select_related("enterprise")
    for report in reports.order_by("enterprise__name").iterator(chunk_size=500):
        values = {name: getattr(report, name) for name in statistics.FIELDS}
        yield [report.enterprise.name, report.enterprise.credit_code, *_statistics(values, rows)]
    sums = reports.aggregate(**{f"sum_{name}": Sum(name) for name in statistics.FIELDS})
    yield ["合计", "", *_statistics({name: sums[f"sum_{name}"] for name in statistics.FIELDS}, rows)]


def _statistics(values: dict[str, Any], rows: Sequence[statistics.Row]) -> list[Any]:
    everything = {**values, **statistics.rates(values)}
    return [
        statistics.to_wan(Decimal(everything[row.field]))
        if row.field in statistics.MONEY and everything[row.field] is not None
        else everything[row.field]
        for row in rows
    ]


def _paper_rows(programme: Programme) -> Iterator[list[Any]]:
    """Every printed part with its scan and its receipt."""
    yield ["单位名称", "期", "材料", "版本", "校验码", "页数", "扫描件上传", "识别", "核对人", "收到时间", "签收人"]
    scanned = ScannedPart.objects.select_related("scan", "confirmed_by").order_by("scan_id")
    parts = PaperPart.objects.filter(programme=programme).select_related(
        "enterprise", "round", "receipt__received_by", "submission"
    )
    parts = parts.prefetch_related(
        Prefetch("scanned", scanned), Prefetch("submission__paper_receipts", to_attr="receipts")
    ).defer("submission__data", "submission__personal")
    for part in parts.order_by("enterprise__name", "pk").iterator(chunk_size=500):
        last = next(reversed(part.scanned.all()), None)
        receipts = part.submission.receipts if part.submission else []  # type: ignore[attr-defined]
        receipt = receipts[0] if receipts else getattr(part, "receipt", None)
        yield [
            part.enterprise.name, part.round.label if part.round else "全年", part.label, part.version, part.code,
            part.pages, _moment(last.scan.uploaded_at) if last else "",
            ("一致" if last.is_consistent else "；".join(last.problems)) if last else "",
            str(last.confirmed_by) if last and last.confirmed_by else "",
            _moment(receipt.received_at) if receipt else "", str(receipt.received_by) if receipt else "",
        ]  # fmt: skip


def _score_rows(programme: Programme) -> Iterator[list[Any]]:
    yield ["文件编号", "期", "评审阶段", "评委", "评分表", "所评版本", "总分", "提交时间", "总体评语"]
    rows = (
        ScoreSheet.objects.filter(assignment__application__round__programme=programme, state=SheetState.SUBMITTED)
        .select_related(
            "assignment__application__round", "assignment__stage", "assignment__judge__user", "rubric", "submission"
        )
        .order_by("assignment__application__file_number", "assignment__stage_id", "assignment__judge_id")
    )
    for row in rows.iterator(chunk_size=500):
        given = row.assignment
        yield [
            given.application.file_number, given.application.round.label, given.stage.get_kind_display(),  # type: ignore[attr-defined]
            str(given.judge.user), row.rubric.name, row.submission.version, row.total,
            _moment(row.submitted_at), row.comment,
        ]  # fmt: skip


def _ranking_rows(programme: Programme) -> Iterator[list[Any]]:
    yield ["范围", "版本", "名次", "文件编号", "单位名称", "小组名称", "课题名称", "总分", "等级"]
    for ranking in Ranking.objects.filter(programme=programme).select_related("round__programme", "special_award"):
        scope = str(ranking.special_award or ranking.round or programme)
        for row in ranking.data.get("rows", []):
            yield [scope, ranking.version, *(row.get(name) for name in
                   ("rank", "file_number", "enterprise", "group", "topic", "total", "award"))]  # fmt: skip


def _programme_opinions(programme: Programme) -> Any:
    """Those that a version carries or is about; what was said about drafts only is nobody's filing."""
    rows = Recommendation.objects.filter(application__round__programme=programme)
    rows = rows.exclude(submission=None, frozen_in=None)
    return rows.select_related("submission", "frozen_in", "application__round", "unit", "superseded_by").order_by("pk")


def _opinion_rows(programme: Programme) -> Iterator[list[Any]]:
    yield [
        "文件编号", "期", "版本", "方式", "推荐单位", "意见", "意见内容", "签署人", "职务", "出具时间", "效力",
        "校验码",
    ]  # fmt: skip
    for row in _programme_opinions(programme).iterator(chunk_size=500):
        replaced = hasattr(row, "superseded_by")
        yield [
            row.version.file_number, row.application.round.label, row.version.version,
            "另页" if row.submission_id else "随版本冻结", row.unit.name, row.get_decision_display(), row.text,
            row.signer_name, row.signer_title, _moment(row.given_at), "已被取代" if replaced else "有效", row.code,
        ]  # fmt: skip


def opinions(programme: Programme) -> Iterator[tuple[str, dict[str, Any]]]:
    for row in _programme_opinions(programme).iterator(chunk_size=200):
        yield f"{row.version.file_number}-v{row.version.version}-{row.code}", _frozen(row)


def submissions(programme: Programme) -> Iterator[tuple[str, dict[str, Any]]]:
    rows = Submission.objects.filter(application__round__programme=programme).order_by("file_number", "version")
    for row in rows.iterator(chunk_size=200):
        yield f"{row.file_number}-v{row.version}", _frozen(row)


def report_versions(programme: Programme) -> Iterator[tuple[str, dict[str, Any]]]:
    rows = ReportVersion.objects.filter(report__programme=programme).select_related("report__enterprise")
    for row in rows.order_by("report_id", "version").iterator(chunk_size=200):
        yield f"{row.report.enterprise.credit_code}-v{row.version}", _frozen(row)


def _frozen(row: Submission | ReportVersion | Recommendation) -> dict[str, Any]:
    return {"sha256": row.sha256, "code": row.code, "data": row.data, "personal": row.personal, "salt": row.salt}

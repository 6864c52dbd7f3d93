"""Every check is a generator of findings over streamed rows: memory stays flat at any size."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, Exists, F, Max, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from applications import codes
from applications.actions.submission import file_number_text
from applications.models import (
    Application,
    FormalCheck,
    PaperPart,
    PartKind,
    Recommendation,
    ReportVersion,
    Round,
    ScannedPart,
    Submission,
    Upload,
)
from applications.models.checking import Outcome
from applications.packets.constituents import annex_code
from applications.states import TAKING_PART, State
from qcportal import files
from qcportal.models import AuditEvent, StoredFile
from reviews import rechecking
from reviews.models import Ranking, ScoreSheet
from reviews.states import SheetState

CHUNK = 500
# Rows get their id before they commit, so neighbours may be out of order by the length of a transaction.
AUDIT_TOLERANCE = timedelta(minutes=15)


class Finding(NamedTuple):
    """One inconsistency: the check that found it, the row, and what is wrong, in the operators' language."""

    check: str
    row: str
    message: str

    def __str__(self) -> str:
        return f"[{self.check}] {self.row}：{self.message}"


Check = Callable[[], Iterator[Finding]]


def run(*, fast: bool = False) -> Iterator[Finding]:
    """All findings. ``fast`` leaves out reading every stored file."""
    checks: list[Check] = [
        submissions, report_versions, opinions, file_numbers, application_states, formal_checks, paper_parts, rankings,
        score_sheets, audit_trail, uploads,
    ]  # fmt: skip
    if not fast:
        checks.append(stored_files)
    for check in checks:
        yield from check()


def _frozen(check: str, row: str, frozen: Submission | ReportVersion | Recommendation) -> Iterator[Finding]:
    """What both kinds of frozen version promise (applications.codes)."""
    if codes.digest(frozen.data) != frozen.sha256:
        yield Finding(check, row, "冻结内容与 SHA-256 不符")
    if frozen.personal is None:
        return
    if codes.personal_digest(frozen.personal, frozen.salt) != frozen.data.get("personal_digest"):
        yield Finding(check, row, "个人信息与冻结内容中的摘要不符")


def submissions() -> Iterator[Finding]:
    name = "提交版本"
    rows = Submission.objects.select_related("application", "report_version").order_by("pk")
    for row in rows.iterator(chunk_size=CHUNK):
        label = f"{row.file_number} 第 {row.version} 版"
        yield from _frozen(name, label, row)
        if row.data.get("file_number") != row.file_number or row.data.get("version") != row.version:
            yield Finding(name, label, "冻结内容中的文件编号或版本与记录不符")
        if row.application.file_number != row.file_number:
            yield Finding(name, label, f"申报的文件编号是 {row.application.file_number}")
        if row.data.get("report", {}).get("sha256") != row.report_version.sha256:
            yield Finding(name, label, "所依据的年度材料版本与冻结内容不符")
    for application in Application.objects.annotate(count=Count("submissions"), last=Max("submissions__version")):
        if application.count and application.count != application.last:
            yield Finding(name, str(application), "版本号不连续")


def report_versions() -> Iterator[Finding]:
    rows = ReportVersion.objects.select_related("report__enterprise", "report__programme").order_by("pk")
    for row in rows.iterator(chunk_size=CHUNK):
        yield from _frozen("年度材料版本", str(row), row)


def opinions() -> Iterator[Finding]:
    """What was signed is what is stored, and a version that carries an opinion carries that one."""
    name = "推荐意见"
    rows = Recommendation.objects.select_related("submission", "frozen_in", "unit").order_by("pk")
    for row in rows.iterator(chunk_size=CHUNK):
        label = f"{row.unit} {row.code}"
        yield from _frozen(name, label, row)
        if (row.data.get("decision"), row.data.get("text")) != (row.decision, row.text):
            yield Finding(name, label, "冻结的意见与记录不符")
        if row.submission is not None and row.data.get("content_sha256") != row.submission.sha256:
            yield Finding(name, label, "所针对的版本与冻结内容不符")
        if row.frozen_in is not None and row.frozen_in.data.get("recommendation", {}).get("sha256") != row.sha256:
            yield Finding(name, label, "冻结它的提交版本中是另一条意见")


def file_numbers() -> Iterator[Finding]:
    """Numbers of a round are 1..counter without gaps (the counter row is locked when a number is given)."""
    name = "文件编号"
    for round_ in Round.objects.select_related("programme"):
        filed = Application.objects.filter(round=round_).exclude(file_number=None)
        given = {str(number) for number in filed.values_list("file_number", flat=True)}
        expected = {
            file_number_text(round_.programme.year, round_.number, serial)
            for serial in range(1, round_.file_number_counter + 1)
        }
        for number in sorted(given - expected):
            yield Finding(name, number, f"不在{round_}的编号范围内")
        for number in sorted(expected - given):
            yield Finding(name, number, f"{round_}已编号，但没有对应的申报")


def application_states() -> Iterator[Finding]:
    """The state says what rows there must be."""
    name = "申报状态"
    has_submission = Exists(Submission.objects.filter(application=OuterRef("pk")))
    has_check = Exists(FormalCheck.objects.filter(application=OuterRef("pk"), outcome=Outcome.ACCEPT, undone_at=None))
    was_returned = Exists(FormalCheck.objects.filter(application=OuterRef("pk"), outcome=Outcome.RETURN))
    never_filed = [State.DRAFT, State.LAPSED, State.WITHDRAWN]
    rows = Application.objects.annotate(has_submission=has_submission, has_check=has_check, was_returned=was_returned)
    for row in rows.filter(has_submission=False).exclude(state__in=never_filed):
        yield Finding(name, str(row), f"状态为“{row.state_label}”，但没有提交版本")
    for row in rows.filter(has_submission=True, file_number=None):
        yield Finding(name, str(row), "已有提交版本，但没有文件编号")
    for row in rows.filter(has_submission=False).exclude(file_number=None):
        yield Finding(name, str(row), "有文件编号，但没有提交版本")
    for row in rows.filter(state__in=[state.value for state in TAKING_PART], has_check=False):
        yield Finding(name, str(row), f"状态为“{row.state_label}”，但没有通过的形式审查")
    for row in rows.filter(state=State.RETURNED).filter(Q(was_returned=False) | Q(correction_due_at=None)):
        yield Finding(name, str(row), "状态为“完善后参评”，但没有退回的审查或补正截止时间")


def formal_checks() -> Iterator[Finding]:
    rows = FormalCheck.objects.exclude(submission__application=F("application")).select_related("submission")
    for row in rows:
        yield Finding("形式审查", str(row), "所审查的提交版本属于另一份申报")
    for row in FormalCheck.objects.exclude(outcome="").filter(decided_at=None).select_related("submission"):
        yield Finding("形式审查", str(row), "有结论但没有决定时间")


def paper_parts() -> Iterator[Finding]:
    """A printed part belongs to what its code follows from, and a scan to the enterprise of its parts."""
    name = "纸质套材料"
    rows = PaperPart.objects.select_related("submission__application", "report_version__report").order_by("pk")
    for row in rows.iterator(chunk_size=CHUNK):
        label = f"{row.code}"
        if row.submission is not None:
            if row.code != row.submission.code:
                yield Finding(name, label, "校验码与提交版本的不符")
            if row.enterprise_id != row.submission.application.enterprise_id:
                yield Finding(name, label, "申报单位与提交版本的不符")
        elif row.report_version is not None:
            if row.code != annex_code(row.report_version, row.kind):
                yield Finding(name, label, "校验码与年度材料版本的不符")
            if row.enterprise_id != row.report_version.report.enterprise_id:
                yield Finding(name, label, "申报单位与年度材料的不符")
        elif row.kind != PartKind.COVER:
            yield Finding(name, label, "没有所依据的版本")
    for scanned in ScannedPart.objects.exclude(scan__enterprise=F("part__enterprise")):
        yield Finding("盖章扫描件", str(scanned.scan_id), "识别出的材料属于另一个单位")


def rankings() -> Iterator[Finding]:
    """Every frozen ranking is computed once more from the inputs it keeps: the same rows, the same hash."""
    rows = Ranking.objects.select_related("round__programme", "programme", "special_award").order_by("pk")
    for row in rows.iterator(chunk_size=20):
        for message in rechecking.findings(row):
            yield Finding("成绩排名", str(row), message)


def score_sheets() -> Iterator[Finding]:
    name = "评分表"
    rows = (
        ScoreSheet.objects.exclude(state=SheetState.DRAFT)
        .select_related("rubric", "submission", "assignment__application")
        .annotate(added=Sum("scores__points"), items=Count("scores"), empty=Count("scores", Q(scores__points=None)))
        .order_by("pk")
    )
    for row in rows.iterator(chunk_size=CHUNK):
        label = f"{row.assignment.application.file_number} 第 {row.pk} 号"
        if row.total is None or row.added != row.total:
            yield Finding(name, label, f"总分 {row.total} 与各项得分之和 {row.added} 不符")
        if row.empty:
            yield Finding(name, label, f"已提交，但有 {row.empty} 项没有得分")
        if row.total is not None and row.total > row.rubric.declared_total:
            yield Finding(name, label, "总分超过满分")
        if row.submission.application_id != row.assignment.application_id:
            yield Finding(name, label, "所评提交版本属于另一份申报")


def audit_trail() -> Iterator[Finding]:
    """Ids and times run together; the database refuses changes (migration 0003)."""
    latest: datetime | None = None
    for pk, at in AuditEvent.objects.order_by("pk").values_list("pk", "at").iterator(chunk_size=5000):
        if latest is not None and at < latest - AUDIT_TOLERANCE:
            yield Finding("审计记录", f"第 {pk} 条", f"时间 {at.isoformat()} 早于前面的记录")
        latest = at if latest is None else max(latest, at)
    if not _audit_is_guarded():
        yield Finding("审计记录", "数据库", "防止修改审计记录的触发器不存在")


def _audit_is_guarded() -> bool:
    table = AuditEvent._meta.db_table
    query = (
        "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal"
        if connection.vendor == "postgresql"
        else "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [table])
        return bool(cursor.fetchone()[0])


def uploads() -> Iterator[Finding]:
    """What an unfinished upload says it has received is what its parts hold."""
    rows = Upload.objects.unfinished().annotate(held=Coalesce(Sum("parts__size"), 0)).exclude(held=F("received"))
    for row in rows.iterator(chunk_size=CHUNK):
        yield Finding("未完成的上传", str(row.uuid), f"已收到 {row.received} 字节，分段共 {row.held} 字节")


def stored_files() -> Iterator[Finding]:
    name = "文件"
    for row in StoredFile.objects.order_by("pk").iterator(chunk_size=CHUNK):
        digest, size = hashlib.sha256(), 0
        try:
            for chunk in files.chunks(row):
                digest.update(chunk)
                size += len(chunk)
        except OSError as error:
            yield Finding(name, row.sha256, f"读不到（{type(error).__name__}）")
            continue
        if digest.hexdigest() != row.sha256 or size != row.size:
            yield Finding(name, row.sha256, "内容与 SHA-256 或长度不符")

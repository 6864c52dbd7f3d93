"""What a receipt says besides the frozen version: the signed code, what was received, what happens next."""

from typing import Any, NamedTuple

from django.conf import settings

from applications import explaining
from applications.models import Round, Submission
from qcportal import signing


class Received(NamedTuple):
    annex: str
    title: str
    version: str
    pages: int | None
    sha256: str = ""


class Next(NamedTuple):
    title: str
    text: str
    until: str


def signed_code(submission: Submission) -> str:
    return signing.sign(submission.file_number, submission.version, submission.submitted_at, submission.sha256)


def signed_url(submission: Submission) -> str:
    """Where the signed code is checked; what the receipt's QR code holds."""
    return f"{settings.SITE_URL.rstrip('/')}/verify/{signed_code(submission)}/"


def received(submission: Submission) -> list[Received]:
    """Attachment by attachment and file by file, from the frozen version alone."""
    report = submission.report_version
    year = submission.data["programme"]["data_year"]
    of_report = f"第 {report.version} 版"
    summary_file = report.data.get("summary_file") or {}
    return [
        Received("附件 1", "青海省优秀质量管理小组申报表", f"第 {submission.version} 版", None),
        Received("附件 2", f"{year}年企业质量管理小组活动总结", of_report, summary_file.get("pages")),
        Received("附件 3", "企业质量管理小组活动统计表", of_report, None),
        *(
            Received("证实性材料", item["name"], "", item["pages"] or None, item["sha256"])
            for item in submission.data["evidence"]
        ),
    ]


def explained(submission: Submission) -> list[dict[str, str]]:
    return explaining.frozen(submission.data, submission.personal)


def next_steps(round_: Round, address: str = "") -> list[Next]:
    """What the enterprise still does, and until when."""
    to = f"寄至{address}" if address else "寄至秘书处"
    return [
        Next("打印并加盖公章", "材料包生成后（通常数分钟内）下载打印；同一单位同期各组合打一套。", ""),
        Next("盖章扫描件", "彩色 PDF，页脚校验码与本版本一致。", round_.stamped_due_label),
        Next("纸质材料一套", f"一式 1 份，{to}（寄达或以邮戳为准）。", round_.paper_due_label),
        Next("形式审查", "秘书处审查后以邮件和留言告知结果；需要补正的，会写明项目和期限。", ""),
    ]


def mail_context(submission: Submission) -> dict[str, Any]:
    return {
        "received": received(submission),
        "explained": explained(submission),
        "signed_code": signed_code(submission),
        "verify_url": signed_url(submission),
    }

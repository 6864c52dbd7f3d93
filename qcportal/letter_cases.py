"""The invented case that a letter is shown with: one enterprise, its filings, and what happens to them."""

from types import SimpleNamespace as Row
from typing import Any
from uuid import UUID

from django.utils import timezone

UUID_ = UUID("00000000-0000-4000-8000-000000000001")


class Round(Row):
    def __str__(self) -> str:
        return str(self.label_)


def a_round() -> Round:
    return Round(
        label_="2026 年第一期", programme=Row(year=2026), stamped_due_label="2026年7月7日24:00",
        paper_due_label="2026年7月8日24:00", closes_label="2026年6月30日24:00", email_still_required=False,
    )  # fmt: skip


def application() -> Row:
    return Row(
        enterprise=Row(name="青海雪豹机械有限公司"), display_name="昆仑雪QC小组《降低阀体渗漏率》",
        group_name="昆仑雪QC小组",
        file_number="QC2026-1-0042", uuid=UUID_, round=a_round(), state="returned",
    )  # fmt: skip


def check(**more: Any) -> dict[str, Any]:
    remarks = [
        {"label": "联系电话", "text": "少一位，请核对。"},
        {"label": "《财务证明.pdf》", "text": "缺财务部门盖章。"},
    ]
    return {
        "application": application(), "reason": "请按意见修改后重新提交。", "remarks": remarks, "due": "",
        "opened": ["联系电话", "证实性材料"], **more,
    }  # fmt: skip


def with_due() -> dict[str, Any]:
    return check(due="2026年7月15日24:00")


def moment(month: int, day: int, hour: int = 0) -> Any:
    return timezone.datetime(2026, month, day, hour, tzinfo=timezone.get_default_timezone())  # type: ignore[attr-defined]


def reminder(name: str = "rows") -> dict[str, Any]:
    rows = [
        Row(display_name="昆仑雪QC小组《降低阀体渗漏率》", round=a_round(), file_number=None, state="draft"),
        Row(display_name="赛什腾QC小组《缩短换型时间》", round=a_round(), file_number=None, state="draft"),
    ]
    return {
        "enterprise": application().enterprise, name: rows, "rows": rows, "deadline": moment(7, 1), "left": "3 天",
        "year": 2026, "data_year": 2025, "due": "2026年7月8日24:00",
    }  # fmt: skip


def numbered() -> dict[str, Any]:
    found = reminder()
    for number, row in enumerate(found["rows"], 42):
        row.file_number = f"QC2026-1-{number:04}"
    return found


def receipt() -> dict[str, Any]:
    submission = Row(
        file_number="QC2026-1-0042", version=2, code="ABCD2345EFGH", code_grouped="ABCD 2345 EFGH",
        sha256="3f" * 32, submitted_at=moment(6, 20, 15), data=Row(group=Row(group_name="昆仑雪QC小组")),
    )  # fmt: skip
    received = [
        Row(annex="附件 1", title="青海省优秀质量管理小组申报表", version="第 2 版", pages=None, sha256=""),
        Row(annex="证实性材料", title="成果报告.pdf", version="", pages=18, sha256="9c" * 32),
    ]
    return {
        "application": application(), "submission": submission, "round": a_round(), "received": received,
        "explained": [{"message": "与去年相比增长较多", "reason": "新增一条生产线"}], "signed_code": "QCR1.示例签名",
    }  # fmt: skip


def asked() -> dict[str, Any]:
    asked = Row(unit=Row(name="青海省机械行业协会"), submission=Row(file_number="QC2026-1-0042", version=2))
    asked.requested_at = moment(6, 20, 15)
    return {"application": application(), "asked": asked, "member": Row(user=Row(name="祁永福")), "deadline": None}


def opinion() -> dict[str, Any]:
    opinion = Row(
        unit=Row(name="青海省机械行业协会"), get_decision_display="同意推荐", text="该小组活动扎实，同意推荐。",
        submission=Row(file_number="QC2026-1-0042", version=2), code_grouped="WXYZ 2345 EFGH",
    )  # fmt: skip
    return {"application": application(), "opinion": opinion, "person": Row(name="马启明")}


def order() -> dict[str, Any]:
    event = Row(
        title="2026 年第一期成果交流发布会", presentation_minutes=15, question_minutes=5, place="青海会议中心",
        address="西宁市海湖新区", slug="2026-1",
    )  # fmt: skip
    slot = Row(position=7, track=Row(name="第一会场", room="三楼"), starts_at=moment(8, 12, 10))
    return {"application": application(), "event": event, "slot": slot}


def extension() -> dict[str, Any]:
    return {
        "extension": Row(round=a_round(), reason="全省大面积停电"),
        "enterprise": application().enterprise, "deadline": "2026年7月5日24:00",
        "applications": reminder()["rows"], "unfinished": [Row(display_name="赛什腾QC小组《延长滤布寿命》")],
    }  # fmt: skip


def message() -> dict[str, Any]:
    thread = Row(enterprise=application().enterprise, application=application(), uuid=UUID_)
    return {"message": Row(thread=thread, body="请补充小组活动现场照片。")}


def lapsed() -> dict[str, Any]:
    return {"application": application(), "overdue_correction": True}


# --- Letters that answer, invite and enter ------------------------------------------------------


def carried() -> dict[str, Any]:
    source, draft = application(), application()
    draft.round = Round(**{**vars(a_round()), "label_": "2026 年第二期", "closes_label": "2026年10月20日24:00"})
    return {"source": source, "draft": draft}


def entered() -> dict[str, Any]:
    return {
        "enterprise": application().enterprise, "applications": reminder()["rows"], "round": a_round(),
        "contact": "祁永福", "deadline": "2026年6月30日24:00", "days": 14, "token": "example-link",
    }  # fmt: skip


def unit_invitation() -> dict[str, Any]:
    invitation = Row(name="祁永福", unit=Row(name="青海省机械行业协会"))
    return {"invitation": invitation, "token": "example-link", "days": 14}


def person_invitation() -> dict[str, Any]:
    invitation = Row(user=Row(name="马启明", mobile="13900000000"))
    return {"invitation": invitation, "token": "example-link", "days": 14, "role": "评委"}


def transferred() -> dict[str, Any]:
    return {
        "enterprise": application().enterprise, "successor": Row(name="马启明"), "former": Row(name="祁永福"),
        "former_stays": True,
    }  # fmt: skip


def joined() -> dict[str, Any]:
    asked = Row(user=Row(name="马启明"), enterprise=application().enterprise, state="accepted")
    return {"join_request": asked}

"""The letters whose words are data: their placeholders, and an invented case to show them with.

A placeholder's value comes from a snippet of ours over the context that the sender gives; a value of several lines
brings its own heading, and is empty where it does not apply.
"""

from collections.abc import Callable
from functools import cache
from types import SimpleNamespace as Row
from typing import Any, NamedTuple
from uuid import UUID

from django.template import Context, Engine, Template
from django.utils import timezone

from qcportal.models import MailKind

UUID_ = UUID("00000000-0000-4000-8000-000000000001")


class Field(NamedTuple):
    label: str
    source: str


class Code(NamedTuple):
    code: str
    title: str
    group: str
    kind: MailKind
    fields: dict[str, Field]
    year: str  # where the context holds the year, as a snippet; "" for letters of no year
    example: Callable[[], dict[str, Any]]


def value(field: Field, context: dict[str, Any]) -> str:
    return str(_compiled(field.source).render(Context(context, autoescape=False))).strip()


def year_of(code: Code, context: dict[str, Any]) -> int | None:
    said = value(Field("", code.year), context) if code.year else ""
    return int(said) if said.isdigit() else None


@cache
def _compiled(source: str) -> Template:
    return Engine.get_default().from_string("{% load portal tz %}" + source)


def title(code: str) -> str:
    return CODES[code].title if code in CODES else OTHER_TITLES.get(code, code)


# --- Placeholders --------------------------------------------------------------------------------

ENTERPRISE = Field("单位名称", "{{ application.enterprise.name }}")
ITS_NAME = Field("单位名称", "{{ enterprise.name }}")
GROUP = Field("小组与课题", "{{ application.display_name }}")
NUMBER = Field("文件编号", "{{ application.file_number }}")
LINK = Field("查看的网址", "{{ site_url }}/applications/{{ application.uuid }}/")
WORKSPACE = Field("工作台的网址", "{{ site_url }}/applications/")
REASON = Field("理由（没有则略去）", "{% if reason %}理由：{{ reason }}{% endif %}")
REMARKS = Field(
    "审查意见（没有则略去）",
    "{% if remarks %}审查意见：\n{% for remark in remarks %}{{ forloop.counter }}. {{ remark.label }}："
    "{{ remark.text }}\n{% endfor %}{% endif %}",
)
OPENED = Field(
    "开放修改的项目（没有则略去）",
    "{% if opened %}本次开放修改的项目：\n{% for label in opened %}- {{ label }}\n{% endfor %}{% endif %}",
)
DUE = Field("补正截止", "{{ due }}")
LEFT = Field("还剩多久", "{{ left }}")
COUNT = Field("项数", "{{ rows|length }} 项")
LIST = Field(
    "各项申报的清单",
    "{% for one in rows %}{{ forloop.counter }}. {% if one.file_number %}{{ one.file_number }} {% endif %}"
    "{{ one.display_name }}（{{ one.round }}）\n{% endfor %}",
)
YEAR = "{{ application.round.programme.year }}"
CHECKED = {"enterprise": ENTERPRISE, "group": GROUP, "file_number": NUMBER, "reason": REASON, "link": LINK}


# --- The invented case ---------------------------------------------------------------------------


class _Round(Row):
    def __str__(self) -> str:
        return str(self.label_)


def _round() -> _Round:
    return _Round(
        label_="2026 年第一期", programme=Row(year=2026), stamped_due_label="2026年7月7日24:00",
        paper_due_label="2026年7月8日24:00", closes_label="2026年6月30日24:00", email_still_required=False,
    )  # fmt: skip


def _application() -> Row:
    return Row(
        enterprise=Row(name="青海雪豹机械有限公司"), display_name="昆仑雪QC小组《降低阀体渗漏率》", group_name="昆仑雪QC小组",
        file_number="QC2026-1-0042", uuid=UUID_, round=_round(), state="returned",
    )  # fmt: skip


def _check(**more: Any) -> dict[str, Any]:
    remarks = [
        {"label": "联系电话", "text": "少一位，请核对。"},
        {"label": "《财务证明.pdf》", "text": "缺财务部门盖章。"},
    ]
    return {
        "application": _application(), "reason": "请按意见修改后重新提交。", "remarks": remarks, "due": "",
        "opened": ["联系电话", "证实性材料"], **more,
    }  # fmt: skip


def _with_due() -> dict[str, Any]:
    return _check(due="2026年7月15日24:00")


def _moment(month: int, day: int, hour: int = 0) -> Any:
    return timezone.datetime(2026, month, day, hour, tzinfo=timezone.get_default_timezone())  # type: ignore[attr-defined]


def _reminder(name: str = "rows") -> dict[str, Any]:
    rows = [
        Row(display_name="昆仑雪QC小组《降低阀体渗漏率》", round=_round(), file_number=None, state="draft"),
        Row(display_name="赛什腾QC小组《缩短换型时间》", round=_round(), file_number=None, state="draft"),
    ]
    return {
        "enterprise": _application().enterprise, name: rows, "rows": rows, "deadline": _moment(7, 1), "left": "3 天",
        "year": 2026, "data_year": 2025, "due": "2026年7月8日24:00",
    }  # fmt: skip


def _numbered() -> dict[str, Any]:
    found = _reminder()
    for number, row in enumerate(found["rows"], 42):
        row.file_number = f"QC2026-1-{number:04}"
    return found


def _receipt() -> dict[str, Any]:
    submission = Row(
        file_number="QC2026-1-0042", version=2, code="ABCD2345EFGH", code_grouped="ABCD 2345 EFGH",
        sha256="3f" * 32, submitted_at=_moment(6, 20, 15), data=Row(group=Row(group_name="昆仑雪QC小组")),
    )  # fmt: skip
    received = [
        Row(annex="附件 1", title="青海省优秀质量管理小组申报表", version="第 2 版", pages=None, sha256=""),
        Row(annex="证实性材料", title="成果报告.pdf", version="", pages=18, sha256="9c" * 32),
    ]
    return {
        "application": _application(), "submission": submission, "round": _round(), "received": received,
        "explained": [{"message": "与去年相比增长较多", "reason": "新增一条生产线"}], "signed_code": "QCR1.示例签名",
    }  # fmt: skip


def _asked() -> dict[str, Any]:
    asked = Row(unit=Row(name="青海省机械行业协会"), submission=Row(file_number="QC2026-1-0042", version=2))
    asked.requested_at = _moment(6, 20, 15)
    return {"application": _application(), "asked": asked, "member": Row(user=Row(name="祁永福")), "deadline": None}


def _opinion() -> dict[str, Any]:
    opinion = Row(
        unit=Row(name="青海省机械行业协会"), get_decision_display="同意推荐", text="该小组活动扎实，同意推荐。",
        submission=Row(file_number="QC2026-1-0042", version=2), code_grouped="WXYZ 2345 EFGH",
    )  # fmt: skip
    return {"application": _application(), "opinion": opinion, "person": Row(name="马启明")}


def _order() -> dict[str, Any]:
    event = Row(
        title="2026 年第一期成果交流发布会", presentation_minutes=15, question_minutes=5, place="青海会议中心",
        address="西宁市海湖新区", slug="2026-1",
    )  # fmt: skip
    slot = Row(position=7, track=Row(name="第一会场", room="三楼"), starts_at=_moment(8, 12, 10))
    return {"application": _application(), "event": event, "slot": slot}


def _extension() -> dict[str, Any]:
    return {
        "extension": Row(round=_round()), "enterprise": _application().enterprise, "deadline": "2026年7月5日24:00",
        "applications": _reminder()["rows"],
    }  # fmt: skip


def _message() -> dict[str, Any]:
    thread = Row(enterprise=_application().enterprise, application=_application(), uuid=UUID_)
    return {"message": Row(thread=thread, body="请补充小组活动现场照片。")}


def _lapsed() -> dict[str, Any]:
    return {"application": _application(), "overdue_correction": True}


# --- The letters ---------------------------------------------------------------------------------

CHECK, FILE, REMIND, OPINION = "审查通知", "申报与回执", "催办提醒", "推荐与活动"
LETTER, NOTICE = MailKind.LETTER, MailKind.NOTICE
DEADLINE = Field("截止时间", "{{ deadline|deadline }}")
DUE_DAY = Field("截止日期", "{{ due }}")
REMINDING = {"enterprise": ITS_NAME, "count": COUNT, "list": LIST, "due": DUE_DAY, "link": WORKSPACE}
OF_VERSION = Field(
    "文件编号与版本或截止时间",
    "{% if asked.submission %}文件编号：{{ asked.submission.file_number }}，第 {{ asked.submission.version }} 版"
    "{% else %}网上提交截止：{{ deadline|deadline }}{% endif %}",
)

_LETTERS = [
    Code("check_accepted", "参评", CHECK, LETTER, CHECKED, YEAR, _check),
    Code("check_returned", "完善后参评（退回补正）", CHECK, LETTER,
         {**CHECKED, "due": DUE, "remarks": REMARKS, "opened": OPENED}, YEAR, _with_due),
    Code("check_deferred", "缓评", CHECK, LETTER, {**CHECKED, "remarks": REMARKS}, YEAR, _check),
    Code("check_refused", "不予受理", CHECK, LETTER, {**CHECKED, "remarks": REMARKS}, YEAR, _check),
    Code("check_extended", "延长补正", CHECK, LETTER, {**CHECKED, "due": DUE, "opened": OPENED}, YEAR, _with_due),
    Code("check_reopened", "恢复受理", CHECK, LETTER, CHECKED, YEAR, _check),
    Code("check_disqualified", "取消参评资格", CHECK, LETTER, CHECKED, YEAR, _check),
    Code("receipt", "提交回执", FILE, MailKind.RECEIPT, {
        "enterprise": ENTERPRISE,
        "group": Field("小组", "{{ submission.data.group.group_name }}"),
        "file_number": Field("文件编号", "{{ submission.file_number }}"),
        "version": Field("版本", "第 {{ submission.version }} 版"),
        "time": Field("提交时间", '{{ submission.submitted_at|localtime|date:"Y年n月j日 H:i:s" }}'),
        "code": Field("校验码", "{{ submission.code_grouped }}"),
        "sha256": Field("SHA-256", "{{ submission.sha256 }}"),
        "received": Field(
            "收到的材料",
            "{% for one in received %}{{ forloop.counter }}. {{ one.annex }} {{ one.title }}"
            "{% if one.version %}（{{ one.version }}）{% endif %}{% if one.pages %} {{ one.pages }} 页{% endif %}"
            '{% if one.sha256 %}  SHA-256 {{ one.sha256|slice:":16" }}…{% endif %}\n{% endfor %}',
        ),
        "explained": Field(
            "已核实的提醒（没有则略去）",
            "{% if explained %}已核实的提醒：\n{% for one in explained %}{{ forloop.counter }}. {{ one.message }}\n"
            "   已核实，原因：{{ one.reason }}\n{% endfor %}{% endif %}",
        ),
        "scan_due": Field("盖章扫描件截止", "{{ round.stamped_due_label }}"),
        "paper_due": Field("纸质材料截止", "{{ round.paper_due_label }}"),
        "mail_line": Field(
            "是否另发邮件",
            "{% if round.email_still_required %}请另将电子文件夹发送至协会邮箱。"
            "{% else %}无需再将电子材料发送到协会邮箱。{% endif %}",
        ),
        "link": Field("回执的网址", "{{ site_url }}/applications/{{ application.uuid }}/receipt/"),
        "verify_link": Field("核对版本的网址", "{{ site_url }}/verify/{{ submission.code }}/"),
        "signed_code": Field("签名回执码", "{{ signed_code }}"),
    }, YEAR, _receipt),
    Code("extension", "申报延期", FILE, LETTER, {
        "enterprise": ITS_NAME,
        "round": Field("期", "{{ extension.round }}"),
        "deadline": Field("新的截止时间", "{{ deadline }}"),
        "list": Field("恢复的草稿", "{% for application in applications %}- {{ application.display_name }}\n{% endfor %}"),
        "link": WORKSPACE,
    }, "{{ extension.round.programme.year }}", _extension),
    Code("lapsed", "逾期失效", FILE, LETTER, {
        "enterprise": ENTERPRISE,
        "what": Field(
            "主题中的事由",
            "{% if overdue_correction %}补正逾期：{{ application.file_number }}"
            "{% else %}草稿未提交，已失效：{{ application.display_name }}{% endif %}",
        ),
        "explanation": Field(
            "情况说明",
            "{% if overdue_correction %}“{{ application.group_name }}”（{{ application.file_number }}）"
            "未在补正截止时间前重新提交，申报已失效。如仍需参加，请尽快联系秘书处。"
            "{% else %}{{ application.round }}申报已于 {{ application.round.closes_label }} 截止，"
            "“{{ application.display_name }}”的草稿未提交，未参加本期申报。所填内容仍然保留，可以查看。{% endif %}",
        ),
        "link": WORKSPACE,
    }, YEAR, _lapsed),
    Code("message", "秘书处留言", FILE, LETTER, {
        "enterprise": Field("单位名称", "{{ message.thread.enterprise.name }}"),
        "group": Field("关于哪一项", "{{ message.thread.application.display_name }}"),
        "text": Field("留言内容", "{{ message.body }}"),
        "link": Field("查看与回复的网址", '{{ site_url }}{% url "applications:thread" message.thread.uuid %}'),
    }, "{{ message.thread.application.round.programme.year }}", _message),
    Code("reminder", "草稿未提交", REMIND, NOTICE, {
        "enterprise": ITS_NAME, "left": LEFT, "count": Field("项数", "{{ drafts|length }} 项"), "deadline": DEADLINE,
        "list": Field(
            "各项申报的清单",
            "{% for one in drafts %}{{ forloop.counter }}. {{ one.display_name }}（{{ one.round }}）\n{% endfor %}",
        ),
        "link": WORKSPACE,
    }, "{{ drafts.0.round.programme.year }}", lambda: _reminder("drafts")),
    Code("correction_reminder", "补正即将到期", REMIND, NOTICE, {
        "enterprise": ITS_NAME, "left": LEFT, "count": COUNT, "deadline": DEADLINE, "list": LIST, "link": WORKSPACE,
    }, "{{ year }}", _numbered),
    Code("scan_missing", "盖章扫描件未上传", REMIND, NOTICE, REMINDING, "{{ year }}", _numbered),
    Code("paper_missing", "纸质材料未收到", REMIND, NOTICE, REMINDING, "{{ year }}", _numbered),
    Code("licence_missing", "营业执照未上传", REMIND, NOTICE, {
        "enterprise": ITS_NAME, "link": Field("单位资料的网址", '{{ site_url }}{% url "applications:enterprise" %}'),
    }, "", _reminder),
    Code("report_missing", "年度材料未填写", REMIND, NOTICE, {
        "enterprise": ITS_NAME, "data_year": Field("统计年度", "{{ data_year }} 年"), "deadline": DEADLINE,
        "link": Field("年度材料的网址", '{{ site_url }}{% url "applications:report" year %}'),
    }, "{{ year }}", _reminder),
    Code("recommend_reminder", "请出具推荐意见（提醒）", OPINION, NOTICE, {
        "unit": Field("推荐单位", "{{ asked.unit.name }}"), "person": Field("收件人姓名", "{{ member.user.name }}"),
        "enterprise": ENTERPRISE, "group": GROUP, "version": OF_VERSION,
        "asked_on": Field("请求日期", '{{ asked.requested_at|date:"Y年n月j日" }}'),
        "link": Field("出具意见的网址", '{{ site_url }}{% url "applications:recommend_detail" application.uuid %}'),
    }, YEAR, _asked),
    Code("running_order", "发表顺序", OPINION, LETTER, {
        "enterprise": ENTERPRISE, "file_number": NUMBER, "group": Field("小组", "{{ application.group_name }}"),
        "event": Field("活动", "{{ event.title }}"),
        "place": Field("会场", "{{ slot.track.name }}{% if slot.track.room %}（{{ slot.track.room }}）{% endif %}"),
        "position": Field("顺序", "第 {{ slot.position }} 个"),
        "time": Field("预计开始", '{{ slot.starts_at|localtime|date:"Y年n月j日 H:i" }}'),
        "minutes": Field("用时", "发表 {{ event.presentation_minutes }} 分钟，提问 {{ event.question_minutes }} 分钟"),
        "address": Field("地点", "{{ event.place }} {{ event.address }}"),
        "link": Field("活动的网址", "{{ site_url }}/events/{{ event.slug }}/"),
    }, YEAR, _order),
]  # fmt: skip

CODES = {each.code: each for each in _LETTERS}
# Letters whose words are fixed, for lists and filters.
OTHER_TITLES = {
    "application_filled": "填报完成", "data_answered": "个人信息请求的答复", "data_requested": "新的个人信息请求",
    "email_code": "邮箱验证码", "handed_over": "移交单位负责人", "invitation": "邀请加入单位",
    "join_decided": "加入申请的结果", "judge_assigned": "评审任务", "join_requested": "新的加入申请", "member_left": "成员退出单位",
    "message_to_staff": "单位来信", "owner_transferred": "变更单位负责人", "recommend_given": "推荐意见",
    "recommend_requested": "请出具推荐意见", "recommender_invitation": "邀请推荐单位人员", "welcome": "注册成功",
    "welcome_join": "注册并申请加入", "digest": "工作简报", "round_closed": "截止通报", "submissions_arrived": "新收到的提交",
}  # fmt: skip

"""The letters whose words are data: their placeholders, and an invented case to show them with.

A placeholder's value comes from a snippet of ours over the context that the sender gives; a value of several lines
brings its own heading, and is empty where it does not apply.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from django.template import Context, Engine, Template

from qcportal import letter_cases as cases
from qcportal.models import MailKind


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
    needs: tuple[str, ...] = ()  # without these placeholders the reader could do nothing with the letter


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


# --- The letters ---------------------------------------------------------------------------------

CHECK, FILE, REMIND, OPINION, PEOPLE = "审查通知", "申报与回执", "催办提醒", "推荐与活动", "人员与单位"
LETTER, NOTICE = MailKind.LETTER, MailKind.NOTICE
DEADLINE = Field("截止时间", "{{ deadline|deadline }}")
DUE_DAY = Field("截止日期", "{{ due }}")
REMINDING = {"enterprise": ITS_NAME, "count": COUNT, "list": LIST, "due": DUE_DAY, "link": WORKSPACE}
ROUND = Field("期", "{{ round }}")
DAYS = Field("链接几天内有效", "{{ days }} 天")
TYPED_DEADLINE = Field("截止时间", "{{ deadline }}")
ENTERED = Field("录入的申报", "{% for one in applications %}· {{ one.display_name }}\n{% endfor %}")
OF_VERSION = Field(
    "文件编号与版本或截止时间",
    "{% if asked.submission %}文件编号：{{ asked.submission.file_number }}，第 {{ asked.submission.version }} 版"
    "{% else %}网上提交截止：{{ deadline|deadline }}{% endif %}",
)

_LETTERS = [
    Code("check_accepted", "参评", CHECK, LETTER, CHECKED, YEAR, cases.check),
    Code("check_returned", "完善后参评（退回补正）", CHECK, LETTER,
         {**CHECKED, "due": DUE, "remarks": REMARKS, "opened": OPENED}, YEAR, cases.with_due, ("due",)),
    Code("check_deferred", "缓评", CHECK, LETTER, {**CHECKED, "remarks": REMARKS}, YEAR, cases.check),
    Code("check_refused", "不予受理", CHECK, LETTER, {**CHECKED, "remarks": REMARKS}, YEAR, cases.check),
    Code("check_extended", "延长补正", CHECK, LETTER, {**CHECKED, "due": DUE, "opened": OPENED}, YEAR, cases.with_due, ("due",)),
    Code("check_reopened", "恢复受理", CHECK, LETTER, CHECKED, YEAR, cases.check),
    Code("check_disqualified", "取消参评资格", CHECK, LETTER, CHECKED, YEAR, cases.check),
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
    }, YEAR, cases.receipt),
    Code("extension", "申报延期", FILE, LETTER, {
        "enterprise": ITS_NAME,
        "round": Field("期", "{{ extension.round }}"),
        "deadline": Field("新的截止时间", "{{ deadline }}"),
        "reason": Field("延期原因", "{{ extension.reason }}"),
        "list": Field(
            "恢复的草稿（没有则略去）",
            "{% if applications %}以下草稿已恢复，可以继续填写并提交：\n{% for one in applications %}"
            "- {{ one.display_name }}\n{% endfor %}{% endif %}",
        ),
        "unfinished": Field(
            "未提交的草稿（没有则略去）",
            "{% if unfinished %}以下草稿尚未提交，请在新的截止时间前完成：\n{% for one in unfinished %}"
            "- {{ one.display_name }}\n{% endfor %}{% endif %}",
        ),
        "link": WORKSPACE,
    }, "{{ extension.round.programme.year }}", cases.extension),
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
    }, YEAR, cases.lapsed),
    Code("message", "秘书处留言", FILE, LETTER, {
        "enterprise": Field("单位名称", "{{ message.thread.enterprise.name }}"),
        "group": Field("关于哪一项", "{{ message.thread.application.display_name }}"),
        "text": Field("留言内容", "{{ message.body }}"),
        "link": Field("查看与回复的网址", '{{ site_url }}{% url "applications:thread" message.thread.uuid %}'),
    }, "{{ message.thread.application.round.programme.year }}", cases.message),
    Code("reminder", "草稿未提交", REMIND, NOTICE, {
        "enterprise": ITS_NAME, "left": LEFT, "count": Field("项数", "{{ drafts|length }} 项"), "deadline": DEADLINE,
        "list": Field(
            "各项申报的清单",
            "{% for one in drafts %}{{ forloop.counter }}. {{ one.display_name }}（{{ one.round }}）\n{% endfor %}",
        ),
        "link": WORKSPACE,
    }, "{{ drafts.0.round.programme.year }}", lambda: cases.reminder("drafts")),
    Code("correction_reminder", "补正即将到期", REMIND, NOTICE, {
        "enterprise": ITS_NAME, "left": LEFT, "count": COUNT, "deadline": DEADLINE, "list": LIST, "link": WORKSPACE,
    }, "{{ year }}", cases.numbered),
    Code("scan_missing", "盖章扫描件未上传", REMIND, NOTICE, REMINDING, "{{ year }}", cases.numbered),
    Code("paper_missing", "纸质材料未收到", REMIND, NOTICE, REMINDING, "{{ year }}", cases.numbered),
    Code("licence_missing", "营业执照未上传", REMIND, NOTICE, {
        "enterprise": ITS_NAME, "link": Field("单位资料的网址", '{{ site_url }}{% url "applications:enterprise" %}'),
    }, "", cases.reminder),
    Code("report_missing", "年度材料未填写", REMIND, NOTICE, {
        "enterprise": ITS_NAME, "data_year": Field("统计年度", "{{ data_year }} 年"), "deadline": DEADLINE,
        "link": Field("年度材料的网址", '{{ site_url }}{% url "applications:report" year %}'),
    }, "{{ year }}", cases.reminder),
    Code("recommend_reminder", "请出具推荐意见（提醒）", OPINION, NOTICE, {
        "unit": Field("推荐单位", "{{ asked.unit.name }}"), "person": Field("收件人姓名", "{{ member.user.name }}"),
        "enterprise": ENTERPRISE, "group": GROUP, "version": OF_VERSION,
        "asked_on": Field("请求日期", '{{ asked.requested_at|date:"Y年n月j日" }}'),
        "link": Field("出具意见的网址", '{{ site_url }}{% url "applications:recommend_detail" application.uuid %}'),
    }, YEAR, cases.asked),
    Code("running_order", "发表顺序", OPINION, LETTER, {
        "enterprise": ENTERPRISE, "file_number": NUMBER, "group": Field("小组", "{{ application.group_name }}"),
        "event": Field("活动", "{{ event.title }}"),
        "place": Field("会场", "{{ slot.track.name }}{% if slot.track.room %}（{{ slot.track.room }}）{% endif %}"),
        "position": Field("顺序", "第 {{ slot.position }} 个"),
        "time": Field("预计开始", '{{ slot.starts_at|localtime|date:"Y年n月j日 H:i" }}'),
        "minutes": Field("用时", "发表 {{ event.presentation_minutes }} 分钟，提问 {{ event.question_minutes }} 分钟"),
        "address": Field("地点", "{{ event.place }} {{ event.address }}"),
        "link": Field("活动的网址", "{{ site_url }}/events/{{ event.slug }}/"),
    }, YEAR, cases.order),
    Code("carried", "缓评转入下一期", FILE, LETTER, {
        "enterprise": Field("单位名称", "{{ draft.enterprise.name }}"),
        "round": Field("转入的期", "{{ draft.round }}"),
        "old_group": Field("缓评的小组与课题", "{{ source.display_name }}"),
        "old_number": Field("缓评的文件编号", "{{ source.file_number }}"),
        "deadline": Field("网上提交截止", "{{ draft.round.closes_label }}"),
        "link": Field("草稿的网址", "{{ site_url }}/applications/{{ draft.uuid }}/"),
    }, "{{ draft.round.programme.year }}", cases.carried),
    Code("entered", "秘书处代为录入", FILE, LETTER, {
        "enterprise": ITS_NAME, "round": ROUND, "list": ENTERED, "deadline": TYPED_DEADLINE,
        "link": Field("工作台的网址", '{{ site_url }}{% url "applications:workspace" %}'),
    }, "{{ round.programme.year }}", cases.entered),
    Code("entered_claim", "代为录入，请认领单位", FILE, LETTER, {
        "enterprise": ITS_NAME, "round": ROUND, "list": ENTERED, "deadline": TYPED_DEADLINE,
        "contact": Field("收件人", "{% if contact %}{{ contact }}{% else %}{{ enterprise.name }}{% endif %}"),
        "days": DAYS, "link": Field("认领的网址", '{{ site_url }}{% url "applications:invitation" token %}'),
    }, "{{ round.programme.year }}", cases.entered, ("link",)),
    Code("owner_transferred", "变更单位负责人", PEOPLE, LETTER, {
        "enterprise": ITS_NAME, "successor": Field("新的负责人", "{{ successor.name }}"),
        "former": Field(
            "原负责人的去向（没有则略去）",
            "{% if former %}{% if former_stays %}{{ former.name }} 现为质量主管。{% else %}"
            "{{ former.name }} 的账号不再属于该单位。{% endif %}{% endif %}",
        ),
        "link": WORKSPACE,
    }, "", cases.transferred),
    Code("join_decided", "加入申请的结果", PEOPLE, NOTICE, {
        "person": Field("申请人", "{{ join_request.user.name }}"),
        "what": Field(
            "主题中的结果",
            '{% if join_request.state == "accepted" %}加入申请已同意：{{ join_request.enterprise.name }}'
            "{% else %}加入申请未获同意{% endif %}",
        ),
        "explanation": Field(
            "结果说明",
            '{% if join_request.state == "accepted" %}您已加入“{{ join_request.enterprise.name }}”，可以开始工作：'
            "{% else %}您的加入申请未获同意。请核对统一社会信用代码，或联系本单位负责填报的同事。"
            "如有疑问请联系协会秘书处。{% endif %}",
        ),
        "link": Field(
            "工作台的网址（未获同意则略去）",
            '{% if join_request.state == "accepted" %}{{ site_url }}/applications/{% endif %}',
        ),
    }, "", cases.joined),
    Code("person_invitation", "邀请评委等人员", PEOPLE, LETTER, {
        "person": Field("收件人姓名", "{{ invitation.user.name }}"),
        "role": Field("角色", "{{ role }}"),
        "what": Field(
            "主题中的事由", "{% if token %}邀请您担任{{ role }}{% else %}已为您增加{{ role }}身份{% endif %}"
        ),
        "explanation": Field(
            "怎样登录",
            "{% if token %}请打开以下链接设置登录密码（{{ days }} 天内有效，只能使用一次，请勿转发）："
            "{% else %}您已有账号，请用原来的账号登录：{% endif %}",
        ),
        "link": Field(
            "设置密码或登录的网址",
            '{{ site_url }}{% if token %}{% url "person_invitation" token %}{% else %}{% url "account_login" %}{% endif %}',
        ),
        "login": Field(
            "以后用什么登录（已有账号则略去）",
            "{% if token %}之后用本邮箱{% if invitation.user.mobile %}或手机号码{% endif %}登录。{% endif %}",
        ),
    }, "", cases.person_invitation, ("link",)),
    Code("recommender_invitation", "邀请推荐单位人员", PEOPLE, LETTER, {
        "person": Field("收件人姓名", "{{ invitation.name }}"), "unit": Field("推荐单位", "{{ invitation.unit.name }}"),
        "days": DAYS,
        "link": Field("接受邀请的网址", '{{ site_url }}{% url "applications:recommend_invitation" token %}'),
    }, "", cases.unit_invitation, ("link",)),
    Code("recommend_requested", "请出具推荐意见", OPINION, NOTICE, {
        "unit": Field("推荐单位", "{{ asked.unit.name }}"), "person": Field("收件人姓名", "{{ member.user.name }}"),
        "enterprise": ENTERPRISE, "group": GROUP, "round": Field("期", "{{ application.round }}"),
        "version": OF_VERSION,
        "effect": Field(
            "意见针对什么",
            "{% if asked.submission %}意见只针对这一版，另成一页，不影响单位已盖章的材料。{% else %}"
            "该申报尚未提交，单位请贵单位先看草稿。意见将随提交冻结并印在附件 1 的“推荐单位意见”栏。{% endif %}",
        ),
        "link": Field("出具意见的网址", '{{ site_url }}{% url "applications:recommend_detail" application.uuid %}'),
    }, YEAR, cases.asked),
    Code("recommend_given", "推荐意见已出具", OPINION, NOTICE, {
        "enterprise": ENTERPRISE, "person": Field("收件人姓名", "{{ person.name }}"), "group": GROUP,
        "unit": Field("推荐单位", "{{ opinion.unit.name }}"),
        "decision": Field("结论", "{{ opinion.get_decision_display }}"), "text": Field("意见", "{{ opinion.text }}"),
        "effect": Field(
            "意见针对什么",
            "{% if opinion.submission %}意见针对 {{ opinion.submission.file_number }} 第 "
            "{{ opinion.submission.version }} 版，另成一页（校验码 {{ opinion.code_grouped }}），可在申报概览下载。"
            "已盖章的附件 1 继续有效，不必重新盖章。{% else %}意见针对现在的草稿，将随提交冻结并印在附件 1 的"
            "“推荐单位意见”栏。之后又有修改的，请推荐单位重新确认。{% endif %}",
        ),
        "link": Field("查看的网址", '{{ site_url }}{% url "applications:detail" application.uuid %}'),
    }, YEAR, cases.opinion),
]  # fmt: skip

CODES = {each.code: each for each in _LETTERS}
# Letters whose words are fixed, for lists and filters.
OTHER_TITLES = {
    "application_filled": "填报完成", "data_answered": "个人信息请求的答复", "data_requested": "新的个人信息请求",
    "email_code": "邮箱验证码", "handed_over": "移交单位负责人", "invitation": "邀请加入单位",
    "judge_assigned": "评审任务", "join_requested": "新的加入申请", "member_left": "成员退出单位",
    "message_to_staff": "单位来信", "welcome": "注册成功", "welcome_join": "注册并申请加入", "digest": "工作简报",
    "round_closed": "截止通报", "submissions_arrived": "新收到的提交",
}  # fmt: skip

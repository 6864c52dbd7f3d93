"""What the forms call things, and what else people call them: labels, steps, columns, headings. Pure Python."""

import re
import unicodedata

from applications.imports.synonyms import given_columns, given_names
from applications.sections import FIELD_LABELS
from applications.topics import STEPS_BY_CODE

ANNEX_1, ANNEX_2 = "annex1", "annex2"
VERSION = "1"
TITLE_1 = "青海省优秀质量管理小组申报表"
TITLE_2 = "企业质量管理小组活动总结"

# Keys that identify whose form it is; they are compared, never stored.
IDENTITY = ("enterprise.name", "enterprise.credit_code")
# One label for two fields.
PERIOD = "activity_period"

_NAMES: dict[str, tuple[str, ...]] = {
    "enterprise.name": ("单位名称", "申报单位名称", "企业名称", "公司名称", "申报单位全称", "单位全称", "申报单位"),
    "enterprise.credit_code": ("统一社会信用代码", "信用代码", "社会信用代码", "统一信用代码"),
    "certificate_unit_name": ("证书用名", "证书单位名称", "证书上的单位名称", "证书名称"),
    "completing_units": ("主要完成单位", "共同完成单位", "参与单位"),
    "contact_name": ("联系人姓名", "申报联系人", "联络人"),
    "contact_phone": ("电话", "手机", "手机号", "手机号码", "联系方式", "联系手机", "联系人电话"),
    "contact_email": ("邮箱", "电子邮件", "e-mail", "email", "联系邮箱", "电子信箱"),
    "recommending_unit": ("推荐单位名称",),
    "group_name": ("qc小组名称", "质量管理小组名称", "小组名", "qc小组"),
    "group_registration_number": ("注册号", "登记号", "小组登记号", "小组注册编号", "小组编号", "qc小组注册号"),
    "group_registered_on": ("注册日期", "登记日期", "注册时间", "小组注册时间", "小组登记日期"),
    "group_founded_on": ("成立时间", "成立日期", "小组成立日期", "建组时间", "组建时间"),
    "topic_registration_number": ("课题登记号", "课题编号", "课题注册编号", "课题备案号"),
    "leader_name": ("组长", "小组组长", "qc小组组长"),
    "member_count": ("成员人数", "小组成员人数", "小组成员数", "人数", "成员数"),
    PERIOD: (
        "活动时间", "活动起止时间", "活动起止日期", "课题活动时间", "活动周期", "起止时间", "活动日期", "课题起止时间",
    ),
    "activity_starts_on": ("活动开始时间", "开始日期", "开始时间"),
    "activity_ends_on": ("活动结束时间", "结束日期", "结束时间", "完成日期", "完成时间"),
    "activity_count": ("活动频次", "小组活动次数", "累计活动次数"),
    "attendance_rate": ("小组活动出勤率", "活动出勤率", "参与率"),
    "training_hours": (
        "人均培训学时", "人均tqm教育学时", "人均受tqm教育学时", "tqm教育学时", "tqm教育时间", "人均受教育时间",
        "人均受教育学时", "人均教育学时", "受tqm教育时间",
    ),
    "topic_name": ("课题", "活动课题", "课题题目", "成果名称", "qc课题名称", "课题全称"),
    "topic_type": ("课题类别", "类型", "活动类型", "成果类型", "课题类型(选一项)"),
    "group_intro": ("小组概述", "小组情况简介", "小组情况", "qc小组简介"),
    "target_value": ("课题目标", "目标", "活动目标", "课题目标值"),
    "actual_value": ("实际达到值", "完成值", "目标完成值", "实际完成值", "活动后", "实际完成情况"),
    "economic_benefit": (
        "经济效益", "年经济效益", "活动期直接经济效益", "创造经济效益", "可计算经济效益", "直接经济效益额",
    ),
    "activity_cost": ("投入费用", "活动费用", "对策费用", "活动投入", "投入金额"),
    "benefit_basis": ("经济效益计算依据", "计算依据", "效益计算说明", "经济效益计算说明", "效益说明"),
    "social_benefit": ("间接效益", "无形效益", "无形效果", "无形成果"),
    "main_results": ("主要成果简介", "活动成果", "成果简介", "主要活动成果"),
    "honours": ("获奖情况", "获奖及知识产权", "获奖与专利", "获奖专利", "获奖及专利情况", "知识产权"),
    "special_awards": ("单项奖", "申报的单项奖", "申报奖项", "单项奖申报"),
}  # fmt: skip
_STEP_NAMES: dict[str, tuple[str, ...]] = {
    "select_topic": ("选题理由", "课题选择", "选题"),
    "current_state": ("现状分析", "现状把握"),
    "set_target": ("目标设定", "确定目标", "设定课题目标"),
    "target_feasibility": ("目标可行性分析", "可行性论证", "可行性分析"),
    "target_and_feasibility": ("设定目标并进行目标可行性论证", "设定目标及可行性论证", "设定目标和目标可行性论证"),
    "cause_analysis": ("分析原因",),
    "main_causes": ("要因确认", "确定要因", "要因确定", "确认主要原因", "主要原因确认", "主要原因确定"),
    "best_plan": ("提出方案确定最佳方案", "提出各种方案并确定最佳方案", "确定最佳方案", "提出方案"),
    "countermeasures": ("对策制定", "制订对策"),
    "implementation": ("按对策实施", "实施对策", "对策的实施"),
    "effect_check": ("检查效果", "效果确认", "效果验证", "检查"),
    "consolidation": ("巩固措施", "制订巩固措施", "巩固期"),
    "standardization": ("标准化措施", "成果标准化"),
    "summary_next": (
        "总结和下一步计划", "总结及下一步打算", "总结与下一步打算", "总结和今后打算", "总结及今后打算",
        "总结与今后打算",
        "总结与展望", "总结和回顾及下一步打算",
    ),
}  # fmt: skip
MEMBER_COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("姓名", "成员姓名", "组员姓名"),
    "gender": ("性别",),
    "education": ("文化程度", "学历", "文化"),
    "job_title": ("职务、职称", "职务/职称", "职务职称", "职称", "职务", "岗位", "职务或职称", "工种", "职称/职务"),
    "group_role": ("组内职务", "小组职务", "组内角色", "小组内职务", "小组角色"),
    "duty": ("组内分工", "分工", "小组分工", "职责分工", "承担任务", "组内职责", "分工职责"),
    "training_hours": ("学时", "培训学时", "教育学时", "tqm学时", "受教育学时", "培训时间"),
}
MEMBER_NUMBER = ("序号", "编号", "no", "no.", "号")
# Words of the printed forms that are no entries.
STATIC = frozenset(
    {
        "附件1", "附件2", "附件一", "附件二", "小组概况", "小组成员", "活动效果", "成果效果", "序号", "活动步骤",
        "主要内容摘要", "主要内容", "步骤", "内容", "活动过程", "所属行业", "企业规模", "单位地址", "地址",
        "邮政编码", "邮编",
        "申报表", "qc小组概况", "小组成员情况", "成员情况", "统一社会", "企业资料", "至", "起", "止",
    }
)  # fmt: skip
# Cells of the form that belong to the enterprise's profile: read past, not into the filing.
PROFILE = frozenset({"所属行业", "企业规模", "单位地址", "地址", "邮政编码", "邮编"})
OPINIONS = frozenset({"企业意见", "申报单位意见", "推荐单位意见", "协会意见", "主管单位意见", "省质协意见", "单位意见"})
SEALS = re.compile(
    r"^(材料真实、完整,数据与附件3一致,同意申报。?)?"
    r"([((]?盖章[))]?|[((]?公章[))]?|[((]?签字[))]?|[((]?签章[))]?|负责人|签名|[:;：_]|年|月|日)*$"
)
INSTRUCTION = "填写说明"
# What Word and WPS put into an emptied control, and our own hints.
HINTS = frozenset(
    {
        "请选择", "单击或点击此处输入文字。", "单击此处输入文字。", "点击此处输入文字。", "选择一项。",
        "单击此处输入日期。", "clickortapheretoentertext.", "clickheretoentertext.", "chooseanitem.",
        "单击或点按此处输入文字。", "点击或轻敲此处输入文字。", "点击或轻触此处输入文字。",
    }
)  # fmt: skip

_NUMBERING = re.compile(
    r"^(第[一二三四五六七八九十\d]+[部步章节][分骤]?|步骤[一二三四五六七八九十\d]+|[((][一二三四五六七八九十\d]{1,3}[))]"
    r"|[一二三四五六七八九十]{1,3}[、.．,]|\d{1,2}([、.．))]|(?=[^\d%.])))+"
)
_BRACKETS = re.compile(r"[((][^()()]*[))]$")
_UNIT = re.compile(r"[((](?:单位[:：]?)?(万元|元|人|次|学时|小时|%|百分比)[))]")


def squeezed(text: str) -> str:
    """For comparison: one width, no spaces, lower case."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).lower()


def bare(text: str) -> str:
    """A label without spaces, numbering, star, colon and trailing brackets: `1. 经济效益（万元）：` is 经济效益."""
    label = squeezed(text).lstrip("*★").rstrip(":：*")
    without = _NUMBERING.sub("", label).strip("、.:：")
    while (shorter := _BRACKETS.sub("", without)) != without and shorter:
        without = shorter.rstrip(":：*")
    return without or label


def unit_of(label: str) -> str:
    """The unit that a label names in brackets: 万元 of 经济效益（万元）, else ""."""
    found = _UNIT.search(squeezed(label))
    return found[1] if found else ""


_OUR_HINT = re.compile(r"点击填写(（[^（）\n]{1,100}）)?")


def without_hint(text: str) -> str:
    """What somebody typed: a hint that was left standing is nothing, beside other words it is cut out."""
    return "" if squeezed(text) in HINTS else _OUR_HINT.sub("", text)


def _index() -> dict[str, str]:
    found = {bare(label): key for key, label in FIELD_LABELS.items() if "." not in key and key not in UNLABELLED}
    for key, names in _NAMES.items():
        found |= {squeezed(name): key for name in names}
    for code, step in STEPS_BY_CODE.items():
        found |= {squeezed(name): f"steps.{code}" for name in (step.label, *_STEP_NAMES[code])}
    return found


UNLABELLED = frozenset({"members", "steps", "evidence", "report"})
BY_LABEL = _index()
_COLUMNS = {squeezed(name): column for column, names in MEMBER_COLUMNS.items() for name in names}


def key_of(text: str) -> str | None:
    """The field that a label means, or None."""
    if not text or len(text) > 40:
        return None
    given = {squeezed(name): key for name, key in given_names().items()}
    own = given.get(bare(text)) or given.get(squeezed(text).rstrip(":："))
    return own or BY_LABEL.get(bare(text)) or BY_LABEL.get(squeezed(text).rstrip(":："))


def column_of(text: str) -> str | None:
    """The member column that a head means; "number" for the running number; or None."""
    head = bare(text) if len(text) <= 20 else ""
    given = {squeezed(name): column for name, column in given_columns().items()}
    return "number" if head in MEMBER_NUMBER else given.get(head) or given.get(squeezed(text)) or _COLUMNS.get(head)


# Attachment 2: words that tell which part a heading means; the first one in the heading decides.
SUMMARY_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("summary_plans", ("打算", "计划", "下一步", "今后", "展望", "设想", "下年度", "明年", "工作思路")),
    ("summary_problems", ("问题", "不足", "困难", "差距", "薄弱", "短板")),
    ("summary_training", ("培训", "推进", "宣贯", "教育", "措施", "做法", "活动开展", "过程管理", "主要工作")),
    ("summary_results", ("成果", "效益", "成效", "成绩", "案例", "效果", "收获")),
    ("summary_leadership", ("领导", "组织", "制度", "机构", "机制", "体系", "保障")),
    ("summary_basics", ("基本情况", "概况", "简介", "总体情况", "概述", "企业情况", "单位情况", "基本信息")),
)


def summary_part(heading: str) -> str | None:
    """The field of attachment 2 that a heading means, or None."""
    words = bare(heading)
    for name, key in given_names().items():
        if key.startswith("report.summary.") and squeezed(name) in words:
            return f"summary_{key.removeprefix('report.summary.')}"
    places = [(words.find(word), field) for field, known in SUMMARY_WORDS for word in known if word in words]
    return min(places)[1] if places else None

"""The six sections of attachment 1 and the keys by which a field is named everywhere. Pure Python.

A key is a model field's name, ``members``, ``completing_units``, ``steps.<code>`` or ``evidence.<kind>``;
keys of attachments 2 and 3 start with ``report.`` (report_keys). Remarks, returned fields, completeness problems and
version comparison all speak in these keys.
"""

from collections.abc import Collection
from typing import NamedTuple

from applications import report_keys
from applications.report_keys import REPORT_STATISTICS as REPORT_STATISTICS
from applications.report_keys import REPORT_SUMMARY as REPORT_SUMMARY
from applications.topics import STEPS_BY_CODE


class Section(NamedTuple):
    code: str
    title: str
    fields: tuple[str, ...]


SECTIONS = (
    Section(
        "contact",
        "申报单位与联系人",
        ("certificate_unit_name", "completing_units", "contact_name", "contact_phone", "contact_email"),
    ),
    Section(
        "group",
        "小组概况与成员",
        (
            "group_name", "group_registration_number", "group_registered_on", "group_founded_on",
            "topic_registration_number", "leader_name", "member_count", "activity_starts_on", "activity_ends_on",
            "activity_count", "attendance_rate", "training_hours", "members",
        ),
    ),
    Section("topic", "课题与活动过程", ("topic_name", "topic_type", "group_intro", "steps")),
    Section(
        "results",
        "成果与效益",
        (
            "target_value", "actual_value", "economic_benefit", "activity_cost", "benefit_basis",
            "social_benefit", "main_results", "honours",
        ),
    ),
    Section("awards", "单项奖与推荐单位", ("special_awards", "recommending_unit")),
    Section("evidence", "证实性材料", ("evidence",)),
)  # fmt: skip

BY_CODE = {section.code: section for section in SECTIONS}


def section_of(key: str) -> Section | None:
    """The section that holds ``key``; None for keys of attachments 2 and 3."""
    base = key.split(".", 1)[0]
    return next((section for section in SECTIONS if base in section.fields), None)


FIELD_LABELS: dict[str, str] = {
    "certificate_unit_name": "证书用单位名称",
    "completing_units": "完成单位",
    "contact_name": "联系人",
    "contact_phone": "联系电话",
    "contact_email": "电子邮箱",
    "group_name": "小组名称",
    "group_registration_number": "小组注册号",
    "group_registered_on": "小组注册日期",
    "group_founded_on": "小组成立时间",
    "topic_registration_number": "课题注册号",
    "leader_name": "组长姓名",
    "member_count": "小组人数",
    "activity_starts_on": "活动开始日期",
    "activity_ends_on": "活动结束日期",
    "activity_count": "活动次数",
    "attendance_rate": "出勤率",
    "training_hours": "人均教育培训学时",
    "members": "小组成员",
    "topic_name": "课题名称",
    "topic_type": "课题类型",
    "group_intro": "小组简介",
    "steps": "活动过程",
    **{f"steps.{code}": f"活动过程·{step.label}" for code, step in STEPS_BY_CODE.items()},
    "target_value": "目标值",
    "actual_value": "实际值",
    "economic_benefit": "直接经济效益",
    "activity_cost": "活动投入费用",
    "benefit_basis": "效益计算依据",
    "social_benefit": "社会效益",
    "main_results": "主要成果",
    "honours": "获奖与知识产权",
    "special_awards": "申报单项奖",
    "recommending_unit": "推荐单位",
    "evidence": "证实性材料",
    REPORT_SUMMARY: report_keys.LABELS[REPORT_SUMMARY],
    REPORT_STATISTICS: report_keys.LABELS[REPORT_STATISTICS],
}
# With every cell of attachments 2 and 3, in the order of the forms.
ALL_LABELS: dict[str, str] = {**FIELD_LABELS, **report_keys.LABELS}


def is_open(key: str, open_fields: Collection[str]) -> bool:
    """Whether ``key`` may be corrected: named itself, or by a whole that holds it.

    ``steps`` opens ``steps.effect_check``, ``report.statistics`` opens ``report.statistics.employees``; a cell opens
    neither its neighbours nor its whole.
    """
    parts = key.split(".")
    return any(".".join(parts[:length]) in open_fields for length in range(1, len(parts) + 1))

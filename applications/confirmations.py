"""The statements agreed to with every submission: which texts hold now, and which version of the privacy rules."""

from datetime import datetime
from typing import NamedTuple

from applications.models import Association, ConfirmationText, Consent
from qcportal.models import User

PRIVACY = "privacy"


class Statement(NamedTuple):
    """``label`` stands beside the box, ``text`` is what is agreed to."""

    kind: str
    version: str
    label: str
    text: str


# The first version of each, also laid down by migration 0008; what holds is data (ConfirmationText) from then on.
FIRST_VERSION = "2026-1"
FIRST = {
    "truthful": Statement(
        "truthful",
        FIRST_VERSION,
        "所填内容和证实性材料真实，效益已由财务部门核实。",
        "本单位承诺：申报表、活动总结、统计表及全部证实性材料真实、准确、完整，小组活动由所列成员实际开展，成果归本单位"
        "（及所列完成单位）所有，不存在抄袭、虚构或重复申报；直接经济效益只计活动期内已实现的部分，已扣除活动投入，"
        "并由财务部门核实；盖章的纸质材料与平台提交的版本一致。\n"
        "如有不实，本单位愿意承担取消申报、评审和获奖资格等后果。",
    ),
    "members_informed": Statement(
        "members_informed",
        FIRST_VERSION,
        "已告知小组成员其信息的用途与保存期限，并征得同意。",
        "申报表中列有小组成员的姓名、性别、文化程度、职务职称、组内分工和受教育学时。本单位已把《个人信息处理规则》告知每位"
        "成员：这些信息用于评审小组活动和制作证书，由青海省质量管理协会按规则所列期限保存，到期删除，不对外公示；"
        "成员可以通过本单位或秘书处查阅、更正或要求删除。\n每位成员均已同意本单位为申报目的提供其信息。",
    ),
}


def statements(at: datetime) -> list[Statement]:
    """One for each kind, in the order shown; the newest text that is in force at ``at``."""
    rows = ConfirmationText.objects.in_force(at)
    return [
        Statement(kind, rows[kind].version, rows[kind].label, rows[kind].text) if kind in rows else first
        for kind, first in FIRST.items()
    ]


def privacy_version() -> str:
    return (Association.objects.first() or Association()).privacy_version


def must_agree_to_privacy(user: User) -> str:
    """The version of the privacy rules that ``user`` has yet to agree to, having agreed to an older one; else ""."""
    version = privacy_version()
    agreed = set(Consent.objects.filter(user=user, kind=PRIVACY).values_list("version", flat=True))
    return version if agreed and version not in agreed else ""

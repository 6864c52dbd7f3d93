"""Fields inside a field: the columns of the table of members, the kinds of evidence. Pure Python.

Their keys are ``members.<column>`` and ``evidence.<kind>``. The kinds are those of applications.models.EvidenceKind.
"""

from collections.abc import Mapping
from types import MappingProxyType

# In the order of the printed form, with the words of its heads.
MEMBER_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "name": "姓名",
        "gender": "性别",
        "education": "文化程度",
        "job_title": "职务、职称",
        "group_role": "组内职务",
        "duty": "组内分工",
        "training_hours": "学时",
    }
)
EVIDENCE_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "report": "成果报告",
        "records": "小组活动记录",
        "benefit": "财务效益证明",
        "standard": "标准化文件",
        "photo": "现场照片",
        "licence": "营业执照",
        "honour": "获奖与专利证明",
        "other": "其他",
    }
)
# Without these a filing is incomplete (notice, section 3: 小组活动记录等证实性材料).
REQUIRED_KINDS = ("report", "records", "benefit")
OTHER = "other"

MEMBERS, EVIDENCE = "members", "evidence"
WHOLES = {MEMBERS: "成员名单", EVIDENCE: "证实性材料"}
GROUPS = {MEMBERS: "附件 1 成员名单的各栏", EVIDENCE: "证实性材料的类别"}

# Why some are renamed at will, but neither hidden nor made optional.
FIXED: Mapping[str, str] = MappingProxyType(
    {
        "members.name": "证书名单以姓名为准",
        "members.group_role": "组长由这一栏认定，与组长姓名核对",
        "evidence.report": "评委按成果报告评审",
        "evidence.other": "认不出类别的文件归在这里",
    }
)
CHECKED_BY: Mapping[str, str] = MappingProxyType(
    {
        "evidence.records": "活动记录与活动次数的核对",
        "evidence.benefit": "效益金额与财务证明的核对",
    }
)


def is_part(key: str) -> bool:
    return key.partition(".")[0] in WHOLES and "." in key

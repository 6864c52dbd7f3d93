"""The audit trail in words: groups of acts, names of what changed, values as people say them."""

import re
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone

from applications import check_keys, states, topics
from applications.models import MembershipRole
from applications.models.evidence import EvidenceKind
from applications.states import State
from qcportal import audit_labels
from qcportal.models import AuditEvent
from qcportal.roles import Role

# Reading and taking away: what 谁看过 is about. Later verbs of the same kind are known by how they begin or end.
READS = "reads"
_READ_VERBS = ("document.read", "export.asked", "export.downloaded", "programme.exported", "personal.copied")
_READ_STARTS = ("act_as.", "actas.", "acting.", "impersonation.")
_READ_ENDS = ("viewed", ".exported", "_compared")

# Each act belongs to the first group that names it, by its whole name or by its beginning.
_GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "submitting": ("提交与撤回", (
        "application.submitted", "application.withdrawn", "application.lapsed", "application.receipt_sent",
        "application.draft_reopened", "round.closed",
    )),
    "checking": ("形式审查", (
        "check.", "application.accepted", "application.returned", "application.deferred", "application.refused",
        "application.reopened", "application.correction_extended", "application.disqualified", "remark.",
        "enterprise.verified", "extension.", "message.", "thread.",
    )),
    "paper": ("纸质件与扫描件", ("paper.", "scan.")),
    "judging": ("评审与成绩", (
        "assignment.", "sheet.", "ranking.", "recusal.", "rubric.", "stage.", "tie.", "pledge.", "application.scored",
        "application.awarded", "judge.", "panel.", "proposal.", "relation.", "rules.", "levels.",
    )),
    "recommending": ("推荐意见", ("recommendation.", "recommender.")),
    "events": ("活动与抽签", ("event.", "draw.", "shortlist.", "agenda.")),
    "people": ("人员与账号", ("user.", "person.", "join.", "enterprise.", "personal.")),
    "filling": ("申报填写", ("application.", "evidence.", "report.")),
    "settings": ("设置与后台", ("",)),
}  # fmt: skip
GROUPS = {READS: "查看与导出", **{key: words for key, (words, _starts) in _GROUPS.items()}}


def group_of(verb: str) -> str:
    if verb in _READ_VERBS or verb.startswith(_READ_STARTS) or verb.endswith(_READ_ENDS):
        return READS
    return next(key for key, (_words, starts) in _GROUPS.items() if verb.startswith(starts))


# Every verb that has words: named one by one, so that the index of verbs answers.
_VERBS = [
    *audit_labels.LABELS,
    *(f"{noun}.{ending}" for noun in audit_labels.NOUNS for ending in audit_labels.ENDINGS),
]


def group_condition(key: str) -> Q:
    """The acts of one group; nothing for an unknown one. A verb without words counts as 设置与后台."""
    if key == "settings":
        return ~Q(verb__in=[verb for verb in _VERBS if group_of(verb) != key])
    return Q(verb__in=[verb for verb in _VERBS if group_of(verb) == key]) if key in GROUPS else Q()


def reads() -> Q:
    return group_condition(READS)


KEYS = {
    "state": "状态",
    "version": "版本", "kind": "类别", "role": "身份", "roles": "角色", "judge": "评委编号",
    "round": "期",
    "file_number": "文件编号", "code": "校验码", "total": "总分", "stage": "阶段", "shelf": "存放位置",
    "credit_code": "统一社会信用代码", "correction_due_at": "补正截止", "codes": "提醒事项",
    "checker": "审查人", "basis": "依据",
    "weight": "权重", "starts_at": "开始时间", "scope": "范围", "rows": "行数",
    "preference": "择优顺序", "position": "次序",
    "place": "地点",
    "pages": "页数", "origin_flagged": "登记地待核", "order": "次序", "open_fields": "开放补正的项目",
    "new_deadline": "新的截止时间", "name": "名称",
    "latest_version": "最新版本", "format": "格式", "decision": "意见",
    "changes": "修改的内容", "reason": "理由", "fields": "项目", "section": "部分", "document": "文件", "what": "内容",
    "unit": "推荐单位", "enterprise": "单位", "year": "年度", "sha256": "校验值", "file_sha256": "文件校验值",
    "note": "备注",
    "count": "数量",
    "parts": "部分", "files": "文件数", "personal": "含个人信息", "file": "文件", "continued": "续传", "judges": "评委",
    "applications": "申报数", "submissions": "提交版本数", "reports": "年度材料版本数", "opinions": "推荐意见数",
    "scans": "扫描件数", "from_staff": "由秘书处发出", "granted": "已办理", "page": "页", "seed": "抽签种子",
    "enterprises": "单位数", "documents": "文件数", "new": "新写文件数", "kept": "沿用文件数", "removed": "清理文件数",
    "missing": "未找到文件数",
}  # fmt: skip
# Of no use to a reader: numbers of rows.
_HIDDEN = {"demo", "remark", "message", "clerk", "person", "invitation", "request", "new_owner", "source"}
_STAGES = {"document": "资料", "presentation": "发表", "onsite": "现场"}
_MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d")
_VALUES: dict[str, dict[str, str]] = {
    "state": {state.value: label for state, label in states.LABELS.items()},
    "role": {**dict(MembershipRole.choices), **dict(Role.choices)},
    "roles": dict(Role.choices),
    "stage": _STAGES,
    "format": {"xlsx": "Excel", "csv": "CSV", "zip": "ZIP"},
    "decision": {"recommend": "同意推荐", "decline": "不推荐"},
    "kind": {**dict(topics.CHOICES), **dict(EvidenceKind.choices)},
}
NO_VALUE = "—"


class Change(NamedTuple):
    label: str
    before: str
    after: str


def key_label(key: str) -> str:
    return KEYS.get(key, "其他信息")


def value(key: str, raw: Any) -> str:
    """A value of an audit row for a person."""
    if raw in (None, "", [], {}):
        return NO_VALUE
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, list):
        return "、".join(value(key, one) for one in raw)
    if isinstance(raw, dict):
        return "、".join(f"{key_label(name)} {value(name, one)}" for name, one in raw.items())
    text = str(raw)
    if key in ("open_fields", "fields", "section"):
        return check_keys.label(text)
    if "sha256" in key:
        return text[:12]
    if _MOMENT.match(text):
        return f"{timezone.localtime(datetime.fromisoformat(text)):%Y-%m-%d %H:%M}"
    return _VALUES.get(key, {}).get(text, text)


def changes(event: AuditEvent) -> list[Change]:
    """What was before and after, name by name."""
    names = [
        name
        for name in dict.fromkeys([*event.before, *event.after])
        if name in event.before or value(name, event.after[name]) != NO_VALUE
    ]
    return [
        Change(
            key_label(name),
            value(name, event.before[name]) if name in event.before else "",
            value(name, event.after.get(name)),
        )
        for name in names
        if name not in _HIDDEN
    ]


def more(event: AuditEvent) -> list[tuple[str, str]]:
    shown = [(key_label(name), value(name, raw)) for name, raw in event.data.items() if name not in _HIDDEN]
    return [(label, text) for label, text in shown if text != NO_VALUE]


def sentence(event: AuditEvent) -> str:
    """Who did what to what, in one line; the most telling change behind it."""
    told = f"{event.actor_label or '系统'} {audit_labels.label(event.verb)}"
    if event.target_label:
        told += f"：{event.target_label}"
    before, after = event.before.get("state"), event.after.get("state")
    if before in set(State) and after in set(State):
        told += f"（{value('state', before)} → {value('state', after)}）"
    elif event.verb == "document.read" and event.data.get("document"):
        told += f"（{event.data['document']}）"
    return told

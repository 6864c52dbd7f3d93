"""The fields of attachments 1, 2 and 3 as one year's programme wants them: name, help, demanded or not, hidden.

A programme stores only what differs from the portal's own list, as JSON by key (applications.sections); a rule for one
topic type stands under ``key@type`` and wins over the rule for all. A submission freezes the same JSON, so that it
keeps the names of its time. Pure Python; nothing is looked up.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

from applications import field_parts, report_keys, statistics
from applications.field_reasons import CHECKED_BY as CHECKED_BY
from applications.field_reasons import FIXED as FIXED
from applications.report_keys import REPORT_STATISTICS, REPORT_SUMMARY, SIGNERS, SUMMARY_SECTIONS
from applications.sections import ALL_LABELS, SECTIONS
from applications.topics import LABELS as TYPE_LABELS
from applications.topics import STEPS_BY_CODE, Step, TopicType, steps_of

Rules = Mapping[str, Mapping[str, str]]
REQUIRED, OPTIONAL, HIDDEN = "required", "optional", "hidden"
NEEDS = {REQUIRED: "必填", OPTIONAL: "选填", HIDDEN: "不显示"}
LABEL_LENGTH, HELP_LENGTH = 30, 200
NUMERALS = "一二三四五六七八九十"

# What attachment 1 needs before it can be submitted; everything else is optional (domain.md 1.1).
REQUIRED_BY_SECTION: dict[str, tuple[str, ...]] = {
    "contact": ("certificate_unit_name", "contact_name", "contact_phone", "contact_email"),
    "group": ("group_name", "leader_name", "member_count", "activity_starts_on", "activity_ends_on"),
    "topic": ("topic_name", "topic_type", "group_intro"),
    "results": ("target_value", "actual_value", "economic_benefit", "main_results"),
    "awards": (),
    "evidence": (),
}
_REQUIRED = frozenset(name for names in REQUIRED_BY_SECTION.values() for name in names)

# They cannot be demanded: an empty one means "none", or is asked about elsewhere.
NEVER_REQUIRED = frozenset({"awards_section_seen", "special_awards", "members", "evidence", "steps"})
_FORMULAS = {
    "result_rate": ("results_count", "groups_registered"),
    "participation_rate": ("participants", "employees"),
    "activity_rate": ("groups_active", "groups_registered"),
}


class Default(NamedTuple):
    """A field as the portal has it: ``title`` without the words that say which attachment it stands in."""

    key: str
    title: str
    need: str
    group: str


def _defaults() -> dict[str, Default]:
    found = {}
    for section in SECTIONS:
        for key in section.fields:
            if key not in ("steps", "evidence"):
                need = REQUIRED if key in _REQUIRED or key == "members" else OPTIONAL
                found[key] = Default(key, ALL_LABELS[key], need, section.title)
        if section.code == "group":
            found |= _parts(field_parts.MEMBERS, field_parts.MEMBER_COLUMNS, ("name", "group_role"))
        if section.code == "topic":
            found |= {
                f"steps.{code}": Default(f"steps.{code}", step.label, REQUIRED, section.title)
                for code, step in STEPS_BY_CODE.items()
            }
    found["evidence"] = Default("evidence", ALL_LABELS["evidence"], REQUIRED, SECTIONS[-1].title)
    found |= _parts(field_parts.EVIDENCE, field_parts.EVIDENCE_KINDS, field_parts.REQUIRED_KINDS)
    for name, title, _help in SUMMARY_SECTIONS:
        key = report_keys.KEYS[name]
        found[key] = Default(key, title.split("、", 1)[1], OPTIONAL, "附件 2 活动总结")
    for row in statistics.ROWS:
        key = f"{REPORT_STATISTICS}.{row.field}"
        found[key] = Default(key, row.label, REQUIRED if row.required else OPTIONAL, "附件 3 统计表")
    for name, label in SIGNERS.items():
        key = f"{REPORT_STATISTICS}.{name}"
        found[key] = Default(key, label, OPTIONAL, "附件 3 统计表")
    return found


def _parts(whole: str, names: Mapping[str, str], required: Collection[str]) -> dict[str, Default]:
    group = field_parts.GROUPS[whole]
    return {
        f"{whole}.{name}": Default(f"{whole}.{name}", title, REQUIRED if name in required else OPTIONAL, group)
        for name, title in names.items()
    }


DEFAULTS: Mapping[str, Default] = MappingProxyType(_defaults())

# Sentences are reworded by whole names; 姓名 and 学时 stand in too many others for that.
_TITLES = frozenset(one.title.removeprefix("其中：") for one in DEFAULTS.values() if not field_parts.is_part(one.key))


class FieldList:
    """What holds for one programme, or held for one submission."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.rules: Rules = rules or {}

    def _said(self, key: str, kind: str, what: str) -> str:
        if not self.rules:
            return ""
        specific = self.rules.get(f"{key}@{kind}", {}) if kind else {}
        return specific.get(what, "") or self.rules.get(key, {}).get(what, "")

    # --- Names ----------------------------------------------------------------------------------

    def given(self, key: str, kind: str = "") -> str:
        """The name this programme gives the field, "" where it leaves the portal's."""
        return self._said(key, kind, "label")

    def title(self, key: str, kind: str = "") -> str:
        """The name beside the field itself."""
        default = DEFAULTS.get(key)
        return self.given(key, kind) or (default.title if default else ALL_LABELS.get(key, key))

    def label(self, key: str, kind: str = "") -> str:
        """The name where it stands alone: with the attachment or part that the field is in."""
        if key.startswith(f"{REPORT_STATISTICS}.") and (row := self._rows_by_field.get(key.rsplit(".", 1)[1])):
            return (
                f"附件 3·第 {row.number} 项 {row.label.removeprefix('其中：')}"
                if self.rules
                else ALL_LABELS.get(key, row.label)
            )
        if field_parts.is_part(key):
            return f"{field_parts.WHOLES[key.partition('.')[0]]}·{self.title(key)}"
        given = self.given(key, kind)
        if not given:
            return ALL_LABELS.get(key, key)
        if key.startswith("steps."):
            return f"活动过程·{given}"
        if key.startswith(f"{REPORT_SUMMARY}."):
            return f"附件 2·{given}"
        return f"附件 3·{given}" if key.startswith(f"{REPORT_STATISTICS}.") else given

    def help(self, key: str, kind: str = "") -> str:
        return self._said(key, kind, "help")

    def worded(self, text: str) -> str:
        """A sentence of the portal with the new names in place of its own."""
        if not self._renamed:
            return text
        return self._pattern.sub(lambda found: self._renamed.get(found[0], found[0]), text)

    @cached_property
    def _renamed(self) -> dict[str, str]:
        """By the portal's name. What is renamed for one topic type alone keeps its name in sentences."""
        found = {}
        for key, rule in self.rules.items():
            default = DEFAULTS.get(key)
            if default is not None and rule.get("label") and not field_parts.is_part(key):
                found[default.title.removeprefix("其中：")] = rule["label"].removeprefix("其中：")
        return found

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """Longest first: 本年度小组直接经济效益 is no 直接经济效益, and a new name that stands there already stays."""
        names = sorted(_TITLES | set(self._renamed.values()), key=len, reverse=True)
        return re.compile("|".join(map(re.escape, names)))

    def synonyms(self) -> dict[str, str]:
        """Every name this programme gives, with the field it means: for reading files. Columns of the table of members
        are prefixed by @, as they are looked for among its heads alone."""
        found = {}
        for key, rule in self.rules.items():
            base = key.split("@", 1)[0]
            if rule.get("label") and not base.startswith("evidence."):
                found["@" * base.startswith("members.") + rule["label"]] = base
        return found

    # --- Needs ----------------------------------------------------------------------------------

    def need(self, key: str, kind: str = "") -> str:
        default = DEFAULTS.get(key)
        own = default.need if default else OPTIONAL
        return own if key in FIXED else self._said(key, kind, "need") or own

    def hidden(self, key: str, kind: str = "") -> bool:
        return bool(self.rules) and self.need(key, kind) == HIDDEN

    def required(self, key: str, kind: str = "") -> bool:
        return self.need(key, kind) == REQUIRED

    def steps_of(self, kind: str) -> list[Step]:
        """The steps of a topic type that are asked for, under their names."""
        if not self.rules:
            return steps_of(kind)
        return [
            step._replace(label=self.title(key, kind), help=self.help(key, kind) or step.help)
            for step in steps_of(kind)
            if not self.hidden(key := f"steps.{step.code}", kind)
        ]

    def summary_sections(self) -> tuple[tuple[str, str, str], ...]:
        """Attachment 2: field, numbered title and guidance of each part; numbers close up over hidden ones."""
        if not self.rules:
            return SUMMARY_SECTIONS
        shown = [one for one in SUMMARY_SECTIONS if not self.hidden(report_keys.KEYS[one[0]])]
        return tuple(
            (name, f"{NUMERALS[place]}、{self.title(key)}", self.help(key) or own)
            for place, (name, _title, own) in enumerate(shown)
            if (key := report_keys.KEYS[name])
        )

    def statistics_rows(self) -> tuple[statistics.Row, ...]:
        """Attachment 3: the rows that are asked for, numbered as printed."""
        return self._rows

    @cached_property
    def _rows(self) -> tuple[statistics.Row, ...]:
        if not self.rules:
            return statistics.ROWS
        shown = [row for row in statistics.ROWS if not self.hidden(f"{REPORT_STATISTICS}.{row.field}")]
        numbers = {row.field: str(place) for place, row in enumerate(shown, 1)}
        return tuple(self._row(row, numbers) for row in shown)

    def _row(self, row: statistics.Row, numbers: Mapping[str, str]) -> statistics.Row:
        key = f"{REPORT_STATISTICS}.{row.field}"
        note = self.help(key) or row.note
        if row.field in _FORMULAS and not self.help(key):
            top, bottom = _FORMULAS[row.field]
            note = f"第 {numbers[top]} 项 ÷ 第 {numbers[bottom]} 项"
        return row._replace(
            number=numbers[row.field], label=self.title(key), required=self.required(key), note=note
        )  # fmt: skip

    @cached_property
    def _rows_by_field(self) -> dict[str, statistics.Row]:
        return {row.field: row for row in self._rows}

    def masked(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The figures of attachment 3 without those of hidden rows, which somebody may have typed before."""
        if not self.rules:
            return dict(values)
        return {
            field: None if self.hidden(f"{REPORT_STATISTICS}.{field}") else value for field, value in values.items()
        }

    def member_columns(self) -> dict[str, str]:
        """The columns of the table of members that are asked for, under their names, as printed."""
        return {
            name: self.title(f"members.{name}")
            for name in field_parts.MEMBER_COLUMNS
            if not self.hidden(f"members.{name}")
        }

    def member(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """A member by column, without those that are not asked for."""
        if not self.rules:
            return dict(values)
        return {name: value for name, value in values.items() if not self.hidden(f"members.{name}")}

    def evidence_kinds(self) -> dict[str, str]:
        """The kinds of evidence that are taken, under their names."""
        return {
            kind: self.title(f"evidence.{kind}")
            for kind in field_parts.EVIDENCE_KINDS
            if not self.hidden(f"evidence.{kind}")
        }

    def evidence_kind(self, kind: str) -> str:
        return self.title(f"evidence.{kind}")

    def kind_taken(self, kind: str) -> str:
        """Where a file goes whose kind this year does not have."""
        return field_parts.OTHER if self.hidden(f"evidence.{kind}") else kind

    def required_kinds(self) -> tuple[str, ...]:
        return tuple(kind for kind in field_parts.EVIDENCE_KINDS if self.required(f"evidence.{kind}"))

    def signers(self) -> dict[str, str]:
        """Who signs attachment 3: field and name."""
        return {
            name: self.title(f"{REPORT_STATISTICS}.{name}")
            for name in SIGNERS
            if not self.hidden(f"{REPORT_STATISTICS}.{name}")
        }

    def hidden_keys(self) -> Iterator[str]:
        return (key for key in DEFAULTS if self.hidden(key))


NOTHING_CHANGED = FieldList()


def cleaned(rules: Rules) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """What is worth storing of ``rules``, in the order of the forms, and what is wrong by key.

    Wrong are unknown keys and needs, a fixed field hidden, a name that another field has already.
    """
    kept: dict[str, dict[str, str]] = {}
    wrong: dict[str, str] = {}
    for key, rule in sorted(rules.items(), key=lambda item: _place(item[0])):
        base, _, kind = key.partition("@")
        default = DEFAULTS.get(base)
        if default is None or (kind and (kind not in set(TopicType) or field_parts.is_part(base))):
            wrong[key] = "没有这一项。"
            continue
        said = {what: " ".join(str(rule.get(what, "")).split()) for what in ("label", "help", "need")}
        problem = _problem(base, said)
        if problem:
            wrong[key] = problem
        if said["label"] == default.title:
            said["label"] = ""
        if said["need"] == default.need and not kind:
            said["need"] = ""
        if any(said.values()):
            kept[key] = {what: text for what, text in said.items() if text}
    wrong |= _same_names(kept)
    return kept, wrong


def _place(key: str) -> tuple[int, str]:
    base = key.split("@", 1)[0]
    return (list(DEFAULTS).index(base) if base in DEFAULTS else len(DEFAULTS), key)


def _problem(key: str, said: Mapping[str, str]) -> str:
    if len(said["label"]) > LABEL_LENGTH:
        return f"名称最多 {LABEL_LENGTH} 字。"
    if len(said["help"]) > HELP_LENGTH:
        return f"提示最多 {HELP_LENGTH} 字。"
    if re.search(r"[:：@<>]", said["label"]):
        return "名称中不要用冒号、尖括号和 @。"
    if said["need"] and said["need"] not in NEEDS:
        return "请选择必填、选填或不显示。"
    if key in FIXED and said["need"] and said["need"] != DEFAULTS[key].need:
        return f"可以改名，不能改为选填或不显示：{FIXED[key]}。"
    if said["need"] == REQUIRED and key in NEVER_REQUIRED and DEFAULTS[key].need != REQUIRED:
        return "这一项没有内容也是一种回答，不能改为必填。"
    return ""


def _same_names(kept: Rules) -> dict[str, str]:
    """Two fields of one name could not be told apart in a file. Steps share names over topic types as they do now."""
    fields = FieldList(kept)
    wrong: dict[str, str] = {}
    for key, rule in kept.items():
        base, _, kind = key.partition("@")
        if not rule.get("label"):
            continue
        for other in DEFAULTS:
            if not _read_together(base, other):
                continue
            if other != base and not fields.hidden(other, kind) and rule["label"] in (
                DEFAULTS[other].title, fields.title(other, kind),
            ):  # fmt: skip
                wrong[key] = f"与“{fields.label(other, kind)}”同名，导入文件时会分不清，请换一个名称。"
    return wrong


def _read_together(one: str, other: str) -> bool:
    """Columns of the table of members have names of their own beside the fields, and so have kinds of evidence."""
    wholes = [key.partition(".")[0] if field_parts.is_part(key) else "" for key in (one, other)]
    return wholes[0] == wholes[1]


def kind_label(kind: str) -> str:
    return TYPE_LABELS[TopicType(kind)] if kind else "各类型"

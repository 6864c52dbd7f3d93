"""Frozen JSON as the templates of templates/pdf want it, for each audience."""

import copy
import re
from typing import Any, NamedTuple

from applications import explaining, statistics
from applications.field_list import FieldList
from applications.models import PacketKind, ReportVersion, Submission
from qcportal import pdf
from qcportal.templatetags import official

HIDDEN = "（评审期间隐去）"
OPINIONS = ("企业意见", "推荐单位意见", "协会意见")
COVER_LINE = 19  # characters of a value on the cover
MEMBERS_PER_BLOCK = 10  # a block with a spanning label is never broken over pages
# First row number of each group of attachment 3.
STATISTIC_GROUPS = (
    ("一、基本情况", range(1, 2)),
    ("二、小组登记与活动", range(2, 8)),
    ("三、成果与效益", range(8, 14)),
    ("四、教育培训与队伍", range(14, 17)),
    ("五、获奖情况", range(17, 100)),
)
# Texts of attachment 1 in a table of their own.
TEXTS = ("group_intro", "main_results", "benefit_basis", "honours")
NUMERALS = "一二三四五六七八九十"
_LEVEL2 = re.compile(r"^(（[一二三四五六七八九十]{1,3}）[^。\n]{1,30}。)(.*)$", re.DOTALL)
_LEVEL1_MARK = re.compile(r"^[一二三四五六七八九十]+、")


class Frozen:
    """One submission with the report it stands on, as one audience may read them."""

    def __init__(self, submission: Submission, kind: str = PacketKind.FULL) -> None:
        self.submission = submission
        self.kind = kind
        self.data: dict[str, Any] = copy.deepcopy(submission.data)
        self.personal: dict[str, Any] = copy.deepcopy(submission.personal or {})
        self.report = FrozenReport(submission.report_version, kind)
        if kind == PacketKind.BLIND:
            self._hide_names()

    def _hide_names(self) -> None:
        enterprise, group = self.data["enterprise"], self.data["group"]
        names = {enterprise["name"]: "本单位", group["group_name"]: "本小组"}
        for step in self.data["topic"]["steps"]:
            step["text"] = without(step["text"], names)
        group["group_intro"] = without(group["group_intro"], names)
        for field in ("benefit_basis", "social_benefit", "main_results", "honours"):
            self.data["results"][field] = without(self.data["results"][field], names)
        for field in ("name", "credit_code", "certificate_unit_name"):
            enterprise[field] = HIDDEN
        for field in ("group_name", "group_registration_number", "topic_registration_number"):
            group[field] = HIDDEN
        self.data["completing_units"] = []
        self.data["recommending_unit"] = HIDDEN
        self.data.pop("recommendation", None)
        self.personal["members"] = []

    @property
    def footer(self) -> str:
        s = self.submission
        return (
            f"文件编号 {s.file_number} · 第 {s.version} 版 · 第 {{page}} 页 共 {{total}} 页 · 校验码 {s.code_grouped}"
        )

    def form(self) -> dict[str, Any]:
        """Attachment 1."""
        group, results = self.data["group"], self.data["results"]
        fields, kind = FieldList(self.data.get("fields")), self.data["topic"]["topic_type"]
        texts = [(fields.title(key, kind), {**group, **results}[key]) for key in TEXTS]
        return {
            "fields": fields,
            "kind": kind,
            "members_label": fields.given("members"),
            "data": self.data,
            "personal": self.personal,
            "show_contact": self.kind == PacketKind.FULL,
            "completing": "、".join(self.data["completing_units"]),
            "recommending": self.data["recommending_unit"] or "直接申报",
            **members_table(self.personal.get("members", []), fields),
            "step_tables": [("", self.data["topic"]["steps"])],
            "texts": [(label, text) for label, text in texts if text],
            "opinions": OPINIONS,
            "statement": "材料真实、完整，数据与附件3一致，同意申报。",
        }

    def cover(self, contents: list[dict[str, str]]) -> dict[str, Any]:
        topic, named = self.data["topic"], FieldList(self.data.get("fields")).title
        fields = [
            ("申报单位", self.data["enterprise"]["name"]),
            (named("group_name"), self.data["group"]["group_name"]),
            (named("topic_name"), topic["topic_name"]),
            (named("topic_type"), topic["topic_type_label"]),
            ("提交时间", official.cn_moment(self.data["submitted_at"])),
        ]
        if "entered_by_staff" in self.data and self.kind == PacketKind.FULL:
            confirmed = official.cn_moment(self.data["entered_by_staff"]["confirmed_at"])
            fields.append(("录入方式", f"秘书处代录，单位 {confirmed} 核对确认"))
        return {
            **self._identity(),
            "data": self.data,
            "for_judges": self.kind != PacketKind.FULL,
            "cover_fields": fields,
            "crowded": any(len(value) > COVER_LINE * 2 for _label, value in fields),
            "contents": contents,
            "qr": pdf.qr_svg(pdf.verify_url(self.submission.code)),
        }

    def evidence_list(self, rows: list[dict[str, Any]], pages: int) -> dict[str, Any]:
        return {**self._identity(), "items": rows, "pages": pages, "sha256": self.submission.sha256}

    def explanations(self) -> list[dict[str, str]]:
        """Warnings confirmed with a reason. A free text may name people: the copy without names goes without them."""
        return [] if self.kind == PacketKind.BLIND else explaining.frozen(self.data, self.personal)

    def explanation_list(self) -> dict[str, Any]:
        return {**self._identity(), "explanations": self.explanations()}

    def _identity(self) -> dict[str, Any]:
        s = self.submission
        return {"file_number": s.file_number, "version": s.version, "code": s.code}


class FrozenReport:
    """Attachments 2 and 3 of one report version."""

    def __init__(self, version: ReportVersion, kind: str = PacketKind.FULL) -> None:
        self.version = version
        self.data: dict[str, Any] = copy.deepcopy(version.data)
        self.personal: dict[str, Any] = (version.personal or {}) if kind == PacketKind.FULL else {}
        if kind == PacketKind.BLIND:
            names = {self.data["enterprise"]["name"]: "本单位"}
            for section in self.data["summary"]:
                section["text"] = without(section["text"], names)
            self.data["enterprise"] |= {"name": HIDDEN, "credit_code": HIDDEN}

    @property
    def summary_file(self) -> dict[str, Any] | None:
        return self.data["summary_file"]

    def summary(self) -> dict[str, Any]:
        """Attachment 2: filled sections renumbered, （一）… leads in 楷, the uploaded document named."""
        filled = [section for section in self.data["summary"] if section["text"].strip()]
        sections = [
            {
                "title": f"{NUMERALS[index]}、{_LEVEL1_MARK.sub('', section['title'])}",
                "paragraphs": [_lead(line) for line in section["text"].splitlines() if line.strip()],
            }
            for index, section in enumerate(filled)
        ]
        return {"data": self.data, "sections": sections, "file_note": self._file_note()}

    def _file_note(self) -> str:
        file = self.summary_file
        if file is None:
            return ""
        if file["content_type"] == "application/pdf":
            return f"活动总结文件《{file['name']}》附后。"
        return f"活动总结文件《{file['name']}》随电子文件夹报送（SHA-256：{file['sha256'][:16]}…）。"

    def statistics(self) -> dict[str, Any]:
        rows = [{**row, "shown": with_separators(row["value"])} for row in self.data["statistics"]]
        return {
            "fields": FieldList(self.data.get("fields")),
            "data": self.data,
            "personal": self.personal,
            "frozen_on": official.cn_date(self.data["frozen_at"]),
            "groups": statistic_groups(rows),
        }


def statistic_groups(rows: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """By the row's number in the portal's own list: its printed number closes up over rows not asked for."""
    own = {row.field: int(row.number) for row in statistics.ROWS}
    groups = [(title, [row for row in rows if own[row["field"]] in numbers]) for title, numbers in STATISTIC_GROUPS]
    return [(title, mine) for title, mine in groups if mine]


# Columns of the table of members as printed: head, width in percent, class of the cell.
MEMBER_PRINT: dict[str, tuple[str, float, str]] = {
    "name": ("姓　名", 16.52, "v center"),
    "gender": ("性别", 5.56, "v center"),
    "education": ("文化程度", 10.49, "v center"),
    "job_title": ("职务、职称", 14.81, "v center"),
    "group_role": ("组内职务", 10.49, "v center"),
    "duty": ("组内分工", 22.84, "v"),
    "training_hours": ("学时", 7.56, "v center hours"),
}


class MemberColumn(NamedTuple):
    head: str
    width: str


class MemberCell(NamedTuple):
    css: str
    text: str
    spread: bool  # set over the width of three signs, which is no entry in 楷


def members_table(people: list[dict[str, Any]], fields: FieldList) -> dict[str, Any]:
    """The people in blocks; columns and cells only where the year has other ones than the form."""
    chunks = blocks_of(people)
    columns = fields.member_columns()
    if not any(key.startswith("members.") for key in fields.rules):
        return {"member_chunks": chunks}
    widths = {name: MEMBER_PRINT[name][1] for name in columns}
    room = sum(width for _head, width, _css in MEMBER_PRINT.values()) - sum(widths.values())
    widths["duty" if "duty" in widths else "name"] += room
    titles = {name: fields.given(f"members.{name}") or MEMBER_PRINT[name][0] for name in columns}
    heads = [MemberColumn(titles[name], f"{widths[name]:.2f}") for name in columns]
    cells = [[(number, [_member_cell(name, one) for name in columns]) for number, one in chunk] for chunk in chunks]
    return {"member_chunks": chunks, "member_columns": heads, "member_cells": cells}


def _member_cell(name: str, member: dict[str, Any]) -> MemberCell:
    css = MEMBER_PRINT[name][2]
    if name == "group_role":
        return MemberCell(css, official.spread_to_three(member.get("group_role_label", "")), spread=True)
    if name == "training_hours":
        return MemberCell(css, official.trimmed(member.get(name)), spread=False)
    return MemberCell(css, member.get("gender_label" if name == "gender" else name, ""), spread=False)


def blocks_of(members: list[dict[str, Any]]) -> list[list[tuple[int, dict[str, Any]]]]:
    numbered = list(enumerate(members, 1))
    return [numbered[start : start + MEMBERS_PER_BLOCK] for start in range(0, len(numbered), MEMBERS_PER_BLOCK)]


def without(text: str, names: dict[str, str]) -> str:
    for name, substitute in names.items():
        if name:
            text = text.replace(name, substitute)
    return text


def with_separators(value: str) -> str:
    whole, dot, decimals = value.partition(".")
    return f"{int(whole):,}{dot}{decimals}" if whole.isdigit() else value


def _lead(line: str) -> tuple[str, str]:
    found = _LEVEL2.match(line.strip())
    return (found[1], found[2]) if found else ("", line.strip())

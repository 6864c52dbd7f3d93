"""Attachment 1 as a Word form: empty, or with everything that was typed so far."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made
from typing import Any

from lxml.etree import _Element

from applications.field_list import NOTHING_CHANGED, FieldList
from applications.field_parts import MEMBER_COLUMNS
from applications.topics import CHOICES, LABELS, TopicType
from applications.word import labels, package
from applications.word.ooxml import FANG, HEAD, HEI, LABEL, NOTE, VALUE, XIAO, Cell, Controls, Row, Type, paragraph, run
from applications.word.ooxml import table as table_of

EMPTY_MEMBERS = 10
SPARE_MEMBERS = 3
GENDERS = ("男", "女")
ROLES = ("组长", "副组长", "组员")
OPINIONS = ("企业意见", "推荐单位意见", "协会意见")
STATEMENT = "材料真实、完整，数据与附件3一致，同意申报。"
HELP = (
    f"{labels.INSTRUCTION}：在灰色提示处填写，带下拉箭头的请选择；小组成员不够时在最后一行下面插入行；各栏名称请勿改动。"
    "填好后到申报页面“上传填好的 Word 表”，核对后填入网上申报表。"
)
MEMBER_WIDTHS = {
    "number": 9, "name": 26, "gender": 11, "education": 17, "job_title": 25, "group_role": 18, "duty": 29,
    "training_hours": 11,
}  # fmt: skip
MEMBER_HEADS = {"number": "序号", **MEMBER_COLUMNS, "name": "姓　名"}


@dataclass(frozen=True)
class FormContent:
    """Everything as the form prints it: dates 2026年2月10日, money in 万元, choices in words, "" for nothing."""

    values: Mapping[str, str] = made(default_factory=dict)
    steps: Mapping[str, str] = made(default_factory=dict)
    members: Sequence[Mapping[str, str]] = ()
    awards: Sequence[tuple[str, str, bool]] = ()  # code, name, chosen
    topic_type: str = ""
    uuid: str = ""
    year: str = ""
    edit_version: int | None = None  # of the application when it was exported
    fields: FieldList = NOTHING_CHANGED

    def hidden(self, key: str) -> bool:
        return self.fields.hidden(key, self.topic_type)

    def named(self, key: str, word: str) -> str:
        """The name this year gives the field, else the word of the printed form."""
        given = self.fields.given(key, self.topic_type)
        return f"{given}\n（万元）" if given and "（万元）" in word else given or word

    def get(self, key: str) -> str:
        return self.values.get(key, "")


def form_document(content: FormContent) -> bytes:
    marks = {
        "annex": labels.ANNEX_1, "version": labels.VERSION, "application": content.uuid, "year": content.year,
        "credit_code": content.get("enterprise.credit_code"), "topic_type": content.topic_type,
        "edit_version": "" if content.edit_version is None else str(content.edit_version),
    }  # fmt: skip
    return package.build(_Form(content).body(), title=labels.TITLE_1, marks=marks)


class _Form:
    def __init__(self, content: FormContent) -> None:
        self.content = content
        self.controls = Controls()

    def body(self) -> Iterator[_Element]:
        yield paragraph(run("附件1", Type(HEI, 14)), after=6)
        mark = f"qc.{labels.ANNEX_1}.{labels.VERSION}.{self.content.uuid}"
        title = self.controls.text(mark, "表名", labels.TITLE_1, type_=Type(XIAO, 22), locked="sdtContentLocked")
        yield paragraph(title, align="center", after=6, keep=True)
        yield paragraph(run(HELP, NOTE), after=4, keep=True)
        rows = [
            *self._block("申报单位", self._enterprise()), *self._block("小组概况", self._group()), *self._members(),
            *self._block("活动效果", self._effect()), *self._awards(), *self._texts(), *self._steps(), *_opinions(),
        ]  # fmt: skip
        yield table_of(rows)
        # A document ends with a paragraph; after a table a small one that makes no page of its own.
        yield paragraph(run("", Type(FANG, 1)), line=1)

    def _field(
        self, key: str, title: str, *, hint: str = "", lines: bool = False, before: str = "", after: str = ""
    ) -> "_Value":
        own = key in labels.IDENTITY or key.startswith("enterprise.")
        locked = "sdtContentLocked" if own and self.content.get(key) else "sdtLocked"
        control = self.controls.text(key, title, self.content.get(key), hint=hint, lines=lines, locked=locked)
        parts = [run(before, VALUE)] if before else []
        return _Value(key, (paragraph(*parts, control, *([run(after, VALUE)] if after else [])),))

    def _row(self, *pairs: Any, splits: bool = False) -> Row | None:
        """Labels and values in turn. A field that is not asked for goes, and the others take its room; None when
        nothing is left."""
        kept: list[tuple[tuple[str, int], tuple[Any, int]]] = []
        room = 0
        for label, (value, width) in zip(pairs[::2], pairs[1::2], strict=True):
            key = value.key if isinstance(value, _Value) else ""
            if key and self.content.hidden(key):
                room += label[1] + width
            else:
                kept.append(((self.content.named(key, label[0]) if key else label[0], label[1]), (value, width)))
        if not kept:
            return None
        (label, (value, width)) = kept[-1]
        kept[-1] = (label, (value, width + room))
        cells = [
            Cell(mm, _label(what) if isinstance(what, str) else tuple(what.cells if isinstance(what, _Value) else what))
            for pair in kept
            for what, mm in pair
        ]
        return Row((Cell(10, ()), *cells), splits=splits)

    def _block(self, name: str, rows: Iterable[Row | None]) -> Iterator[Row]:
        """The rows that are left, beside the upright name of their block."""
        for number, row in enumerate(row for row in rows if row is not None):
            side = Cell(10, _upright(name) if number == 0 else (), "continue" if number else "restart")
            yield row._replace(cells=(side, *row.cells[1:]))

    def _enterprise(self) -> Iterator[Row | None]:
        f = self._field
        yield self._row(("单位名称", 24), (f("enterprise.name", "单位名称"), 122))
        yield self._row(("统一社会\n信用代码", 24), (f("enterprise.credit_code", "统一社会信用代码"), 52),
            ("电子邮箱", 22), (f("contact_email", "电子邮箱"), 48),
        )  # fmt: skip
        yield self._row(("所属行业", 24), (f("enterprise.industry", "所属行业"), 70), ("企业规模", 22),
            (f("enterprise.scale", "企业规模"), 30),
        )  # fmt: skip
        yield self._row(("单位地址", 24), (f("enterprise.address", "单位地址"), 122))
        yield self._row(("联系人", 24), (f("contact_name", "联系人"), 26), ("联系电话", 20),
            (f("contact_phone", "联系电话"), 34), ("邮政编码", 20), (f("enterprise.postcode", "邮政编码"), 22),
        )  # fmt: skip
        yield self._row(("证书用名", 24), (f("certificate_unit_name", "证书用名"), 122))
        completing = f("completing_units", "完成单位", hint="点击填写（多个单位用顿号隔开，没有可不填）")
        yield self._row(("完成单位", 24), (completing, 122))
        yield self._row(("推荐单位", 24), (f("recommending_unit", "推荐单位"), 122))

    def _group(self) -> Iterator[Row | None]:
        f = self._field
        kind = LABELS[TopicType(self.content.topic_type)] if self.content.topic_type else ""
        choice = self.controls.choice("topic_type", "课题类型", kind, [label for _code, label in CHOICES])
        yield self._row(
            ("小组名称", 24),
            (f("group_name", "小组名称"), 50),
            ("课题类型", 22),
            (_Value("topic_type", (paragraph(choice),)), 50),
        )
        yield self._row(("课题名称", 24), (f("topic_name", "课题名称"), 122))
        yield self._row(("小组注册号", 24), (f("group_registration_number", "小组注册号"), 50), ("课题注册号", 22),
            (f("topic_registration_number", "课题注册号"), 50),
        )  # fmt: skip
        day = "点击填写（如2025年3月1日）"
        yield self._row(("注册日期", 24), (f("group_registered_on", "小组注册日期", hint=day), 50), ("成立时间", 22),
            (f("group_founded_on", "小组成立时间", hint=day), 50),
        )  # fmt: skip
        start = self.controls.text("activity_starts_on", "活动开始日期", self.content.get("activity_starts_on"))
        end = self.controls.text("activity_ends_on", "活动结束日期", self.content.get("activity_ends_on"))
        period = (paragraph(start, run("至", VALUE), end),)
        yield self._row(
            ("活动时间", 24),
            (period, 78),
            ("活动次数", 22),
            (f("activity_count", "活动次数", after="次"), 22),
        )
        yield self._row(("组长姓名", 24), (f("leader_name", "组长姓名"), 50), ("小组人数", 22),
            (f("member_count", "小组人数", after="人"), 50),
        )  # fmt: skip
        yield self._row(("出勤率", 24), (f("attendance_rate", "出勤率", after="%"), 50), ("人均教育\n培训学时", 22),
            (f("training_hours", "人均教育培训学时", after="学时"), 50),
        )  # fmt: skip

    def _member_columns(self) -> dict[str, tuple[str, int]]:
        """Head and width of each column that is asked for; the room of the others goes to the division of work, else
        to the name."""
        fields = self.content.fields
        shown = {
            name: (fields.given(f"members.{name}") or head, MEMBER_WIDTHS[name])
            for name, head in MEMBER_HEADS.items()
            if not fields.hidden(f"members.{name}")
        }
        room = sum(MEMBER_WIDTHS.values()) - sum(width for _head, width in shown.values())
        widest = "duty" if "duty" in shown else "name"
        shown[widest] = (shown[widest][0], shown[widest][1] + room)
        return shown

    def _members(self) -> Iterator[Row]:
        columns = self._member_columns()
        heads = [Cell(width, _label(head, HEAD)) for head, width in columns.values()]
        yield Row((Cell(10, _upright(self.content.named("members", "小组成员")), "restart"), *heads), 8)
        people = list(self.content.members)
        count = max(EMPTY_MEMBERS, len(people) + SPARE_MEMBERS)
        for number in range(1, count + 1):
            person = people[number - 1] if number <= len(people) else {}
            cells = [Cell(columns["number"][1], _label(str(number)))]
            cells += [
                self._member_cell(name, *of, person.get(name, "")) for name, of in columns.items() if name != "number"
            ]
            yield Row((Cell(10, (), "continue"), *cells), 7.3)

    def _member_cell(self, name: str, head: str, width: int, value: str) -> Cell:
        """Choices are controls that may be copied and deleted with their row; the rest is plain text of the cell."""
        small = VALUE._replace(size=10.5)
        if name in ("gender", "group_role"):
            options = GENDERS if name == "gender" else ROLES
            shown = self.controls.choice(f"member.{name}", head, value, options, type_=small, locked="")
        else:
            shown = run(value, small)
        return Cell(width, (paragraph(shown, align="center"),))

    def _effect(self) -> Iterator[Row | None]:
        f = self._field
        yield self._row(("直接经济效益\n（万元）", 24), (f("economic_benefit", "直接经济效益（万元）"), 50),
            ("活动投入费用（万元）", 22), (f("activity_cost", "活动投入费用（万元）"), 50),
        )  # fmt: skip
        yield self._row(
            ("目标值", 24),
            (f("target_value", "目标值"), 50),
            ("实际值", 22),
            (f("actual_value", "实际值"), 50),
        )
        yield self._row(("社会效益", 24), (f("social_benefit", "社会效益", lines=True), 122), splits=True)

    def _awards(self) -> Iterator[Row]:
        if not self.content.awards:
            return
        lines = [
            paragraph(self.controls.tick(f"special_awards.{code}", name, chosen), run(f"{name}", VALUE))
            for code, name, chosen in self.content.awards
        ]
        yield Row((Cell(34, _label(self.content.named("special_awards", "申报单项奖"))), Cell(122, tuple(lines))))

    def _texts(self) -> Iterator[Row]:
        for key, title in (
            ("group_intro", "小组简介"), ("main_results", "主要成果"), ("benefit_basis", "效益计算依据"),
            ("honours", "获奖与知识产权"),
        ):  # fmt: skip
            if self.content.hidden(key):
                continue
            name = self.content.named(key, title)
            content = self._field(key, name, lines=True).cells
            yield Row((Cell(34, _label(name)), Cell(122, content, valign="top")), 16, splits=True)

    def _steps(self) -> Iterator[Row]:
        """The table of the chosen type; without one those of all types, of which one is filled in."""
        kinds = [TopicType(self.content.topic_type)] if self.content.topic_type else list(TopicType)
        for kind in kinds:
            if len(kinds) > 1:
                caption = f"活动过程（{LABELS[kind]}，按课题类型选填一表）"
                yield Row((Cell(156, _label(caption, HEAD)),), 8)
            yield Row(
                (
                    Cell(10, _label("序号", HEAD)),
                    Cell(24, _label("活动步骤", HEAD)),
                    Cell(122, _label("主要内容摘要", HEAD)),
                ),
                8,
            )
            for number, step in enumerate(self.content.fields.steps_of(kind), 1):
                tag = f"steps.{step.code}" if len(kinds) == 1 else f"steps.{kind}.{step.code}"
                text = self.content.steps.get(step.code, "")
                control = self.controls.text(tag, step.label, text, lines=True)
                content = Cell(122, (paragraph(control),), valign="top")
                yield Row((Cell(10, _label(str(number))), Cell(24, _label(step.label)), content), 20, splits=True)


class _Value:
    """The cell of one field, which knows whose it is."""

    def __init__(self, key: str, cells: tuple[_Element, ...]) -> None:
        self.key, self.cells = key, cells


def _label(text: str, type_: Type = LABEL) -> tuple[_Element, ...]:
    return (paragraph(run(text, type_), align="center"),)


def _upright(text: str) -> tuple[_Element, ...]:
    """One character under the other; a paragraph each would be read as four words."""
    return (paragraph(run("\n".join(text), LABEL), align="center"),)


def _opinions() -> Iterator[Row]:
    """Three boxes with room for a seal of 42 mm, signature and date below."""
    for number, label in enumerate(OPINIONS):
        words = (paragraph(run(STATEMENT if number == 0 else "", VALUE), indent=24, keep=True),)
        sign = (
            paragraph(run("（盖　章）", VALUE), align="right", after=6, keep=True),
            paragraph(run("负责人（签字）：　　　　　　　　　　　　　　　　年　　　月　　　日", VALUE), align="right"),
        )
        yield Row((Cell(10, _upright(label), "restart"), Cell(146, words, valign="top", open=("bottom",))), 24)
        yield Row((Cell(10, (), "continue"), Cell(146, sign, valign="bottom", open=("top",))), 24)

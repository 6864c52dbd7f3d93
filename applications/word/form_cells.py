"""Findings of attachment 1 as cells for the review page. Pure Python.

An empty cell of the form is no entry: it never clears what was typed on the page.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from applications.field_list import NOTHING_CHANGED, FieldList
from applications.imports.cells import ReadCell
from applications.sections import FIELD_LABELS, SECTIONS
from applications.topics import LABELS, STEPS_BY_CODE, TopicType, steps_of
from applications.word import labels, values
from applications.word.found import FormFound, Found, Unplaced, left_cells
from applications.word.values import Typed


class Choices(NamedTuple):
    """What the portal offers to choose from: codes or keys by name."""

    awards: Mapping[str, str]  # name -> key of the form's choice
    award_codes: Mapping[str, str]  # code in the file -> key
    units: Mapping[str, str]  # name -> key


MEMBERS_AT_MOST = 50  # as on the page
NOWHERE = "没有放进任何项目，需要的请复制后自行填写。"
# Words of the form that stand beside an entry, left alone where nothing was entered.
EMPTY = frozenset({"", "次", "人", "%", "学时", "至", "请选择"})
_UNITS = {
    "member_count": ("人", "名"), "activity_count": ("次",), "attendance_rate": ("%", "百分比"),
    "training_hours": ("学时/人", "小时/人", "学时", "小时", "h"),
}  # fmt: skip
_DATES = ("group_registered_on", "group_founded_on", "activity_starts_on", "activity_ends_on")
_MONEY = ("economic_benefit", "activity_cost")
_NAMES = ("leader_name", "contact_name")
_LONG = frozenset({"group_intro", "benefit_basis", "social_benefit", "main_results", "honours"})


def form_cells(found: FormFound, choices: Choices, fields: FieldList = NOTHING_CHANGED) -> list[ReadCell]:
    """In the order of the form; then the texts that no field takes."""
    made = {cell.key: cell for cell in _Maker(found, choices, fields).cells() if cell.entry or cell.problem}
    order = [key for section in SECTIONS for field in section.fields for key in _keys_of(field)]
    cells = [made[key] for key in order if key in made]
    return cells + left_cells(found.unplaced, NOWHERE)


def _keys_of(field: str) -> Iterable[str]:
    return [f"steps.{code}" for code in STEPS_BY_CODE] if field == "steps" else [field]


class _Maker:
    def __init__(self, found: FormFound, choices: Choices, fields: FieldList) -> None:
        self.found, self.choices, self.fields = found, choices, fields
        self.type = values.topic_type(found.first("topic_type")).text

    def cells(self) -> Iterable[ReadCell]:
        for key in FIELD_LABELS:
            one = self._pick(key)
            if one is not None:
                yield self._cell(key, one)
        yield from self._period()
        yield from self._cost()
        yield from self._awards()
        if self.found.members:
            yield self._members()

    def _pick(self, key: str) -> Found | None:
        """Of several findings the first; others that say something else are left over by name."""
        if key in ("special_awards", "members", "steps", "evidence"):
            return None
        found = [one for one in self.found.fields.get(key, ()) if one.text.strip() not in EMPTY]
        if not found:
            return None
        for other in found[1:]:
            if values.one_line(other.text) != values.one_line(found[0].text) and not (
                found[0].exact and not other.exact
            ):
                self._left(key, other)
        return found[0]

    def _left(self, key: str, other: Found) -> None:
        self.found.unplaced.append(Unplaced(other.place, other.text, f"“{self.fields.label(key)}”出现了不止一次"))

    def _cell(self, key: str, one: Found, typed: Typed | None = None) -> ReadCell:
        typed = typed or self._typed(key, one)
        label, problem = self.fields.label(key), self._problem(key, typed)
        return ReadCell(key, label, one.place, one.text, typed.text, problem, typed.note)

    def _problem(self, key: str, typed: Typed) -> str:
        if key == "topic_type" and typed.text not in list(TopicType):
            return f"请写明是哪一种：{'、'.join(LABELS.values())}。"
        if key == "recommending_unit" and typed.text and typed.text not in self.choices.units.values():
            return "不在推荐单位名单中，请在网页上选择。"
        return ""

    def _typed(self, key: str, one: Found) -> Typed:
        if key in _LONG or key.startswith("steps."):
            return Typed(values.long_text(one.text))
        special: dict[str, Callable[[str], Typed]] = {
            "topic_type": values.topic_type, "completing_units": values.units, "recommending_unit": self._unit,
            **dict.fromkeys(_DATES, values.day), **dict.fromkeys(_NAMES, lambda text: Typed(values.person(text))),
        }  # fmt: skip
        if key in special:
            return special[key](one.text)
        if key in _UNITS:
            return values.number(one.text, _UNITS[key])
        if key in _MONEY:
            return (
                values.benefit_and_cost(one.text, one.unit)[0]
                if key == "economic_benefit"
                else values.money(one.text, one.unit)
            )
        return Typed(values.one_line(one.text))

    def _unit(self, text: str) -> Typed:
        plain = labels.squeezed(text)
        if plain in {"无", "/", "-", "直接申报", "不经推荐单位,直接申报"}:
            return Typed("")
        return Typed(next((key for name, key in self.choices.units.items() if labels.squeezed(name) == plain), text))

    def _period(self) -> Iterable[ReadCell]:
        """Both dates of 活动时间, for those that have no cell of their own."""
        one = next(iter(self.found.fields.get(labels.PERIOD, ())), None)
        wanted = [key for key in ("activity_starts_on", "activity_ends_on") if not self.found.first(key)]
        if one is None or not wanted or one.text.strip() in EMPTY:
            return
        both = values.period(one.text)
        for key in wanted:
            typed = both[0 if key == "activity_starts_on" else 1] if both else Typed("")
            cell = self._cell(key, one, typed)
            yield cell if both else cell._replace(problem="读不出起止日期，请写成“2025年3月1日至2025年11月30日”。")

    def _cost(self) -> Iterable[ReadCell]:
        """The cost that was written into the cell of the benefit."""
        one = next(iter(self.found.fields.get("economic_benefit", ())), None)
        if one is None or self.found.first("activity_cost"):
            return
        cost = values.benefit_and_cost(one.text, one.unit)[1]
        if cost is not None:
            yield self._cell("activity_cost", one, cost._replace(note=cost.note or "取自经济效益一栏"))

    def _awards(self) -> Iterable[ReadCell]:
        """Boxes of our form count; else the ticks, or the names, in the cell of the awards."""
        one = next(iter(self.found.fields.get("special_awards", ())), Found("", "“申报单项奖”栏"))
        if self.found.ticks:
            unknown = [code for code in self.found.ticks if code not in self.choices.award_codes]
            chosen = [
                self.choices.award_codes[code] for code, on in self.found.ticks.items() if on and code not in unknown
            ]
            cell = ReadCell("special_awards", self.fields.label("special_awards"), one.place, one.text, chosen)
            yield cell._replace(note="表中有本年度没有的单项奖，未读取") if unknown else cell
            return
        names = values.ticked(one.text, self.choices.awards)
        if names is not None:
            keys = [self.choices.awards[name] for name in names]
            yield ReadCell("special_awards", self.fields.label("special_awards"), one.place, one.text, keys)
        elif labels.squeezed(one.text) not in {"", "无", "/"}:
            problem = "没有认出单项奖的名称。"
            yield ReadCell("special_awards", self.fields.label("special_awards"), one.place, one.text, problem=problem)

    def _members(self) -> ReadCell:
        found = [self.fields.member(one) for one in self.found.members]
        people = [self.fields.member(_person(one)) for one in found]
        raw = "\n".join("，".join(value for value in one.values()) for one in found)
        if len(people) > MEMBERS_AT_MOST:
            problem = f"成员表有 {len(people)} 行，最多 {MEMBERS_AT_MOST} 人，请核对。"
            return ReadCell("members", self.fields.label("members"), self.found.members_place, raw, problem=problem)
        note = f"共 {len(people)} 人；采用后替换网上已填的全部成员。"
        return ReadCell("members", self.fields.label("members"), self.found.members_place, raw, people, "", note)


def _person(one: Mapping[str, str]) -> dict[str, str]:
    return {
        "name": values.person(one.get("name", "")),
        "gender": values.gender(one.get("gender", "")).text,
        "education": values.one_line(one.get("education", "")),
        "job_title": values.one_line(one.get("job_title", "")),
        "group_role": values.group_role(one.get("group_role", "")).text,
        "duty": values.one_line(one.get("duty", "")),
        "training_hours": values.number(one.get("training_hours", ""), _UNITS["training_hours"]).text,
    }


def type_notices(found: FormFound, wanted: str) -> list[str]:
    """What to say about a form for another topic type than ``wanted``, and about steps that this type does not have."""
    read = values.topic_type(found.first("topic_type")).text
    notices = []
    kinds = list(TopicType)
    if read in kinds and wanted and read != wanted:
        notices.append(
            f"文件是“{LABELS[TopicType(read)]}”的申报表，网上现为“{LABELS[TopicType(wanted)]}”。各步骤按名称对应；"
            "确认导入课题类型后，网上的步骤随之改变，已写的内容都保留。"
        )
    kind = read if read in kinds else wanted
    if kind:
        own = {step.code for step in steps_of(kind)}
        others = [
            STEPS_BY_CODE[code].label
            for key in found.fields
            if key.startswith("steps.") and (code := key.removeprefix("steps.")) not in own and found.first(key)
        ]
        if others:
            notices.append(
                f"“{LABELS[TopicType(kind)]}”没有这些步骤：{'、'.join(others)}。内容会保存，换成有这些步骤的类型时可见。"
            )
    return notices

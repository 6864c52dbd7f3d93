"""Another topic type: which steps' texts stay, which are kept without being printed, which are still empty."""

from collections.abc import Mapping
from typing import NamedTuple

from applications import topics
from applications.field_list import NOTHING_CHANGED, FieldList
from applications.forms.lengths import characters


class StepText(NamedTuple):
    step: topics.Step
    length: int
    returns: bool = False  # written under an earlier type, not printed now

    @property
    def code(self) -> str:
        return self.step.code


class TypeChange(NamedTuple):
    to: str
    steps: list[StepText]  # of the new type, in order; length 0 for those that are empty
    dropped: list[StepText]  # written, kept in storage, not printed under the new type
    unwritten: list[StepText]  # not printed under the new type either; a script sees whether they get a text

    @property
    def label(self) -> str:
        return topics.LABELS[topics.TopicType(self.to)]

    @property
    def kept_count(self) -> int:
        return sum(bool(one.length) for one in self.steps)

    @property
    def empty_count(self) -> int:
        return len(self.steps) - self.kept_count


def change(texts: Mapping[str, str], now: str, to: str, fields: FieldList = NOTHING_CHANGED) -> TypeChange:
    """What going from type ``now`` to ``to`` means for ``texts`` (step code to text)."""
    old = {step.code for step in fields.steps_of(now)} if now else set()
    new = fields.steps_of(to)
    codes = {step.code for step in new}
    lengths = {code: characters(text) for code, text in texts.items()}
    steps = [
        StepText(step, lengths.get(step.code, 0), bool(lengths.get(step.code)) and step.code not in old) for step in new
    ]
    gone = [
        StepText(step, lengths.get(step.code, 0))
        for step in (fields.steps_of(now) if now else [])
        if step.code not in codes
    ]
    return TypeChange(to, steps, [one for one in gone if one.length], [one for one in gone if not one.length])


def others(texts: Mapping[str, str], now: str, fields: FieldList = NOTHING_CHANGED) -> list[TypeChange]:
    """One for each other type."""
    return [change(texts, now, kind.value, fields) for kind in topics.TopicType if kind.value != now]

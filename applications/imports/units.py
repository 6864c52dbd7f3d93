"""Units in which people fill in numbers, and the conversion to what the form takes. Pure Python.

The form takes 万元 for money and single persons, groups, … for counts. A unit that the file names is converted and
said; without one the number is taken as it stands, and the form's own checks speak up (0.125 人).
"""

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

from applications import statistics
from applications.imports.sheets import number_of


class Unit(NamedTuple):
    name: str
    factor: Decimal  # of the base unit: 元 or one
    money: bool


_MONEY = {"元": 1, "千元": 1000, "万元": 10_000, "百万元": 1_000_000, "亿元": 100_000_000}
_COUNTS = ("人", "个", "人次", "条", "项", "组", "次", "名")


def unit_of(text: str) -> Unit | None:
    """``text`` as the name of a unit: 万元, 单位：万人, (个)."""
    name = re.sub(r"[\s()\[\]:]", "", unicodedata.normalize("NFKC", text)).removeprefix("单位").removeprefix("人民币")
    if name in _MONEY:
        return Unit(name, Decimal(_MONEY[name]), True)
    if name in _COUNTS:
        return Unit(name, Decimal(1), False)
    if name[:1] in "万千百" and name[1:] in _COUNTS:
        return Unit(name, Decimal({"万": 10_000, "千": 1000, "百": 100}[name[0]]), False)
    return None


_WITH_UNIT = re.compile(r"^([+\-]?[\d.,，\s]+)([万千百亿]*(?:元|人次|人|个|条|项|组|名)|[万千亿])$")


def converted(text: str, unit: Unit | None, row: statistics.Row) -> tuple[str, str]:
    """What the form's field takes for ``text``, and what to tell the person when it was converted."""
    money = row.field in statistics.MONEY
    number = number_of(text)
    typed = _WITH_UNIT.match(unicodedata.normalize("NFKC", text).strip())
    if typed is not None:
        name = typed[2] if typed[2] not in ("万", "千", "亿") else typed[2] + ("元" if money else row.unit)
        unit, number = unit_of(name) or unit, number_of(typed[1])
    if number is None:
        return text, ""
    if unit is None or unit.money != money:
        return format(number, "f"), ""
    base = statistics.WAN if money else Decimal(1)
    if unit.factor == base:
        return format(number, "f"), ""
    value = (number * unit.factor / base).normalize()
    shown = format(value, "f")
    return shown, f"文件中的单位是“{unit.name}”，已换算为 {shown} {row.unit}，请核对。"

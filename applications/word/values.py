"""What people write into a form as what our forms take: dates, counts, money in 万元, choices. Pure Python.

``Typed.text`` goes through the same form fields as typing on the page, which refuse what is still wrong. Nothing
is guessed silently: a conversion carries a note.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from applications.topics import TopicType
from applications.word.labels import squeezed


class Typed(NamedTuple):
    text: str
    note: str = ""


_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_DAY = re.compile(
    r"((?:19|20)\d{2})(?:年|[.\-/])(\d{1,2})(?:月|[.\-/])(\d{1,2})日?|(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)"
)
_MONTH = re.compile(r"((?:19|20)\d{2})(?:年|[.\-/])(\d{1,2})月?(?![\d.\-/])")
_NUMBER = r"[+\-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[+\-]?\d+(?:\.\d*)?|[+\-]?\.\d+"
_AMOUNT = re.compile(rf"({_NUMBER})(亿元|万元|千元|元|亿|万)?")
_COST = re.compile(rf"(?:费用|投入|成本)[^\d]{{0,4}}({_NUMBER})(万元|元)?")
IN_WAN = {"亿元": Decimal(10_000), "亿": Decimal(10_000), "万元": Decimal(1), "万": Decimal(1),
          "千元": Decimal("0.1"), "元": Decimal("0.0001")}  # fmt: skip
TICKS = "☑☒✓✔√■●◉R"
BOXES = "☐□○◯◻"


def one_line(text: str) -> str:
    """An entry of one line: breaks and runs of blanks become one space."""
    return re.sub(r"\s+", " ", text).strip()


def long_text(text: str) -> str:
    """As typed, with one kind of line break and no empty edges."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def days_of(text: str) -> list[tuple[date, bool]]:
    """Dates in order; the flag says that only a month was written (its first day). Impossible ones are left out."""
    plain = _western(text)
    found: list[tuple[int, date, bool]] = []
    taken: list[tuple[int, int]] = []
    for match in _DAY.finditer(plain):
        parts = match.groups()[:3] if match[1] else match.groups()[3:]
        day = _date(*(int(part) for part in parts))
        taken.append(match.span())
        if day:
            found.append((match.start(), day, False))
    for match in _MONTH.finditer(plain):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        day = _date(int(match[1]), int(match[2]), 1)
        if day:
            found.append((match.start(), day, True))
    return [(day, whole) for _at, day, whole in sorted(found)]


def _western(text: str) -> str:
    """Half-width and without spaces; 二〇二五年三月一日 in figures."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).replace("—", "-").replace("–", "-")
    chinese = re.search(r"[〇零○一二三四五六七八九]{4}年", plain)
    if not chinese:
        return plain
    plain = re.sub(r"[〇零○一二三四五六七八九]{4}(?=年)", lambda found: found[0].translate(_DIGITS), plain)
    return re.sub(r"[一二三四五六七八九十]{1,3}(?=[月日])", lambda found: str(_small(found[0])), plain)


def _small(text: str) -> int:
    """一 to 九十九."""
    tens, ten, ones = text.partition("十")
    if not ten:
        return int(tens.translate(_DIGITS))
    return (int(tens.translate(_DIGITS)) if tens else 1) * 10 + (int(ones.translate(_DIGITS)) if ones else 0)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def day(text: str) -> Typed:
    found = days_of(text)
    if len(found) != 1:
        return Typed(one_line(text))
    when, whole = found[0]
    return Typed(when.isoformat(), f"原文“{one_line(text)}”没有日，按当月 1 日读取" if whole else "")


def period(text: str) -> tuple[Typed, Typed] | None:
    """Both ends of 2025年3月1日至11月30日; a month at the end means its last day."""
    found = days_of(text)
    if len(found) == 1:
        later = re.split(r"至|到|-{1,2}|~|～", _western(text), maxsplit=1)[-1]
        with_year = days_of(f"{found[0][0].year}年{later}") if not re.match(r"\d{4}", later) else []
        found += with_year[:1]
    if len(found) != 2:
        return None
    (start, whole_start), (end, whole_end) = found
    if whole_end:
        end = (end.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    note = f"原文“{one_line(text)}”没有日，按整月读取"
    return Typed(start.isoformat(), note if whole_start else ""), Typed(end.isoformat(), note if whole_end else "")


def money(text: str, unit: str = "") -> Typed:
    """In 万元. A unit that is written is believed and converted; ``unit`` is that of the label, else 万元."""
    plain = re.sub(r"[\s_]", "", unicodedata.normalize("NFKC", text)).removeprefix("人民币").strip("¥￥")
    about = plain.startswith(("约", "大约", "近", "超", "逾"))
    amounts = list(_AMOUNT.finditer(plain))
    outside = _AMOUNT.sub("", plain).lstrip("约大近超逾").strip("。;,")
    if len(amounts) != 1 or outside:
        return Typed(one_line(text)) if plain not in {"无", "-", "/", "—"} else Typed("")
    written = amounts[0][2] or unit or "万元"
    number = Decimal(amounts[0][1].replace(",", "")) * IN_WAN.get(written, Decimal(1))
    shown = format(number.normalize(), "f")
    notes = []
    if IN_WAN.get(written, Decimal(1)) != 1:
        notes.append(f"原文“{one_line(text)}”按{written}换算为 {shown} 万元")
    elif not amounts[0][2] and not unit:
        notes.append("没有写单位，按万元读取")
    if about:
        notes.append(f"原文写有“{plain[0]}”，按 {shown} 万元读取")
    return Typed(shown if amounts[0][2] or unit or about else amounts[0][1].replace(",", ""), "；".join(notes))


def benefit_and_cost(text: str, unit: str = "") -> tuple[Typed, Typed | None]:
    """Both amounts of one cell: 活动期直接经济效益186.42万元（已扣除对策费用31.60万元）."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    cost = _COST.search(plain)
    first = _AMOUNT.search(plain)
    if cost and first and first.start() < cost.start(1):
        return money(f"{first[1]}{first[2] or ''}", unit), money(f"{cost[1]}{cost[2] or ''}", unit)
    words = re.sub(r"^(活动期)?直接?(经济)?效益(为|是|:|共|合计)?", "", plain)
    return (money(words, unit) if words != plain else money(text, unit)), None


def number(text: str, units: Iterable[str]) -> Typed:
    """24次, 10 人, 96.5％ without their units; 约 stays a fault of the entry."""
    plain = re.sub(r"[\s,_]", "", unicodedata.normalize("NFKC", text))
    for unit in units:
        plain = plain.removesuffix(unit)
    plain = plain.removeprefix("共")
    return Typed(plain if re.fullmatch(_NUMBER, plain) else one_line(text))


_KINDS = (
    (TopicType.INNOVATION, ("创新",)),
    (TopicType.DIRECTIVE, ("指令",)),
    (TopicType.SELF_SET, ("自定", "自选", "自设", "自行设定")),
)


def topic_type(text: str) -> Typed:
    """The type that is named, or ticked where several are named; else the text itself, which no form takes."""
    plain = squeezed(text).upper()
    if any(tick in plain for tick in TICKS):
        chosen = [part[1:] for part in re.split(f"(?=[{TICKS}{BOXES}])", plain) if part[:1] in TICKS and part[:1]]
        plain = "".join(chosen)
    kinds = [kind for kind, words in _KINDS if any(word in plain for word in words)]
    return Typed(str(kinds[0])) if len(kinds) == 1 else Typed(one_line(text))


def ticked(text: str, names: Iterable[str]) -> list[str] | None:
    """Which of ``names`` a cell with boxes chooses; without boxes those that it names; None when it names none."""
    plain, marks = squeezed(text), TICKS.lower() + BOXES
    found = {name: plain.find(squeezed(name)) for name in names}
    if all(place < 0 for place in found.values()):
        return None
    boxed = any(mark in plain for mark in BOXES + TICKS.lower().replace("r", ""))
    chosen = []
    for name, place in found.items():
        before = plain[place - 1 : place] if place > 0 else ""
        if place >= 0 and (before in TICKS.lower() and before if boxed and before in marks else not boxed):
            chosen.append(name)
    return chosen


def gender(text: str) -> Typed:
    return Typed({"男": "m", "女": "f", "男性": "m", "女性": "f"}.get(squeezed(text), one_line(text)))


_ROLES = {
    "组长": "leader",
    "小组长": "leader",
    "副组长": "deputy",
    "组员": "member",
    "成员": "member",
    "队员": "member",
}


def group_role(text: str) -> Typed:
    role = squeezed(text)
    if not role:
        return Typed("member")
    return Typed(_ROLES.get(role, one_line(text)))


def person(text: str) -> str:
    """A name without the spaces that spread it: 张　三."""
    return re.sub(r"\s", "", text)


def units(text: str) -> Typed:
    """Completing units, one a line."""
    plain = text.strip()
    if squeezed(plain) in {"无", "/", "-", "—"}:
        return Typed("")
    return Typed("\n".join(part.strip() for part in re.split(r"[\n、;；]", plain) if part.strip()))

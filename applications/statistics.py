"""附件 3: the rows of the statistics table, the computed rates, and the checks. Pure Python.

Formulas (domain.md 1.2): 成果率 = 当年取得成果数 / 本年度登记注册小组数; 普及率 = 参加小组活动人数 / 企业职工总数;
活动率 = 本年度开展活动小组数 / 本年度登记注册小组数. Counts are whole numbers, money is in 元.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

WAN = Decimal(10_000)
CENT = Decimal("0.01")
MOST_YUAN = 50_000_000  # of one result: beyond it somebody probably typed 元 into a cell of 万元
LEAST_YUAN = 100  # below it somebody probably typed 亿元


class Row(NamedTuple):
    number: str
    field: str
    label: str
    unit: str
    required: bool
    note: str = ""


ROWS = (
    Row("1", "employees", "企业职工总数", "人", True, "上年末在册职工人数，单位是人"),
    Row("2", "groups_cumulative", "历年累计登记注册小组数", "个", True, "含本年度"),
    Row("3", "groups_registered", "本年度登记注册小组数", "个", True),
    Row("4", "groups_problem_solving", "其中：问题解决型", "个", False),
    Row("5", "groups_innovation", "其中：创新型", "个", False),
    Row("6", "groups_active", "本年度开展活动小组数", "个", True, "有课题并开展活动的小组"),
    Row("7", "participants", "参加小组活动人数", "人", True, "同一人参加多个小组只计一次"),
    Row("8", "results_count", "当年取得成果数", "个", True),
    Row("9", "direct_benefit", "本年度小组直接经济效益", "万元", True, "经财务部门核实"),
    Row("10", "cumulative_benefit", "历年累计经济效益", "万元", False),
    Row("11", "result_rate", "成果率", "%", False, "第 8 项 ÷ 第 3 项"),
    Row("12", "participation_rate", "普及率", "%", False, "第 7 项 ÷ 第 1 项"),
    Row("13", "activity_rate", "活动率", "%", False, "第 6 项 ÷ 第 3 项"),
    Row("14", "training_attendances", "参加小组活动培训", "人次", False),
    Row("15", "suggestions", "小组成员合理化建议数", "条", False),
    Row("16", "promoters", "具有小组活动推进者资格人数", "人", False),
    Row("17", "awards_national", "获国家级优秀小组数", "个", False, "本年度"),
    Row("18", "awards_provincial", "获省级优秀小组数", "个", False, "本年度"),
    Row("19", "awards_municipal", "获市（行业）级优秀小组数", "个", False, "本年度"),
)
COMPUTED = frozenset({"result_rate", "participation_rate", "activity_rate"})
MONEY = frozenset({"direct_benefit", "cumulative_benefit"})
FIELDS = tuple(row.field for row in ROWS if row.field not in COMPUTED)
BY_FIELD = {row.field: row for row in ROWS}


class Finding(NamedTuple):
    """``level`` is error (blocks submission) or warning; ``fix`` is the value a one-press repair would set.

    A warning has a stable ``code`` and the ``facts`` it rests on: other facts make it another question.
    """

    level: str
    field: str
    message: str
    fix: str = ""
    code: str = ""
    facts: str = ""


def percentage(numerator: int | None, denominator: int | None) -> Decimal | None:
    """A rate in percent with two places, ROUND_HALF_UP; None where a number is missing or the base is 0."""
    if numerator is None or not denominator:
        return None
    return (Decimal(numerator) * 100 / Decimal(denominator)).quantize(CENT, ROUND_HALF_UP)


def rates(values: Mapping[str, Any]) -> dict[str, Decimal | None]:
    registered = values.get("groups_registered")
    return {
        "result_rate": percentage(values.get("results_count"), registered),
        "participation_rate": percentage(values.get("participants"), values.get("employees")),
        "activity_rate": percentage(values.get("groups_active"), registered),
    }


def to_wan(yuan: Decimal | None) -> Decimal | None:
    """元 to 万元; the six decimals that a fen needs are kept only where they are used."""
    if yuan is None:
        return None
    wan = (yuan / WAN).quantize(Decimal("0.000001"), ROUND_HALF_UP).normalize()
    exponent = wan.as_tuple().exponent
    return wan.quantize(CENT) if isinstance(exponent, int) and exponent > -2 else wan


class Slip(NamedTuple):
    """An amount that looks like another unit: what to say, and what it would be in 万元 ("" when there is no guess)."""

    message: str
    fix: str


def slip(yuan: Decimal | None) -> Slip | None:
    """The amount of one result that is hardly right as 万元 (design, section 6), or None."""
    if yuan is None or yuan == 0 or LEAST_YUAN <= yuan <= MOST_YUAN:
        return None
    if yuan < LEAST_YUAN:
        return Slip("不足 100 元，请核对是否按“亿元”填写了。本栏单位是万元。", "")
    guess = format(to_wan((yuan / WAN).quantize(CENT, ROUND_HALF_UP)) or Decimal(0), "f")
    asked = "超过 5000 万元，请核对是否把“元”填成了“万元”。"
    return Slip(f"{asked}如果是 {yuan / WAN:,.2f} 元，应填 {guess} 万元。", guess)


def missing(values: Mapping[str, Any], rows: Sequence[Row] = ROWS) -> list[Finding]:
    """``rows`` as the programme asks for them (applications.field_list)."""
    return [
        Finding("error", row.field, f"请填写“{row.label}”。没有的填 0。")
        for row in rows
        if row.required and values.get(row.field) is None
    ]


def check(values: Mapping[str, Any], last_year: Mapping[str, Any] | None = None) -> list[Finding]:
    """All findings for what is filled in (design, section 6). Empty cells are the business of ``missing``."""
    return [*_errors(values), *_warnings(values), *_jumps(values, last_year or {})]


def _errors(values: Mapping[str, Any]) -> list[Finding]:
    found = []
    if _more(values, "participants", "employees"):
        found.append(
            Finding("error", "participants", f"参加小组活动人数不应多于企业职工总数（{values['employees']} 人）。")
        )
    if _more(values, "groups_registered", "groups_cumulative"):
        found.append(
            Finding(
                "error",
                "groups_cumulative",
                f"历年累计不应少于本年度登记注册小组数（{values['groups_registered']} 个）。",
                str(values["groups_registered"]),
            )
        )
    parts = [values.get("groups_problem_solving"), values.get("groups_innovation")]
    registered = values.get("groups_registered")
    if registered is not None and sum(part or 0 for part in parts) > registered:
        found.append(Finding("error", "groups_problem_solving", "两种类型的小组数之和不应多于本年度登记注册小组数。"))
    if _more(values, "direct_benefit", "cumulative_benefit"):
        found.append(Finding("error", "cumulative_benefit", "历年累计经济效益不应少于本年度直接经济效益。"))
    return found


def fact(value: Any) -> str:
    """A value as facts name it: 462000.00 and 462000 are the same number."""
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)


def _warning(code: str, field: str, message: str, values: Mapping[str, Any], *about: str, fix: str = "") -> Finding:
    """``about``: the fields whose values the warning rests on."""
    facts = ";".join(f"{name}={fact(values.get(name))}" for name in about)
    return Finding("warning", field, message, fix, f"statistics_{code}", facts)


def _warnings(values: Mapping[str, Any]) -> list[Finding]:
    found = []
    for code, field, message in (
        ("results", "results_count", "成果数多于本年度注册小组数，请核对是否含上年结转的成果。"),
        ("active", "groups_active", "开展活动的小组数多于本年度注册小组数，请核对。"),
    ):
        if _more(values, field, "groups_registered"):
            found.append(_warning(f"{code}_above_registered", field, message, values, field, "groups_registered"))
    employees, registered = values.get("employees"), values.get("groups_registered")
    if employees is not None and employees < 10 and registered:
        message = f"职工总数只有 {employees} 人，请核对单位是否误用了“万人”或“百人”。"
        found.append(_warning("few_employees", "employees", message, values, "employees"))
    return [*found, *_benefit_warnings(values)]


def _benefit_warnings(values: Mapping[str, Any]) -> list[Finding]:
    benefit, results = values.get("direct_benefit"), values.get("results_count")
    about = ("direct_benefit", "results_count")
    if benefit and results == 0:
        message = "填写了直接经济效益，但当年取得成果数为 0，请核对。"
        return [_warning("benefit_without_results", "results_count", message, values, *about)]
    if benefit is None or not results:
        return []
    each = benefit / results
    if each > MOST_YUAN:
        message = "平均每项成果超过 5000 万元，请核对是否把“元”当作“万元”填写。"
        fix = format(to_wan((benefit / WAN).quantize(CENT, ROUND_HALF_UP)) or Decimal(0), "f")
        return [_warning("benefit_too_large", "direct_benefit", message, values, *about, fix=fix)]
    if 0 < each < LEAST_YUAN:
        message = "平均每项成果不足 100 元，请核对是否把“亿元”或“万元”换算错了。"
        return [_warning("benefit_too_small", "direct_benefit", message, values, *about)]
    return []


def _jumps(values: Mapping[str, Any], last_year: Mapping[str, Any]) -> list[Finding]:
    """Five times more or less than last year is asked about."""
    found = []
    for field in ("employees", "groups_registered", "participants", "direct_benefit"):
        now, before = values.get(field), last_year.get(field)
        if now and before and (now >= before * 5 or now * 5 <= before):
            message = f"{BY_FIELD[field].label}与上次填报相差 5 倍以上，请核对单位和小数点。"
            found.append(
                Finding("warning", field, message, "", f"statistics_jump_{field}", f"{fact(before)}>{fact(now)}")
            )
    return found


def _more(values: Mapping[str, Any], left: str, right: str) -> bool:
    a, b = values.get(left), values.get(right)
    return a is not None and b is not None and a > b

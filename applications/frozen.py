"""A submission as the checker reads it: the frozen JSON in sections and rows with their keys. Nothing is looked up."""

from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from applications import check_keys, report_keys, sections
from applications.field_list import FieldList
from applications.models import Submission

PURGED = "（个人信息已按规定清除）"


class Row(NamedTuple):
    """``key`` is empty for facts that come from the enterprise's profile and take no remark."""

    key: str
    label: str
    value: str
    long: bool = False


class Part(NamedTuple):
    title: str
    rows: list[Row]
    table: list[list[str]] | None = None
    head: tuple[str, ...] = ()


def fields_of(data: dict[str, Any]) -> FieldList:
    """The fields as they were asked for when ``data`` was frozen."""
    return FieldList(data.get("fields"))


def attachment_1(submission: Submission) -> list[Part]:
    data, personal = submission.data, submission.personal
    parts = [
        _contact(data, personal),
        _group(data, personal),
        *_members(personal, fields_of(data)),
        _topic(data),
        _results(data),
        Part(
            sections.BY_CODE["awards"].title,
            [
                _row("special_awards", "、".join(award["name"] for award in data["special_awards"] if award["chosen"])),
                _row("recommending_unit", data["recommending_unit"]),
            ],
        ),
    ]
    fields, kind = fields_of(data), data["topic"]["topic_type"]
    return [part._replace(rows=_named(part.rows, fields, kind)) for part in parts] if fields.rules else parts


def _named(rows: list[Row], fields: FieldList, kind: str) -> list[Row]:
    """Under the names of that time, without what was not asked for. Steps were frozen with their names."""
    return [
        row if not row.key or row.key.startswith("steps.") else row._replace(label=fields.label(row.key, kind))
        for row in rows
        if not fields.hidden(row.key, kind)
    ]


def _row(key: str, value: Any, *, long: bool = False) -> Row:
    return Row(key, check_keys.label(key), str(value) if value not in (None, "") else "未填", long)


def _personal(personal: dict[str, Any] | None, name: str) -> Any:
    return PURGED if personal is None else personal.get(name, "")


def _contact(data: dict[str, Any], personal: dict[str, Any] | None) -> Part:
    unit = data["enterprise"]
    return Part(
        sections.BY_CODE["contact"].title,
        [
            Row("", "单位名称", unit["name"]),
            Row("", "统一社会信用代码", unit["credit_code"]),
            Row(
                "",
                "所在地与行业",
                " · ".join(filter(None, [unit["city_label"], unit["industry_label"], unit["scale_label"]])),
            ),
            Row("", "单位地址", f"{unit['address']} {unit['postcode']}".strip()),
            _row("certificate_unit_name", unit["certificate_unit_name"]),
            _row("completing_units", "、".join(data["completing_units"])),
            *(_row(name, _personal(personal, name)) for name in ("contact_name", "contact_phone", "contact_email")),
        ],
    )


def _group(data: dict[str, Any], personal: dict[str, Any] | None) -> Part:
    group = data["group"]
    rows = []
    for key in sections.BY_CODE["group"].fields:
        if key == "leader_name":
            rows.append(_row(key, _personal(personal, key)))
        elif key == "attendance_rate":
            rows.append(_row(key, f"{group[key]}%" if group[key] else ""))
        elif key in group:
            rows.append(_row(key, group[key]))
    return Part(sections.BY_CODE["group"].title, rows)


def _members(personal: dict[str, Any] | None, fields: FieldList) -> list[Part]:
    people = (personal or {}).get("members", [])
    head = {name: fields.given(f"members.{name}") or SHORT.get(name, label) for name, label in _columns(fields).items()}
    table = [[str(n), *(person[FROZEN.get(name, name)] for name in head)] for n, person in enumerate(people, 1)]
    summary = PURGED if personal is None else f"{len(people)} 人"
    return [Part("小组成员", [_row("members", summary)], table, ("序号", *head.values()))]


# Heads that are shorter here than on the form; what was frozen in words.
SHORT = {"job_title": "职务职称", "duty": "分工"}
FROZEN = {"gender": "gender_label", "group_role": "group_role_label"}


def _columns(fields: FieldList) -> dict[str, str]:
    """As asked for at that time. Hours stand on the printed form alone."""
    return {name: label for name, label in fields.member_columns().items() if name != "training_hours"}


def _topic(data: dict[str, Any]) -> Part:
    topic = data["topic"]
    return Part(
        sections.BY_CODE["topic"].title,
        [
            _row("topic_name", topic["topic_name"]),
            _row("topic_type", topic["topic_type_label"]),
            _row("group_intro", data["group"]["group_intro"], long=True),
            *(Row(f"steps.{step['code']}", step["label"], step["text"] or "未填", True) for step in topic["steps"]),
        ],
    )


def _results(data: dict[str, Any]) -> Part:
    results = data["results"]
    rows = []
    for key in sections.BY_CODE["results"].fields:
        if key in {"economic_benefit", "activity_cost"}:
            rows.append(_row(key, money(results[key])))
        else:
            rows.append(_row(key, results[key], long=key not in {"target_value", "actual_value"}))
    return Part(sections.BY_CODE["results"].title, rows)


def money(yuan: str) -> str:
    """Both units side by side, so that a slip between 元 and 万元 shows."""
    try:
        amount = Decimal(yuan)
    except InvalidOperation:
        return ""
    return f"{amount / 10000:,.2f} 万元（{amount:,.2f} 元）"


def attachment_2(submission: Submission, *, empty: bool = False) -> dict[str, Any]:
    """With ``empty`` also the parts nobody wrote: a remark may ask for one."""
    data = submission.report_version.data
    rows = [
        Row(
            report_keys.KEYS.get(part.get("code", ""), report_keys.REPORT_SUMMARY),
            part["title"],
            part["text"] or "未填",
            True,
        )
        for part in data["summary"]
        if empty or part["text"]
    ]
    return {"year": data["programme"]["data_year"], "rows": rows, "file": data.get("summary_file")}


def attachment_3(submission: Submission) -> dict[str, Any]:
    report = submission.report_version
    people = report.personal or {}
    return {
        "year": report.data["programme"]["data_year"],
        "rows": report.data["statistics"],
        "filled_by": people.get("filled_by", PURGED if report.personal is None else ""),
        "responsible_person": people.get("responsible_person", PURGED if report.personal is None else ""),
        "signers": fields_of(report.data).signers(),
    }


def files_of(submission: Submission) -> dict[str, dict[str, Any]]:
    """Every file that belongs to this version, by sha256: what may be shown on its check page."""
    found = {item["sha256"]: item for item in submission.data.get("evidence", [])}
    summary = submission.report_version.data.get("summary_file")
    if summary:
        found[summary["sha256"]] = summary
    return found

"""Beside each checklist line: what the portal can see by itself. A hint with a way to the place, never an answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from applications import validators
from applications.check_findings import AlikeText, ChosenAward, SameFile
from applications.field_list import FieldList
from applications.models import Enterprise, EvidenceKind, Submission
from applications.models.checking import Helper
from qcportal.templatetags.portal import wan

OK, LOOK, INFO = "ok", "look", "info"


class Hint(NamedTuple):
    """``kind``: ok (nothing speaks against it), look (somebody should), info. ``href``: where to look."""

    kind: str
    text: str
    href: str = ""

    @property
    def icon(self) -> str:
        return {OK: "check", LOOK: "warning", INFO: "info"}[self.kind]


@dataclass
class Facts:
    """Read once by the page, whatever lines the checklist has."""

    submission: Submission
    enterprise: Enterprise
    data_year: int
    latest_day: date
    former_names: list[str] = field(default_factory=list)
    licence_href: str = ""
    stamped: list[tuple[str, str, str, str]] = field(default_factory=list)  # annex, kind of hint, words, where
    same_files: list[SameFile] = field(default_factory=list)
    alike: list[AlikeText] = field(default_factory=list)
    awards: list[ChosenAward] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    without_preview: list[str] = field(default_factory=list)

    @property
    def data(self) -> dict[str, Any]:
        return self.submission.data

    @property
    def fields(self) -> FieldList:
        """As they were asked for when it was submitted."""
        return FieldList(self.data.get("fields"))

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        return [item for item in self.data["evidence"] if item["kind"] == kind]


def hints(facts: Facts) -> dict[str, list[Hint]]:
    """By Helper."""
    return {str(helper): make(facts) for helper, make in MAKERS.items()}


def _region(facts: Facts) -> list[Hint]:
    code, unit = facts.data["enterprise"]["credit_code"], facts.enterprise
    found = []
    if code[2:4] == "63":
        found.append(Hint(OK, f"信用代码 {code[:2]}·{code[2:6]}：青海省登记"))
    else:
        said = f"，单位说明：{unit.origin_explanation}" if unit.origin_explanation else "，单位没有说明"
        found.append(Hint(LOOK, f"信用代码 {code[:2]}·{code[2:6]}：不是青海省的代码{said}"))
    if code[2:4] == "63" and validators.needs_origin_explanation(code):
        found.append(Hint(LOOK, f"前两位 {code[:2]}，不是企业类代码（91）"))
    if unit.is_verified:
        found.append(Hint(OK, "营业执照已核验", "#licence"))
    else:
        found.append(Hint(LOOK, "营业执照待核验", "#licence"))
    return found


def _stamped(facts: Facts) -> list[Hint]:
    return [Hint(kind, f"{annex}：{words}", href) for annex, kind, words, href in facts.stamped]


def _parts(facts: Facts) -> list[Hint]:
    report = facts.submission.report_version.data
    written = sum(bool(part["text"].strip()) for part in report["summary"])
    counted = sum(bool(row["value"]) for row in report["statistics"])
    total = len(report["statistics"])
    summary = f"附件 2：{len(report['summary'])} 部分写了 {written} 部分"
    if report.get("summary_file"):
        summary += "，另附文件"
    complete = written == len(report["summary"]) or bool(report.get("summary_file"))
    return [
        Hint(OK if complete else LOOK, summary, "#annex-2"),
        Hint(OK if counted == total else INFO, f"附件 3：{total} 项填了 {counted} 项", "#annex-3"),
    ]


def _names(facts: Facts) -> list[Hint]:
    frozen = facts.data["enterprise"]
    found = []
    if frozen["certificate_unit_name"] == frozen["name"]:
        found.append(Hint(OK, "证书用名与单位名称相同"))
    else:
        found.append(Hint(LOOK, f"证书用名“{frozen['certificate_unit_name']}”与单位名称不同"))
    if frozen["name"] != facts.enterprise.name:
        found.append(Hint(LOOK, f"提交后单位改名为“{facts.enterprise.name}”"))
    if facts.former_names:
        found.append(Hint(INFO, f"曾用名：{'、'.join(facts.former_names)}"))
    if facts.licence_href:
        found.append(Hint(INFO, "对照营业执照", facts.licence_href))
    else:
        found.append(Hint(LOOK, "没有上传营业执照", "#licence"))
    return found


def _years(facts: Facts) -> list[Hint]:
    group = facts.data["group"]
    start, end = _day(group["activity_starts_on"]), _day(group["activity_ends_on"])
    if start is None or end is None:
        return [Hint(LOOK, "活动起止日期没有填全", "#annex-1")]
    words = f"{start:%Y-%m-%d} 至 {end:%Y-%m-%d}"
    if start.year < facts.data_year - 1:
        return [Hint(LOOK, f"{words}，早于 {facts.data_year - 1} 年", "#annex-1")]
    if end > facts.latest_day:
        return [Hint(LOOK, f"{words}，晚于申报截止日", "#annex-1")]
    return [Hint(OK, words, "#annex-1")]


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _kinds(facts: Facts) -> list[Hint]:
    no_benefit = facts.data["results"]["economic_benefit"] in {"0", "0.00"}
    wanted = [kind for kind in facts.fields.required_kinds() if not (kind == EvidenceKind.BENEFIT and no_benefit)]
    missing = [facts.fields.evidence_kind(kind) for kind in wanted if not facts.of_kind(kind)]
    if missing:
        return [Hint(LOOK, f"缺 {'、'.join(missing)}", "#evidence")]
    return [Hint(OK, f"{len(wanted)} 类必需材料都有", "#evidence")]


def _finance(facts: Facts) -> list[Hint]:
    files, benefit = facts.of_kind(EvidenceKind.BENEFIT), facts.data["results"]["economic_benefit"]
    name = facts.fields.evidence_kind(EvidenceKind.BENEFIT)
    amount = f"附件 1 的直接经济效益 {wan(benefit)} 万元" if benefit else "附件 1 没有填经济效益"
    if not files:
        if facts.fields.hidden("evidence.benefit"):
            return [Hint(INFO, f"本年度不收{name}；{amount}")]
        return [Hint(LOOK, f"没有{name}；{amount}", "#evidence")]
    return [Hint(OK, f"有{name} {len(files)} 件；{amount}", f"#file-{files[0]['uuid']}")]


def _records(facts: Facts) -> list[Hint]:
    files, count = facts.of_kind(EvidenceKind.RECORDS), facts.data["group"]["activity_count"]
    told = f"；申报活动 {count} 次" if count else ""
    if not files:
        if facts.fields.hidden("evidence.records"):
            return [Hint(INFO, f"本年度不收{facts.fields.evidence_kind(EvidenceKind.RECORDS)}{told}")]
        return [Hint(LOOK, f"没有活动记录{told}", "#evidence")]
    pages = sum(item["pages"] or 0 for item in files)
    size = f"{len(files)} 件 {pages} 页" if pages else f"{len(files)} 件"
    return [Hint(OK, f"活动记录 {size}{told}", f"#file-{files[0]['uuid']}")]


def _repeated(facts: Facts) -> list[Hint]:
    found = []
    foreign = [one for one in facts.same_files if one.is_foreign]
    if facts.alike:
        found.append(Hint(LOOK, f"其他单位有 {len(facts.alike)} 个相近课题", "#alike"))
    if foreign:
        found.append(Hint(LOOK, f"{len(foreign)} 个文件与其他单位的相同", "#same-files"))
    elif facts.same_files:
        found.append(Hint(INFO, f"{len(facts.same_files)} 个文件与本单位其他申报相同", "#same-files"))
    return found or [Hint(OK, "没有发现相近课题和相同文件")]


def _readable(facts: Facts) -> list[Hint]:
    found = []
    if facts.unreadable:
        found.append(Hint(LOOK, f"{len(facts.unreadable)} 个文件不能预览：{'、'.join(facts.unreadable)}", "#evidence"))
    if facts.without_preview:
        found.append(Hint(INFO, f"{len(facts.without_preview)} 个 Office 文件需下载查看", "#evidence"))
    return found or [Hint(OK, f"{len(facts.data['evidence'])} 个文件都能打开", "#evidence")]


def _awards(facts: Facts) -> list[Hint]:
    if not facts.awards:
        return [Hint(INFO, "没有申报单项奖")]
    return [
        Hint(LOOK if award.doubt else INFO, f"{award.name}{'：' + award.doubt if award.doubt else ''}", "#awards")
        for award in facts.awards
    ]


MAKERS: dict[Helper, Callable[[Facts], list[Hint]]] = {
    Helper.REGION: _region,
    Helper.STAMPED: _stamped,
    Helper.PARTS: _parts,
    Helper.NAMES: _names,
    Helper.YEARS: _years,
    Helper.KINDS: _kinds,
    Helper.FINANCE: _finance,
    Helper.RECORDS: _records,
    Helper.REPEATED: _repeated,
    Helper.READABLE: _readable,
    Helper.AWARDS: _awards,
}

# What a 不符 usually means: the place of the remark, and the shortcut of the text block that says it.
PROPOSALS: dict[str, tuple[str, str]] = {
    Helper.REGION: ("certificate_unit_name", "mc"),
    Helper.STAMPED: ("report.statistics", "sm"),
    Helper.PARTS: ("report.summary", "zj"),
    Helper.NAMES: ("certificate_unit_name", "zs"),
    Helper.YEARS: ("activity_ends_on", "sj"),
    Helper.KINDS: ("evidence.benefit", "xy"),
    Helper.FINANCE: ("evidence.benefit", "gz"),
    Helper.RECORDS: ("evidence.records", "jl"),
    Helper.REPEATED: ("topic_name", ""),
    Helper.READABLE: ("evidence", "dk"),
    Helper.AWARDS: ("special_awards", ""),
}

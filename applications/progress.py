"""How far each section of attachment 1 is, for the navigation beside the form, the overview and the workspace."""

from typing import NamedTuple

from applications import completeness, statistics
from applications.completeness import SUMMARY_AT_LEAST, Problem
from applications.field_list import FieldList
from applications.guidance import Guides
from applications.models import AnnualReport, Application
from applications.report_progress import characters
from applications.sections import REPORT_STATISTICS, SECTIONS, Section, section_of


class SectionState(NamedTuple):
    """``state`` as the component section_nav knows it: done, part, error, warning or todo."""

    section: Section
    state: str
    note: str
    problems: list[Problem]

    @property
    def is_done(self) -> bool:
        return self.state in {"done", "warning"}


def section_states(application: Application, problems: list[Problem] | None = None) -> list[SectionState]:
    """One per section. With prefetched members and evidence this asks the database nothing but the deadline."""
    problems = completeness.own_problems(application) if problems is None else problems
    return [_state(application, section, problems) for section in SECTIONS]


def _state(application: Application, section: Section, problems: list[Problem]) -> SectionState:
    mine = [problem for problem in problems if section_of(problem.key) == section]
    wrong = [problem for problem in mine if problem.blocks and problem.code != "missing"]
    missing = [problem for problem in mine if problem.code == "missing"]
    started = _is_started(application, section)
    if not started and not wrong:
        return SectionState(section, "todo", "未填写" if section.code != "evidence" else "未上传", mine)
    if wrong:
        return SectionState(section, "error", f"{len(wrong)} 处需修改", mine)
    if missing:
        note = f"还缺 {len(missing)} 项"
        if section.code == "evidence":
            note = f"已传 {len(application.evidence.all())} 件，缺 {len(missing)} 件"
        return SectionState(section, "part", note, mine)
    if mine:
        return SectionState(section, "warning", f"已完成，{len(mine)} 项请核对", mine)
    return SectionState(section, "done", "已完成", mine)


def _is_started(application: Application, section: Section) -> bool:
    if section.code == "awards":
        return application.awards_section_seen
    if section.code == "evidence":
        return bool(application.evidence.all())
    if section.code == "group" and application.members.all():
        return True
    # What a new draft was filled with says nothing about somebody's work on it, except when it is all there is.
    plain = [name for name in section.fields if name not in {"completing_units", "members"}]
    return any(getattr(application, name) not in (None, "", {}) for name in plain)


CORRECTION = 2  # minutes for a mistake somebody has to look at
AWARDS_KEY = "special_awards"


def minutes_left(problems: list[Problem], guides: Guides, topic_type: str = "") -> int:
    """What is missing at the pace of its advice, two minutes for what is wrong; a warning is no work."""
    total = 0
    for problem in problems:
        if problem.code == "missing" or problem.key == AWARDS_KEY:
            total += guides.minutes(problem.key, topic_type)
        elif problem.blocks:
            total += CORRECTION
    return total


def report_minutes(report: AnnualReport | None, guides: Guides, fields: FieldList) -> tuple[int, int]:
    """For attachments 2 and 3: empty parts of a summary that is still too short, and required rows without a figure."""
    parts = [name for name, _title, _help in fields.summary_sections()]
    empty = [name for name in parts if not report or not getattr(report, name).strip()]
    enough = report is not None and (bool(report.summary_file_id) or characters(report) >= SUMMARY_AT_LEAST)
    text = 0 if enough else sum(guides.minutes(f"report.{name}") for name in empty) or CORRECTION
    needed = [row.field for row in fields.statistics_rows() if row.required]
    rows = [field for field in needed if report is None or getattr(report, field) is None]
    values = {field: getattr(report, field) for field in statistics.FIELDS} if report else {}
    wrong = statistics.check(fields.masked(values))
    errors = sum(finding.level == "error" for finding in wrong)
    return text, len(rows) * guides.minutes(REPORT_STATISTICS) + errors * CORRECTION


def next_problem(states: list[SectionState]) -> Problem | None:
    """Where to go on: the first thing of the first section that is not done, in the order of the form."""
    for state in states:
        if state.is_done:
            continue
        order = {name: place for place, name in enumerate(state.section.fields)}
        open_ones = [one for one in state.problems if one.blocks or one.key == AWARDS_KEY]
        if open_ones:
            return min(open_ones, key=lambda one: order.get(one.key.split(".", 1)[0], 0))
        return Problem("warning", state.section.fields[0], "")
    return None


def spoken_minutes(minutes: int) -> str:
    """约 25 分钟: rounded up to five from ten minutes on, in hours from an hour on; "" for nothing."""
    if minutes <= 0:
        return ""
    rounded = minutes if minutes < 10 else -(-minutes // 5) * 5
    if rounded < 60:
        return f"约 {rounded} 分钟"
    return f"约 {rounded // 60} 小时" + (f" {rounded % 60} 分钟" if rounded % 60 else "")

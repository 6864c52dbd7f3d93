"""How far each section of attachment 1 is, for the navigation beside the form, the overview and the workspace."""

from typing import NamedTuple

from applications import completeness
from applications.completeness import Problem
from applications.models import Application
from applications.sections import SECTIONS, Section, section_of


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

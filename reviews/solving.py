"""One proposal worked out: the lines, the panels, the figures against greedy and chance, or what stands in the way.

Called by a worker, because SciPy and the time it takes have no place in a request. Pure but for its inputs.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from reviews.assigning import baselines, network, panels, relaxing, resolving
from reviews.assigning.panels import Panel as PanelFacts
from reviews.assigning.panels import Plan
from reviews.assigning.problem import Infeasible, Pair, Problem
from reviews.assigning.quality import Quality, measure
from reviews.models import LineKind, Mode
from reviews.proposing import Inputs, Parameters

NUMERALS = "一二三四五六七八九十"


@dataclass
class PanelDraft:
    name: str
    seats: tuple[int, ...]
    lead: int | None
    items: tuple[int, ...]
    panel: int | None = None  # the stage's own, where there is one


@dataclass
class Solution:
    lines: dict[Pair, LineKind]
    panels: list[PanelDraft] = field(default_factory=list)
    quality: dict[str, dict[str, Any]] = field(default_factory=dict)
    obstacles: list[dict[str, Any]] = field(default_factory=list)
    solved: bool = True


def solve(inputs: Inputs, parameters: Parameters, standing: list[tuple[int, str, PanelFacts]]) -> Solution:
    """``standing``: key, name and facts of the stage's panels, for late changes and for panels that are given."""
    try:
        if parameters.mode == Mode.EACH:
            return _each(inputs.problem, parameters)
        return _panels(inputs, parameters, standing)
    except Infeasible:
        return Solution({}, obstacles=_obstacles(inputs, parameters), solved=False)


def _each(problem: Problem, parameters: Parameters) -> Solution:
    chosen = resolving.least_disturbance(problem) if parameters.standing else network.solve(problem)
    figures = {"proposal": chosen, "greedy": baselines.greedy(problem), "random": baselines.at_random(problem)}
    return Solution(
        dict.fromkeys(chosen, LineKind.SOLVED),
        quality={name: measure(problem, pairs).as_dict() for name, pairs in figures.items()},
    )


def _panels(inputs: Inputs, parameters: Parameters, standing: list[tuple[int, str, PanelFacts]]) -> Solution:
    problem, least = inputs.problem, inputs.min_valid
    known: list[tuple[int, str, PanelFacts]] = standing if parameters.standing or parameters.existing else []
    count = len(known) or parameters.panels
    if parameters.standing and known:
        plan = panels.repair(problem, [facts for _pk, _name, facts in known], min_valid=least)
    elif parameters.existing and known:
        seated = {seat.key for seat in problem.seats}
        given = [tuple(seat for seat in facts.seats if seat in seated) for _pk, _name, facts in known]
        plan = panels.propose(problem, count=count, min_valid=least, seated=given)
    else:
        plan = panels.propose(problem, count=count, min_valid=least)
    stand_ins = {(one.item, seat) for one in plan.thin for seat in one.stand_ins}
    lines = {
        pair: LineKind.STAND_IN if pair in stand_ins else LineKind.SOLVED for pair in plan.pairs(problem)
    }  # fmt: skip
    drafts = [
        PanelDraft(
            known[number][1] if known else name_of(number), one.seats, one.lead, one.items,
            known[number][0] if known else None,
        )
        for number, one in enumerate(plan.panels)
    ]  # fmt: skip
    return Solution(lines, drafts, _panel_figures(problem, plan, count, least))


def _panel_figures(problem: Problem, plan: Plan, count: int, least: int) -> dict[str, dict[str, Any]]:
    """Against panels dealt as by hand and drawn, which have no stand-ins: so are ours counted without them."""
    figures = {"proposal": plan}
    if count * problem.per_item <= len(problem.seats):
        figures |= {
            "greedy": panels.in_turn(problem, count=count, min_valid=least),
            "random": panels.drawn(problem, count=count),
        }
    found = {}
    for name, one in figures.items():
        pairs = one.pairs(problem)
        scoring = {seat for _item, seat in pairs}  # who sits in no panel has no load to be compared
        of_panels = replace(problem, seats=tuple(seat for seat in problem.seats if seat.key in scoring))
        quality: Quality = measure(of_panels, pairs, wanted=least)
        found[name] = {**quality.as_dict(), "thin": thin_of(problem, one.panels, least)}
    return found


def thin_of(problem: Problem, drafts: Iterable[PanelFacts], least: int) -> int:
    """Filings left with too few judges of their own panel, or with no senior, before anybody stands in."""
    count = 0
    for panel in drafts:
        for item in panel.items:
            left = [seat for seat in panel.seats if (item, seat) not in problem.forbidden]
            count += len(left) < least or (problem.senior_each and not problem.seniors & set(left))
    return count


def name_of(number: int) -> str:
    """第一评审组 … 第十评审组, then 第 11 评审组."""
    return f"第{NUMERALS[number]}评审组" if number < len(NUMERALS) else f"第 {number + 1} 评审组"


# --- What stands in the way ----------------------------------------------------------------------


def _obstacles(inputs: Inputs, parameters: Parameters) -> list[dict[str, Any]]:
    if parameters.mode == Mode.PANELS:
        return _panel_obstacles(inputs.problem, parameters)
    problem = replace(inputs.problem, load_min=0) if parameters.standing else inputs.problem
    found = [
        {
            "text": one.text,
            "filings": list(one.items),
            "parameters": _relaxed(parameters, one).dump() if relaxing.Rule.OWN_LIMITS not in one.rules else None,
        }
        for one in relaxing.relaxations(problem)
    ]
    if found:
        return found
    text = "有申报在回避之后没有任何评委可派，请增加评委。回避不能放宽。"
    return [{"text": text, "filings": list(relaxing.too_few(problem)), "parameters": None}]


def _relaxed(parameters: Parameters, found: relaxing.Relaxation) -> Parameters:
    return replace(
        parameters,
        per_item=found.problem.per_item,
        load_min=found.problem.load_min,
        load_max=found.problem.load_max,
        senior_each=found.problem.senior_each,
    )


def _panel_obstacles(problem: Problem, parameters: Parameters) -> list[dict[str, Any]]:
    judges, size, count = len(problem.seats), parameters.per_item, parameters.panels
    answer: list[dict[str, Any]] = []
    if count * size > judges:
        for fewer, text in (
            (replace(parameters, panels=judges // size), f"减为 {judges // size} 个评审组。"),
            (replace(parameters, per_item=judges // count), f"每组减为 {judges // count} 位评委。"),
        ):
            if fewer.panels and fewer.per_item:
                answer.append({"text": text, "filings": [], "parameters": fewer.dump()})
        return answer or [{"text": "可派的评委不足一组，请增加评委。", "filings": [], "parameters": None}]
    limits = [seat for seat in problem.seats if seat.at_most is not None]
    if limits:
        text = f"请 {len(limits)} 位自报了份数的评委多评一些：评审组里每位评委要评本组全部申报。"
        answer.append({"text": text, "filings": [], "parameters": None})
    more = judges // size
    if more > count:
        answer.append({
            "text": f"增加到 {more} 个评审组，每组的申报就少一些。", "filings": [],
            "parameters": replace(parameters, panels=more, existing=False).dump(),
        })  # fmt: skip
    return answer or [{"text": "请增加评委或减少每组人数。", "filings": [], "parameters": None}]

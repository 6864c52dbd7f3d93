"""Attachment 1 against attachment 3, against the enterprise's other filings, against published results.

Design, section 6, line by line: benefit in attachment 1 and attachment 3, member counts, allowed years (in
completeness, with the other dates), the same group or topic twice, both rounds, the winner of the first round.
"""

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from django.conf import settings

from applications import last_year, similar, statistics, validators
from applications.models import AnnualReport, Application, PastResult
from applications.models.enterprises import Industry
from applications.problems import Problem, warning
from applications.similar import Alike
from applications.states import State

# Warnings that name other filings of the enterprise.
OF_OWN_FILINGS = frozenset({"group_in_both_rounds", "group_twice", "topic_twice"})
NAMED = 3  # filings that a message names; the facts hold all


class Comparison:
    """What an application is compared with, each read once."""

    def __init__(self, application: Application) -> None:
        self.application = application

    @cached_property
    def _reports(self) -> tuple[AnnualReport | None, AnnualReport | None]:
        programme = self.application.round.programme
        rows = last_year.up_to(programme).filter(enterprise=self.application.enterprise_id)
        return last_year.split(rows.select_related("programme", "summary_file"), programme)

    @property
    def report(self) -> AnnualReport | None:
        return self._reports[0]

    @property
    def last_years_report(self) -> AnnualReport | None:
        return self._reports[1]

    @cached_property
    def last_year_as_filed(self) -> AnnualReport | None:
        return last_year.compared(self.last_years_report)[0]

    @cached_property
    def others(self) -> list[Application]:
        return similar.own_filings(self.application)

    @cached_property
    def own(self) -> list[Alike]:
        return similar.among_own(self.application, self.others)

    @cached_property
    def published(self) -> list[Alike]:
        return similar.among_published(self.application)


def found(comparison: Comparison) -> list[Problem]:
    """Errors and warnings that no page of attachment 1 alone can know. The query count does not grow with rows."""
    application = comparison.application
    return [
        *_against_report(application, comparison.report, comparison.others),
        *_twice(application, comparison.own),
        *_published(comparison.published),
        *_special_awards(application),
        *_won_before(application, comparison.others),
    ]


class Passed(NamedTuple):
    """A cross-check that found nothing to ask about, with the figures it compared."""

    title: str
    fact: str


def passed(comparison: Comparison, asked: Collection[str]) -> list[Passed]:
    """The lines of the review page that are in order; ``asked`` are the codes of the warnings shown beside them."""
    application, report, others = comparison.application, comparison.report, comparison.others
    made = []
    fields, kind = application.fields, application.topic_type
    hidden = [key for key in ("economic_benefit", "member_count") if fields.hidden(key, kind)]
    benefit = None if "economic_benefit" in hidden else application.economic_benefit
    total = report.direct_benefit if report else None
    if benefit is not None and total is not None and not {"benefit_above_report", "benefits_above_report"} & set(asked):
        made.append(Passed("效益与附件 3 一致", f"{_wan(benefit)} ≤ {_wan(total)} 万元"))
    members = None if "member_count" in hidden else application.member_count
    participants = report.participants if report else None
    if members is not None and participants is not None and "members_above_participants" not in asked:
        made.append(Passed("小组人数与附件 3 一致", f"{members} ≤ {participants} 人"))
    if application.activity_starts_on and not any(code.startswith("activity_") for code in asked):
        year = application.round.programme.data_year
        made.append(Passed("活动日期在允许年度内", f"{year - 1} 年 1 月 1 日以后"))
    if not OF_OWN_FILINGS & set(asked):
        made.append(Passed("与本单位其他申报无重复", f"已比对 {len(others)} 项"))
    if "topic_published" not in asked:
        made.append(Passed("与已公布的获奖成果无相近课题", ""))
    return [one._replace(title=fields.worded(one.title)) for one in made]


def _wan(yuan: Decimal) -> str:
    return format(statistics.to_wan(yuan) or Decimal(0), "f")


def _against_report(
    application: Application, report: AnnualReport | None, others: list[Application]
) -> Iterator[Problem]:
    """Attachment 3 covers the enterprise's whole year: no filing, nor all together, should say more than it."""
    if report is None:
        return
    siblings = [other for other in others if other.round.programme_id == application.round.programme_id]
    yield from _benefit(application, report, siblings)
    members, participants = application.member_count, report.participants
    if members is not None and participants is not None and members > participants:
        message = f"小组人数 {members} 人多于附件 3 参加小组活动人数 {participants} 人，请核对。"
        yield warning("members_above_participants", "member_count", message, members, participants)
    filed, results = len(siblings) + 1, report.results_count
    if results is not None and filed > results:
        message = f"本单位本年度共申报 {filed} 个小组，多于附件 3 当年取得成果数 {results} 个，请核对。"
        yield warning("filings_above_results", "report.statistics.results_count", message, filed, results)


def _benefit(application: Application, report: AnnualReport, siblings: list[Application]) -> Iterator[Problem]:
    benefit, total = application.economic_benefit, report.direct_benefit
    if benefit is None or total is None:
        return
    if benefit > total:
        message = f"直接经济效益 {_wan(benefit)} 万元大于附件 3 本年度小组直接效益 {_wan(total)} 万元，请核对。"
        yield warning("benefit_above_report", "economic_benefit", message, benefit, total)
        return
    together = benefit + sum((other.economic_benefit or Decimal(0) for other in siblings), Decimal(0))
    if siblings and together > total:
        message = (
            f"本单位本年度 {len(siblings) + 1} 个小组的直接经济效益合计 {_wan(together)} 万元，"
            f"大于附件 3 本年度小组直接效益 {_wan(total)} 万元，请核对。"
        )
        yield warning("benefits_above_report", "economic_benefit", message, together, total)


def _twice(application: Application, alike: list[Alike]) -> Iterator[Problem]:
    """The same group in one programme, or a topic filed before.

    A group with a new topic every year is as it should be.
    """
    groups = [one for one in alike if one.about == "group_name" and one.same_programme]
    other_round = [one for one in groups if one.round_label != application.round.label]
    same_round = [one for one in groups if one.round_label == application.round.label]
    if other_round:
        message = f"该小组在本年度{other_round[0].round_label}已有申报（{_named(other_round)}），请核对是否重复申报。"
        yield warning("group_in_both_rounds", "group_name", message, *_identities(other_round))
    if same_round:
        message = f"小组名称与本单位本期其他申报相同或相近（{_named(same_round)}），请核对是否重复申报。"
        yield warning("group_twice", "group_name", message, *_identities(same_round))
    topics = [one for one in alike if one.about == "topic_name" and one.percent >= settings.SIMILAR_WARNING]
    if topics:
        message = f"课题与本单位其他申报相同或相近（{_named(topics)}），请核对是否重复申报。"
        yield warning("topic_twice", "topic_name", message, *_identities(topics))


def _published(alike: list[Alike]) -> Iterator[Problem]:
    close = [one for one in alike if one.percent >= settings.SIMILAR_WARNING]
    if close:
        message = f"课题名称与已公布的获奖成果相近（{_named(close)}），请核对是否为本单位独立完成。"
        yield warning("topic_published", "topic_name", message, *_identities(close))


def _named(alike: Sequence[Alike]) -> str:
    told = [
        f"{one.where}" + (f" {one.unit}" if one.unit else "") + f"“{one.group or '未命名小组'}”{one.figure}"
        for one in alike[:NAMED]
    ]
    more = f" 等 {len(alike)} 项" if len(alike) > NAMED else ""
    return "；".join(told) + more


def _identities(alike: Sequence[Alike]) -> list[str]:
    """Which filings are meant, whatever their order; a figure that changes is another question."""
    return sorted(f"{one.uuid or one.unit + one.where + one.topic}:{one.percent}" for one in alike)


def _special_awards(application: Application) -> Iterator[Problem]:
    """An award of an industry (its code is the industry's) is asked about when the enterprise is of another one."""
    industry = application.enterprise.industry
    for award in application.special_awards.all():
        meant = award.code.replace("-", "_")
        if industry and meant in Industry.values and meant != industry:
            message = f"申报了{award.name}，而单位登记的行业为“{Industry(industry).label}”，请核对课题是否属于该领域。"
            yield warning(f"award_{meant}"[:40], "special_awards", message, award.code, industry)


def _won_before(application: Application, others: list[Application]) -> Iterator[Problem]:
    """A winner of the first round is not taken in the second one (a setting)."""
    if not settings.REFUSE_WINNER_OF_FIRST_ROUND or application.round.number != 2:
        return
    mine = _names(application)
    if all(mine) and _won_by_list(application, mine):
        yield Problem("error", "topic_name", "该小组的这一课题在本年度第一期已获奖（见往年成果名单），第二期不再受理。")
    elif all(mine) and any(
        other.state == State.AWARDED
        and other.round.number == 1
        and other.round.programme_id == application.round.programme_id
        and _names(other) == mine
        for other in others
    ):
        yield Problem("error", "topic_name", "该小组的这一课题在本年度第一期已获奖，第二期不再受理。")


def _won_by_list(application: Application, mine: tuple[str, str]) -> bool:
    """The first round of this year may have been run before the portal: then only the association's list knows."""
    results = PastResult.objects.of(application.enterprise).filter(
        year=application.round.programme.year, round_number=1
    )
    return any(
        (validators.comparable_name(one.group_name), validators.comparable_name(one.topic_name)) == mine
        for one in results
    )


def _names(application: Application) -> tuple[str, str]:
    return validators.comparable_name(application.group_name), validators.comparable_name(application.topic_name)

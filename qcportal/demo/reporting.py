"""Attachments 2 and 3 of an enterprise: numbers that agree with each other and with its filings."""

from datetime import timedelta
from decimal import Decimal

from applications.models import AnnualReport
from applications.statistics import to_wan
from qcportal.demo import texts
from qcportal.demo.drafting import Drafted
from qcportal.demo.enterprises import COMPANIES
from qcportal.demo.source import Source

# What the provincial statistics should find this season: a result carried over (the enterprise explained it), and a
# benefit far above last season's and everybody else's (nobody was asked).
CARRIED_OVER, GROWN = "青海筑峰建设集团有限公司", "青海镁晶锂材科技有限公司"
_EMPLOYEES = {company.name: company.employees for company in COMPANIES}


def report(items: list[Drafted], source: Source) -> AnnualReport:
    """``items`` are the filings of one enterprise in one programme; results and benefit cover them all."""
    plan = items[0].plan
    chance = source.stream("report")
    employees = _EMPLOYEES.get(plan.enterprise.name, 120 + chance.randrange(900))
    registered = len(items) + chance.randrange(6, 22)
    active = registered - chance.randrange(0, 3)
    innovation = max(1, registered // 4)
    benefit = sum((item.application.economic_benefit or Decimal(0) for item in items), Decimal(0))
    benefit += Decimal(chance.randrange(200, 4000) * 1000)
    season = plan.round.opens_at > source.day(-120)
    if season and plan.enterprise.name == GROWN:
        benefit *= 9
    results = max(len(items), active - chance.randrange(2, 5))
    if season and plan.enterprise.name == CARRIED_OVER:
        results = registered + 2
    numbers = {
        "employees": employees,
        "groups_cumulative": registered * chance.randrange(5, 12),
        "groups_registered": registered,
        "groups_active": active,
        "groups_problem_solving": registered - innovation,
        "groups_innovation": innovation,
        "participants": min(registered * 8, employees * 6 // 10),
        "results_count": results,
        "direct_benefit": benefit,
        "cumulative_benefit": benefit * chance.randrange(4, 9),
        "training_attendances": registered * chance.randrange(9, 18),
        "suggestions": registered * chance.randrange(6, 14),
        "promoters": chance.randrange(2, 12),
        "awards_national": chance.randrange(2),
        "awards_provincial": chance.randrange(4),
        "awards_municipal": chance.randrange(6),
    }
    told = {**numbers, "company": plan.enterprise.name, "year": plan.round.programme.data_year,
            "wan": to_wan(benefit), "topic": items[0].application.topic_name}  # fmt: skip
    filled = min(item.plan.submitted_at or item.plan.created_at for item in items) - timedelta(hours=1)
    return AnnualReport(
        uuid=source.uuid("report"),
        enterprise=plan.enterprise,
        programme=plan.round.programme,
        edit_version=4,
        created_at=filled - timedelta(days=1),
        updated_at=filled,
        updated_by=plan.owner,
        filled_by=plan.enterprise.contact_name,
        responsible_person=plan.owner.name,
        **numbers,
        **{name: text.format(**told) for name, text in texts.SUMMARY.items()},
    )

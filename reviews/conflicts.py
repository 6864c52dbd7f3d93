"""Who must not judge what, from the database: one place for the board, proposals, pages and files.

The rule itself is reviews.assignment.conflict. What was recorded stands beside it: a recorded recusal holds although
the facts behind it have changed. Reads only; reviews.actions.recusing records.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable

from applications.models import Application
from reviews.assignment import JudgeFacts, Relation, UnitFacts, conflict
from reviews.models import DeclaredRelation, Judge, Recusal, RecusalKind, RelationKind

Pair = tuple[int, int]  # judge, filing


def facts_of(judges: Iterable[Judge]) -> dict[int, JudgeFacts]:
    """By judge, in two queries."""
    chosen = list(judges)
    keys = [judge.pk for judge in chosen]
    belongs: dict[int, set[int]] = defaultdict(set)
    memberships = Judge.objects.filter(pk__in=keys, user__memberships__is_active=True)
    for judge_id, enterprise_id in memberships.values_list("pk", "user__memberships__enterprise_id"):
        belongs[judge_id].add(enterprise_id)
    told: dict[int, list[Relation]] = defaultdict(list)
    for row in DeclaredRelation.objects.filter(judge__in=keys, ended_at=None).order_by("pk"):
        relation = Relation(row.unit_name, row.unit_code, row.group_name, coached=row.kind == RelationKind.COACHED)
        told[row.judge_id].append(relation)
    return {
        judge.pk: JudgeFacts(
            employer_name=judge.employer_name,
            employer_code=judge.employer_code,
            parent_group=judge.parent_group,
            belongs_to=belongs[judge.pk],
            relations=tuple(told[judge.pk]),
        )
        for judge in chosen
    }


def unit_facts(application: Application) -> UnitFacts:
    """Names as they stand now and as they were frozen: a renamed unit still is the same unit."""
    enterprise = application.enterprise
    names = {enterprise.name, enterprise.certificate_name, application.certificate_unit_name}
    units = {unit.name for unit in application.completing_units.all()}
    groups = {application.group_name}
    submission = application.latest_submission
    if submission is not None:
        names |= {submission.data["enterprise"]["name"], submission.data["enterprise"]["certificate_unit_name"]}
        units |= set(submission.data["completing_units"])
        groups.add(submission.data["group"]["group_name"])
    return UnitFacts(
        enterprise_id=enterprise.pk,
        names=sorted(filter(None, names)),
        credit_code=enterprise.credit_code,
        parent_group=enterprise.parent_group,
        completing_units=sorted(filter(None, units)),
        group_names=sorted(filter(None, groups)),
    )


def found(judge: Judge, application: Application) -> RecusalKind | None:
    """What the rule says of one pair now, recorded or not."""
    kind = conflict(facts_of([judge])[judge.pk], unit_facts(application))
    return RecusalKind(kind.value) if kind is not None else None


def is_recused(judge: Judge, application: Application) -> bool:
    """Recorded, or found by the rule at this moment."""
    recorded = Recusal.objects.filter(judge=judge, application=application).exists()
    return recorded or found(judge, application) is not None


def between(judges: Collection[Judge], filings: Collection[Application]) -> dict[Pair, RecusalKind]:
    """Every pair that must not be, with its kind; a fixed number of queries where ``filings`` came by
    ``filings_with_facts``."""
    facts = facts_of(judges)
    pairs = {
        (judge_id, filing_id): RecusalKind(kind)
        for judge_id, filing_id, kind in Recusal.objects.filter(
            application__in=[filing.pk for filing in filings], judge__in=facts
        ).values_list("judge_id", "application_id", "kind")
    }
    for filing in filings:
        unit = unit_facts(filing)
        for judge_id, judge in facts.items():
            if (judge_id, filing.pk) not in pairs and (kind := conflict(judge, unit)) is not None:
                pairs[judge_id, filing.pk] = RecusalKind(kind.value)
    return pairs

"""Review sheets of the standard and the stages of a round."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from applications.models import Round
from applications.topics import TopicType
from qcportal import audit
from qcportal.models import User
from reviews.models import Rubric, RubricItem, Stage, StageKind, StageRubric
from reviews.models.rubrics import Sheet
from reviews.rubric_seeds import EDITION, RUBRICS, STEP, RubricSeed

DOCUMENT_DAYS = 14
# Without an event's date: presentations are scored in the six weeks after the documents.
PRESENTATION_DAYS = 42


def seed_rubrics() -> list[Rubric]:
    """The three sheets of T/CAQ 10201-2020 exist, with their items. Sheets that exist are left as they are."""
    with transaction.atomic():
        return [_seed(rubric) for rubric in RUBRICS]


def _seed(seed: RubricSeed) -> Rubric:
    rubric, created = Rubric.objects.get_or_create(
        edition=EDITION,
        sheet=seed.sheet,
        name=seed.name,
        defaults={"topic_types": list(seed.topic_types), "declared_total": sum(item.points for item in seed.items)},
    )
    if created:
        RubricItem.objects.bulk_create(
            RubricItem(
                rubric=rubric,
                code=item.code,
                position=position,
                name=item.name,
                max_points=item.points,
                step=STEP,
                guidance=item.guidance,
            )
            for position, item in enumerate(seed.items, 1)
        )
        audit.record("rubric.seeded", rubric, actor=None)
    return rubric


def create_stages(round_: Round, *, actor: User | None = None) -> list[Stage]:
    """资料 0.60 and 发表 0.40 on the 成果评审表 of each type, 现场 switched off (design, section 6).

    Existing stages of the round are left as they are. 资料 opens when filing closes and runs 14 days; 发表
    opens with the day of the round's presentation event and closes a day after it, where there is one.
    """
    document_closes = round_.closes_at + timedelta(days=DOCUMENT_DAYS)
    presentation = _presentation_window(round_, document_closes)
    plan = [
        (StageKind.DOCUMENT, True, Decimal("0.60"), round_.closes_at, document_closes),
        (StageKind.ON_SITE, False, Decimal(0), round_.closes_at, document_closes),
        (StageKind.PRESENTATION, True, Decimal("0.40"), *presentation),
    ]
    with transaction.atomic():
        rubrics = seed_rubrics()
        return [_stage(round_, rubrics, actor, *row) for row in plan]


def _presentation_window(round_: Round, document_closes: datetime) -> tuple[datetime, datetime]:
    # events stands above reviews: its rows are reached through the round, its code is not.
    event = round_.events.filter(kind="presentation").order_by("starts_at").first()
    if event is None:
        return document_closes, document_closes + timedelta(days=PRESENTATION_DAYS)
    return event.starts_at - timedelta(hours=2), event.ends_at + timedelta(days=1)


def _stage(
    round_: Round,
    rubrics: list[Rubric],
    actor: User | None,
    kind: StageKind,
    is_active: bool,
    weight: Decimal,
    opens_at: datetime,
    closes_at: datetime,
) -> Stage:
    stage, created = Stage.objects.get_or_create(
        round=round_,
        kind=kind,
        defaults={"is_active": is_active, "weight": weight, "opens_at": opens_at, "closes_at": closes_at},
    )
    if created:
        sheet = Sheet.ON_SITE if kind == StageKind.ON_SITE else Sheet.RESULT
        for topic_type in TopicType:
            rubric = next(
                row
                for row in rubrics
                if row.sheet == sheet and (not row.topic_types or topic_type.value in row.topic_types)
            )
            StageRubric.objects.create(stage=stage, topic_type=topic_type, rubric=rubric)
        audit.record("stage.created", stage, actor=actor, after={"kind": kind.value, "weight": str(weight)})
    return stage

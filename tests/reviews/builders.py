"""Judging from nothing: accepted filings with a frozen submission, judges who pledged, scored sheets."""

from datetime import timedelta
from decimal import Decimal

from django.db import transaction

from applications import codes, freezing
from applications.actions.submission import freeze_report_version
from applications.models import Application, AwardLevel, Submission
from applications.states import State
from qcportal import clock
from qcportal.roles import Role
from reviews import pledge
from reviews.actions import assigning, sheets
from reviews.actions.rubrics import create_stages
from reviews.models import Assignment, Judge, Pledge, Stage, StageKind
from tests import factories


def closed_round(days_ago=3):
    """A round whose filing closed some days ago: its documents are being reviewed now."""
    now = clock.now()
    return factories.round_of(
        2026, 1, opens_at=now - timedelta(days=40), closes_at=now - timedelta(days=days_ago),
        stamped_due_at=now + timedelta(days=4), paper_due_at=now + timedelta(days=4),
    )  # fmt: skip


def frozen(application: Application, file_number: str, version: int = 1) -> Submission:
    """A submission made of the application as it stands, by the freezing functions that submit uses."""
    owner = application.created_by
    now = clock.now()
    public, personal = freezing.freeze_application(application)
    salt = codes.new_salt()
    data = {
        **public,
        "file_number": file_number,
        "version": version,
        "personal_digest": codes.personal_digest(personal, salt),
    }
    with transaction.atomic():  # freezing locks the report's row
        report_version = freeze_report_version(application, actor=owner, now=now)
    submission = Submission.objects.create(
        application=application, version=version, file_number=file_number, report_version=report_version,
        data=data, personal=personal, salt=salt, sha256=codes.digest(data), code=codes.new_code(),
        submitted_at=now, submitted_by=owner,
    )  # fmt: skip
    Application.objects.filter(pk=application.pk).update(file_number=file_number)
    return submission


def accepted(owner, round_, serial=1, **fields) -> Application:
    application = factories.complete_draft(owner, round_, **fields)
    frozen(application, f"QC{round_.programme.year}-{round_.number}-{serial:04d}")
    Application.objects.filter(pk=application.pk).update(state=State.ACCEPTED)
    application.refresh_from_db()
    return application


def stage_of(round_, kind=StageKind.DOCUMENT) -> Stage:
    """The stage of a round, created with the others; ``alone`` in weight is set by only_documents."""
    create_stages(round_)
    return round_.stages.get(kind=kind)


def only_documents(round_) -> Stage:
    """A round without presentation: 资料 counts alone."""
    create_stages(round_)
    round_.stages.exclude(kind=StageKind.DOCUMENT).update(is_active=False, weight=0)
    round_.stages.filter(kind=StageKind.DOCUMENT).update(weight=1)
    return round_.stages.get(kind=StageKind.DOCUMENT)


def judge(name="祁连山", employer="青海省质量技术研究中心", programme=None, **fields) -> Judge:
    person = factories.user(name=name, role=Role.JUDGE)
    row = Judge.objects.create(user=person, employer_name=employer, **fields)
    if programme is not None:
        Pledge.objects.create(judge=row, programme=programme, version=pledge.VERSION, accepted_at=clock.now())
    return row


def award_levels(programme):
    for position, name in enumerate(("一等成果", "二等成果", "三等成果"), 1):
        AwardLevel.objects.get_or_create(programme=programme, name=name, defaults={"position": position})


NAMES = ("祁连山", "文海清", "苏青禾", "罗振川", "孟晓岚", "白雪原", "康牧野")


def judges(count, programme) -> list[Judge]:
    return [judge(name, f"青海省第{name}研究所", programme) for name in NAMES[:count]]


def points_for(assignment: Assignment, total) -> dict[str, Decimal]:
    """Item points that add up to ``total``, filled from the first item on."""
    submission = assignment.application.latest_submission
    rubric = assignment.stage.rubric_for(submission.data["topic"]["topic_type"])
    rest = Decimal(str(total))
    points = {}
    for item in rubric.items.all():
        points[item.code] = min(rest, item.max_points)
        rest -= points[item.code]
    return points


def draft_sheet(assignment: Assignment, total=80, edit_version=0, **overrides):
    values = {
        "points": points_for(assignment, total), "comments": {}, "overall": "过程完整，数据充分。",
        "edit_version": edit_version,
    }  # fmt: skip
    return sheets.save_sheet(assignment, actor=assignment.judge.user, **{**values, **overrides})


def submitted_sheet(assignment: Assignment, total=80):
    draft = draft_sheet(assignment, total)
    return sheets.submit_sheet(assignment, actor=assignment.judge.user, edit_version=draft.edit_version)


def assigned(stage: Stage, application: Application, panel_of_judges, actor) -> list[Assignment]:
    return [assigning.assign(stage, application, row, actor=actor) for row in panel_of_judges]

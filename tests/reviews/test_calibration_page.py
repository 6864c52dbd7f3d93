"""评委一致性 on the staff site: which sheets count, what it says of panels, judges and single sheets."""

import pytest
from django.urls import reverse

from qcportal.models import AuditEvent
from reviews import calibrating
from reviews.actions import recusing
from reviews.models import Panel
from tests.reviews import builders

# Filing by filing: the first judge five points above two who agree; on the last filing far below.
SCORED = [(85, 80, 80), (75, 70, 70), (95, 90, 90), (65, 60, 60), (90, 85, 85), (82, 77, 77), (60, 88, 88)]


@pytest.fixture
def documents(round_):
    return builders.only_documents(round_)


@pytest.fixture
def filings(documents, round_, owner, secretary):
    judges = builders.judges(3, round_.programme)
    made = [builders.accepted(owner, round_, at) for at in range(1, len(SCORED) + 1)]
    for filing, own in zip(made, SCORED, strict=True):
        for assignment, total in zip(builders.assigned(documents, filing, judges, secretary), own, strict=True):
            builders.submitted_sheet(assignment, total)
    documents.assignments.update(panel=Panel.objects.create(stage=documents, name="第一组"))
    return made


def test_panels_judges_and_far_sheets_stand_on_the_page(client, secretary, round_, filings):
    client.force_login(secretary)
    page = client.get(reverse("admin:reviews_calibration", args=[round_.pk])).content.decode()
    (report,) = calibrating.of_round(round_)
    (panel,) = report.panels
    assert (panel.name, panel.agreement.judges, panel.agreement.used) == ("第一组", 3, 7)
    assert panel.w.value in page
    assert panel.single.value in page
    # The colleagues of a judge far off are not far off themselves.
    assert [(one.filing, one.residual) for one in report.far] == [(filings[6], "−33.0")]
    assert reverse("admin:reviews_scoresheet_change", args=[report.far[0].sheet]) in page
    assert "不参与任何排名" in page
    assert AuditEvent.objects.filter(verb="scores.viewed").count() == 1


def test_a_recused_judges_sheet_counts_nowhere(round_, filings, documents, secretary):
    before = calibrating.of_round(round_)[0]
    judge = documents.assignments.filter(application=filings[6]).order_by("judge_id").first().judge
    recusing.record_recusal(judge, filings[6], actor=secretary, reason="曾任顾问")
    (report,) = calibrating.of_round(round_)
    assert before.far
    assert report.far == []
    assert report.panels[0].agreement.used == 6
    line = next(one for one in report.judges if one.judge == judge)
    assert (line.figures.common, line.offset, line.leaning) == (6, "+5.0", "偏宽")


def test_without_sheets_the_page_says_what_it_waits_for(client, secretary, round_, documents):
    client.force_login(secretary)
    page = client.get(reverse("admin:reviews_calibration", args=[round_.pk])).content.decode()
    assert "还没有已提交的评分表" in page

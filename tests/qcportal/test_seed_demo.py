import re
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count

from applications import completeness, recommendations, statistics
from applications.figures import filings, pace, reports
from applications.models import (
    AnnualReport,
    Application,
    Enterprise,
    Evidence,
    Programme,
    Recommendation,
    Round,
    Submission,
    WarningConfirmation,
)
from applications.models.confirming import REASON_MIN
from applications.states import State
from applications.topics import TopicType
from applications.validators import check_credit_code
from events.models import Event
from qcportal import bounces, clock, files, integrity
from qcportal.backup import rows
from qcportal.demo import build, logins, timeline
from qcportal.demo.source import Source
from qcportal.errors import Refusal
from qcportal.models import MailMessage, StoredFile, User
from reviews import rechecking
from reviews.models import Assignment, Judge, Ranking, Recusal, ScoreSheet
from tests.qcportal.conftest import TODAY

NOW = Source(1, TODAY).midnight


def seeded_digest(**options):
    build.seed(**{"today": TODAY, "small_pool": True, "applications": 30, **options})
    return rows.digest()


def test_the_same_seed_and_day_give_the_same_rows(undone):
    assert undone(seeded_digest) == undone(seeded_digest)


def test_another_seed_or_day_gives_other_rows(undone):
    first = undone(seeded_digest)
    assert undone(lambda: seeded_digest(seed_=2)) != first
    assert undone(lambda: seeded_digest(today=date(2026, 11, 25))) != first


def test_a_database_with_users_is_left_alone(owner):
    with pytest.raises(CommandError, match="空的数据库"):
        call_command("seed_demo")
    assert User.objects.count() == 1


def test_production_gets_no_demo_data(db, settings):
    settings.PRODUCTION = True
    with pytest.raises(Refusal, match="生产环境"):
        build.seed(today=TODAY)


def test_everything_seeded_is_consistent(demo):
    assert list(integrity.run()) == []


def test_there_are_enough_enterprises_and_applications_of_every_kind(demo):
    assert Enterprise.objects.count() >= 12
    assert Application.objects.count() >= 40
    assert set(Application.objects.values_list("topic_type", flat=True)) == set(TopicType)
    assert {"salt_lake", "clean_energy", "organic_farming"} < set(Enterprise.objects.values_list("industry", flat=True))
    for code in Enterprise.objects.values_list("credit_code", flat=True):
        check_credit_code(code)
    outside = Enterprise.objects.get(origin_flagged=True)
    assert outside.origin_explanation


def test_three_rounds_stand_in_three_conditions_beside_the_real_year(demo):
    finished, in_review, open_ = (
        Round.objects.get(programme__year=year, number=number) for year, number in ((2025, 2), (2027, 1), (2027, 2))
    )
    assert set(finished.applications.values_list("state", flat=True)) == {State.AWARDED, State.NOT_AWARDED}
    assert set(in_review.applications.values_list("state", flat=True)) == {State.IN_REVIEW}
    assert {State.DRAFT, State.SUBMITTED, State.RETURNED, State.ACCEPTED} <= set(
        open_.applications.values_list("state", flat=True)
    )
    assert Programme.objects.filter(is_demo=True).count() == 2
    assert [round_.closes_label for round_ in Round.objects.filter(programme__year=2026)] == [
        "2026年6月30日24:00",
        "2026年10月20日24:00",
    ]
    assert Round.objects.open_at(NOW).first() == open_


@pytest.mark.parametrize(
    ("today", "expected"),
    [(date(2026, 11, 24), (2025, 2027)), (date(2027, 3, 1), (2025, 2027)), (date(2028, 1, 1), (2027, 2028))],
)
def test_the_seasons_never_take_the_real_year(today, expected):
    assert timeline.years(today) == expected


@pytest.mark.parametrize("today", [date(2025, 1, 1), date(2026, 6, 30), date(2028, 2, 29)])
def test_any_day_can_be_seeded(db, today):
    build.seed(today=today, small_pool=True, applications=20)
    assert list(integrity.run(fast=True)) == []
    with clock.fixed(Source(1, today).midnight):
        for application in Application.objects.submitted():
            assert [problem for problem in completeness.problems(application) if problem.blocks] == []


def test_a_programme_of_the_real_year_that_is_there_already_is_kept(db):
    call_command("create_programme", "2026")
    build.seed(today=TODAY, small_pool=True, applications=20)
    assert Programme.objects.filter(year=2026).count() == 1


def test_the_finished_round_has_an_announced_ranking_with_its_derivation(demo):
    ranking = Ranking.objects.get(special_award=None)
    assert ranking.announced_at < NOW
    first = ranking.data["rows"][0]
    assert (first["rank"], first["award"]) == (1, "一等成果")
    assert first["derivation"]["stages"][0]["sheets"]
    assert [row["award_note"] for row in ranking.data["rows"] if "评审组合议：三等成果 → 二等成果" in row["award_note"]]
    assert rechecking.findings(ranking) == []
    assert ranking.inputs["levels"]["method"] == "share"
    awarded = {row["file_number"] for row in ranking.data["rows"] if row["award"]}
    assert awarded == set(Application.objects.filter(state=State.AWARDED).values_list("file_number", flat=True))


def test_judges_are_half_done_and_the_event_lies_ahead(demo):
    sheets = ScoreSheet.objects.filter(assignment__stage__round__programme__year=2027)
    assigned = Assignment.objects.filter(stage__round__programme__year=2027).count()
    assert assigned // 3 < sheets.filter(state="submitted").count() < assigned * 2 // 3
    assert sheets.filter(state="draft").exists()
    event = Event.objects.get(round__programme__year=2027, round__number=1)
    assert event.starts_at > NOW
    assert event.is_published
    assert not event.shortlist.exists()


def test_a_judge_employed_by_the_filer_is_recused_and_scores_nothing_of_theirs(demo):
    judge = Judge.objects.get(user__username="demo-judge-1")
    recused = Recusal.objects.filter(judge=judge, kind="employer").values_list("application", flat=True)
    own = Assignment.objects.filter(judge=judge, application__enterprise__credit_code=judge.employer_code)
    assert recused
    assert set(own.values_list("application", flat=True)) == set(recused)
    assert not ScoreSheet.objects.filter(assignment__in=own).exists()


def test_every_demo_login_opens_with_the_one_password(demo, client):
    for username, _label in logins.listing():
        assert client.login(username=username, password=logins.password()), username
        client.logout()
    assert [username for username, _label in logins.listing() if not User.objects.filter(username=username)] == []


def test_the_demo_password_comes_from_the_environment(db, monkeypatch, client):
    monkeypatch.setenv("QCPORTAL_DEMO_PASSWORD", "Other-Word-77")
    build.seed(today=TODAY, small_pool=True, applications=20)
    assert client.login(username="demo-enterprise", password="Other-Word-77")


def test_the_demo_enterprise_shows_every_state_and_its_clerk_two_filings(demo):
    user = User.objects.get(username="demo-enterprise")
    states = set(Application.objects.visible_to(user).values_list("state", flat=True))
    assert {State.DRAFT, State.SUBMITTED, State.RETURNED, State.ACCEPTED, State.IN_REVIEW, State.AWARDED} <= states
    assert Application.objects.visible_to(User.objects.get(username="demo-clerk")).count() == 2


def test_the_demo_recommender_has_opinions_of_both_kinds_and_work_left(demo):
    user = User.objects.get(username="demo-recommender")
    given = Recommendation.objects.filter(given_by=user)
    assert given.filter(submission__isnull=False).exists()
    assert set(given.filter(frozen_in__isnull=False).values_list("frozen_unchanged", flat=True)) == {True, False}
    assert set(given.values_list("decision", flat=True)) == {"recommend", "decline"}
    visible = recommendations.visible_to(user)
    assert visible.filter(is_shared=True).get().state == State.DRAFT
    assert recommendations.waiting(visible).count() >= 2


def test_a_returned_filing_carries_its_check_remarks_deadline_and_conversation(demo):
    application = Application.objects.filter(state=State.RETURNED).first()
    check = application.checks.get()
    assert check.outcome == "return"
    assert check.remarks.count() == 3
    assert application.correction_due_at > NOW
    assert application.thread.messages.count() == 3


def test_the_outbox_shows_what_a_secretary_meets(demo):
    """A held letter, one of which nobody knows whether it arrived, one that came back; a short message."""
    states = set(MailMessage.objects.values_list("state", flat=True))
    assert {"sent", "held", "unsure", "bounced"} <= states
    returned = MailMessage.objects.get(state="bounced")
    assert returned.subject.startswith("请补正：QC")
    with clock.fixed(returned.sent_at):
        assert bounces.returned([returned.to])
    assert MailMessage.objects.filter(channel="sms").count() == 1


def test_what_was_submitted_has_nothing_missing_and_numbers_that_agree(demo):
    with clock.fixed(NOW):
        for application in Application.objects.submitted():
            assert [problem for problem in completeness.problems(application) if problem.blocks] == []
    for report in AnnualReport.objects.all():
        values = {name: getattr(report, name) for name in statistics.FIELDS}
        assert [finding for finding in statistics.check(values) if finding.level == "error"] == []


def test_whoever_submitted_had_confirmed_the_warnings_of_their_filing(demo):
    explained = [row for row in Submission.objects.all() if row.data.get("explanations")]
    assert explained
    assert all(len(answer["reason"]) >= REASON_MIN for row in explained for answer in row.data["explanations"])
    for row in WarningConfirmation.objects.exclude(application=None):
        assert row.application.latest_submission.data["explanations"]


def test_the_evidence_is_real_files_of_three_kinds(demo):
    heads = {"application/pdf": b"%PDF-", "image/jpeg": b"\xff\xd8\xff", build.evidence.XLSX: b"PK\x03\x04"}
    seen = set()
    for stored in StoredFile.objects.filter(pk__in=Evidence.objects.values("file")):
        assert files.read(stored).startswith(heads[stored.content_type])
        seen.add(stored.content_type)
    assert seen == set(heads)


def test_no_group_is_filed_twice_and_no_name_has_latin_letters(demo):
    twice = Application.objects.values("round", "enterprise", "group_name").annotate(n=Count("pk")).filter(n__gt=1)
    assert not twice.exists()
    assert not [name for name in User.objects.values_list("name", flat=True) if re.search("[A-Za-z]", name)]


def test_a_larger_load_stays_consistent_and_queues_no_documents(db):
    summary = build.seed(today=TODAY, small_pool=True, applications=300, judges=30)
    assert (summary.counts["申报"], summary.counts["评委"]) == (300, 30)
    assert list(integrity.run(fast=True)) == []
    assert not build.OutboxMessage.objects.filter(topic="packet.build").exists()


def test_the_command_prints_logins_and_time(db, capsys):
    call_command("seed_demo", "--today", "2026-11-24", "--applications", "201")
    printed = capsys.readouterr().out
    assert "demo-secretary" in printed
    assert "秒" in printed


def test_the_provincial_statistics_have_two_years_and_figures_to_look_into(demo):
    years = reports.frozen(reports.years_up_to(reports.newest_reported()))
    assert [len(year.entries) > 9 for year in years] == [True, True]
    apart = reports.standing_apart(years[0].entries, years[0].programme)
    codes = {(one.code, one.explained) for one in apart}
    assert ("statistics_results_above_registered", True) in codes
    assert {explained for _code, explained in codes} == {True, False}, "one that was explained and one to ask about"
    assert reports.missing(years[0].programme).exists()


def test_the_pace_of_the_open_round_has_a_year_before_with_a_last_day(demo):
    round_ = Round.objects.open_at(NOW).select_related("programme").first()
    before = filings.year_before(round_)
    this, last = filings.seasons([round_, before], NOW)
    assert pace.facts(last.rows, before.closes_at).last_day > 0
    assert pace.facts(this.rows, round_.closes_at).filed >= 10

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from applications.actions.programmes import create_programme
from applications.models import Association, Programme, RecommendingUnit, WorkdayException
from qcportal.errors import Refusal
from qcportal.models import AuditEvent
from tests.factories import at

pytestmark = pytest.mark.django_db


def test_the_2026_programme_is_the_one_of_the_notice():
    programme = create_programme(year=2026)
    first, second = programme.rounds.all()
    assert (programme.edition, programme.data_year) == (48, 2025)
    assert (programme.notice_number, programme.notice_date) == ("青质协联〔2026〕5号", date(2026, 6, 4))
    assert programme.hosts[-1] == "青海省科学技术协会办公室"
    assert (first.opens_at, first.closes_at) == (at(2026, 6, 1), at(2026, 7, 1))
    assert (second.opens_at, second.closes_at) == (at(2026, 7, 1), at(2026, 10, 21))
    assert first.paper_due_at == first.stamped_due_at == at(2026, 7, 8)
    assert second.paper_due_label == "2026年10月27日24:00"


def test_calendar_awards_and_checklist_come_with_it():
    programme = create_programme(year=2026)
    assert [entry.starts_on.month for entry in programme.calendar.all()] == [5, 6, 7, 10, 11, 12]
    assert all(entry.date_is_month_only for entry in programme.calendar.all())
    assert programme.calendar.get(starts_on__month=12).ends_on == date(2026, 12, 31)
    assert [award.code for award in programme.special_awards.all()] == ["salt-lake", "clean-energy", "organic-farming"]
    assert programme.checklist.count() == 10


def test_the_association_and_the_recommending_units_are_added_once():
    create_programme(year=2026)
    RecommendingUnit.objects.filter(name="西宁市总工会").update(name="西宁市质量协会")
    create_programme(year=2027)
    assert Association.objects.get().phone == "0971-6137890"
    assert RecommendingUnit.objects.filter(name="西宁市质量协会").count() == 1
    assert not RecommendingUnit.objects.filter(name="西宁市总工会").exists()


def test_names_are_copied_from_the_year_before():
    earlier = create_programme(year=2026)
    earlier.special_awards.filter(code="salt-lake").update(name="盐湖产业小组奖")
    earlier.calendar.filter(starts_on__month=7).update(title="春季发布会")
    earlier.checklist.all().delete()
    earlier.checklist.create(position=1, text="只核对这一项", helper="finance", help_text="看章", is_required=False)
    Programme.objects.filter(pk=earlier.pk).update(correction_limit=5)
    programme = create_programme(year=2027)
    assert programme.special_awards.get(code="salt-lake").name == "盐湖产业小组奖"
    assert programme.calendar.get(starts_on__month=7).title == "春季发布会"
    line = programme.checklist.get()
    assert (line.text, line.helper, line.help_text, line.is_required) == ("只核对这一项", "finance", "看章", False)
    assert programme.correction_limit == 5
    assert programme.notice_number == ""


def test_a_notice_date_moves_the_opening_and_staff_holidays_move_the_paper_deadline():
    WorkdayException.objects.create(day=date(2027, 7, 1), is_workday=False)
    programme = create_programme(year=2027, notice_number="青质协联〔2027〕3号", notice_date=date(2027, 5, 20))
    first = programme.rounds.first()
    assert first.opens_at == at(2027, 5, 20)
    assert first.paper_due_at == at(2027, 7, 9)


def test_a_year_that_exists_is_refused_and_left_alone():
    create_programme(year=2026)
    with pytest.raises(Refusal) as refusal:
        create_programme(year=2026)
    assert refusal.value.code == "exists"
    assert Programme.objects.get().rounds.count() == 2
    assert AuditEvent.objects.filter(verb="programme.created").count() == 1


def test_the_command_prints_the_deadlines_and_refuses_in_chinese():
    out = StringIO()
    call_command("create_programme", "2026", stdout=out)
    assert "第一期：截止 2026年6月30日24:00，纸质材料 2026年7月7日24:00" in out.getvalue()
    with pytest.raises(CommandError, match="2026 年度活动已经存在"):
        call_command("create_programme", "2026", stdout=out)

"""What stands beside the fields: for every field, by type, in the secretariat's words where it has any."""

import pytest
from django.urls import reverse

from applications import guidance, progress, topics
from applications.actions.programmes import ensure_guidance
from applications.completeness import own_problems
from applications.forms.enterprise import ProfileForm
from applications.forms.sections import FORMS
from applications.guidance import Guides
from applications.guidance.fields import ADVICE
from applications.guidance.steps import STEP_ADVICE
from applications.models import FieldGuidance
from applications.models.reports import SUMMARY_SECTIONS
from applications.sections import SECTIONS
from qcportal.models import AuditEvent
from tests import factories


def test_every_field_of_the_forms_has_advice(owner):
    filing = factories.draft(owner)
    named = [name for code in FORMS for name in FORMS[code](application=filing, keys=None).fields]
    keys = {name for name in named if name not in {"seen_version", "awards_section_seen"}}
    keys |= {"members", "evidence"}
    keys |= {f"report.{name}" for name, _title, _help in SUMMARY_SECTIONS}
    keys |= {f"enterprise.{name}" for name in ProfileForm.base_fields if name != "seen_version"}
    assert keys <= set(ADVICE)
    assert all(ADVICE[key].hint for key in keys)


def test_every_step_of_every_type_has_hint_points_example_and_length():
    wanted = {(f"steps.{step.code}", kind.value) for kind in topics.TopicType for step in topics.steps_of(kind.value)}
    assert wanted == set(STEP_ADVICE)
    for advice in STEP_ADVICE.values():
        assert advice.hint
        assert len(advice.good.splitlines()) >= 2
        assert 0 < advice.shortest < advice.longest
        assert advice.example


def test_an_example_keeps_to_the_length_it_recommends_at_most():
    """A topic's name has two examples, one a line."""
    for key, advice in [*ADVICE.items(), *STEP_ADVICE.items()]:
        examples = advice.example.splitlines() if key == "topic_name" else [advice.example]
        assert not advice.longest or all(len(one) <= advice.longest for one in examples)


def test_steps_differ_by_type():
    solving, innovation = STEP_ADVICE["steps.select_topic", "self_set"], STEP_ADVICE["steps.select_topic", "innovation"]
    assert "借鉴" in innovation.good
    assert "借鉴" not in solving.good + solving.hint


def test_what_the_secretariat_writes_stands_in_front_and_empty_cells_fall_back(db):
    FieldGuidance.objects.create(key="topic_name", hint="课题名称不超过 25 字。", longest=25)
    FieldGuidance.objects.create(key="steps.current_state", topic_type="self_set", good="只写一条。")
    guides = Guides()
    assert guides.get("topic_name").hint == "课题名称不超过 25 字。"
    assert guides.get("topic_name").longest == 25
    assert guides.get("topic_name").good == ADVICE["topic_name"].good
    step = guides.get("steps.current_state", "self_set")
    assert step.good == "只写一条。"
    assert step.example == STEP_ADVICE["steps.current_state", "self_set"].example


def test_zero_takes_a_length_away(db):
    FieldGuidance.objects.create(key="topic_name", shortest=0, longest=0)
    assert Guides().get("topic_name").longest == 0


def test_all_advice_of_a_page_is_one_query(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        guides = Guides()
        for key, kind in guidance.all_keys():
            guides.get(key, kind)


@pytest.mark.parametrize("code", [section.code for section in SECTIONS])
def test_each_section_shows_its_advice_without_script(client, owner, code):
    filing = factories.draft(owner, topic_type="innovation")
    FieldGuidance.objects.create(key="steps.best_plan", topic_type="innovation", example="秘书处自己的示例")
    client.force_login(owner)
    text = client.get(reverse("applications:section", args=[filing.uuid, code])).text
    assert 'class="field__help' in text
    if code == "topic":
        assert "秘书处自己的示例" in text
        assert "建议 300–800 字，现 0 字" in text
        assert "<details" in text


def test_a_refused_section_shows_the_same_advice(client, owner):
    filing = factories.draft(owner)
    FieldGuidance.objects.create(key="target_value", hint="写由多少到多少")
    client.force_login(owner)
    address = reverse("applications:section", args=[filing.uuid, "results"])
    assert "写由多少到多少" in client.get(address).text
    refused = client.post(address, {"economic_benefit": "很多", "seen_version": filing.edit_version})
    assert "很多" in refused.text
    assert "写由多少到多少" in refused.text


def test_advice_is_text_not_markup(client, owner):
    filing = factories.draft(owner)
    FieldGuidance.objects.create(key="topic_name", hint="<b>粗</b>", good="<script>1</script>", example="<i>斜</i>")
    client.force_login(owner)
    text = client.get(reverse("applications:section", args=[filing.uuid, "topic"])).text
    for raw in ("<b>粗</b>", "<script>1</script>", "<i>斜</i>"):
        assert raw not in text


def test_the_summary_and_the_profile_show_theirs(client, owner):
    year = factories.open_round().programme.year
    client.force_login(owner)
    text = client.get(reverse("applications:report_summary", args=[year])).text
    assert "怎样写好" in text
    assert "建议 200–400 字，现 0 字" in text
    assert "写到门牌号" in client.get(reverse("applications:enterprise")).text


def test_the_list_for_the_secretariat_is_made_once(db):
    ensure_guidance()
    FieldGuidance.objects.filter(key="topic_name").update(hint="改过")
    ensure_guidance()
    assert FieldGuidance.objects.count() == len(guidance.all_keys())
    assert FieldGuidance.objects.get(key="topic_name").hint == "改过"


def test_the_secretariat_changes_advice_in_the_admin_and_leaves_a_trail(client, owner, secretary, auditor):
    ensure_guidance()
    row = FieldGuidance.objects.get(key="group_intro")
    address = reverse("admin:applications_fieldguidance_change", args=[row.pk])
    client.force_login(auditor)
    assert client.post(address, {"hint": "x"}).status_code == 403
    client.force_login(secretary)
    page = client.get(address).text
    assert "默认：小组的构成" in page
    assert client.get(reverse("admin:applications_fieldguidance_changelist") + "?place=topic").status_code == 200
    answer = client.post(address, {"hint": "写三句话。", "longest": "200", "shortest": "50"})
    assert answer.status_code == 302
    assert AuditEvent.objects.filter(verb="fieldguidance.changed").count() == 1
    filing = factories.draft(owner)
    client.force_login(owner)
    text = client.get(reverse("applications:section", args=[filing.uuid, "topic"])).text
    assert "写三句话。" in text
    assert "建议 50–200 字" in text


def test_the_least_length_is_not_above_the_most(client, secretary):
    ensure_guidance()
    row = FieldGuidance.objects.get(key="group_intro")
    client.force_login(secretary)
    answer = client.post(
        reverse("admin:applications_fieldguidance_change", args=[row.pk]), {"shortest": "300", "longest": "100"}
    )
    assert "不应少于" in answer.text


def test_minutes_left_shrink_as_fields_are_filled(owner):
    guides_of, empty = (lambda: Guides()), factories.draft(owner)
    guides = guides_of()
    everything = progress.minutes_left(own_problems(empty), guides)
    empty.group_name = "红柳QC小组"
    assert progress.minutes_left(own_problems(empty), guides) == everything - ADVICE["group_name"].minutes
    FieldGuidance.objects.create(key="leader_name", minutes=9)
    assert progress.minutes_left(own_problems(empty), guides_of()) == everything - 1 + 8


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, ""), (3, "约 3 分钟"), (11, "约 15 分钟"), (57, "约 1 小时"), (75, "约 1 小时 15 分钟")],
)
def test_minutes_are_spoken_roundly(minutes, words):
    assert progress.spoken_minutes(minutes) == words

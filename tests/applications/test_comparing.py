"""Two versions side by side: only what differs, in the words of the form."""

from decimal import Decimal

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from applications import comparing
from applications.actions import drafts, reports
from applications.models import AnnualReport, Application
from tests import factories
from tests.applications import documents


def fresh(application):
    return Application.objects.get(pk=application.pk)


def save(application, owner, section, **values):
    row = fresh(application)
    drafts.save_section(row, actor=owner, section=section, values=values, seen_version=row.edit_version)


@pytest.fixture
def two(owner):
    """Version 1, and version 2 with a changed sum, a changed step, one member more and another file."""
    first = documents.submitted(owner)
    application = first.application
    save(application, owner, "results", economic_benefit=Decimal("520000.00"))
    steps = fresh(application).steps
    text = steps["effect_check"].replace("结论清楚", "结论明确")
    save(application, owner, "topic", **{"steps.effect_check": text})
    members = [
        {name: getattr(member, name) for name in drafts.MEMBER_FIELDS} for member in fresh(application).members.all()
    ]
    save(application, owner, "group", member_count=3, members=[*members, {**members[1], "name": "李小青"}])
    fresh(application).evidence.filter(kind="records").delete()
    factories.evidence(fresh(application), "records", "小组活动记录（修订）.pdf")
    return first, documents.submit(fresh(application), owner)


def changes(older, newer):
    sections = comparing.compare(older, newer)
    return {f"{section.title}·{change.label}": change for section in sections for change in section.changes}


def test_only_what_differs_is_shown(two):
    found = changes(*two)
    assert set(found) == {
        "成果与效益·直接经济效益", "课题与活动过程·效果检查", "小组概况与成员·小组人数",
        "小组成员·小组成员", "小组成员·成员 李小青",
        "证实性材料·《小组活动记录（修订）.pdf》", "证实性材料·《小组活动记录.pdf》",
    }  # fmt: skip
    benefit = found["成果与效益·直接经济效益"]
    assert "46.20 万元" in benefit.old
    assert "52.00 万元" in benefit.new
    assert found["小组成员·成员 李小青"].old == "（无）"
    pieces = found["课题与活动过程·效果检查"].pieces
    assert ("gone", "清楚") in pieces
    assert ("new", "明确") in pieces


def test_a_version_differs_in_nothing_from_itself(two):
    assert comparing.compare(two[0], two[0]) == []


def test_attachments_2_and_3_are_compared_when_they_changed(owner):
    first = documents.submitted(owner)
    report = AnnualReport.objects.get()
    reports.save_statistics(
        report.enterprise, report.programme, actor=owner, values={"employees": 1300}, seen_version=report.edit_version
    )
    save(first.application, owner, "contact", contact_name="马海燕")
    second = documents.submit(fresh(first.application), owner)
    found = changes(first, second)
    assert (found["附件 3 统计表·1 企业职工总数"].new) == "1300 人"
    assert "附件 3 统计表·12 普及率" in found


texts = st.text(alphabet="提高碳酸锂包装一次合格率。；\n甲乙丙", max_size=200)


@given(texts, texts)
def test_the_pieces_make_up_both_texts(old, new):
    pieces = comparing.pieces_of(old, new)
    cut = any("……" in piece.text for piece in pieces)
    if not cut:
        assert "".join(piece.text for piece in pieces if piece.kind != "new") == old
        assert "".join(piece.text for piece in pieces if piece.kind != "gone") == new
    assert "".join(piece.text for piece in pieces if piece.kind == "gone") in old or len(pieces) > 1


def test_long_unchanged_text_is_cut_to_its_ends():
    long = "数据真实。" * 60
    pieces = comparing.pieces_of(long + "合格率九成。" + long, long + "合格率九成七。" + long)
    assert [piece.kind for piece in pieces] == ["same", "new", "same"]
    assert all(len(piece.text) < 100 for piece in pieces)


def test_the_page_shows_two_versions_or_what_is_not_submitted(client, owner, two):
    application = two[0].application
    client.force_login(owner)
    address = reverse("applications:versions", args=[application.uuid])
    text = client.get(address).content.decode()
    assert "52.00 万元" in text
    assert "<ins>" in text
    assert reverse("applications:versions", args=[application.uuid]) in client.get(
        reverse("applications:detail", args=[application.uuid])
    ).content.decode()  # fmt: skip
    assert "52.00 万元" in client.get(address, {"from": "2", "to": "1"}).content.decode()  # either way round
    assert "只有一个版本" in client.get(address, {"from": "1", "to": "1"}).content.decode()
    assert client.get(address, {"from": "x", "to": "99"}).status_code == 200
    save(application, owner, "contact", contact_name="马海燕")
    text = client.get(address).content.decode()
    assert "未提交的修改" in text
    assert "马海燕" in text


def test_the_number_of_queries_does_not_grow_with_versions(client, owner, two, django_assert_num_queries):
    client.force_login(owner)
    address = reverse("applications:versions", args=[two[0].application.uuid])
    client.get(address)
    with django_assert_num_queries(16):
        client.get(address)
    save(two[0].application, owner, "contact", contact_name="马海燕")
    documents.submit(fresh(two[0].application), owner)
    with django_assert_num_queries(16):
        client.get(address)

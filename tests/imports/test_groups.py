"""Many groups at once: template, preview by row, all or nothing per row, nothing twice."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from applications.imports import groups_form
from applications.imports.groups_columns import COLUMNS
from applications.models import Application, PendingImport
from qcportal.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db
LETTER = {column.key: number for number, column in enumerate(COLUMNS, 1)}
FIRST = {
    "group_name": "红柳QC小组",
    "topic_name": "提高碳酸锂包装一次合格率",
    "topic_type": "问题解决型·自定目标",
    "group_registration_number": "HG-QC-2025-011",
    "group_registered_on": date(2025, 2, 10),
    "leader_name": "韩志远",
    "member_count": 2,
    "activity_starts_on": date(2025, 3, 1),
    "activity_ends_on": date(2025, 11, 30),
    "activity_count": 24,
    "attendance_rate": 96.5,
    "training_hours": 48,
    "target_value": "由 96.00% 提高到 97.70%",
    "economic_benefit": 46.2,
    "activity_cost": "9.2",
    "completing_units": "青海瀚澄化工有限公司；青海湖光包装有限公司",
    "special_awards": "盐湖化工产业质量管理小组奖",
    "contact_phone": "13900000043",
}
PEOPLE = [
    ("红柳QC小组", "韩志远", "组长", "男", "本科", "工程师", "策划", 48),
    ("红柳QC小组", "扎西多杰", "", "", "", "", "实施", None),
]


@pytest.fixture
def round_(owner):
    return factories.open_round()


def address(name, round_):
    return reverse(f"applications:{name}", args=[round_.programme.year, round_.number])


def stream_of(book) -> io.BytesIO:
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    stream.name = "小组汇总表.xlsx"
    return stream


def form_with(client, round_, groups, people=()):
    content = b"".join(client.get(address("import_groups_form", round_)).streaming_content)
    book = load_workbook(io.BytesIO(content))
    for row, group in enumerate(groups, groups_form.FIRST_ROW):
        for key, value in group.items():
            book["小组汇总"].cell(row, LETTER[key], value)
    for row, person in enumerate(people, 2):
        for column, value in enumerate(person, 1):
            book["成员"].cell(row, column, value)
    return stream_of(book)


def sent(client, round_, stream):
    answer = client.post(address("import_groups", round_), {"file": stream})
    assert answer.status_code == 302, answer.context["form"].errors
    return answer.url


def test_every_field_of_a_group_comes_back_as_it_was_filled_in(client, owner, round_):
    client.force_login(owner)
    url = sent(client, round_, form_with(client, round_, [FIRST], PEOPLE))
    page = client.get(url)
    assert [line.row.number for line in page.context["good"]] == [4]
    assert not Application.objects.exists()
    client.post(url, {"take": ["4"]})
    made = Application.objects.get()
    assert {key: getattr(made, key) for key in ("group_name", "topic_name", "topic_type", "leader_name")} == {
        "group_name": "红柳QC小组",
        "topic_name": "提高碳酸锂包装一次合格率",
        "topic_type": "self_set",
        "leader_name": "韩志远",
    }
    assert (made.activity_starts_on, made.activity_ends_on) == (date(2025, 3, 1), date(2025, 11, 30))
    assert (made.group_registered_on, made.member_count, made.activity_count) == (date(2025, 2, 10), 2, 24)
    assert (made.attendance_rate, made.training_hours) == (Decimal("96.50"), Decimal("48.0"))
    assert (made.economic_benefit, made.activity_cost) == (Decimal("462000.00"), Decimal("92000.00"))
    assert [unit.name for unit in made.completing_units.all()] == ["青海瀚澄化工有限公司", "青海湖光包装有限公司"]
    assert [award.code for award in made.special_awards.all()] == ["salt-lake"]
    people = list(made.members.values_list("name", "group_role", "gender", "duty", "training_hours"))
    assert people == [("韩志远", "leader", "m", "策划", Decimal("48.0")), ("扎西多杰", "member", "", "实施", None)]
    assert (made.contact_name, made.contact_phone) == (made.enterprise.contact_name, "13900000043")
    pending = PendingImport.objects.get()
    assert (pending.cells, pending.confirmed_at is not None) == ([], True)
    assert AuditEvent.objects.get(verb="application.imported").data["file_sha256"] == pending.sha256


def test_a_bad_row_is_left_out_whole_and_can_be_downloaded_put_right_and_sent_again(client, owner, round_):
    client.force_login(owner)
    bad = {
        **FIRST,
        "group_name": "雪豹QC小组",
        "topic_type": "问题解决型",
        "member_count": "很多",
        "attendance_rate": 0.965,
    }
    url = sent(client, round_, form_with(client, round_, [FIRST, bad], PEOPLE))
    page = client.get(url)
    (line,) = page.context["bad"]
    assert {(problem.place, problem.label) for problem in line.row.problems} == {
        ("C5", "课题类型"),
        ("I5", "小组人数"),
    }
    client.post(url, {"take": ["4", "5"]})
    assert [one.group_name for one in Application.objects.all()] == ["红柳QC小组"]
    content = b"".join(client.get(reverse("applications:import_groups_refused", args=[line_uuid()])).streaming_content)
    book = load_workbook(io.BytesIO(content))
    heads = {cell.value: cell.column for cell in book.active[1]}
    assert "请写明" in book.active.cell(2, heads["导入问题"]).value
    book.active.cell(2, heads["课题类型"], "创新型")
    book.active.cell(2, heads["小组人数"], 7)
    url = sent(client, round_, stream_of(book))
    client.post(url, {"take": ["2"]})
    second = Application.objects.get(group_name="雪豹QC小组")
    assert (second.topic_type, second.member_count) == ("innovation", 7)
    assert (second.economic_benefit, second.attendance_rate) == (Decimal("462000.00"), Decimal("96.50"))


@pytest.mark.parametrize("topic", ["-18℃冷库温度合格率提高", "＝号键故障率降低", "+5℃恒温库合格率提高"])
def test_what_looks_like_a_formula_comes_back_as_it_was_typed(client, owner, round_, topic):
    """Out with the apostrophe that keeps it text, and in again without it."""
    client.force_login(owner)
    bad = {**FIRST, "topic_name": topic, "topic_type": "乱写"}
    sent(client, round_, form_with(client, round_, [bad], PEOPLE))
    content = b"".join(client.get(reverse("applications:import_groups_refused", args=[line_uuid()])).streaming_content)
    book = load_workbook(io.BytesIO(content))
    heads = {cell.value: cell.column for cell in book.active[1]}
    assert book.active.cell(2, heads["课题名称"]).value == f"'{topic}"
    book.active.cell(2, heads["课题类型"], "创新型")
    client.post(sent(client, round_, stream_of(book)), {"take": ["2"]})
    assert Application.objects.get().topic_name == topic


def line_uuid():
    return PendingImport.objects.get().uuid


def test_the_same_file_again_makes_nothing_twice(client, owner, round_):
    client.force_login(owner)
    content = form_with(client, round_, [FIRST]).getvalue()
    for _again in range(2):
        stream = io.BytesIO(content)
        stream.name = "小组汇总表.xlsx"
        url = sent(client, round_, stream)
        page = client.get(url)
        client.post(url, {"take": ["4"]})
        client.post(url, {"take": ["4"]})
    assert [line.twin for line in page.context["known"]] == [Application.objects.get()]


def test_a_table_of_the_enterprises_own_in_another_order_is_read(client, owner, round_):
    client.force_login(owner)
    book = Workbook()
    for row in (
        ["2025年QC成果一览表"],
        ["序号", "课题", "经济效益（元）", "QC小组名称", "类型", "成员及分工", "出勤率"],
        [
            1,
            "降低卤水管道结垢速率",
            "462,000",
            "盐湖之光QC小组",
            "指令性目标",
            "韩志远/组长/策划；扎西多杰/组员/实施",
            0.965,
        ],
        [2, "降低卤水管道结垢速率", "１２", "盐湖之光QC小组", "创新", "", ""],
    ):
        book.active.append(row)
    url = sent(client, round_, stream_of(book))
    page = client.get(url)
    assert "与第 3 行的小组和课题相同" in page.context["bad"][0].row.problems[0].message
    client.post(url, {"take": ["3"]})
    made = Application.objects.get()
    assert (made.topic_type, made.economic_benefit, made.attendance_rate) == (
        "directive",
        Decimal("462000.00"),
        Decimal("96.50"),
    )
    assert [one.group_role for one in made.members.all()] == ["leader", "member"]


def test_clerks_and_closed_rounds_are_refused(client, owner, clerk, round_):
    client.force_login(clerk)
    assert client.get(address("import_groups", round_)).status_code == 403
    client.force_login(owner)
    url = sent(client, round_, form_with(client, round_, [FIRST]))
    round_.closes_at = round_.opens_at + (round_.closes_at - round_.opens_at) / 3
    round_.save()
    answer = client.post(url, {"take": ["4"]})
    assert answer.status_code == 409
    assert "截止" in answer.content.decode()
    assert not Application.objects.exists()


def test_nothing_in_the_template_or_in_refused_rows_can_become_a_formula(client, owner, round_):
    client.force_login(owner)
    owner.memberships.get().enterprise.__class__.objects.update(name="=1+1")
    bad = {"group_name": "@SUM(1)", "topic_name": "-2+3", "topic_type": "乱写"}
    url = sent(client, round_, form_with(client, round_, [bad]))
    assert client.get(url).context["bad"]
    content = b"".join(client.get(reverse("applications:import_groups_refused", args=[line_uuid()])).streaming_content)
    for sheet in load_workbook(io.BytesIO(content)):
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)

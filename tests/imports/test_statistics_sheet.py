"""Tables of attachment 3 as enterprises really make them: what is read, and what is said about it."""

import io
from types import SimpleNamespace

import pytest
from openpyxl import Workbook

from applications.field_list import FieldList
from applications.imports import statistics_sheet
from applications.imports.gate import open_office
from applications.imports.sheets import number_of, plain, text_of
from applications.imports.statistics_labels import field_of


def read(rows, *, merge=(), year=2026, extra=None):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for area in merge:
        book.active.merge_cells(area)
    if extra:
        for title, more in extra.items():
            sheet = book.create_sheet(title)
            for row in more:
                sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    enterprise = SimpleNamespace(credit_code="91630104MA0000015T")
    where = SimpleNamespace(
        programme=SimpleNamespace(year=year, data_year=year - 1, fields=FieldList()), enterprise=enterprise
    )
    return statistics_sheet.read(open_office(stream, "xlsx"), where)


def entries(reading):
    return {cell.key: cell.entry for cell in reading.cells if not cell.problem}


FIGURES = {"employees": "1250", "groups_registered": "20", "results_count": "12"}


@pytest.mark.parametrize(
    "rows",
    [
        [["职工总数", 1250], ["注册小组数", 20], ["成果数", 12]],
        [["数值", "项目"], [1250, "职工总数"], [20, "注册小组数"], [12, "成果数"]],
        [["成果数", "12 个"], ["企业职工人数（人）", "1,250"], ["本年度注册QC小组数", "２０"]],
        [["职工总数", "注册小组数", "成果数"], [1250, 20, 12]],
        [["职工总数", 1250, "注册小组数", 20], ["成果数", 12]],
        [["序号", "项目", "单位", "上年", "本年"], [1, "职工总数", "人", 1100, 1250], [2, "注册小组数", "个", 9, 20],
         [3, "成果数", "个", 8, 12]],
        [["序号", "项目", "2025年", "2024年", "备注"], [1, "职工总数", 1250, 1100, "含3家子公司"],
         [2, "注册小组数", 20, 9, ""], [3, "成果数", 12, 8, ""]],
        [["1.员工总数", None, None, 1250], ["2、当年登记注册小组数", None, None, 20],
         ["（3）当年取得成果数", None, None, 12]],
        [["统计年度：2025年", "填报单位：某公司"], [], ["指标", "计量单位", "数量"], ["在册职工人数", "人", 1250],
         ["登记注册小组数", "个", 20], ["本年成果数", "项", 12]],
    ],
    ids=["pairs", "value first", "words and full width", "head and one row", "two tables side by side",
         "last year beside", "years in the head", "numbered", "titles above"],
)  # fmt: skip
def test_names_and_places_may_differ(rows):
    assert entries(read(rows)) == FIGURES


def test_merged_heads_are_no_obstacle():
    rows = [
        ["企业质量管理小组活动统计表", None, None],
        ["项目", "2025年", None],
        [None, "数值", "单位"],
        ["职工总数", 1250, "人"],
        ["注册小组数", 20, "个"],
        ["成果数", 12, "个"],
    ]
    assert entries(read(rows, merge=["A1:C1", "B2:C2", "A2:A3"])) == FIGURES


def test_units_that_the_file_names_are_converted_and_said():
    reading = read(
        [["项目", "单位", "数值"], ["职工总数", "万人", 0.125], ["注册小组数", "个", 20], ["成果数", "个", 12],
         ["直接经济效益", "元", "3,862,500"], ["累计经济效益（亿元）", "", 1.5]]
    )  # fmt: skip
    assert entries(reading) == {
        **FIGURES,
        "direct_benefit": "386.25",
        "cumulative_benefit": "15000",
    }
    notes = {cell.key: cell.note for cell in reading.cells if cell.note}
    assert set(notes) == {"employees", "direct_benefit", "cumulative_benefit"}
    assert "万人" in notes["employees"]


def test_a_unit_in_the_head_of_the_values_counts_for_money_only():
    reading = read(
        [["项目", "数值（元）"], ["职工总数", 1250], ["注册小组数", 20], ["成果数", 12], ["直接经济效益", 3862500]]
    )
    assert entries(reading) == {**FIGURES, "direct_benefit": "386.25"}


def test_formulas_where_values_are_expected_are_reported_and_computed_rates_ignored():
    reading = read(
        [["职工总数", "=1000+250"], ["注册小组数", 20], ["成果数", 12], ["成果率", "=B3/B2"], ["普及率", 12.8]]
    )
    (wrong,) = [cell for cell in reading.cells if cell.problem]
    assert (wrong.key, wrong.place, wrong.problem) == ("employees", "B1", "是公式，请粘贴为数值。")
    assert set(entries(reading)) == {"groups_registered", "results_count"}


def test_what_means_nothing_to_us_is_said():
    reading = read([["职工总数", 1250], ["注册小组数", 20], ["成果数", 12], ["小组奖励金额", 5]])
    (unknown,) = [cell for cell in reading.cells if cell.problem]
    assert (unknown.label, unknown.place, unknown.raw) == ("小组奖励金额", "B4", "5")
    assert "参加小组活动人数" in reading.notices[0]


def test_one_name_twice_with_different_numbers_is_left_to_the_person():
    reading = read([["职工总数", 1250], ["注册小组数", 20], ["成果数", 12], ["职工人数", 1300]])
    (twice,) = [cell for cell in reading.cells if cell.problem]
    assert (twice.key, "B1" in twice.problem, "B4" in twice.problem) == ("employees", True, True)


def test_the_sheet_with_the_table_is_found_and_another_enterprises_file_is_said():
    table = [
        ["统一社会信用代码：91632801MA00000237", "统计年度：2023年"],
        ["职工总数", 1250],
        ["注册小组数", 20],
        ["成果数", 12],
    ]
    reading = read([["封面"]], extra={"数据": table})
    assert entries(reading) == FIGURES
    assert "“数据”" in reading.notices[0]
    assert any("91632801MA00000237" in notice for notice in reading.notices)
    assert any("2023" in notice for notice in reading.notices)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("企业职工总数", "employees"),
        ("职工总数（人）", "employees"),
        ("3. 本年度登记注册的小组数", "groups_registered"),
        ("历年累计登记注册的小组数", "groups_cumulative"),
        ("其中：创新型", "groups_innovation"),
        ("获省优QC小组数", "awards_provincial"),
        ("填表人", "filled_by"),
    ],
)
def test_labels_with_small_differences_mean_the_same(text, field):
    assert field_of(text).field == field


@pytest.mark.parametrize("text", ["备注", "小组", "金额", "职工", "奖励金额", "单位"])
def test_other_words_mean_nothing(text):
    assert field_of(text) is None


def test_numbers_are_read_as_people_write_them():
    assert [str(number_of(text)) for text in ("１，２５０", "1 250", "386.25", "-3")] == [
        "1250",
        "1250",
        "386.25",
        "-3",
    ]
    assert [number_of(text) for text in ("", "约20", "1.2.3", "9" * 31)] == [None] * 4
    assert [text_of(value) for value in (0.1 + 0.2, 3862500.0, True, float("inf"))] == ["0.3", "3862500", "是", "inf"]
    assert plain("（三）本年度 QC小组数（个）") == "本年小组数"

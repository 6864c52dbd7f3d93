"""Cells: what a person typed is never run, numbers stay numbers, the sheet prints as an association prints."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook

from qcportal.exports.tables import Column, Link, Table, neutral, write_csv, write_xlsx

COLUMNS = [Column("名称", 20), Column("数", 8, "whole"), Column("万元", 10, "wan"), Column("日期", 12, "date"),
           Column("时间", 20, "moment")]  # fmt: skip
ROW = ["红柳", 3, Decimal("46.20"), date(2026, 6, 1), datetime(2026, 6, 30, 15, 59, 59, tzinfo=UTC)]

FORMULAS = [
    "=1+1", "=cmd|' /C calc'!A0", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1+1", "\u3000=1", "＝1+1",
    "＋1", "－1", "＠SUM(A1)", '=HYPERLINK("http://x.example","x")', "\ufeff=1", "\x00=1", "\u200b=1",
]  # fmt: skip


def written(*rows, notes=("2026 年度",)):
    out = io.BytesIO()
    count = write_xlsx([Table("申报/一览", COLUMNS, rows, notes)], out)
    return count, load_workbook(io.BytesIO(out.getvalue())).active


@pytest.mark.parametrize("text", FORMULAS)
def test_nothing_typed_becomes_a_formula(text):
    _count, sheet = written([text, None, None, None, None])
    cell = sheet["A4"]
    assert cell.data_type == "s"
    assert str(cell.value).lstrip().startswith("'")
    out = io.BytesIO()
    write_csv(Table("x", [Column("名称")], [[text]]), out)
    (_head, (again,)) = csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline=""))
    assert again.startswith("'")


@pytest.mark.parametrize("text", ["课题", "1+1=2", "A-1", "0971-5550000", "（=）"])
def test_plain_text_stays_as_it_is(text):
    assert neutral(text) == text


def test_numbers_dates_and_moments_are_what_they_are():
    count, sheet = written(ROW)
    assert count == 1
    assert [cell.value for cell in sheet[4]][:3] == ["红柳", 3, 46.2]
    assert [str(cell.value) for cell in sheet[4]][3:] == ["2026-06-01 00:00:00", "2026-06-30 23:59:59"]
    assert [cell.number_format for cell in sheet[4]][1:] == [
        "#,##0", "#,##0.00####", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss",
    ]  # fmt: skip


def test_the_sheet_is_made_for_reading_and_printing():
    _count, sheet = written(ROW, ROW)
    assert sheet.title == "申报一览"
    assert [sheet["A1"].value, sheet["A2"].value, sheet["A3"].value] == ["申报/一览", "2026 年度", "名称"]
    assert sheet["A3"].font.bold
    assert sheet.freeze_panes == "A4"
    assert sheet.auto_filter.ref == "A3:E5"
    assert sheet.print_title_rows == "$3:$3"
    assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize)) == ("landscape", "9")
    assert sheet.column_dimensions["A"].width == 20


def test_an_empty_list_has_its_head_and_no_row():
    count, sheet = written()
    assert (count, sheet.max_row, sheet.auto_filter.ref) == (0, 3, "A3:E3")


def test_a_link_leads_beside_the_table():
    _count, sheet = written([Link("打开", "各单位/青海 #1/附件1.pdf"), None, None, None, None])
    assert sheet["A4"].value == "打开"
    target = sheet["A4"].hyperlink.target
    assert unquote(target) == "各单位/青海 #1/附件1.pdf"
    assert target.isascii()
    assert "#" not in target


def test_csv_is_what_excel_opens():
    out = io.BytesIO()
    assert write_csv(Table("x", COLUMNS, [ROW, ROW]), out) == 2
    content = out.getvalue()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig").split("\r\n")[:2] == [
        "名称,数,万元,日期,时间", "红柳,3,46.20,2026-06-01,2026-06-30 23:59:59",
    ]  # fmt: skip


def test_memory_does_not_grow_with_the_rows():
    """Ten times the rows, hardly more memory at the highest point."""
    import tracemalloc

    def peak(count):
        tracemalloc.start()
        write_xlsx([Table("x", COLUMNS, (ROW for _ in range(count)))], io.BytesIO())
        _now, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(50)
    assert peak(5000) < peak(500) + 400_000

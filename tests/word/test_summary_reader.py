"""Attachment 2 split at its headings; nothing is dropped."""

import io

import pytest

from applications.models.reports import SUMMARY_SECTIONS
from applications.word.document import read_document
from applications.word.summary_reader import read_summary, summary_cells
from tests.imports.word_corpus import docx, p, row, t, tbl

FIELDS = [name for name, _title, _help in SUMMARY_SECTIONS]
SECTIONS = [(name, title) for name, title, _help in SUMMARY_SECTIONS]


def read(body: str) -> tuple[dict, list[str]]:
    cells = summary_cells(read_summary(read_document(io.BytesIO(docx(body))), FIELDS), SECTIONS)
    return {c.key: c.entry for c in cells if not c.problem}, [c.raw for c in cells if c.problem]


def lines(*texts: str) -> str:
    return "".join(p(t(text)) for text in texts)


def test_the_six_headings_of_the_form():
    titles = [title for _name, title in SECTIONS]
    body = lines("附件2", "青海湖光盐化股份有限公司", "2025年企业质量管理小组活动总结",
                 *[text for number, title in enumerate(titles)
                   for text in (title, f"第{number}部分。", "（一）小节。说明。")],
                 "青海湖光盐化股份有限公司（盖章）", "2025年12月1日")  # fmt: skip
    entries, left = read(body)
    assert entries == {name: f"第{number}部分。\n（一）小节。说明。" for number, name in enumerate(FIELDS)}
    assert left == []


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("一、企业概况", "summary_basics"), ("二、领导重视，健全组织", "summary_leadership"),
        ("组织与制度", "summary_leadership"),
        ("三、主要做法", "summary_training"), ("（略）", None), ("三、培训与推进", "summary_training"),
        ("四、取得的成效", "summary_results"),
        ("五、存在的主要问题及不足", "summary_problems"), ("六、2026年工作计划", "summary_plans"),
        ("今后打算", "summary_plans"),
    ],
)  # fmt: skip
def test_headings_as_people_write_them(heading, field):
    entries, left = read(lines(heading, "正文说了一些话，比较长。"))
    assert entries == ({field: "正文说了一些话，比较长。"} if field else {})
    assert bool(left) is (field is None)


def test_text_that_fits_nowhere_is_listed():
    entries, left = read(lines("各位领导好。", "一、基本情况", "情况。", "七、致谢名单", "感谢大家。"))
    assert entries == {"summary_basics": "情况。"}
    assert left == ["各位领导好。", "七、致谢名单\n感谢大家。"]


def test_two_headings_of_one_part_and_a_heading_run_into_its_text():
    entries, left = read(
        lines("一、基本情况。公司现有职工1250人。", "二、活动成果", "成果。", "三、典型案例", "案例。")
    )
    assert entries == {"summary_basics": "公司现有职工1250人。", "summary_results": "成果。\n三、典型案例\n案例。"}
    assert left == []


def test_tables_within_the_text_are_kept_as_lines():
    entries, _left = read(
        lines("一、基本情况", "如下表。") + tbl(row("小组数", "20"), row("成果数", "12")) + lines("以上。")
    )
    assert entries == {"summary_basics": "如下表。\n小组数\t20\n成果数\t12\n以上。"}

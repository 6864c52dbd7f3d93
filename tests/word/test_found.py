"""Texts without a place are shown whole, and in a bounded number of lines."""

from applications.imports.cells import RAW_AT_MOST
from applications.imports.people import compared
from applications.word.found import LEFT_AT_MOST, RUNNING, Unplaced, left_cells


def test_paragraphs_that_follow_each_other_are_one_line():
    cells = left_cells([Unplaced(RUNNING, "甲"), Unplaced(RUNNING, "乙"), Unplaced("表 1 第 2 行", "丙")], "无处")
    assert [(cell.raw, cell.problem) for cell in cells] == [("甲\n乙", "无处"), ("丙", "无处")]
    assert len({cell.key for cell in cells}) == 2


def test_nothing_is_cut_from_long_texts_or_from_many():
    long = "字" * (RAW_AT_MOST + 10)
    cells = left_cells([Unplaced("表 1", long), *[Unplaced(f"表 {n}", f"文{n}") for n in range(LEFT_AT_MOST + 50)]], "")
    assert len(cells) <= LEFT_AT_MOST + 2
    assert "".join(cell.raw for cell in cells[:2]) == long
    assert f"文{LEFT_AT_MOST + 49}" in cells[-1].raw


def test_two_members_of_one_name_are_matched_in_their_order():
    def one(name, duty=""):
        return {"name": name, "group_role": "member", "duty": duty}

    people = compared([one("甲"), one("甲", "记录"), one("乙")], [one("甲"), one("甲", "统计"), one("丙")])
    assert [(person.name, person.word) for person in people] == [
        ("甲", "不变"), ("甲", "修改"), ("丙", "新增"), ("乙", "删去"),
    ]  # fmt: skip

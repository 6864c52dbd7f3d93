"""docs/scoring-example.md, worked out by hand, and the program: every number of the text is compared."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from reviews.scoring import Entry, Kind, RoundRules, Sheet, StageRule, rank
from reviews.scoring.levels import Cut, Method, Scheme, decide

TEXT = (Path(__file__).parents[2] / "docs" / "scoring-example.md").read_text()
KINDS = {"资料": Kind.DOCUMENT, "发表": Kind.PRESENTATION}


def one(pattern):
    found = re.search(pattern, TEXT)
    assert found, f"the text no longer says {pattern}"
    return found.groups()


def rules():
    weights = one(r"资料评审权重 ([\d.]+)，发表评审权重 ([\d.]+)")
    trim_from, high, low = one(r"满 (\d+) 份时，去掉 (\d+) 个最高分和 (\d+) 个最低分")
    assert high == low
    (least,) = one(r"有效评分表少于 (\d+) 份")
    return RoundRules(
        tuple(
            StageRule(kind, Decimal(weight), int(least), int(trim_from), int(high))
            for kind, weight in zip(KINDS.values(), weights, strict=True)
        )
    )


def sections():
    """Title, table cells by row name, and the lines "名称：内容" of each group."""
    for part in re.split(r"^## ", TEXT, flags=re.M)[1:]:
        title, body = part.split("\n", 1)
        if title == "规则":
            continue
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in body.splitlines() if line[:1] == "|"]
        said = dict(line[2:].split("：", 1) for line in body.splitlines() if line.startswith("- "))
        yield title.split("　")[0], "（入选" in title, {row[0]: row[1:] for row in rows[2:]}, said


def sheets(points, items):
    found = []
    for at, (text, item) in enumerate(zip(points, items or [""] * len(points), strict=True), 1):
        plain = text.strip("~")
        value = None if plain in {"回避", "未交"} else Decimal(plain)
        extra = Decimal(item) if item and value is not None else None
        found.append(Sheet(f"评委{at}", value, recused=plain == "回避", tie_item=extra))
    return found


@pytest.fixture(scope="module")
def example():
    groups = {title: (listed, cells, said) for title, listed, cells, said in sections()}
    entries = [
        Entry(
            title,
            {kind: sheets(cells[name], cells.get(f"{name}·原因分析")) for name, kind in KINDS.items() if name in cells},
            shortlisted=listed,
        )
        for title, (listed, cells, _said) in reversed(groups.items())
    ]
    rows = rank(entries, rules())
    return groups, {row.key: row for row in rows}, rows


@pytest.mark.parametrize("title", ["甲", "乙", "丙", "丁", "戊"])
def test_what_was_worked_out_by_hand_is_what_the_program_says(example, title):
    groups, by_key, _rows = example
    _listed, cells, said = groups[title]
    row = by_key[title]
    computed = {f"{name}均分": row.stage(kind).arithmetic for name, kind in KINDS.items() if row.stage(kind)}
    computed = {name: text for name, text in computed.items() if text}
    computed |= {"总分": row.arithmetic, "名次": str(row.rank)} if row.rank else {"不排名": row.reason}
    if row.tie_steps:
        computed["同分"] = "；".join(row.tie_steps)
    assert {name: text for name, text in said.items() if name != "等级"} == computed
    for name, kind in KINDS.items():
        if name in cells:
            struck = [text.startswith("~~") for text in cells[name]]
            assert struck == [line.is_dropped for line in row.stage(kind).lines], name


def test_the_example_has_all_that_it_is_meant_to_show(example):
    groups, by_key, rows = example
    assert list(groups) == ["甲", "乙", "丙", "丁", "戊"]
    assert {len(cells["资料"]) for _listed, cells, _said in groups.values()} == {7}
    assert [row.stage(Kind.DOCUMENT).recused for row in (by_key[key] for key in "甲乙丙")] == [1, 1, 1]
    assert len({row.total for row in rows if row.key in "甲乙丙"}) == 1


def test_the_levels_of_the_example(example):
    groups, _by_key, rows = example
    (names,) = one(r"等级按名额：(.+)。")
    cuts = tuple(Cut(name, Decimal(count)) for name, count in re.findall(r"(\S+?) (\d+) 个", names.replace("，", " ")))
    assert [cut.name for cut in cuts] == ["一等成果", "二等成果", "三等成果"]
    awards = decide(rows, Scheme(Method.QUOTA, cuts)).awards
    assert {key: said.get("等级", "") for key, (_l, _c, said) in groups.items()} == {
        key: award.name for key, award in awards.items()
    }

"""The workbook of formulas: recalculated by a spreadsheet program, and beside it an oracle made of fractions."""

import shutil
import subprocess
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from io import BytesIO

import pytest
from openpyxl import load_workbook

from reviews import checkbook
from reviews.scoring import Unlisted
from reviews.scoring.frozen import reckon
from tests.reviews import made_up

SOFFICE = shutil.which("soffice")


def half_up(value: Fraction) -> Fraction:
    """To two places, by whole numbers alone."""
    cents = value * 100
    return Fraction((2 * cents.numerator + cents.denominator) // (2 * cents.denominator), 100)


def mean(values, rule):
    values = sorted(values)
    count = rule["trim_count"] if len(values) >= max(rule["trim_from"], 2 * rule["trim_count"] + 1) else 0
    values = values[count : len(values) - count]
    return half_up(sum(values) / len(values)) if values else None


def stage(entry, rule):
    """Mean and item mean of one stage, or nothing when too few sheets are valid."""
    valid = [one for one in entry["sheets"].get(rule["kind"], []) if not one["recused"] and one["points"] is not None]
    if len(valid) < max(rule["min_valid"], 1):
        return None, None
    items = [Fraction(one["tie_item"]) for one in valid if one["tie_item"] is not None]
    return mean([Fraction(one["points"]) for one in valid], rule), mean(items, rule)


def oracle(inputs):
    """Totals and ranks once more, written without a line of the portal's computation: pairwise, in fractions."""
    found = {}
    for entry in inputs["entries"]:
        rules = inputs["rounds"][entry["round"]]
        kinds = [rule["kind"] for rule in rules["stages"]]
        alone = "presentation" in kinds and not entry["shortlisted"]
        means = {rule["kind"]: stage(entry, rule) for rule in rules["stages"]
                 if not alone or rule["kind"] == "document"}  # fmt: skip
        total = None
        if not any(one is None for one, _item in means.values()) and not (alone and rules["unlisted"] == "unranked"):
            total = (
                means["document"][0] if alone
                else half_up(sum(means[r["kind"]][0] * Fraction(r["weight"]) for r in rules["stages"]))
            )  # fmt: skip
        criteria = {kind: one for kind, (one, _item) in means.items()}
        criteria["item"] = means.get("presentation", (None, None))[1] or means.get("document", (None, None))[1]
        tier = int(alone and rules["unlisted"] == "below")
        found[entry["application"]] = (tier, total, criteria, entry["decision"])
    return found, ranks(found, inputs["tie_order"])


def ranks(found, order):
    groups = defaultdict(list)
    for key, (tier, total, _criteria, _decision) in found.items():
        if total is not None:
            groups[tier, -total].append(key)
    for at in [*order, "decision"]:
        parted = defaultdict(list)
        for path, keys in groups.items():
            values = {key: found[key][3] or 10**6 if at == "decision" else found[key][2].get(at) for key in keys}
            skipped = at != "decision" and any(value is None for value in values.values())
            for key in keys:
                value = 0 if skipped else values[key] if at == "decision" else -values[key]
                parted[(*path, value)].append(key)
        groups = parted
    ranked, before = {}, 0
    for path in sorted(groups):
        ranked |= dict.fromkeys(groups[path], before + 1)
        before += len(groups[path])
    return ranked


@pytest.mark.parametrize("unlisted", list(Unlisted))
def test_a_thousand_totals_and_ranks_are_the_oracles_to_the_last_digit(unlisted):
    inputs = made_up.inputs(unlisted=unlisted)
    rows = reckon(inputs)["rows"]
    found, ranked = oracle(inputs)
    assert len(rows) == 1000
    assert {row["application"]: (row["total"], row["rank"]) for row in rows} == {
        key: (None if total is None else f"{float(total):.2f}", ranked.get(key))
        for key, (_tier, total, _criteria, _decision) in found.items()
    }
    assert sum(row["rank"] is not None for row in rows) > 250
    assert sum("并列" in row["derivation"]["tie_note"] for row in rows) >= 2


def recalculated(content, folder):
    """The workbook after a spreadsheet program has computed every formula anew."""
    (folder / "in").mkdir()
    (folder / "in" / "book.xlsx").write_bytes(content)
    subprocess.run(
        [SOFFICE, "--headless", f"-env:UserInstallation=file://{folder}/profile",
         "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder), str(folder / "in" / "book.xlsx")],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    return load_workbook(folder / "book.xlsx", data_only=True)


def written(value):
    return None if value in ("", None) else str(Decimal(str(value)).quantize(Decimal("0.01")))


def test_the_workbook_holds_formulas_and_not_results():
    inputs = made_up.inputs(20)
    book = load_workbook(BytesIO(checkbook.workbook(inputs, reckon(inputs)["rows"], title="=1+1")))
    assert book["说明"]["A1"].value == "'=1+1"
    head = {cell.value: cell.column for cell in book["核算"][1]}
    for name in ("总分", "名次", "核对", "资料均分"):
        assert str(book["核算"].cell(2, head[name]).value).startswith("="), name
    assert "ROUND(" in book["资料"].cell(2, 7 + max(len(e["sheets"]["document"]) for e in inputs["entries"])).value


if SOFFICE:  # where it is missing, the oracle above is the second computation

    @pytest.mark.parametrize(("unlisted", "count"), [(Unlisted.BELOW, 1000), (Unlisted.TOGETHER, 150)])
    def test_a_spreadsheet_program_comes_to_the_same_rows(tmp_path, unlisted, count):
        inputs = made_up.inputs(count, unlisted=unlisted)
        rows = reckon(inputs)["rows"]
        book = recalculated(checkbook.workbook(inputs, rows, title="核算表"), tmp_path)
        lines = list(book["核算"].iter_rows(values_only=True))
        head = {name: at for at, name in enumerate(lines[0])}
        computed = {line[0]: (written(line[head["总分"]]), line[head["名次"]] or None) for line in lines[1:]}
        assert len(computed) == count
        assert computed == {row["file_number"]: (row["total"], row["rank"]) for row in rows}
        assert {line[head["核对"]] for line in lines[1:]} == {"一致"}
        # The doubles themselves, not what they look like.
        exact = {row["file_number"]: None if row["total"] is None else float(row["total"]) for row in rows}
        assert {line[0]: line[head["总分"]] or None for line in lines[1:]} == exact

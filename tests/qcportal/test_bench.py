import json

from django.core.management import call_command

from qcportal import outbox
from tests.bench import measure


def test_a_figure_is_one_json_line_with_its_ratio(capsys):
    measure.report("page", 30.0, "ms", 10.0)
    measure.report("queries", 16, "queries")
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first == {"name": "page", "value": 30.0, "unit": "ms", "baseline": 10.0, "ratio": 3.0}
    assert (second["baseline"], second["ratio"]) == (None, None)


def test_two_things_are_measured_in_turns():
    done = []
    measure.in_turns(lambda: done.append("ours"), lambda: done.append("bare"), 3)
    assert done == ["ours", "bare"] * 4


def test_relaying_by_hand_says_how_many_rows_were_handed_over(db, monkeypatch, capsys):
    monkeypatch.setattr(outbox, "relay", lambda: 3)
    call_command("relay_outbox")
    assert "已交付 3 项" in capsys.readouterr().out

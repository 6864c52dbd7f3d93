"""Every hostile or odd file gets the answer that stands beside it, at once and with little memory."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.imports import corpus
from tests.imports.corpus_heavy import HEAVY

CORPUS = [*corpus.CORPUS, *HEAVY]

ROOT = Path(__file__).resolve().parents[2]
MEMORY = 48 * 1024 * 1024


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """One process for all files: its address space is limited, so nothing can be large and go unnoticed."""
    folder = tmp_path_factory.mktemp("corpus")
    for number, case in enumerate(CORPUS):
        (folder / f"{number:03}.{case.kind}").write_bytes(case.build())
    done = subprocess.run(
        [sys.executable, "-m", "tests.imports.weigh", str(folder)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("number", range(len(CORPUS)), ids=[case.name for case in CORPUS])
def test_each_file_gets_its_answer(answers, number):
    answer = answers[number]
    assert CORPUS[number].code in (answer["code"], "*"), answer["message"]
    assert answer["seconds"] < 1
    assert answer["peak"] < MEMORY
    if answer["code"]:
        assert re.search(r"[一-鿿]{4,}", answer["message"])
        assert answer["message"].endswith("。")


def test_the_corpus_is_large_enough():
    assert len(CORPUS) >= 30
    assert len({case.name for case in CORPUS}) == len(CORPUS)

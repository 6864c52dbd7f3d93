"""What scanners and people send, and which code is meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications import codes

CODE = "K7QMX2DR5TNB"


@pytest.mark.parametrize(
    "text",
    [
        CODE,
        CODE.lower(),
        "K7QM X2DR 5TNB",
        "k7qm-x2dr-5tnb",
        "K7QM—X2DR–5TNB",
        "Ｋ７ＱＭ　Ｘ２ＤＲ　５ＴＮＢ",
        "ｋ７ｑｍｘ２ｄｒ５ｔｎｂ",
        f"https://qc.example.org/verify/{CODE}/",
        f"https://qc.example.org/verify/{CODE}/?p=3/7",
        f"HTTPS://QC.EXAMPLE.ORG/VERIFY/{CODE}/?P=3/7",
        f"  http://127.0.0.1:8000/verify/{CODE.lower()}\r\n",
        # The scanner types while a Chinese input method is on: punctuation comes out as Chinese punctuation.
        f"https：、、qc。example。org、verify、{CODE}、？p=3、7",
        f"ｈｔｔｐｓ：／／ｑｃ．ｅｘａｍｐｌｅ．ｏｒｇ／ｖｅｒｉｆｙ／{CODE}／",
        # Two shots in a row.
        f"https://qc.example.org/verify/{CODE}/?p=1/3https://qc.example.org/verify/{CODE}/?p=1/3",
        CODE + CODE,
        f"\ufeff{CODE}\u200b",
    ],
)
def test_all_of_these_mean_the_same_code(text):
    assert codes.from_scan(text) == CODE


def test_digits_that_the_alphabet_does_not_have_are_the_letters_that_look_like_them():
    assert codes.from_scan("0ABC 1DEF 8GHI") == "OABCIDEFBGHI"


@pytest.mark.parametrize(
    "text",
    [
        "QC2026-1-0042",
        "qc2026-1-0042",
        "ＱＣ２０２６－１－００４２",
        "QC2026—1—0042",
        " QC 2026-1-0042 ",
        "QC202610042",
    ],
)
def test_a_file_number_keeps_its_form(text):
    assert codes.from_scan(text) == "QC2026-1-0042"
    assert codes.is_file_number("QC2026-1-0042")


@pytest.mark.parametrize("text", ["", "   ", "6901234567892", "https://weixin.example/abc", "你好"])
def test_what_is_none_of_ours_stays_something_else(text):
    found = codes.from_scan(text)
    assert len(found) != codes.CODE_LENGTH
    assert not codes.is_file_number(found)


@given(st.text(max_size=60))
def test_nothing_that_is_typed_breaks_it(text):
    assert codes.from_scan(codes.from_scan(text)) == codes.from_scan(text)


@given(st.text(alphabet=codes.ALPHABET, min_size=12, max_size=12))
def test_every_code_survives_its_own_address(code):
    assert codes.from_scan(f"https://host/verify/{code}/?p=1/2") == code

"""Rendering with WeasyPrint: no foreign addresses, the same bytes, embedded faces, rare names."""

import subprocess

import pytest

from qcportal import pdf
from tests.applications.documents import text_of


def test_the_same_html_gives_the_same_bytes():
    html = '<p class="kai">喆堃玥昇</p><p>宋体<b>粗体</b></p><p class="hei">黑体</p>'
    assert pdf.render(html) == pdf.render(html)


def test_rare_names_are_text_in_embedded_faces(tmp_path):
    content = pdf.render('<p class="kai">喆堃玥昇祎珺䶮㛃</p><p>喆堃玥昇</p><p class="hei">黑体</p>')
    text = text_of(content, tmp_path)
    assert text.count("喆堃玥昇") == 2
    assert "䶮㛃" in text
    path = tmp_path / "fonts.pdf"
    path.write_bytes(content)
    rows = subprocess.run(["pdffonts", path], capture_output=True, check=True, text=True).stdout.splitlines()[2:]
    assert rows
    assert all(row.split()[-5:-2] == ["yes", "yes", "yes"] for row in rows)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x.css", "file:///etc/passwd", "ftp://a.example/x"])
def test_foreign_addresses_are_refused(address):
    with pytest.raises(ValueError, match=r"not an asset|disallowed"):
        pdf._fetcher().fetch(address)


def test_files_of_the_template_folder_and_data_addresses_are_read():
    assert b"@page" in pdf._fetcher().fetch((pdf.ASSETS / "official.css").as_uri()).read()
    assert pdf._fetcher().fetch("data:text/plain,ok").read() == b"ok"


def test_a_qr_code_is_a_drawing_of_its_own_size():
    assert pdf.qr_svg("https://qc.example/verify/ABCDEFGHIJKL/").startswith('<div class="qr"><svg')

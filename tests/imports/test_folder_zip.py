"""The ZIP of an e-mailed folder: decoded names, and everything that is refused, at once and in little memory."""

import io
import time
import tracemalloc

import pytest

from applications.imports import folder_names, folder_zip
from qcportal.errors import Refusal
from tests.imports import folders

HOSTILE = folders.hostile()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_with_its_reason_within_a_second(name):
    content, code = HOSTILE[name]
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(Refusal) as refused:
        folder_zip.entries_of(io.BytesIO(content))
    took, (_now, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (refused.value.code, took < 1, peak < 4_000_000) == (code, True, True)
    assert refused.value.message.endswith("。")


def test_an_entry_that_inflates_to_more_than_it_declared_is_refused_while_it_is_read():
    content = folders.raw(["a.pdf"], b"\x00" * 3_000_000, method=8, declared=500_000)
    stream = io.BytesIO(content)
    entry = folder_zip.entries_of(stream)[0]
    with pytest.raises(Refusal) as refused, folder_zip.opened(stream, entry):
        pass
    assert refused.value.code == "bomb"


def test_a_wrong_sum_is_refused():
    content = folders.raw(["a.pdf"], b"hello").replace(b"hello", b"hallo")
    stream = io.BytesIO(content)
    with pytest.raises(Refusal) as refused, folder_zip.opened(stream, folder_zip.entries_of(stream)[0]):
        pass
    assert refused.value.code == "damaged"


@pytest.mark.parametrize("gbk", [True, False])
def test_names_are_read_as_they_were_typed(gbk):
    content = folders.zipped({"青海联通公司_李四_13900000000/附件1 申报表.docx": b"x", "联通.pdf": b"y"}, gbk=gbk)
    found = [entry.path for entry in folder_zip.entries_of(io.BytesIO(content))]
    assert found == ["青海联通公司_李四_13900000000/附件1 申报表.docx", "联通.pdf"]


def test_rubbish_of_operating_systems_and_lock_files_are_left_out():
    files = {
        "单位/附件1.docx": b"x",
        "__MACOSX/单位/._附件1.docx": b"x",
        "单位/Thumbs.db": b"x",
        "单位/~$附件1.docx": b"x",
    }
    assert [entry.path for entry in folder_zip.entries_of(io.BytesIO(folders.zipped(files)))] == ["单位/附件1.docx"]


def test_an_entry_comes_out_as_it_went_in():
    stream = io.BytesIO(folders.zipped({"a.bin": b"".join(b"%d," % (n * n) for n in range(300_000))}))
    with folder_zip.opened(stream, folder_zip.entries_of(stream)[0]) as content:
        assert content.read() == b"".join(b"%d," % (n * n) for n in range(300_000))


@pytest.mark.parametrize(
    ("name", "unit", "contact", "phone"),
    [
        ("青海湖光盐化股份有限公司_马启明_13900000042.zip", "青海湖光盐化股份有限公司", "马启明", "13900000042"),
        ("青海湖光盐化股份有限公司-马启明-0971-6137890.zip", "青海湖光盐化股份有限公司", "马启明", "0971-6137890"),
        ("湖光盐化公司（联系人：马启明 电话：139 0000 0042）", "湖光盐化公司", "马启明", "13900000042"),
        ("国网青海省电力公司　才让·卓玛　13900000042", "国网青海省电力公司", "才让·卓玛", "13900000042"),
        ("中建（青海）建设集团有限公司+李文静+13900000043", "中建(青海)建设集团有限公司", "李文静", "13900000043"),
        ("2026年QC申报材料_青海盐湖股份公司_13900000042", "青海盐湖股份公司", "", "13900000042"),
        ("新建文件夹", "新建文件夹", "", ""),
        ("资料", "", "", ""),
    ],
)  # fmt: skip
def test_the_folder_is_named_by_unit_contact_and_phone_in_many_ways(name, unit, contact, phone):
    found = folder_names.sender_of(name)
    assert (found.unit.replace("（", "(").replace("）", ")"), found.contact, found.phone) == (unit, contact, phone)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("证实性材料/成果报告.pdf", "report"), ("活动记录/2025-03.pdf", "records"), ("财务证明.pdf", "benefit"),
        ("作业指导书.pdf", "standard"), ("IMG_2041.jpg", "photo"), ("营业执照.jpg", "licence"),
        ("专利证书.pdf", "honour"), ("扫描件001.pdf", "other"),
    ],
)  # fmt: skip
def test_evidence_is_sorted_by_its_name(path, kind):
    assert folder_names.evidence_kind_of(path) == kind

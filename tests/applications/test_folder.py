"""The electronic folder: names, a whole year, progress, memory, and pieces of it."""

import io
import json
import os
import subprocess
import sys
import unicodedata
import zipfile
from pathlib import Path

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

import applications.tasks  # noqa: F401 - registers the outbox handlers
from applications.models import Bundle
from applications.packets import folder, handlers, names
from qcportal import files, jobs, outbox
from qcportal.models import OutboxMessage, StoredFile
from tests import factories
from tests.applications import documents

pytestmark = pytest.mark.django_db


@pytest.fixture
def filed(owner):
    return documents.submitted(owner)


def unpacked(bundle):
    archive = zipfile.ZipFile(io.BytesIO(files.read(bundle.file)))
    assert archive.testzip() is None
    return archive, [name.partition("/")[2] for name in archive.namelist()]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("CON.pdf", "CON_.pdf"),
        ("nul", "nul_"),
        ("com1.tar.gz", "com1_.tar.gz"),
        ("console.pdf", "console.pdf"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("零\u200b宽.pdf", "零宽.pdf"),
        (" .隐藏. ", "隐藏"),
        ("C:\\x\\y.pdf", "C__x_y.pdf"),
        ("con .txt", "con_.txt"),
        ("LPT¹", "LPT¹_"),
        ("尾巴.pdf. . ", "尾巴.pdf"),
        ("甲" * 71 + " ." + "乙" * 20 + ".pdf", "甲" * 71 + ".pdf"),
        ("甲" * 79 + ". 后面还有", "甲" * 79),
        ("𠮷" * 80, "𠮷" * 60),
        ("\u3000全角空格\u3000", "全角空格"),
        (" . . ", "未命名"),
    ],
)
def test_a_name_is_safe_on_every_system(name, safe):
    assert names.safe_name(name) == safe


DEVICES = {"con", "prn", "aux", "nul", "conin$", "conout$", "clock$"} | {
    f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"
}
PIECES = ["con", "NUL", "aux.", "Com1", ".", " ", "/", "\\", "\u202e", "\u3000", "甲", "e\u0301"]
HOSTILE = st.lists(st.one_of(st.sampled_from(PIECES), st.text()), max_size=60).map("".join)


@given(HOSTILE)
@settings(max_examples=400, deadline=None)
def test_whatever_the_name_it_is_one_that_windows_and_linux_keep_as_it_is(name):
    safe = names.safe_name(name)
    assert safe
    assert safe == names.safe_name(safe)
    assert not safe[0].isspace()
    assert not safe[-1].isspace()
    assert safe[0] != "."
    assert safe[-1] != "."
    assert safe.partition(".")[0].rstrip(" ").casefold() not in DEVICES
    assert not set(safe) & set('\\/:*?"<>|')
    assert all(unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for char in safe)
    assert len(safe) <= names.NAME_LIMIT
    assert len(safe.encode()) <= names.BYTE_LIMIT


def test_the_same_name_again_is_numbered_in_its_own_folder():
    taken = set()
    paths = ("甲.乙/附件", "甲.乙/附件", "甲.乙/附件.PDF", "甲.乙/附件.pdf")
    assert [names.free_name(path, taken) for path in paths] == [
        "甲.乙/附件", "甲.乙/附件（2）", "甲.乙/附件.PDF", "甲.乙/附件（2）.pdf",
    ]  # fmt: skip


def test_the_list_names_every_file_with_its_hash(filed):
    bundle = folder.build(folder.of_round(filed.application.enterprise, filed.application.round))
    archive, paths = unpacked(bundle)
    listing = archive.read(archive.namelist()[-1]).decode("utf-8-sig")
    assert paths[-1] == "清单.txt"
    for path in paths[:-1]:
        assert path in listing
    for item in filed.data["evidence"]:
        assert item["sha256"] in listing
    assert all(entry.flag_bits & 0x800 for entry in archive.infolist() if not entry.filename.isascii())


def test_a_file_that_is_gone_is_a_line_and_no_failure(filed):
    from django.core.files.storage import default_storage

    item = filed.data["evidence"][0]
    default_storage.delete(StoredFile.objects.get(pk=item["sha256"]).storage_name)
    bundle = folder.build(folder.of_round(filed.application.enterprise, filed.application.round))
    archive, _paths = unpacked(bundle)
    assert "系统中没有找到该文件" in archive.read(archive.namelist()[-1]).decode()


def test_a_year_holds_a_folder_for_each_round(filed, owner):
    programme = filed.application.round.programme
    second = factories.round_of(
        programme.year, 2, opens_at=filed.application.round.opens_at, closes_at=filed.application.round.closes_at
    )
    documents.submit(factories.complete_draft(owner, second, group_name="澄光QC小组"), owner)
    payload = {"enterprise": filed.application.enterprise_id, "programme": programme.pk}
    handlers.build_bundle(payload)
    handlers.build_bundle(payload)
    bundle = Bundle.objects.get()
    _archive, paths = unpacked(bundle)
    assert bundle.name.endswith(f"_{programme.year}年全年.zip")
    assert bundle.name.startswith("青海湖光盐化股份有限公司_李文静_13900000043")
    assert {path.split("/")[0] for path in paths} == {"第一期", "第二期", "清单.txt"}
    assert sum("申报表" in path for path in paths) == 2


def test_the_waiting_page_shows_how_far_it_is_and_then_the_file(client, filed, owner):
    client.force_login(owner)
    round_ = filed.application.round
    page = reverse("applications:bundle_zip", args=[round_.programme.year, round_.number])
    assert client.get(page).status_code == 202
    place = folder.of_round(filed.application.enterprise, round_)
    jobs.report(place.job, 41.7, "第 2 个，共 9 个：成果报告.pdf")
    answer = client.get(page)
    assert (answer.status_code, answer["Retry-After"]) == (202, "2")
    assert "41%" in answer.content.decode()
    assert "成果报告.pdf" in answer.content.decode()
    row = OutboxMessage.objects.get(topic="bundle.build")
    assert outbox.deliver(row.pk) == "done"
    assert jobs.read(place.job) is None
    answer = client.get(page)
    assert b"".join(answer)[:2] == b"PK"
    Bundle.objects.all().delete()  # purged: asked for again, it is made again
    assert client.get(page).status_code == 202
    assert OutboxMessage.objects.filter(topic="bundle.build", state="pending").count() == 1


@pytest.mark.parametrize(
    ("wanted", "status", "part"),
    [
        ("bytes=0-3", 206, slice(0, 4)),
        ("bytes=10-", 206, slice(10, None)),
        ("bytes=-7", 206, slice(-7, None)),
        ("bytes=5-999999999", 206, slice(5, None)),
        ("bytes=999999999-", 416, None),
        ("bytes=0-1,4-5", 200, slice(None)),
        ("lines=1-2", 200, slice(None)),
    ],
)
def test_a_download_goes_on_where_it_broke_off(client, filed, owner, wanted, status, part):
    round_ = filed.application.round
    bundle = folder.build(folder.of_round(filed.application.enterprise, round_))
    client.force_login(owner)
    answer = client.get(
        reverse("applications:bundle_zip", args=[round_.programme.year, round_.number]), headers={"range": wanted}
    )
    assert answer.status_code == status
    if part is None:
        assert answer["Content-Range"] == f"bytes */{bundle.file.size}"
    else:
        body = b"".join(answer)
        assert body == files.read(bundle.file)[part]
        assert int(answer["Content-Length"]) == len(body)


SPARSE = """
import json, os, resource, sys, tempfile
from datetime import datetime, timezone
from pathlib import Path
import django
from django.conf import settings
django.setup()
settings.MEDIA_ROOT = Path(sys.argv[1])
from qcportal import files, jobs
from qcportal.models import StoredFile
from applications.packets import folder
jobs.report = lambda *a: None
size, count = 50 * 1024 * 1024, 6
stored = []
for number in range(count):
    row = StoredFile(sha256=f"{number:064x}", size=size, content_type="application/pdf")
    path = settings.MEDIA_ROOT / row.storage_name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        out.truncate(size)
    stored.append(row)
entries = [folder.Entry(f"证实性材料/{n}.pdf", "", stored=row) for n, row in enumerate(stored)]
folder.entries_of = lambda place: entries
class Enough:
    job = "x"
    held = []
folder._listing = lambda *a: b""
class Submission: submitted_at = datetime(2026, 6, 1, tzinfo=timezone.utc)
class Held: submissions = [Submission]
Enough.held = [Held]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with tempfile.TemporaryFile(dir=sys.argv[1]) as stream:
    folder.write(stream, "单位", Enough)
    stream.seek(0, 2)
    written = stream.tell()
    from django.core.files.storage import default_storage
    from django.core.files.base import File
    files.sha256_of(stream)
    default_storage.save("blobs/zz/result", File(stream))
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"written": written, "grown_kb": after - before}))
"""


def test_300_megabytes_are_packed_in_constant_memory(tmp_path):
    """In a process of its own, so that its peak is that of the packing."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(
        [sys.executable, "-c", SPARSE, str(tmp_path)],
        capture_output=True, text=True, check=True, env=environment, cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert found["written"] > 300 * 1024 * 1024
    assert found["grown_kb"] < 30 * 1024

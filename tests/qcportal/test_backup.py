import tarfile

import pytest
from django.core.management import CommandError, call_command

from qcportal import files, integrity
from qcportal.backup import archive, rows
from qcportal.demo import build
from qcportal.errors import Refusal
from qcportal.models import StoredFile
from tests.qcportal.conftest import TODAY


def stored():
    return {row.pk: files.read(row) for row in StoredFile.objects.all()}


@pytest.fixture
def backed_up(undone, tmp_path, settings):
    """A backup of demo data, the database empty again, the storage another folder."""
    path = tmp_path / "backup.tar.gz"

    def make():
        build.seed(today=TODAY, small_pool=True)
        call_command("backup", str(path))
        return rows.digest(), stored()

    before = undone(make)
    settings.MEDIA_ROOT = tmp_path / "elsewhere"
    return path, before


def test_a_restored_system_holds_the_same_rows_and_files(backed_up):
    path, before = backed_up
    call_command("restore", str(path))
    assert (rows.digest(), stored()) == before
    assert path.stat().st_mode & 0o077 == 0
    assert list(integrity.run()) == []


def test_new_rows_after_a_restore_get_new_keys(backed_up):
    call_command("restore", str(backed_up[0]))
    last = build.Enterprise.objects.order_by("-pk").first()
    last.pk, last.uuid, last.credit_code = None, build.evidence.Source(9, TODAY).uuid(), "91630104MA0000015T"
    last.save()
    assert last.pk > build.Enterprise.objects.exclude(pk=last.pk).order_by("-pk").first().pk


def test_a_database_in_use_is_not_overwritten(backed_up, owner):
    with pytest.raises(CommandError, match="空数据库"):
        call_command("restore", str(backed_up[0]))


def test_a_damaged_file_is_refused_before_any_row_is_written(backed_up, tmp_path, monkeypatch):
    damaged = tmp_path / "damaged.tar"
    with tarfile.open(backed_up[0]) as old, tarfile.open(damaged, "w") as new:
        for member in old:
            content = old.extractfile(member).read()
            if member.name.startswith("files/"):
                content = b"x" * len(content)
            new.addfile(member, archive.io.BytesIO(content))
    with pytest.raises(Refusal, match="已损坏"):
        archive.restore(damaged)
    assert not build.User.objects.exists()


def test_an_existing_archive_is_not_overwritten(db, tmp_path):
    path = tmp_path / "kept.tar"
    path.write_bytes(b"precious")
    with pytest.raises(CommandError, match="已存在"):
        call_command("backup", str(path))
    assert path.read_bytes() == b"precious"

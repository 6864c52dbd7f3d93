from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from applications.models import (
    Application,
    Member,
    Packet,
    PaperPart,
    Recommendation,
    RecommendationPage,
    ReportVersion,
    Round,
    ScannedPage,
    ScannedPart,
    StampedScan,
    Submission,
)
from qcportal import clock, files, integrity
from qcportal.demo.source import Source
from qcportal.models import AuditEvent, StoredFile
from tests.qcportal.conftest import TODAY

LATER = Source(1, TODAY).midnight + timedelta(days=120)


def purge(*arguments):
    with clock.fixed(LATER):
        call_command("purge_personal_data", "--older-than-years", "1", *arguments)


@pytest.fixture
def packet(demo):
    submission = Submission.objects.filter(application__state="awarded").first()
    stored = files.store(b"%PDF-1.4 names and phones", "application/pdf")
    return Packet.objects.create(
        submission=submission, kind="full", template_version="1", file=stored, pages=1, built_at=LATER
    )


def old(model, path):
    return model.objects.filter(**{f"{path}programme__year": 2025})


def test_a_dry_run_deletes_nothing(packet, capsys):
    purge()
    assert "未执行" in capsys.readouterr().out
    assert not Submission.objects.filter(personal__isnull=True).exists()
    assert Packet.objects.exists()


def test_personal_data_of_old_rounds_is_gone_and_the_rest_verifies(packet):
    name = packet.file.storage_name
    old(Application, "round__").update(autosaved={"1": {"contact_phone": [None, "0123456789ab", "tab"]}})
    purge("--yes")
    assert not old(Application, "round__").exclude(autosaved={}).exists()
    assert {row.personal for row in old(Submission, "application__round__")} == {None}
    assert {row.salt for row in old(Submission, "application__round__")} == {""}
    assert {row.personal for row in old(ReportVersion, "report__")} == {None}
    assert not old(Member, "application__round__").exists()
    assert {row.contact_phone for row in old(Application, "round__")} == {""}
    assert not Packet.objects.exists()
    assert not StoredFile.objects.filter(pk=packet.file_id).exists()
    assert not default_storage.exists(name)
    assert AuditEvent.objects.filter(verb="personal.purged").count() == 1
    purge("--yes")  # nothing is left to purge
    assert AuditEvent.objects.filter(verb="personal.purged").count() == 1
    assert list(integrity.run()) == []


def test_signers_of_opinions_and_their_pages_go_as_well(demo):
    opinion = old(Recommendation, "application__round__").exclude(submission=None).first()
    stored = files.store(b"%PDF-1.4 a signer", "application/pdf")
    RecommendationPage.objects.create(
        recommendation=opinion, template_version="1", file=stored, pages=1, built_at=LATER
    )
    purge("--yes")
    opinion.refresh_from_db()
    assert (opinion.personal, opinion.salt, opinion.signer_name) == (None, "", "")
    assert not RecommendationPage.objects.exists()
    assert not StoredFile.objects.filter(pk=stored.pk).exists()
    assert list(integrity.run()) == []


def test_newer_rounds_keep_everything(packet):
    purge("--yes")
    newer = Submission.objects.filter(application__round__programme__year=2027)
    assert newer.exists()
    assert not newer.filter(personal=None).exists()
    assert Member.objects.filter(application__round__programme__year=2027).exists()


def test_a_file_that_others_use_stays(packet):
    shared = Submission.objects.filter(application__round__programme__year=2027).first()
    Packet.objects.create(
        submission=shared, kind="full", template_version="1", file=packet.file, pages=1, built_at=LATER
    )
    purge("--yes")
    assert StoredFile.objects.filter(pk=packet.file_id).exists()


def test_the_years_default_to_the_associations_and_are_at_least_one(demo, capsys):
    with clock.fixed(LATER):
        call_command("purge_personal_data")
    assert "2022-03-24" in capsys.readouterr().out
    with pytest.raises(CommandError, match="至少"):
        call_command("purge_personal_data", "--older-than-years", "0")
    assert Round.objects.count() == 5


def test_stamped_scans_and_printed_parts_go_and_their_codes_and_receipts_stay(demo):
    submission = Submission.objects.filter(application__state="awarded").first()
    application, owner = submission.application, submission.submitted_by
    stored = files.store(b"%PDF-1.4 printed", "application/pdf")
    thumbnail = files.store(b"picture", "image/jpeg")
    part = PaperPart.objects.create(
        enterprise=application.enterprise, programme=application.round.programme, round=application.round,
        kind="annex1", code=submission.code, version=1, title="小组", submission=submission, file=stored, pages=1,
        template_version="1", built_at=LATER,
    )  # fmt: skip
    scan = StampedScan.objects.create(
        enterprise=application.enterprise, round=application.round, part=part, file=stored, name="张三.pdf", pages=1,
        uploaded_at=LATER, uploaded_by=owner, state="done",
    )  # fmt: skip
    ScannedPart.objects.create(scan=scan, part=part, pages=1)
    ScannedPage.objects.create(scan=scan, number=1, result="match", part=part, thumbnail=thumbnail)
    assert list(integrity.run(fast=True)) == []
    purge("--yes")
    assert not StampedScan.objects.filter(pk=scan.pk).exists()
    assert not ScannedPage.objects.filter(scan=scan.pk).exists()
    assert not StoredFile.objects.filter(pk__in=[stored.pk, thumbnail.pk]).exists()
    part.refresh_from_db()
    assert part.file is None
    assert part.code == submission.code
    assert list(integrity.run()) == []

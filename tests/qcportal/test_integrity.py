import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db.models import F

from applications.models import Application, FormalCheck, Recommendation, ReportVersion, Round, Submission
from qcportal import integrity
from qcportal.models import StoredFile
from reviews.models import ItemScore, Ranking, ScoreSheet


def found(**options):
    return {finding.check for finding in integrity.run(**options)}


def test_an_untouched_database_passes(demo, capsys):
    call_command("verify_integrity")
    assert "没有发现问题" in capsys.readouterr().out


def test_the_command_lists_what_is_wrong_and_exits_with_one(demo, capsys):
    Submission.objects.filter(pk=Submission.objects.first().pk).update(sha256="0" * 64)
    with pytest.raises(SystemExit) as stopped:
        call_command("verify_integrity")
    assert stopped.value.code == 1
    assert "SHA-256" in capsys.readouterr().out


def _change_frozen_text():
    submission = Submission.objects.first()
    submission.data["topic"]["topic_name"] = "另一个课题"
    submission.save()


def _change_personal():
    submission = Submission.objects.first()
    submission.personal["leader_name"] = "别人"
    submission.save()


def _change_report():
    version = ReportVersion.objects.first()
    version.data["statistics"][0]["value"] = "1"
    version.save()


def _change_ranking():
    ranking = Ranking.objects.get(special_award=None)
    ranking.data["rows"][0]["total"] = "99.99"
    ranking.save()


def _change_signer():
    opinion = Recommendation.objects.first()
    opinion.personal["signer_name"] = "别人"
    opinion.save()


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (_change_frozen_text, "提交版本"),
        (_change_personal, "提交版本"),
        (_change_report, "年度材料版本"),
        (_change_ranking, "成绩排名"),
        (_change_signer, "推荐意见"),
        (lambda: Recommendation.objects.filter(decision="decline").update(decision="recommend"), "推荐意见"),
        (lambda: Recommendation.objects.update(frozen_in=None, submission=Submission.objects.first()), "推荐意见"),
        (lambda: Round.objects.filter(number=1).update(file_number_counter=F("file_number_counter") + 1), "文件编号"),
        (lambda: Application.objects.filter(state="draft").update(state="accepted"), "申报状态"),
        (lambda: FormalCheck.objects.filter(outcome="accept").delete(), "申报状态"),
        (lambda: ScoreSheet.objects.filter(state="submitted").update(total=F("total") + 1), "评分表"),
        (lambda: ItemScore.objects.filter(pk=ItemScore.objects.first().pk).update(points=0), "评分表"),
    ],
)
def test_a_changed_row_is_found(demo, change, check):
    change()
    assert check in found(fast=True)


def test_a_changed_or_missing_file_is_found_unless_fast(demo):
    changed, missing = StoredFile.objects.order_by("pk")[:2]
    default_storage.delete(changed.storage_name)
    with default_storage.open(changed.storage_name, "wb") as out:
        out.write(b"other bytes")
    default_storage.delete(missing.storage_name)
    assert {finding.row for finding in integrity.run()} == {changed.sha256, missing.sha256}
    assert list(integrity.run(fast=True)) == []


def test_a_purged_version_still_verifies(demo):
    Submission.objects.update(personal=None, salt="")
    assert list(integrity.run(fast=True)) == []

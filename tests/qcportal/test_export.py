import json

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from applications import codes
from applications.models import AnnualReport, Application, Recommendation, Submission
from qcportal import export
from qcportal.models import AuditEvent


@pytest.fixture
def folder(demo, tmp_path):
    target = tmp_path / "导出"
    call_command("export_programme", "2027", str(target))
    return target


def test_the_workbook_lists_applications_sums_scores_and_rankings(folder):
    book = load_workbook(folder / "汇总.xlsx")
    assert book.sheetnames == ["申报", "统计表", "纸质件", "评分", "排名", "推荐意见"]
    assert book["申报"].max_row - 1 == Application.objects.filter(round__programme__year=2027).count()
    *_, last = book["统计表"].iter_rows(values_only=True)
    reports = AnnualReport.objects.filter(programme__year=2027)
    assert last[0] == "合计"
    assert last[2] == sum(report.employees for report in reports)
    assert book["评分"].max_row > 20


def test_frozen_submissions_can_be_verified_from_the_files_alone(folder):
    written = sorted((folder / "submissions").glob("*.json"))
    assert len(written) == Submission.objects.filter(application__round__programme__year=2027).count()
    for path in written:
        content = json.loads(path.read_text(encoding="utf-8"))
        assert codes.digest(content["data"]) == content["sha256"]


def test_opinions_are_listed_and_can_be_verified_from_the_files_alone(folder):
    written = sorted((folder / "opinions").glob("*.json"))
    assert len(written) == Recommendation.objects.filter(application__round__programme__year=2027).count() > 0
    for path in written:
        content = json.loads(path.read_text(encoding="utf-8"))
        assert codes.digest(content["data"]) == content["sha256"]
    listed = list(load_workbook(folder / "汇总.xlsx")["推荐意见"].iter_rows(values_only=True))[1:]
    assert {row[5] for row in listed} == {"同意推荐", "不推荐"}


def test_the_evidence_lies_under_its_file_number(folder):
    number = Application.objects.filter(round__programme__year=2027).submitted().first().file_number
    assert list((folder / "files" / number).glob("*成果报告.pdf"))
    assert AuditEvent.objects.filter(verb="programme.exported").exists()


def test_a_used_folder_and_an_unknown_year_are_refused(folder):
    with pytest.raises(CommandError, match="空目录"):
        call_command("export_programme", "2027", str(folder))
    with pytest.raises(CommandError, match="没有 1999"):
        call_command("export_programme", "1999", str(folder))


def test_text_that_looks_like_a_formula_stays_text():
    assert export.safe_cell("=1+1") == "'=1+1"
    assert export.safe_cell("课题") == "课题"
    assert export.safe_cell(-1) == -1

import uuid

import pytest
from django.core.cache import cache

from applications.actions.submission import CONFIRMATIONS, submit
from applications.models import PaperSet, Submission
from qcportal import clock, files
from tests import factories
from tests.factories import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def submission(owner):
    with clock.fixed(at(2026, 6, 11, 16, 20, 45)):
        application = factories.complete_draft(owner)
        confirmations = dict.fromkeys(CONFIRMATIONS, "2026-1")
        submit(application, actor=owner, confirmations=confirmations, arrived_at=clock.now())
    return Submission.objects.get()


def test_a_code_tells_unit_group_number_version_and_time_but_no_topic(client, submission):
    page = client.get(f"/verify/{submission.code}/").content.decode()
    for shown in (
        "青海湖光盐化股份有限公司",
        "红柳QC小组",
        submission.file_number,
        "第 1 版",
        "2026年6月11日 16:20:45",
        "最新",
    ):
        assert shown in page
    for hidden in ("提高碳酸锂包装一次合格率", "韩志远", "扎西多杰", "13900000043"):
        assert hidden not in page


def test_spaces_dashes_and_small_letters_do_not_matter(client, submission):
    code = submission.code
    typed = f"{code[:4]} {code[4:8]}-{code[8:]}".lower()
    assert client.get(f"/verify/{typed}/").status_code == 200
    answer = client.get("/verify/", {"code": typed})
    assert answer.status_code == 302
    assert answer["Location"] == f"/verify/{code}/"


def test_an_older_version_says_that_a_newer_one_exists(client, submission):
    newer = Submission.objects.get()
    newer.pk, newer.version, newer.code = None, 2, "ABCDEFGH2345"
    newer.uuid = uuid.uuid4()
    newer.save(force_insert=True)
    assert "已有更新的版本" in client.get(f"/verify/{submission.code}/").content.decode()
    assert "是最新版本" in client.get("/verify/ABCDEFGH2345/").content.decode()


def test_attachments_2_and_3_and_a_paper_set_have_codes_of_their_own(client, submission, owner):
    page = client.get(f"/verify/{submission.report_version.code}/").content.decode()
    assert "附件 2、附件 3" in page
    stored = files.store(b"%PDF-1.4", "application/pdf")
    PaperSet.objects.create(
        enterprise=submission.application.enterprise, round=submission.application.round, fingerprint="f" * 64,
        code="PAPERSET2345", file=stored, pages=9, built_at=at(2026, 6, 12),
    )  # fmt: skip
    page = client.get("/verify/PAPERSET2345/").content.decode()
    assert "纸质材料套件" in page
    assert "第 1 次生成" in page


def test_an_unknown_code_gets_a_friendly_404(client):
    answer = client.get("/verify/ABCDEFGHIJKL/")
    assert answer.status_code == 404
    assert "没有这个校验码" in answer.content.decode()
    assert answer["X-Robots-Tag"] == "noindex"


def test_a_code_of_the_wrong_shape_is_explained_beside_the_field(client):
    answer = client.get("/verify/", {"code": "0189"})
    assert answer.status_code == 400
    assert "12 位字母 A 至 Z 和数字 2 至 7" in answer.content.decode()


def test_the_31st_look_up_within_a_minute_is_refused_with_429(client):
    with clock.fixed(at(2026, 6, 18, 10)):
        for _ in range(30):
            assert client.get("/verify/ABCDEFGHIJKL/").status_code == 404
        refused = client.get("/verify/ABCDEFGHIJKL/")
        assert client.get("/verify/ABCDEFGHIJKL/", REMOTE_ADDR="10.0.0.9").status_code == 404
    assert refused.status_code == 429
    assert "操作太频繁" in refused.content.decode()
    assert refused["Retry-After"] == "60"
    with clock.fixed(at(2026, 6, 18, 10, 1)):
        assert client.get("/verify/ABCDEFGHIJKL/").status_code == 404


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()

import base64
import subprocess
import uuid

import pytest
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured

from applications import receipts
from applications.actions.submission import CONFIRMATIONS, submit
from applications.models import PaperSet, Submission
from qcportal import clock, files, signing
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


def test_a_signed_receipt_code_says_what_it_is_and_no_more(client, submission):
    code = receipts.signed_code(submission)
    page = client.get(f"/verify/{code}/")
    assert page.status_code == 200
    text = page.content.decode()
    for shown in ("回执真实，是最新版本", submission.file_number, "第 1 版", "2026年6月11日 16:20:45",
                  "青海湖光盐化股份有限公司", "红柳QC小组"):  # fmt: skip
        assert shown in text
    for hidden in ("提高碳酸锂包装一次合格率", "韩志远", "扎西多杰", "13900000043"):
        assert hidden not in text


def test_a_code_broken_over_lines_is_pasted_into_the_form(client, submission):
    code = receipts.signed_code(submission)
    answer = client.get("/verify/", {"code": f" {code[:60]}\r\n {code[60:]}"})
    assert (answer.status_code, answer["Location"]) == (302, f"/verify/{code}/")


def test_an_altered_receipt_code_is_not_genuine(client, submission):
    code = receipts.signed_code(submission)
    other = code.replace(".1.", ".2.", 1)
    for wrong in (other, code[:-1], code[:-2] + ("AA" if code[-2:] != "AA" else "BB"), "QCR1.nothing"):
        answer = client.get(f"/verify/{wrong}/")
        assert answer.status_code == 404
        assert "不是本平台签发的回执" in answer.content.decode()


def test_a_genuine_receipt_of_an_older_or_unknown_version_says_so(client, submission):
    code = receipts.signed_code(submission)
    newer = Submission.objects.get()
    newer.pk, newer.version, newer.code, newer.uuid = None, 2, "ABCDEFGH2345", uuid.uuid4()
    newer.save(force_insert=True)
    assert "回执真实，但已有更新的版本" in client.get(f"/verify/{code}/").content.decode()
    unknown = signing.sign("QC2026-1-9999", 1, submission.submitted_at, "0" * 64)
    assert "签名真实，但本系统中查不到" in client.get(f"/verify/{unknown}/").content.decode()


def test_receipt_codes_are_rate_limited_like_the_others(client, submission):
    code = receipts.signed_code(submission)
    with clock.fixed(at(2026, 6, 18, 10)):
        answers = [client.get(f"/verify/{code}/").status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]


def test_the_public_keys_are_published_with_the_way_to_check_offline(client, submission, tmp_path):
    key = signing.public_keys()[0]
    page = client.get("/verify/keys/").content.decode()
    assert key.pem.strip() in page
    pem = client.get(f"/verify/keys/{key.key_id}.pem")
    assert client.get("/verify/keys/AAAAAAAA.pem").status_code == 404
    told, _dot, signature = receipts.signed_code(submission).rpartition(".")
    for name, content in (("k.pem", pem.content), ("told", told.encode()),
                          ("sig", base64.urlsafe_b64decode(signature + "=="))):  # fmt: skip
        (tmp_path / name).write_bytes(content)
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "k.pem", "-rawin", "-in", "told", "-sigfile", "sig"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert "Verified Successfully" in done.stdout


def test_after_a_change_of_keys_old_receipts_stay_genuine(submission, settings):
    old, seeds = receipts.signed_code(submission), [base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2)]
    settings.RECEIPT_SIGNING_KEYS = seeds[:1]
    assert signing.verify(old) is None  # a key of its own replaces the derived one
    first = receipts.signed_code(submission)
    settings.RECEIPT_SIGNING_KEYS = [seeds[1], seeds[0]]
    second = receipts.signed_code(submission)
    assert first != second
    assert [signing.verify(code).file_number for code in (first, second)] == [submission.file_number] * 2
    assert [key.signs for key in signing.public_keys()] == [True, False]
    public = base64.b64encode(signing.public_keys()[1].key.public_bytes_raw()).decode()
    settings.RECEIPT_SIGNING_KEYS, settings.RECEIPT_PUBLIC_KEYS = seeds[1:], [public]
    assert signing.verify(first).sha256 == submission.sha256
    settings.RECEIPT_PUBLIC_KEYS = []
    assert signing.verify(first) is None


def test_a_derived_key_follows_secret_key_and_its_fallbacks(submission, settings):
    old = receipts.signed_code(submission)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 60, [settings.SECRET_KEY]
    assert signing.verify(old).version == 1
    assert signing.verify(receipts.signed_code(submission)).key_id != signing.verify(old).key_id


@pytest.mark.parametrize("text", ["not base64!", "c2hvcnQ="])
def test_a_wrong_key_is_refused_with_the_setting_s_name(submission, settings, text):
    settings.RECEIPT_SIGNING_KEYS = [text]
    with pytest.raises(ImproperlyConfigured, match="RECEIPT_SIGNING_KEYS"):
        receipts.signed_code(submission)


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()

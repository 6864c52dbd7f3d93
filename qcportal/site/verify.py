"""核验: a code read off paper answers what the paper is, and nothing about people, topics or outcomes."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from applications.actions import paper_parts
from applications.codes import ALPHABET, CODE_LENGTH, normalise_code
from applications.models import PaperPart, PaperSet, PartKind, Recommendation, ReportVersion, Submission
from qcportal import signing
from qcportal.site import errors, rate

PER_MINUTE = 30


@dataclass(frozen=True)
class Found:
    """What /verify/ may tell (design, section 9): unit, group, file number, version, time, latest or not."""

    kind: str
    code: str
    unit: str
    version: str
    at: datetime
    is_latest: bool
    programme: str
    group: str = ""
    file_number: str = ""
    issuer: str = ""


class CodeForm(forms.Form):
    code = forms.CharField(
        label="校验码或签名回执码",
        max_length=signing.MAX_LENGTH + 40,
        help_text="校验码印在材料包、回执、纸质套封面的页脚，12 位字母和数字，空格可以不输；"
        "签名回执码以 QCR1 开头，从回执页面或邮件中整段复制粘贴。",
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "placeholder": "K7QM X2DR 5TNB",
            }
        ),
    )

    def clean_code(self) -> str:
        if signing.looks_like_code(self.cleaned_data["code"]):
            return signing.compact(self.cleaned_data["code"])
        code = normalise_code(self.cleaned_data["code"])
        if len(code) != CODE_LENGTH or not set(code) <= set(ALPHABET):
            raise forms.ValidationError("校验码由 12 位字母 A 至 Z 和数字 2 至 7 组成，请核对后重新输入。")
        return code


@require_safe
def form(request: HttpRequest) -> HttpResponse:
    """The form sends the code by GET and is answered by the code's own address."""
    bound = CodeForm(request.GET) if "code" in request.GET else CodeForm()
    if bound.is_bound and bound.is_valid():
        return redirect("verify_code", code=bound.cleaned_data["code"])
    return render(request, "site/verify.html", {"form": bound}, status=400 if bound.is_bound else 200)


@require_safe
def code(request: HttpRequest, code: str) -> HttpResponse:
    """The answer to one code; 404 with the form for an unknown one."""
    if not rate.allowed(request, "verify", per_minute=PER_MINUTE):
        return errors.too_many(request)
    if signing.looks_like_code(code):
        return _receipt_answer(request, signing.compact(code))
    wanted = normalise_code(code)
    found = look_up(wanted) if len(wanted) == CODE_LENGTH else None
    context = {"found": found, "wanted": wanted[:20], "form": CodeForm()}
    response = render(request, "site/verify_code.html", context, status=200 if found else 404)
    response["X-Robots-Tag"] = "noindex"
    return response


def _receipt_answer(request: HttpRequest, typed: str) -> HttpResponse:
    """In words: genuine or not; of a genuine one what it says, and whether that version is still the latest."""
    receipt = signing.verify(typed)
    row = _received(receipt) if receipt else None
    context = {
        "receipt": receipt,
        "row": row,
        "newer": row is not None and _newer(row),
        "key": next((key for key in signing.public_keys() if receipt and key.key_id == receipt.key_id), None),
        "form": CodeForm(),
    }
    response = render(request, "site/verify_receipt.html", context, status=200 if receipt else 404)
    response["X-Robots-Tag"] = "noindex"
    return response


def _received(receipt: signing.Receipt) -> Submission | None:
    """The version that a genuine receipt speaks of; None when this database does not hold exactly that one."""
    rows = Submission.objects.filter(file_number=receipt.file_number, version=receipt.version, sha256=receipt.sha256)
    return rows.select_related("application__enterprise", "application__round__programme").first()


def _newer(row: Submission) -> bool:
    return Submission.objects.filter(application_id=row.application_id, version__gt=row.version).exists()


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """The public keys, and how to check a receipt code without this portal."""
    return render(request, "site/verify_keys.html", {"keys": signing.public_keys()})


@require_safe
def key_file(request: HttpRequest, key_id: str) -> HttpResponse:
    """One public key as PEM, to be kept by whoever wants to check receipts on their own machine."""
    found = next((key for key in signing.public_keys() if key.key_id == key_id), None)
    if found is None:
        raise Http404
    response = HttpResponse(found.pem, content_type="application/x-pem-file")
    response["Content-Disposition"] = f'attachment; filename="receipt-{found.key_id}.pem"'
    return response


def look_up(wanted: str) -> Found | None:
    """A submission, a part of a paper set, attachments 2 and 3 together, a paper set, or an opinion with this code."""
    kinds = (_submission, _part, _report, _paper_set, _recommendation)
    return next((found for found in (kind(wanted) for kind in kinds) if found), None)


def _submission(wanted: str) -> Found | None:
    row = Submission.objects.by_code(wanted).first()
    if row is None:
        return None
    application = row.application
    return Found(
        kind="小组申报材料（附件 1）",
        code=row.code,
        unit=application.enterprise.name,
        version=f"第 {row.version} 版",
        at=row.submitted_at,
        is_latest=not _newer(row),
        programme=str(application.round),
        group=str(row.data.get("group", {}).get("group_name") or application.group_name),
        file_number=row.file_number,
    )


PART_KINDS = {
    PartKind.COVER: "纸质套封面（材料清单）",
    PartKind.SUMMARY: "企业质量管理小组活动总结（附件 2）",
    PartKind.STATISTICS: "企业质量管理小组活动统计表（附件 3）",
}


def _part(wanted: str) -> Found | None:
    """Cover list, attachment 2, attachment 3. Latest as long as nothing newer is to be printed in its place."""
    rows = PaperPart.objects.select_related("enterprise", "programme", "round__programme", "report_version")
    row = rows.filter(code=wanted).exclude(kind=PartKind.FORM).first()
    if row is None:
        return None
    return Found(
        kind=PART_KINDS[PartKind(row.kind)],
        code=row.code,
        unit=row.enterprise.name,
        version=f"第 {row.version} 版",
        at=row.report_version.frozen_at if row.report_version else row.built_at,
        is_latest=paper_parts.is_current(row),
        programme=str(row.round or row.programme),
    )


def _report(wanted: str) -> Found | None:
    row = ReportVersion.objects.filter(code=wanted).select_related("report__enterprise", "report__programme").first()
    if row is None:
        return None
    newer = ReportVersion.objects.filter(report_id=row.report_id, version__gt=row.version).exists()
    return Found(
        kind="活动总结与统计表（附件 2、附件 3）",
        code=row.code,
        unit=row.report.enterprise.name,
        version=f"第 {row.version} 版",
        at=row.frozen_at,
        is_latest=not newer,
        programme=str(row.report.programme),
    )


def _paper_set(wanted: str) -> Found | None:
    row = PaperSet.objects.filter(code=wanted).select_related("enterprise", "round__programme").first()
    if row is None:
        return None
    same = PaperSet.objects.filter(enterprise_id=row.enterprise_id, round_id=row.round_id)
    return Found(
        kind="纸质材料套件",
        code=row.code,
        unit=row.enterprise.name,
        version=f"第 {same.filter(pk__lte=row.pk).count()} 次生成",
        at=row.built_at,
        is_latest=not same.filter(pk__gt=row.pk).exists(),
        programme=str(row.round),
    )


def _recommendation(wanted: str) -> Found | None:
    """Whose opinion about which version; never what it says. One that no version carries yet is nobody's business."""
    rows = Recommendation.objects.filter(code=wanted).exclude(submission=None, frozen_in=None)
    rows = rows.select_related("application__enterprise", "application__round", "submission", "frozen_in")
    row = rows.first()
    version = row.version if row else None
    if row is None or version is None:
        return None
    application = row.application
    replaced = Recommendation.objects.filter(supersedes=row).exists()
    newer = Submission.objects.filter(application=application, version__gt=version.version).exists()
    return Found(
        kind="推荐单位意见",
        code=row.code,
        unit=application.enterprise.name,
        version=f"针对第 {version.version} 版",
        at=row.given_at,
        is_latest=not (replaced or newer),
        programme=str(application.round),
        group=str(version.data["group"]["group_name"]),
        file_number=version.file_number,
        issuer=row.data["unit"],
    )

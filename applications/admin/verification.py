"""核验单位: the licence beside what the enterprise wrote, what was compared, and taking it back."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import areas
from applications.actions import ownership, verification
from applications.admin import staff_pages
from applications.forms.proofs import ProofForm
from applications.models import Application, Enterprise, EnterpriseProof, JoinRequest, ProofKind
from qcportal import audit, files
from qcportal.adminsite import FILING
from qcportal.errors import NotAllowed, Refusal

IMAGES = ("image/jpeg", "image/png")


# Without both there is no verification; the action says why, in words.
NEEDED = forms.CheckboxInput(attrs={"data-need": "须一致"})


class VerifyForm(forms.Form):
    """What was compared with the licence. The page's name comes back, so that a change in between is noticed."""

    seen_name = forms.CharField(widget=forms.HiddenInput, max_length=100)
    proof = forms.ModelChoiceField(EnterpriseProof.objects.none(), required=False, widget=forms.HiddenInput)
    name_agrees = forms.BooleanField(label="单位名称与营业执照一致", required=False, widget=NEEDED)
    code_agrees = forms.BooleanField(label="统一社会信用代码与营业执照一致", required=False, widget=NEEDED)
    area_agrees = forms.BooleanField(label="登记地在青海", required=False)
    note = forms.CharField(
        label="说明", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="登记地不在青海的必填，例如“省外企业在青分公司，营业执照已看”。",
    )  # fmt: skip

    def __init__(self, *args: Any, enterprise: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["proof"].queryset = enterprise.proofs.all()  # type: ignore[attr-defined]


class RevokeForm(forms.Form):
    reason = forms.CharField(label="撤销原因", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


def _enterprise(pk: int) -> Enterprise:
    return get_object_or_404(Enterprise.objects.select_related("verified_by"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows licence and facts side by side, and that somebody looked is on record; POST is 已核验."""
    enterprise = _enterprise(pk)
    if request.method == "POST":
        return _verify(request, enterprise)
    return _page(request, enterprise)


def _page(
    request: HttpRequest, enterprise: Enterprise, form: VerifyForm | None = None, *, status: int = 200
) -> HttpResponse:
    proofs = list(enterprise.proofs.select_related("uploaded_by", "file"))
    shown = _shown(request, proofs)
    code = areas.read(enterprise.credit_code)
    if request.method == "GET" and shown is not None:
        with transaction.atomic():
            audit.record("document.read", enterprise, actor=staff_pages.user_of(request), document=str(shown))
    initial = {"seen_name": enterprise.name, "proof": shown, "area_agrees": False}
    context = staff_pages.context(
        request,
        f"核验：{enterprise.name}",
        enterprise=enterprise,
        code=code,
        proofs=proofs,
        shown=shown,
        shown_is_image=shown is not None and shown.file.content_type in IMAGES,
        form=form or VerifyForm(enterprise=enterprise, initial=initial),
        revoke_form=RevokeForm(),
        proof_form=ProofForm(auto_id="id_proof_%s", initial={"kind": ProofKind.LICENCE}),
        checks=enterprise.licence_checks.select_related("checked_by", "revoked_by", "proof"),
        former_names=enterprise.former_names.all(),
        claims=enterprise.join_requests.waiting().count(),
        next_one=_next(enterprise),
        came_from=_came_from(request, enterprise),
    )
    return render(request, "admin/applications/enterprise/verify.html", context, status=status)


def _came_from(request: HttpRequest, enterprise: Enterprise) -> Application | None:
    """The filing under check from which the licence is looked at (``check``): there the person goes back."""
    wanted = _number(request.POST.get("check") or request.GET.get("check"))
    filings = Application.objects.visible_to(staff_pages.user_of(request))
    return filings.filter(enterprise=enterprise, pk=wanted).first() if wanted else None


def _shown(request: HttpRequest, proofs: list[EnterpriseProof]) -> EnterpriseProof | None:
    """What was asked for, else the newest licence, else the newest of any kind."""
    wanted = request.GET.get("proof", "")
    asked = next((one for one in proofs if str(one.uuid) == wanted), None)
    return asked or next((one for one in proofs if one.kind == ProofKind.LICENCE), proofs[0] if proofs else None)


def _next(enterprise: Enterprise) -> Enterprise | None:
    """Of those who wait, the one after this: whoever has filed first, then by date of registration."""
    waiting = Enterprise.objects.filter(verified_at=None).exclude(pk=enterprise.pk)
    return waiting.filter(applications__file_number__isnull=False).order_by("created_at").first() or waiting.first()


def _verify(request: HttpRequest, enterprise: Enterprise) -> HttpResponse:
    actor = staff_pages.require_secretariat(request)
    form = VerifyForm(request.POST, enterprise=enterprise)
    if not form.is_valid():
        messages.error(request, staff_pages.first_error(form))
        return _page(request, enterprise, form, status=400)
    try:
        verification.see_licence(enterprise, actor=actor, **form.cleaned_data)
    except NotAllowed:
        raise
    except Refusal as refusal:
        form.add_error({"note": "note"}.get(refusal.code), refusal.message)
        return _page(request, _enterprise(enterprise.pk), form, status=409)
    messages.success(request, f"{enterprise.name} 的营业执照已核验。")
    application = _came_from(request, enterprise)
    if application is not None:
        return redirect("admin:applications_check", pk=application.pk)
    return redirect("admin:applications_enterprise_verify", enterprise.pk)


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    actor = staff_pages.require_secretariat(request)
    enterprise = _enterprise(pk)
    form = RevokeForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请写明撤销核验的原因，不超过 300 字。")
    else:
        reason = form.cleaned_data["reason"]
        staff_pages.attempt(
            request, lambda: verification.revoke(enterprise, actor=actor, reason=reason),
            f"已撤销 {enterprise.name} 的核验，参评前须重新核验。",
        )  # fmt: skip
    return redirect("admin:applications_enterprise_verify", pk)


@require_POST
def add_proof(request: HttpRequest, pk: int) -> HttpResponse:
    """What came by letter or mail is put beside the rest by the secretariat."""
    actor = staff_pages.require_secretariat(request)
    enterprise = _enterprise(pk)
    form = ProofForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, staff_pages.first_error(form))
        return staff_pages.back(request, "admin:applications_enterprise_verify", pk)
    checked = form.cleaned_data["file"]
    file = ownership.ProofFile(files.store(checked.stream, checked.content_type), checked.name)
    asked = JoinRequest.objects.filter(enterprise=enterprise, pk=_number(request.POST.get("join_request"))).first()
    staff_pages.attempt(
        request,
        lambda: ownership.add_proof(
            enterprise, actor=actor, kind=form.cleaned_data["kind"], file=file, join_request=asked
        ),
        "证明材料已存入，写明由秘书处上传。",
    )
    return staff_pages.back(request, "admin:applications_enterprise_verify", pk)


def _number(typed: str | None) -> int:
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) < 12 else 0


@require_safe
def waiting_list(request: HttpRequest) -> HttpResponse:
    """待核验: who has filed comes first, since they cannot take part before."""
    rows = Enterprise.objects.to_verify()
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    lines = [{"enterprise": row, "code": areas.read(row.credit_code)} for row in page.object_list]
    context = staff_pages.context(request, "待核验的单位", page=page, lines=lines)
    return render(request, "admin/applications/enterprise/to_verify.html", context)


admin.site.add_page(
    "verification/", waiting_list, name="verification", title="单位核验", group=FILING, order=31, icon="shield-check"
)

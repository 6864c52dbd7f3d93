"""人员与角色 of the staff site: the list, one person, invitations, judges by Excel, 权限一览."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from applications.exchange import XLSX_TYPE
from applications.forms.registration import checked_name
from applications.imports.gate import open_office
from qcportal import audit_labels, clock
from qcportal.adminsite import SYSTEM
from qcportal.errors import NotAllowed, Refusal
from qcportal.models import MOBILE, AuditEvent, PersonInvitation, User
from qcportal.personnel import capabilities, inviting, judge_list, leaving, listing
from qcportal.roles import Role, has_role

KEPT_SECONDS = 24 * 3600
SALT = "judge-list"


class FilterForm(forms.Form):
    q = forms.CharField(label="姓名、账号、邮箱或手机", max_length=100, required=False)
    role = forms.ChoiceField(
        label="角色", choices=[("", "有角色的人员"), *Role.choices, (listing.NONE, "申报单位人员")], required=False
    )
    state = forms.ChoiceField(label="状态", choices=listing.STATES, required=False)
    factor = forms.ChoiceField(
        label="双重验证", choices=[("", "全部"), ("yes", "已开启"), ("no", "未开启")], required=False
    )
    page = forms.IntegerField(required=False, min_value=1)


class InviteForm(forms.Form):
    name = forms.CharField(label="姓名", max_length=50)
    email = forms.EmailField(label="电子邮箱", help_text="一次性链接发到这里。")
    mobile = forms.CharField(label="手机号码", max_length=11, required=False, validators=[MOBILE])
    role = forms.ChoiceField(
        label="角色", choices=[(role.value, role.label) for role in inviting.INVITED if role != Role.JUDGE],
        help_text="评委用“按名单邀请评委”；推荐单位的人员在“推荐单位”页面邀请。",
    )  # fmt: skip

    def clean_name(self) -> str:
        return checked_name(self.cleaned_data["name"])


class ReasonForm(forms.Form):
    reason = forms.CharField(label="原因", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    successor = forms.ModelChoiceField(
        User.objects.none(), label="接手正在审查的申报", required=False, empty_label="请选择"
    )

    def __init__(self, *args: Any, successors: list[User], needed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if needed:
            self.fields["successor"].queryset = User.objects.filter(pk__in=[one.pk for one in successors])  # type: ignore[attr-defined]
        else:
            del self.fields["successor"]


class JudgesForm(forms.Form):
    file = forms.FileField(
        label="评委名单（Excel）", help_text="本页的模板或已有的名单，.xlsx，不超过 5 MB。",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}), error_messages={"required": "请选择文件。"},
    )  # fmt: skip


def _may_edit(request: HttpRequest) -> bool:
    may = has_role(request.user, Role.SECRETARIAT)
    if request.method == "POST" and not may:
        raise PermissionDenied
    return may


@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """The list; a single invitation."""
    may_edit = _may_edit(request)
    invite = InviteForm(request.POST if request.method == "POST" else None)
    now = clock.now()
    if request.method == "POST" and invite.is_valid():
        data = invite.cleaned_data
        try:
            person = inviting.Invitee(data["name"], data["email"], data["mobile"])
            made = inviting.invite(person, data["role"], actor=request.user, now=now)  # type: ignore[arg-type]
            sent = "邀请已发送" if made.accepted_at is None else "该人员已有账号，已增加角色并发邮件告知"
            messages.success(request, f"{sent}：{made.user}（{made.get_role_display()}）。")  # type: ignore[attr-defined]
            return redirect("admin:personnel_person", pk=made.user_id)
        except Refusal as refusal:
            invite.add_error("role" if refusal.code == "has_role" else "email", refusal.message)
    form = FilterForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    page = Paginator(
        listing.people(
            q=wanted.get("q", ""), role=wanted.get("role", ""), state=wanted.get("state", ""),
            factor=wanted.get("factor", ""), now=now,
        ),
        50,
    ).get_page(wanted.get("page"))  # fmt: skip
    context = {
        **admin.site.each_context(request), "title": "人员与角色", "form": form, "invite": invite,
        "may_edit": may_edit, "page": page, "rows": listing.rows_of(list(page.object_list), now),
    }  # fmt: skip
    return render(request, "admin/personnel/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """What somebody holds, where their invitation stands, what would happen to their work; buttons."""
    may_edit = _may_edit(request)
    found = get_object_or_404(User, pk=pk)
    held = leaving.held_by(found)
    successors = leaving.successors(found)
    data = request.POST if request.method == "POST" and "what" in request.POST else None
    reason = ReasonForm(data, successors=successors, needed=bool(held.checks) and found.is_active)
    if data is not None:
        answer = _decide(request, found, reason)
        if answer is not None:
            return answer
    now = clock.now()
    (row,) = listing.rows_of([listing.people(role="", now=now).filter(pk=pk).first() or _plain(found)], now)
    context = {
        **admin.site.each_context(request), "title": str(found), "person": found, "row": row, "held": held,
        "reason": reason, "may_edit": may_edit,
        "invitations": PersonInvitation.objects.filter(user=found).for_list(),
        "refusal": leaving.refusal_for(found, request.user),  # type: ignore[arg-type]
        "trail": [
            (event, audit_labels.label(event.verb))
            for event in AuditEvent.objects.about(found).filter(verb__startswith="user.").order_by("-id")[:20]
        ],
    }  # fmt: skip
    return render(request, "admin/personnel/person.html", context)


def _plain(user: User) -> User:
    """Somebody without a role: not in the list, but a page of their own all the same."""
    user.has_factor = user.authenticator_set.exists()  # type: ignore[attr-defined]
    return user


def _decide(request: HttpRequest, found: User, reason: ReasonForm) -> HttpResponse | None:
    """None: the page again, with the errors beside the fields."""
    what, now, actor = request.POST["what"], clock.now(), request.user
    try:
        if what in ("resend", "revoke"):
            number = request.POST.get("invitation", "")
            rows = PersonInvitation.objects.filter(user=found).select_related("user", "invited_by")
            one = get_object_or_404(rows, pk=int(number) if number.isdecimal() and len(number) < 12 else 0)
            (inviting.resend if what == "resend" else inviting.revoke)(one, actor=actor, now=now)  # type: ignore[arg-type]
            messages.success(request, "新链接已发送，原链接失效。" if what == "resend" else "邀请已撤销，角色已收回。")
            return redirect("admin:personnel_person", pk=found.pk)
        if not reason.is_valid():
            return None
        text = reason.cleaned_data["reason"]
        if what == "deactivate":
            successor = reason.cleaned_data.get("successor")
            leaving.deactivate(found, actor=actor, reason=text, successor=successor, now=now)  # type: ignore[arg-type]
            messages.success(request, f"{found} 的账号已停用，已在各处退出登录。")
        else:
            leaving.reactivate(found, actor=actor, reason=text)  # type: ignore[arg-type]
            messages.success(request, f"{found} 的账号已恢复。")
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        if what in ("resend", "revoke"):
            messages.error(request, refusal.message)
            return redirect("admin:personnel_person", pk=found.pk)
        reason.add_error(refusal.code if refusal.code in reason.fields else None, refusal.message)
        return None
    return redirect("admin:personnel_person", pk=found.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def judges(request: HttpRequest) -> HttpResponse:
    """Upload, review by row, confirm. What was read waits in the page itself, signed: nothing of people who are not
    invited yet is stored."""
    may_edit = _may_edit(request)
    form = JudgesForm(request.POST, request.FILES) if request.method == "POST" and request.FILES else JudgesForm()
    rows: list[judge_list.JudgeRow] = []
    notices: list[str] = []
    ticked: set[int] | None = None
    try:
        if request.method == "POST" and "rows" in request.POST:
            rows = judge_list.from_json(
                signing.loads(request.POST["rows"], salt=f"{SALT}.{request.user.pk}", max_age=KEPT_SECONDS)
            )
            ticked = {int(one) for one in request.POST.getlist("row") if one.isdecimal() and len(one) < 8}
            done = judge_list.confirm(rows, actor=request.user, numbers=ticked, now=clock.now())  # type: ignore[arg-type]
            messages.success(request, f"已邀请 {done.invited} 位评委，更新 {done.updated} 位已有评委。")
            return redirect("admin:personnel")
        if request.method == "POST" and form.is_valid():
            rows, notices = judge_list.parse(open_office(form.cleaned_data["file"], "xlsx"))
    except signing.BadSignature:
        messages.error(request, "页面已超过 24 小时或被改动，请重新上传名单。")
    except Refusal as refusal:
        messages.error(request, refusal.message) if rows else form.add_error("file", refusal.message)
    sound = {row.number for row in rows if not row.problems}
    context = {
        **admin.site.each_context(request), "title": "按名单邀请评委", "form": form, "may_edit": may_edit,
        "rows": [(row, row.number in (sound if ticked is None else ticked)) for row in rows], "sound": len(sound),
        "notices": notices,
        "signed": signing.dumps(judge_list.as_json(rows), salt=f"{SALT}.{request.user.pk}") if rows else "",
    }  # fmt: skip
    return render(request, "admin/personnel/judges.html", context, status=409 if ticked is not None else 200)


@require_safe
def judges_template(request: HttpRequest) -> HttpResponse:
    answer = HttpResponse(judge_list.workbook(), content_type=XLSX_TYPE)
    answer["Content-Disposition"] = content_disposition_header(True, "评委名单.xlsx") or "attachment"
    return answer


@require_safe
def rights(request: HttpRequest) -> HttpResponse:
    """权限一览, for reading and for printing."""
    context = {
        **admin.site.each_context(request), "title": "权限一览", "people": list(capabilities.PEOPLE.values()),
        "capabilities": capabilities.CAPABILITIES, "staff_rows": list(capabilities.staff_rows()),
    }  # fmt: skip
    return render(request, "admin/personnel/rights.html", context)


admin.site.add_page("people/", people, name="personnel", title="人员与角色", group=SYSTEM, order=8, icon="users")
admin.site.add_page(
    "people/rights/", rights, name="personnel_rights", title="权限一览", group=SYSTEM, order=9, icon="key"
)
admin.site.add_page("people/judges/", judges, name="personnel_judges", title="", group=SYSTEM)
admin.site.add_page(
    "people/judges/template/", judges_template, name="personnel_judges_template", title="", group=SYSTEM
)
admin.site.add_page("people/<int:pk>/", person, name="personnel_person", title="", group=SYSTEM)

"""Nothing typed twice: a new application from an earlier one, carrying over, members of an earlier group."""

import uuid as uuids
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from applications.actions import carrying, copying
from applications.actions.enterprises import StaleEdit
from applications.forms.copying import CopyForm, EvidenceChoice, MembersForm
from applications.models import Application, CarryAnswer, Round
from applications.sections import is_open
from applications.states import State
from applications.views.filing_desk import Desk
from applications.views.overview import carry_target
from qcportal.errors import NotAllowed, Refusal

SOURCES_AT_MOST = 50
ONLY_MANAGERS = "新建申报由单位负责人或质量主管办理。"


def open_rounds(enterprise_id: int, at: datetime) -> list[Round]:
    """The rounds in which this enterprise may begin a draft now, the one that closes first in front."""
    recent = Round.objects.published().filter(opens_at__lte=at).prefetch_related("extensions")
    found = [one for one in recent if at < one.deadline_for(enterprise_id)]
    return sorted(found, key=lambda one: one.deadline_for(enterprise_id))


def _managing_desk(request: HttpRequest, uuid: uuids.UUID) -> Desk:
    desk = Desk(request, uuid)
    if not desk.manages:
        raise PermissionDenied(ONLY_MANAGERS)
    return desk


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def copy(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """The page lists what is taken, what stays empty, and the files, none of which goes along unasked."""
    desk = _managing_desk(request, uuid)
    source = desk.application
    rounds = open_rounds(source.enterprise_id, desk.now)
    if not rounds:
        messages.error(request, "现在没有开放的期次，开放后可以复制。")
        return redirect("applications:detail", uuid=uuid)
    same_year = copying.is_same_year(source, rounds[0])
    taken = [code for code in copying.PARTS if same_year or code not in {"topic", "results"}]
    initial = {"round": rounds[0].pk, "group_name": source.group_name, "parts": taken}
    data = request.POST if request.method == "POST" else None
    form = CopyForm(data, source=source, rounds=rounds, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        made = _try(
            request,
            lambda: copying.create_from(
                source, values["round"], actor=request.user, group_name=values["group_name"],  # type: ignore[arg-type]
                parts=values["parts"], evidence=values.get("evidence", []),
            ),
        )  # fmt: skip
        if made is not None:
            messages.success(request, f"申报草稿已建立，内容来自{_named(source)}。标有“未填写”的请重新填写。")
            return redirect("applications:detail", uuid=made.uuid)
    anew = _labels(source, copying.ANEW)
    context = desk.context(form=form, same_year=same_year, anew=anew, source_name=_named(source))
    return render(request, "applications/copy.html", context)


def _named(source: Application) -> str:
    return f"“{source.display_name}”（{source.round}）"


def _labels(source: Application, keys: dict[str, tuple[str, ...]]) -> list[str]:
    fields, kind = source.fields, source.topic_type
    return [
        fields.title(name, kind)
        for names in keys.values()
        for name in names
        if name != "member_count" and not fields.hidden(name, kind)
    ]


def _try(request: HttpRequest, action: Any) -> Application | None:
    try:
        return action()
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def carry(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """结转: asks once, then a draft of its own in the next round. Of a deferred filing it asks before that opens."""
    desk = _managing_desk(request, uuid)
    source = desk.application
    target = carry_target(source, open_rounds(source.enterprise_id, desk.now))
    refusal = copying.carry_refusal(source, target)
    waits = source.state == State.DEFERRED and target is None  # a yes is kept until the round opens
    if refusal is not None and not (waits and refusal.code == "not_open"):
        messages.error(request, refusal.message)
        return redirect("applications:detail", uuid=uuid)
    form = EvidenceChoice(request.POST if request.method == "POST" else None, source=source)
    if request.method == "POST" and form.is_valid():
        made = _try(request, lambda: _carry(request, source, target, form.cleaned_data.get("evidence", [])))
        if made is not None:
            return redirect("applications:detail", uuid=made.uuid)
    context = desk.context(
        form=form, target=target, announced=carrying.announced_round(source, desk.now) if waits else None,
        asked=source.state == State.DEFERRED, said=CarryAnswer.objects.filter(application=source).first(),
    )  # fmt: skip
    return render(request, "applications/carry.html", context)


def _carry(request: HttpRequest, source: Application, target: Round | None, evidence: list[str]) -> Application:
    """The new draft, or the old filing when the answer was no or has to wait."""
    actor: Any = request.user
    if source.state == State.DEFERRED:
        wants = request.POST.get("answer") != "no"
        carrying.answer(source, actor=actor, wants=wants, evidence=evidence)
        if not wants:
            messages.success(request, "已记录：不转入下一期。改变主意时可以重新选择。")
            return source
    if target is None:
        messages.success(request, "已记录：转入下一期。下一期开放时自动建立草稿，并邮件通知。")
        return source
    made = copying.carry_over(source, target, actor=actor, evidence=evidence)
    messages.success(request, f"已结转到{target}，请核对后提交。")
    return made


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def members_from(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """Choose an earlier group, see both lists side by side, then add or replace: never silently."""
    desk = Desk(request, uuid)
    if desk.membership is None:
        raise PermissionDenied
    back = f"{desk.section_url('group')}#members"
    if not desk.editable or (desk.keys is not None and not is_open("members", desk.keys)):
        messages.error(request, desk.refusal.message if desk.refusal else "本次补正未开放成员名单。")
        return redirect(back)
    sources = (
        Application.objects.visible_to(request.user)  # type: ignore[arg-type]
        .filter(enterprise=desk.application.enterprise_id)
        .exclude(pk=desk.application.pk)
        .for_list()
    )
    chosen = request.POST.get("source") or request.GET.get("source") or ""
    if not chosen:
        counted = sources.annotate(people=Count("members")).filter(people__gt=0)[:SOURCES_AT_MOST]
        return render(request, "applications/members_from.html", desk.context(sources=counted, back=back))
    source = get_object_or_404(sources.prefetch_related("members"), uuid=_uuid(chosen))
    if request.method == "POST":
        return _take_members(request, desk, source, back)
    return _preview(request, desk, source, back, None)


def _uuid(text: str) -> uuids.UUID | None:
    try:
        return uuids.UUID(text)
    except ValueError:
        return None


def _preview(
    request: HttpRequest, desk: Desk, source: Application, back: str, form: MembersForm | None
) -> HttpResponse:
    present = list(desk.application.members.all())
    there = {member.name for member in present}
    ticked = set(request.POST.getlist("names")) if form is not None else None
    incoming = [
        (one, one.name in there, one.name in ticked if ticked is not None else one.name not in there)
        for one in source.members.all()
    ]
    context = desk.context(source=source, present=present, incoming=incoming, form=form, back=back)
    return render(request, "applications/members_preview.html", context)


def _take_members(request: HttpRequest, desk: Desk, source: Application, back: str) -> HttpResponse:
    form = MembersForm(request.POST, source=source)
    if not form.is_valid():
        return _preview(request, desk, source, back, form)
    values = form.cleaned_data
    here = reverse("applications:members_from", args=[desk.application.uuid]) + f"?source={source.uuid}"
    try:
        copying.carry_members(
            desk.application, source, actor=request.user, names=values["names"],  # type: ignore[arg-type]
            replace=values["mode"] == "replace", seen_version=values["seen_version"],
        )  # fmt: skip
    except StaleEdit:
        messages.error(request, "您打开页面之后，他人修改过这份申报。请对照现有名单再选一次。")
        return redirect(here)
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect(here)
    messages.success(request, f"成员已从{_named(source)}带入，请核对分工并填写学时。")
    return redirect(back)

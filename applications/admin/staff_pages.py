"""What the pages of this package have in common: who may change something, and how a refused action is told."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from qcportal.errors import NotAllowed, Refusal
from qcportal.models import User
from qcportal.roles import Role, has_role


def may_edit(request: HttpRequest) -> bool:
    return has_role(request.user, Role.SECRETARIAT)


def require_secretariat(request: HttpRequest) -> User:
    """The auditor looks and changes nothing."""
    if not may_edit(request):
        raise PermissionDenied
    return request.user  # type: ignore[return-value]


def user_of(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]


def context(request: HttpRequest, title: str, **more: Any) -> dict[str, Any]:
    return {**admin.site.each_context(request), "title": title, "may_edit": may_edit(request), **more}


def attempt(request: HttpRequest, action: Callable[[], Any], done: str) -> bool:
    """Runs the action; says in a message what came of it. False when it was refused."""
    try:
        action()
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return False
    messages.success(request, done)
    return True


def first_error(form: forms.BaseForm) -> str:
    return next((str(error) for errors in form.errors.values() for error in errors), "没有执行，请核对填写的内容。")


def back(request: HttpRequest, otherwise: str, *arguments: Any) -> HttpResponse:
    """To the page that the form came from (``next``), else to a named one."""
    wanted = request.POST.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return redirect(wanted)
    return redirect(otherwise, *arguments)

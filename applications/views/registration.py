"""Signing up: one page, works without script."""

from django.contrib import messages
from django.contrib.auth import login
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from applications.actions import registration
from applications.forms.registration import SignupForm
from qcportal import clock
from qcportal.errors import Refusal
from qcportal.models import User
from qcportal.request_context import current_request

BACKEND = "qcportal.accounts.LoginBackend"
POSTS_PER_WINDOW = 30
WINDOW_SECONDS = 10 * 60


@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def signup(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("home_of_user")
    if request.method != "POST":
        return render(request, "applications/registration_signup.html", {"form": SignupForm()})
    if too_many("signup"):
        return render(request, "applications/registration_too_many.html", status=429)
    form = SignupForm(request.POST)
    registered = _register(form) if form.is_valid() else None
    if registered is None:
        return render(request, "applications/registration_signup.html", {"form": form})
    log_in(request, registered.user)
    if registered.membership is not None:
        messages.success(request, "注册成功。请核对单位资料，再开始填报。邮箱验证码已发出，可以稍后填写。")
    return redirect("applications:enterprise")


def _register(form: SignupForm) -> registration.Registered | None:
    """None when refused, with the reason beside the field."""
    data = form.cleaned_data
    try:
        return registration.register_enterprise(
            form.person(),
            credit_code=data["credit_code"],
            unit_name=data["unit_name"],
            origin_explanation=data["origin_explanation"],
            now=clock.now(),
        )
    except registration.Taken as taken:
        form.add_error(taken.field, taken.message)
    except Refusal as refusal:
        form.add_error(refusal.code if refusal.code in form.fields else None, refusal.message)
    return None


def too_many(what: str) -> bool:
    """Counts this press; True when the address pressed too often within ten minutes. Never without a cache."""
    key = f"{what}:{current_request.get().ip}"
    if cache.add(key, 1, WINDOW_SECONDS):
        return False
    try:
        return int(cache.incr(key)) > POSTS_PER_WINDOW
    except ValueError:  # ran out between the two calls
        return False


def log_in(request: HttpRequest, user: User) -> None:
    login(request, user, backend=BACKEND)

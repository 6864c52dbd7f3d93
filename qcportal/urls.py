"""Every address of the portal. Error pages: qcportal.site.errors."""

from collections.abc import Callable

from allauth.account import views as account
from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import include, path, re_path
from django.views.decorators.http import require_http_methods, require_safe

from applications.views.registration import signup
from qcportal.exports import pages as _exports  # noqa: F401 -- registers its pages of the staff site
from qcportal.exports.trail import pages as _trail  # noqa: F401
from qcportal.site import health, home, invited, pages, personal, preferences, profile, session, verify
from qcportal.site import personnel as personnel  # registers its pages of the staff site

handler400 = "qcportal.site.errors.bad_request"
handler403 = "qcportal.site.errors.permission_denied"
handler404 = "qcportal.site.errors.not_found"
handler429 = "qcportal.site.errors.too_many"  # read by allauth
handler500 = "qcportal.site.errors.server_error"


@require_safe
def to_profile(request: HttpRequest) -> HttpResponse:
    """Names that allauth may redirect to; addresses are managed on the profile page."""
    return redirect("profile")


def form_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """allauth's views answer PUT like POST; the portal's own addresses know GET and POST only."""
    return require_http_methods(["GET", "HEAD", "POST"])(view)


# Only what is used of allauth: no e-mail lists, no social accounts, no login by code.
accounts = [
    path("login/", form_page(account.login), name="account_login"),
    path("signup/", signup, name="account_signup"),
    path("logout/", form_page(account.logout), name="account_logout"),
    path("inactive/", form_page(account.account_inactive), name="account_inactive"),
    path("reauthenticate/", login_required(form_page(account.reauthenticate)), name="account_reauthenticate"),
    path("password/change/", login_required(form_page(account.password_change)), name="account_change_password"),
    path("password/set/", login_required(form_page(account.password_set)), name="account_set_password"),
    path("password/reset/", form_page(account.password_reset), name="account_reset_password"),
    path("password/reset/done/", form_page(account.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        form_page(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        form_page(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("email/", to_profile, name="account_email"),
    path("confirm-email/", to_profile, name="account_email_verification_sent"),
    path("2fa/", include("allauth.mfa.urls")),
    path("welcome/", pages.home_of_user, name="home_of_user"),
    path("invitation/<str:token>/", invited.invitation, name="person_invitation"),
    path("session/", session.state, name="session_state"),
    path("again/", session.again, name="session_again"),
    path("profile/", profile.profile, name="profile"),
    path("notifications/", preferences.preferences, name="mail_preferences"),
    path("data/", personal.data, name="personal_data"),
    path("data/copy/", personal.copy, name="personal_copy"),
    path("data/agree/", personal.agree, name="personal_agree"),
    path("data/<uuid:uuid>/take-back/", personal.take_back, name="personal_take_back"),
    path("email/verify/", profile.verify_email, name="verify_email"),
    path("email/send/", profile.send_code, name="send_email_code"),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("notices/", pages.notices, name="notices"),
    path("notices/<slug:slug>/", pages.notice, name="notice"),
    path("pages/<slug:slug>/", pages.fixed_page, name="page"),
    path("files/<uuid:uuid>/<str:name>", pages.notice_file, name="notice_file"),
    path("guide/", pages.guide, name="guide"),
    path("calendar/", pages.calendar, name="calendar"),
    path("results/", pages.results, name="results"),
    path("verify/", verify.form, name="verify"),
    path("verify/keys/", verify.keys, name="verify_keys"),
    path("verify/keys/<slug:key_id>.pem", verify.key_file, name="verify_key_file"),
    path("verify/<str:code>/", verify.code, name="verify_code"),
    path("templates/<slug:slug>/", pages.template_file, name="template_file"),
    path("privacy/", pages.privacy, name="privacy"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("demo/mail/", pages.demo_mail, name="demo_mail"),
    path("demo/mail/<int:pk>/", pages.demo_mail_message, name="demo_mail_message"),
    path("accounts/", include(accounts)),
    path("applications/", include("applications.urls")),
    path("reviews/", include("reviews.urls")),
    path("events/", include("events.urls")),
    path("admin/", admin.site.urls),
]

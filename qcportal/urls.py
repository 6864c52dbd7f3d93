"""Every address of the portal."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from applications.views.registration import signup


def _soon(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


urlpatterns = [
    path("", _soon, name="home"),
    path("accounts/welcome/", _soon, name="home_of_user"),
    path("accounts/signup/", signup, name="account_signup"),  # before allauth's own
    path("accounts/", include("allauth.urls")),
    path("applications/", include("applications.urls")),
    path("reviews/", include("reviews.urls")),
    path("events/", include("events.urls")),
    path("admin/", admin.site.urls),
]

"""Error pages: Chinese, in the house style, and without the database (no django_db mark: a query would fail)."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory

from qcportal.site import errors


@pytest.fixture
def request_():
    return RequestFactory().get("/somewhere/")


@pytest.mark.parametrize(
    ("handler", "status", "text"),
    [
        (errors.bad_request, 400, "请求无法识别"),
        (errors.permission_denied, 403, "没有进行此项操作的权限"),
        (errors.not_found, 404, "找不到这个页面"),
        (errors.server_error, 500, "不是您的操作有误"),
        (errors.too_many, 429, "操作太频繁"),
        (errors.csrf_failure, 403, "已经过期"),
    ],
)
def test_each_error_page_is_chinese_and_names_the_phone(request_, handler, status, text):
    response = handler(request_)
    page = response.content.decode()
    assert response.status_code == status
    assert text in page
    assert "0971-6137890" in page
    assert "portal.css" in page


def test_a_refusals_own_sentence_is_shown_and_an_english_one_is_not(request_):
    assert (
        "只有单位负责人"
        in errors.permission_denied(request_, PermissionDenied("只有单位负责人可以移交。")).content.decode()
    )
    assert "secret" not in errors.permission_denied(request_, PermissionDenied("secret thing")).content.decode()


def test_an_unknown_address_gets_the_page_with_status_404(client):
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "找不到这个页面" in response.content.decode()


def test_an_old_browser_is_told_of_the_fast_mode_on_every_page():
    from pathlib import Path

    from django.conf import settings

    assert "极速模式" in Path(settings.BASE_DIR, "static/js/old-browser.js").read_text()
    for name in ("templates/base.html", "templates/errors/base.html"):
        assert "nomodule" in Path(settings.BASE_DIR, name).read_text()


def test_a_form_without_token_gets_the_expired_page(db):
    from django.test import Client

    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a", "password": "b"})
    assert response.status_code == 403
    assert "已经过期" in response.content.decode()

"""用手机扫码签收: the phone's camera, or a photograph, in place of a scanner. Needs https for the camera."""

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from applications.actions import paper_desk
from applications.admin import paper_series, staff_pages
from applications.scans import photo
from qcportal.adminsite import FILING

NOTHING = "照片上没有找到二维码。请对准页面右上角，拍清楚、拍近一些再试；也可以输入 12 位校验码。"


class PhotoForm(forms.Form):
    photo = forms.FileField(
        label="拍一张右上角的二维码",
        error_messages={"required": "请先拍照或选择照片。", "empty": "照片是空的，请重新拍。"},
        widget=forms.FileInput(attrs={"accept": "image/*", "capture": "environment"}),
    )
    shelf = forms.CharField(required=False, max_length=40)
    giver = forms.CharField(required=False, max_length=60)


@require_http_methods(["GET", "HEAD", "POST"])
def camera(request: HttpRequest) -> HttpResponse:
    """GET is the page; POST is a photograph from a phone without script or without camera access."""
    if request.method == "POST":
        return _photo(request)
    actor = staff_pages.user_of(request)
    batch = paper_desk.current_batch(actor) if staff_pages.may_edit(request) else None
    last = paper_series.asked(request, batch)
    return render(request, "admin/paper/camera.html", paper_series.live_context(request, batch, last))


def _photo(request: HttpRequest) -> HttpResponse:
    actor = staff_pages.require_secretariat(request)
    form = PhotoForm(request.POST, request.FILES)
    problem = "" if form.is_valid() else staff_pages.first_error(form)
    text = ""
    if not problem:
        text, problem = _read(form.cleaned_data["photo"])
    batch = paper_desk.open_batch(actor=actor)
    if problem:
        context = paper_series.live_context(request, batch, None, problem=problem)
        return render(request, "admin/paper/camera.html", context)
    row = paper_desk.scan(batch, text, actor=actor, shelf=form.cleaned_data["shelf"], giver=form.cleaned_data["giver"])
    return redirect(f"{request.path}?last={row.uuid}")


@require_POST
def look(request: HttpRequest) -> JsonResponse:
    """What one picture of the camera says, for browsers that cannot read codes. Nothing is signed in by it."""
    staff_pages.require_secretariat(request)
    form = PhotoForm(request.POST, request.FILES)
    if not form.is_valid():
        return JsonResponse({"text": "", "message": staff_pages.first_error(form)}, status=400)
    text, problem = _read(form.cleaned_data["photo"])
    return JsonResponse({"text": text, "message": "" if text else problem})


def _read(uploaded: UploadedFile) -> tuple[str, str]:
    """What the code says, or why there is none."""
    try:
        text = photo.text_of(uploaded.file, uploaded.size or 0)  # type: ignore[arg-type]
    except ValueError as error:
        return "", str(error)
    return text, "" if text else NOTHING


admin.site.add_page("paper/camera/", camera, name="paper_camera", title="", group=FILING)
admin.site.add_page("paper/camera/look/", look, name="paper_camera_look", title="", group=FILING)

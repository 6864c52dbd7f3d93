"""Import from Office files."""

from django.urls import URLPattern, path

from applications.views import imports, statistics_files

urlpatterns: list[URLPattern] = [
    path("imports/<uuid:uuid>/", imports.review, name="import_review"),
    path("reports/<int:year>/statistics/upload/", statistics_files.upload, name="statistics_upload"),
    path("reports/<int:year>/statistics/form.xlsx", statistics_files.form, name="statistics_form"),
]

"""Import from Office files."""

from django.urls import URLPattern, path

from applications.views import import_groups, imports, statistics_files

urlpatterns: list[URLPattern] = [
    path("imports/<uuid:uuid>/", imports.review, name="import_review"),
    path("imports/<uuid:uuid>/groups/", import_groups.review, name="import_groups_review"),
    path("imports/<uuid:uuid>/refused.xlsx", import_groups.refused, name="import_groups_refused"),
    path("groups/<int:year>-<int:number>/", import_groups.upload, name="import_groups"),
    path("groups/<int:year>-<int:number>/form.xlsx", import_groups.form, name="import_groups_form"),
    path("reports/<int:year>/statistics/upload/", statistics_files.upload, name="statistics_upload"),
    path("reports/<int:year>/statistics/form.xlsx", statistics_files.form, name="statistics_form"),
]

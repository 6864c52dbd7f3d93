"""Attachments 1 and 2 as Word documents."""

from django.urls import URLPattern, path

from applications.views import word_files

urlpatterns: list[URLPattern] = [
    path("<uuid:uuid>/attachment-1.docx", word_files.application_word, name="application_word"),
    path("<uuid:uuid>/upload/", word_files.application_upload, name="application_upload"),
    path("reports/<int:year>/summary.docx", word_files.summary_word, name="summary_word"),
    path("reports/<int:year>/summary/upload/", word_files.summary_upload, name="summary_upload"),
]

"""Enterprise profile, people, attachments 2 and 3, messages."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

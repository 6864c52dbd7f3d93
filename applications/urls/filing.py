"""Workspace, attachment 1, evidence, submission."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

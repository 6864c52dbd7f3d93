"""Packets, receipts, paper sets, bundles."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

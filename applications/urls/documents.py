"""Packets, receipts, paper sets, bundles."""

from django.urls import URLPattern, path

from applications.views import documents

urlpatterns: list[URLPattern] = [
    path("<uuid:uuid>/packet.pdf", documents.packet_pdf, name="packet_pdf"),
    path("<uuid:uuid>/receipt.pdf", documents.receipt_pdf, name="receipt_pdf"),
    path("sets/<int:year>-<int:number>.pdf", documents.paper_set_pdf, name="paper_set_pdf"),
    path("bundle/<int:year>-<int:number>.zip", documents.bundle_zip, name="bundle_zip"),
    path("bundle/<int:year>.zip", documents.year_zip, name="year_zip"),
]

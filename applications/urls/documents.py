"""Packets, receipts, paper sets, bundles; stamped scans."""

from django.urls import URLPattern, path

from applications.views import documents, paper

urlpatterns: list[URLPattern] = [
    path("<uuid:uuid>/packet.pdf", documents.packet_pdf, name="packet_pdf"),
    path("<uuid:uuid>/receipt.pdf", documents.receipt_pdf, name="receipt_pdf"),
    path("sets/<int:year>-<int:number>.pdf", documents.paper_set_pdf, name="paper_set_pdf"),
    path("bundle/<int:year>-<int:number>.zip", documents.bundle_zip, name="bundle_zip"),
    path("bundle/<int:year>.zip", documents.year_zip, name="year_zip"),
    path("paper/<int:year>-<int:number>/", paper.page, name="paper"),
    path("paper/<int:year>-<int:number>/progress/", paper.progress, name="paper_progress"),
    path("scans/<uuid:uuid>/", paper.scan, name="scan"),
    path("scans/<uuid:uuid>/scan.pdf", paper.scan_file, name="scan_file"),
    path("scans/<uuid:uuid>/<int:number>.jpg", paper.scan_page, name="scan_page"),
]

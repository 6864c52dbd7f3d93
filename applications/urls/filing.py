"""Workspace, attachment 1, evidence, submission."""

from django.urls import URLPattern, path

from applications.views import corrections, drafts, evidence, filling, submission, versions, workspace

urlpatterns: list[URLPattern] = [
    path("", workspace.workspace, name="workspace"),
    path("new/", workspace.new, name="new"),
    path("<uuid:uuid>/", drafts.detail, name="detail"),
    path("<uuid:uuid>/filled/", filling.mark, name="filled"),
    path("<uuid:uuid>/order/", workspace.order, name="order"),
    path("<uuid:uuid>/edit/<slug:code>/", drafts.section, name="section"),
    path("<uuid:uuid>/evidence/<uuid:item>/", evidence.file, name="evidence_file"),
    path("<uuid:uuid>/evidence/<uuid:item>/change/", evidence.change, name="evidence_change"),
    path("<uuid:uuid>/evidence/<uuid:item>/move/", evidence.move, name="evidence_move"),
    path("<uuid:uuid>/evidence/<uuid:item>/delete/", evidence.delete, name="evidence_delete"),
    path("<uuid:uuid>/submit/", submission.submit, name="submit"),
    path("<uuid:uuid>/remarks/<int:pk>/reply/", corrections.reply, name="remark_reply"),
    path("<uuid:uuid>/versions/", versions.compare, name="versions"),
    path("<uuid:uuid>/receipt/", submission.receipt, name="receipt"),
    path("<uuid:uuid>/withdraw/", submission.withdraw, name="withdraw"),
]

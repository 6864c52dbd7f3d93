"""Workspace, attachment 1, evidence, submission."""

from django.urls import URLPattern, path

from applications.views import autosave, copying, drafts, evidence, overview, submission, topic_type, workspace

urlpatterns: list[URLPattern] = [
    path("", workspace.workspace, name="workspace"),
    path("new/", workspace.new, name="new"),
    path("<uuid:uuid>/", overview.detail, name="detail"),
    path("<uuid:uuid>/order/", workspace.order, name="order"),
    path("<uuid:uuid>/edit/<slug:code>/", drafts.section, name="section"),
    path("<uuid:uuid>/edit/<slug:code>/autosave/", autosave.section, name="autosave"),
    path("<uuid:uuid>/copy/", copying.copy, name="copy"),
    path("<uuid:uuid>/carry-over/", copying.carry, name="carry_over"),
    path("<uuid:uuid>/members/", copying.members_from, name="members_from"),
    path("<uuid:uuid>/topic-type/", topic_type.topic_type, name="topic_type"),
    path("<uuid:uuid>/evidence/<uuid:item>/", evidence.file, name="evidence_file"),
    path("<uuid:uuid>/evidence/<uuid:item>/change/", evidence.change, name="evidence_change"),
    path("<uuid:uuid>/evidence/<uuid:item>/move/", evidence.move, name="evidence_move"),
    path("<uuid:uuid>/evidence/<uuid:item>/delete/", evidence.delete, name="evidence_delete"),
    path("<uuid:uuid>/submit/", submission.submit, name="submit"),
    path("<uuid:uuid>/receipt/", submission.receipt, name="receipt"),
    path("<uuid:uuid>/withdraw/", submission.withdraw, name="withdraw"),
]

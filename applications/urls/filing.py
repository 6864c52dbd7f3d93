"""Workspace, attachment 1, evidence, submission."""

from django.urls import URLPattern, path

from applications.views import (
    copying,
    corrections,
    drafts,
    evidence,
    filling,
    overview,
    previews,
    submission,
    topic_type,
    uploads,
    versions,
    workspace,
)

urlpatterns: list[URLPattern] = [
    path("", workspace.workspace, name="workspace"),
    path("new/", workspace.new, name="new"),
    path("<uuid:uuid>/", overview.detail, name="detail"),
    path("<uuid:uuid>/filled/", filling.mark, name="filled"),
    path("<uuid:uuid>/order/", workspace.order, name="order"),
    path("<uuid:uuid>/edit/<slug:code>/", drafts.section, name="section"),
    path("<uuid:uuid>/evidence/order/", evidence.order, name="evidence_order"),
    path("<uuid:uuid>/evidence/previews/", previews.states, name="evidence_previews"),
    path("<uuid:uuid>/evidence/<uuid:item>/view/", previews.viewer, name="evidence_view"),
    path("<uuid:uuid>/evidence/<uuid:item>/pages/<int:number>-<slug:size>.jpg", previews.image, name="evidence_image"),
    path("<uuid:uuid>/uploads/", uploads.start, name="upload_start"),
    path("<uuid:uuid>/uploads/<uuid:upload>/", uploads.upload, name="upload"),
    path("<uuid:uuid>/uploads/<uuid:upload>/complete/", uploads.complete, name="upload_complete"),
    path("<uuid:uuid>/uploads/<uuid:upload>/discard/", uploads.discard, name="upload_discard"),
    path("<uuid:uuid>/copy/", copying.copy, name="copy"),
    path("<uuid:uuid>/carry-over/", copying.carry, name="carry_over"),
    path("<uuid:uuid>/members/", copying.members_from, name="members_from"),
    path("<uuid:uuid>/topic-type/", topic_type.topic_type, name="topic_type"),
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

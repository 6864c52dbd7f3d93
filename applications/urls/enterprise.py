"""Enterprise profile, people, attachments 2 and 3, messages."""

from django.urls import URLPattern, path

from applications.views import autosave, enterprise, history, invitations, messages, people, proofs
from applications.views import report_statistics as statistics
from applications.views import report_summary as annual_summary

urlpatterns: list[URLPattern] = [
    path("enterprise/", enterprise.enterprise, name="enterprise"),
    path("enterprise/history/", history.history, name="history"),
    path("enterprise/proofs/", proofs.add, name="proof_add"),
    path("enterprise/proofs/<uuid:uuid>/", proofs.file, name="proof_file"),
    path("enterprise/leave/", people.leave, name="leave"),
    path("enterprise/people/", people.people_list, name="people"),
    path("enterprise/people/<uuid:uuid>/role/", people.person_role, name="person_role"),
    path("enterprise/people/<uuid:uuid>/deactivate/", people.person_deactivate, name="person_deactivate"),
    path("enterprise/people/<uuid:uuid>/hand-over/", people.person_hand_over, name="person_hand_over"),
    path("enterprise/people/<uuid:uuid>/applications/", people.person_applications, name="person_applications"),
    path("enterprise/invitations/<uuid:uuid>/resend/", people.invitation_resend, name="invitation_resend"),
    path("enterprise/invitations/<uuid:uuid>/revoke/", people.invitation_revoke, name="invitation_revoke"),
    path("enterprise/join-requests/<uuid:uuid>/", people.join_decide, name="join_decide"),
    path("invitation/<str:token>/", invitations.invitation, name="invitation"),
    path("reports/<int:year>/", annual_summary.overview, name="report"),
    path("reports/<int:year>/summary/", annual_summary.summary, name="report_summary"),
    path("reports/<int:year>/summary/autosave/", autosave.summary, name="autosave_summary"),
    path("reports/<int:year>/statistics/autosave/", autosave.statistics, name="autosave_statistics"),
    path("reports/<int:year>/summary/document/", annual_summary.document, name="report_document"),
    path("reports/<int:year>/statistics/", statistics.statistics_table, name="report_statistics"),
    path("reports/<int:year>/statistics/check/", statistics.statistics_check, name="report_statistics_check"),
    path("reports/<int:year>/statistics/explain/", statistics.statistics_explain, name="report_statistics_explain"),
    path("messages/", messages.thread_list, name="messages"),
    path("messages/letters/", messages.letter_list, name="letters"),
    path("messages/<uuid:uuid>/", messages.thread, name="thread"),
]

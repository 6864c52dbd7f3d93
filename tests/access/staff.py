"""The staff site, by pattern: what the secretariat may do with each kind of row, and its pages of its own.

For everybody else the whole site is closed: nobody logged in goes to the login, other people get 403.
"""

# What the secretariat may do. The auditor lists and looks at all of them and does nothing else.
# "leads": a filing's row leads to its check page, whoever asks and however.
# fmt: off
MODELS = """
                               add  change  delete
qcportal.user                  yes  yes     -
qcportal.auditevent            -    -       -
qcportal.outboxmessage         -    -       -
qcportal.mailmessage           -    -       -
qcportal.lettertext            yes  yes     yes
qcportal.heartbeat             -    -       -
applications.application       -    leads   -
applications.enterprise        -    yes     -
applications.membership        -    -       -
applications.joinrequest       -    -       -
applications.notice            yes  yes     -
applications.downloadtemplate  yes  yes     yes
applications.association       -    yes     -
applications.programme         -    yes     -
applications.extension         yes  -       -
applications.recommendingunit  yes  yes     -
applications.textblock         yes  yes     yes
applications.recommendation    -    -       -
applications.replytemplate     yes  yes     yes
applications.fieldguidance     -    yes     -
applications.workdayexception  yes  yes     yes
applications.submission        -    -       -
applications.reportversion     -    -       -
applications.submitattempt     -    -       -
applications.packet            -    -       -
applications.paperreceipt      -    -       -
applications.paperpart         -    -       -
applications.consent           -    -       -
applications.upload            -    -       -
applications.warningconfirmation -  -       -
applications.confirmationtext  yes  -       -
reviews.judge                  yes  yes     -
reviews.panel                  yes  yes     -
reviews.recusal                yes  -       -
reviews.expertisefield         yes  yes     -
reviews.declaredrelation       yes  -       -
reviews.pledge                 -    -       -
reviews.tiedecision            yes  -       -
reviews.rubric                 yes  yes     -
reviews.stage                  yes  yes     -
reviews.scoresheet             -    -       -
events.event                   yes  yes     -
"""

# Pages and buttons of our own. POST sends no entries; "go" is the way back to the page, with a message.
PAGES = """
                            GET        POST
                            secr audi  secr audi
index                       ok   ok    ok   ok
app_list                    go   go    go   go
figures                     ok   ok    405  405
figures_missing             ok   ok    405  405
figures_export              ok   ok    405  405
message_inbox               ok   ok    405  405
reminders                   ok   ok    go   403
reminder_batch              ok   ok    405  405
sending_rules               ok   ok    ok   403
qcportal_lettertext_built_in ok  ok    405  405
qcportal_mailmessage_send_held 405 405 go   403
qcportal_mailmessage_edit   ok   403   ok   403
qcportal_mailmessage_send   405  405   go   403
qcportal_mailmessage_cancel 405  405   go   403
qcportal_mailmessage_resend 405  405   go   403
qcportal_mailmessage_settle 405  405   go   403
message_thread              ok   ok    ok   403
message_new                 ok   ok    ok   403
find                        ok   ok    405  405
dealings                    ok   ok    405  405
note_add                    405  405   go   403
note_change                 405  405   go   403
notes                       ok   ok    405  405
calls                       ok   ok    405  405
call_new                    ok   ok    400  403
call_close                  405  405   go   403
attempts                    ok   ok    405  405
attempts_enterprise         ok   ok    405  405
attempts_statement          ok   ok    405  405
claims                      ok   ok    405  405
claim                       ok   ok    go   403
verification                ok   ok    405  405
applications_enterprise_verify ok ok   400  403
applications_enterprise_revoke 405 405 go   403
applications_enterprise_proof 405 405  go   403
act_as                      ok   ok    405  405
act_as_start                ok   403   ok   403
act_as_leave                405  405   go   go
act_as_trace                ok   ok    405  405
paper_series                ok   ok    ok   403
paper_series_close          405  405   go   403
paper_series_undo           405  405   go   403
paper_undo                  405  405   go   403
paper_batches               ok   ok    405  405
paper_batch                 ok   ok    405  405
paper_slip                  ok   ok    405  405
paper_camera                ok   ok    ok   403
paper_camera_look           405  405   400  403
paper_missing_export        ok   ok    405  405
paper                       ok   ok    404  403
paper_missing               ok   ok    405  405
paper_scans                 ok   ok    405  405
paper_scan                  ok   ok    go   403
applications_unit_people    ok   ok    ok   403
applications_unit_deactivate 405 405   go   403
applications_unit_resend    405  405   go   403
applications_unit_revoke    405  405   go   403
applications_check          ok   ok    go   403
applications_check_start    405  405   go   403
applications_check_take_over 405 405   go   403
applications_check_extend   405  405   go   403
applications_check_reopen   405  405   go   403
applications_check_disqualify 405 405  go   403
applications_check_paper    405  405   go   403
applications_check_message  405  405   go   403
applications_check_letter   go   go    go   403
applications_check_file     ok   ok    405  405
applications_queue_next     405  405   go   403
applications_queue_claim    405  405   go   403
applications_queue_release  405  405   go   403
applications_queue_renew    405  405   go   403
applications_queue_take_over 405 405   go   403
applications_queue_filter_save 405 405 go   403
applications_queue_filter   ok   403   ok   403
applications_bulk_list      ok   ok    405  405
applications_bulk_preview   405  405   go   403
applications_bulk           ok   ok    405  405
applications_bulk_confirm   405  405   go   403
applications_bulk_undo      405  405   go   403
applications_check_view     ok   ok    405  405
applications_check_page_image ok ok    405  405
applications_enterprise_owner ok  403   ok   403
personal_requests           ok   ok    go   403
folders                     ok   ok    ok   403
folder                      ok   ok    ok   403
folder_file                 ok   ok    405  405
past_results                ok   ok    ok   403
past_results_import         ok   ok    409  403
past_results_template       ok   ok    405  405
past_result                 ok   ok    ok   403
personnel                   ok   ok    ok   403
personnel_person            ok   ok    ok   403
personnel_judges            ok   ok    ok   403
personnel_judges_template   ok   ok    405  405
personnel_rights            ok   ok    405  405
exports                     ok   ok    ok   ok
exports_filtered            ok   ok    ok   ok
export_file                 ok   403   405  405
book_numbers                ok   ok    405  405
book_duplicates             ok   ok    405  405
book_corrections            ok   ok    405  405
audit_search                ok   ok    405  405
audit_reads                 ok   ok    405  405
auth_user_password_change   ok   403   ok   403
programme_current           go   go    405  405
programme_year              ok   ok    405  405
programme_round             ok   ok    ok   403
programme_round_add         go   403   go   403
programme_extend            ok   403   ok   403
programme_fields            ok   ok    go   403
programme_next              ok   403   ok   403
applications_notice_preview ok   ok    405  405
applications_notice_preview_typed 405 405 ok 403
applications_notice_file_add 405 405   go   403
applications_notice_file_remove 405 405 go  403
applications_notice_file_move 405 405  go   403
applications_notice_restore 405  405   go   403
reviews_assign_stages       ok   ok    405  405
reviews_assign              ok   ok    ok   403
reviews_proposals           ok   ok    ok   403
reviews_proposal            ok   ok    go   403
reviews_proposal_filing     ok   ok    go   403
reviews_rankings            ok   ok    404  403
reviews_ranking             ok   ok    go   403
reviews_ranking_export      ok   ok    405  405
reviews_scoring_rules       ok   ok    ok   403
reviews_calibration         ok   ok    405  405
reviews_results             ok   ok    go   403
reviews_results_export      ok   ok    405  405
reviews_results_check       ok   ok    405  405
reviews_results_levels      ok   ok    go   403
reviews_results_entry       ok   ok    405  405
reviews_results_entry_pdf   ok   ok    405  405
reviews_frozen              ok   ok    go   go
reviews_frozen_check        ok   ok    405  405
reviews_scoresheet_reopen   405  405   go   403
events_event_order          ok   ok    go   403
events_event_shortlist      ok   ok    ok   403
"""
# fmt: on

# Django's own addresses: closed to others like all the rest; for staff they hold nothing of the portal.
DJANGOS = {"login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n", "view_on_site"}

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
qcportal.heartbeat             -    -       -
applications.application       -    leads   -
applications.enterprise        -    yes     -
applications.membership        -    -       -
applications.joinrequest       -    -       -
applications.notice            yes  yes     -
applications.downloadtemplate  yes  yes     yes
applications.association       -    yes     -
applications.programme         yes  yes     -
applications.extension         yes  -       -
applications.recommendingunit  yes  yes     -
applications.recommendation    -    -       -
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
message_inbox               ok   ok    405  405
message_thread              ok   ok    ok   403
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
applications_check_verify   405  405   go   403
applications_check_extend   405  405   go   403
applications_check_reopen   405  405   go   403
applications_check_disqualify 405 405  go   403
applications_check_paper    405  405   go   403
applications_check_message  405  405   go   403
applications_check_file     ok   ok    405  405
applications_enterprise_owner ok  403   ok   403
personal_requests           ok   ok    go   403
exports                     ok   ok    ok   ok
exports_filtered            ok   ok    ok   ok
export_file                 ok   403   405  405
book_numbers                ok   ok    405  405
book_duplicates             ok   ok    405  405
book_corrections            ok   ok    405  405
audit_search                ok   ok    405  405
audit_reads                 ok   ok    405  405
auth_user_password_change   ok   403   ok   403
reviews_assign_stages       ok   ok    405  405
reviews_assign              ok   ok    ok   403
reviews_rankings            ok   ok    404  403
reviews_ranking             ok   ok    go   403
reviews_ranking_export      ok   ok    405  405
reviews_scoresheet_reopen   405  405   go   403
events_event_order          ok   ok    go   403
"""
# fmt: on

# Django's own addresses: closed to others like all the rest; for staff they hold nothing of the portal.
DJANGOS = {"login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n", "view_on_site"}

"""Which address answers whom how. Every own address has a row; the staff site has a table of its own (staff.py).

Columns
    anon  nobody logged in            own   owner of the enterprise      mgr   质量主管
    clk   填报人, invited to both      clk0  填报人, invited to none       riv   owner of another enterprise
    none  logged in, nothing else     rec   the chosen recommending unit rec0  another recommending unit
    jdg   judge, assigned and pledged oth   judge, not assigned          rcsd  judge recused from it
    lead  lead, not assigned          desk  event staff                  secr  secretariat
    audi  auditor
Cells
    ok    the page (200)              in    302 to the login             go    302 to another page of the portal
    404   not there for this person   403   there, but not allowed       202   being built, come again
    409       the entries are refused (POST sends no entries at all)     all   the same for everybody
No row for GET or POST: 405 (but "in" for nobody logged in where the other method says "in"). PUT: always so.
"""

# fmt: off
TABLE = """
                                         anon own  mgr  clk  clk0 riv  none rec  rec0 jdg  oth  rcsd lead desk secr audi
# the public site
home                                 GET  all ok
notices                              GET  all ok
notice                               GET  all ok
page                                 GET  all ok
notice_file                          GET  all ok
notice_file/draft                    GET  404  404  404  404  404  404  404  404  404  404  404  404  404  404  ok   ok
calendar                             GET  all ok
results                              GET  all ok
verify                               GET  all ok
verify_code                          GET  all ok
verify_keys                          GET  all ok
verify_key_file                      GET  all ok
template_file                        GET  all ok
privacy                              GET  all ok
guide                                GET  all ok
accessibility                        GET  all ok
healthz                              GET  all ok
readyz                               GET  all ok
demo_mail                            GET  all 404
demo_mail_message                    GET  all 404
# accounts
account_login                        GET  ok   go   go   go   go   go   go   go   go   go   go   go   go   go   go   go
account_login                        POST ok   go   go   go   go   go   go   go   go   go   go   go   go   go   go   go
account_signup                       GET  ok   go   go   go   go   go   go   go   go   go   go   go   go   go   go   go
account_signup                       POST ok   go   go   go   go   go   go   go   go   go   go   go   go   go   go   go
account_logout                       GET  go   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
account_logout                       POST all go
account_inactive                     GET  all ok
account_reauthenticate               GET  in   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
account_reauthenticate               POST in   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
account_change_password              GET  in   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
account_change_password              POST in   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
account_set_password                 GET  in   go   go   go   go   go   go   go   go   go   go   go   go   go   go   go
account_set_password                 POST in   go   go   go   go   go   go   go   go   go   go   go   go   go   go   go
account_reset_password               GET  all ok
account_reset_password               POST all ok
account_reset_password_done          GET  all ok
account_reset_password_from_key      GET  all ok
account_reset_password_from_key      POST all ok
account_reset_password_from_key_done GET  all ok
account_email                        GET  all go
account_email_verification_sent      GET  all go
home_of_user                         GET  all go
person_invitation                    GET  all ok
person_invitation                    POST all ok
session_state                        GET  all ok
session_again                        GET  all ok
profile                              GET  in   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
profile                              POST in   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
mail_preferences                     GET  in   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
mail_preferences                     POST in   go   go   go   go   go   go   go   go   go   go   go   go   go   go   go
personal_data                        GET  in   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
personal_data                        POST in   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
personal_copy                        GET  in   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
personal_agree                       POST in   go   go   go   go   go   go   go   go   go   go   go   go   go   go   go
personal_take_back                   POST in   go   404  404  404  404  404  404  404  404  404  404  404  404  404  404
verify_email                         GET  in   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
verify_email                         POST in   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
send_email_code                      POST in   go   go   go   go   go   go   go   go   go   go   go   go   go   go   go
# the enterprise and its people
applications:enterprise              GET  in   ok   ok   ok   ok   ok   404  404  404  404  404  404  404  404  404  404
applications:enterprise              POST in   ok   ok   403  403  ok   404  404  404  404  404  404  404  404  404  404
applications:history                 GET  in   ok   ok   ok   ok   ok   404  404  404  404  404  404  404  404  404  404
applications:people                  GET  in   ok   ok   ok   ok   ok   404  404  404  404  404  404  404  404  404  404
applications:people                  POST in   ok   403  403  403  ok   404  404  404  404  404  404  404  404  404  404
applications:person_role             POST in   go   403  403  403  404  404  404  404  404  404  404  404  404  404  404
applications:person_deactivate       GET  in   ok   403  403  403  404  404  404  404  404  404  404  404  404  404  404
applications:person_hand_over        GET  in   ok   403  403  403  404  404  404  404  404  404  404  404  404  404  404
applications:person_deactivate       POST in   go   403  403  403  404  404  404  404  404  404  404  404  404  404  404
applications:person_hand_over        POST in   go   403  403  403  404  404  404  404  404  404  404  404  404  404  404
applications:person_applications     GET  in   ok   ok   403  403  404  404  404  404  404  404  404  404  404  404  404
applications:person_applications     POST in   go   go   403  403  404  404  404  404  404  404  404  404  404  404  404
applications:invitation_resend       POST in   go   403  403  403  404  404  404  404  404  404  404  404  404  404  404
applications:invitation_revoke       POST in   go   403  403  403  404  404  404  404  404  404  404  404  404  404  404
applications:join_decide             POST in   go   403  403  403  404  404  404  404  404  404  404  404  404  404  404
applications:invitation              GET  all ok
applications:invitation              POST ok   403  403  403  403  403  go   go   go   go   go   go   go   go   go   go
applications:leave                   GET  in   ok   ok   ok   ok   ok   404  404  404  404  404  404  404  404  404  404
applications:leave                   POST in   ok   go   go   go   ok   404  404  404  404  404  404  404  404  404  404
applications:proof_add               POST in   go   go   go   go   go   404  404  404  404  404  404  404  404  404  404
applications:proof_file              GET  in   ok   ok   404  404  404  404  404  404  404  404  404  404  404  ok   ok
applications:report                  GET  in   ok   ok   ok   ok   ok   404  404  404  404  404  404  404  404  404  404
applications:report_summary          GET  in   ok   ok   ok   ok   ok   404  404  404  404  404  404  404  404  404  404
applications:report_statistics       GET  in   ok   ok   ok   ok   ok   404  404  404  404  404  404  404  404  404  404
applications:report_summary          POST in   ok   ok   403  403  ok   404  404  404  404  404  404  404  404  404  404
applications:report_statistics       POST in   ok   ok   403  403  ok   404  404  404  404  404  404  404  404  404  404
applications:autosave_summary        POST 401  ok   ok   403  403  ok   404  404  404  404  404  404  404  404  404  404
applications:autosave_statistics     POST 401  ok   ok   403  403  ok   404  404  404  404  404  404  404  404  404  404
applications:report_statistics_check POST in   ok   ok   403  403  ok   404  404  404  404  404  404  404  404  404  404
applications:report_statistics_explain POST in ok   ok   403  403  ok   404  404  404  404  404  404  404  404  404  404
applications:report_document         GET  in   ok   ok   ok   ok   404  404  404  404  404  404  404  404  404  404  404
applications:messages                GET  in   ok   ok   ok   ok   ok   404  404  404  404  404  404  404  404  404  404
applications:messages                POST in   ok   ok   ok   ok   ok   404  404  404  404  404  404  404  404  404  404
applications:letters                 GET  in   ok   ok   ok   ok   ok   404  404  404  404  404  404  404  404  404  404
applications:thread                  GET  in   ok   ok   ok   404  404  404  404  404  404  404  404  404  404  404  404
applications:thread                  POST in   ok   ok   ok   404  404  404  404  404  404  404  404  404  404  404  404
# filing
applications:workspace               GET  in   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
applications:new                     GET  in   ok   ok   403  403  ok   go   go   go   go   go   go   go   go   go   go
applications:new                     POST in   ok   ok   403  403  ok   go   go   go   go   go   go   go   go   go   go
applications:detail                  GET  in   ok   ok   ok   404  404  404  404  404  404  404  404  404  404  ok   ok
applications:section                 GET  in   ok   ok   ok   404  404  404  404  404  404  404  404  404  404  ok   ok
applications:section                 POST in   409  409  409  404  404  404  404  404  404  404  404  404  404  403  403
applications:copy                    GET  in   ok   ok   403  404  404  404  404  404  404  404  404  404  404  403  403
applications:copy                    POST in   ok   ok   403  404  404  404  404  404  404  404  404  404  404  403  403
applications:carry_over              GET  in   ok   ok   403  404  404  404  404  404  404  404  404  404  404  403  403
applications:carry_over              POST in   go   go   403  404  404  404  404  404  404  404  404  404  404  403  403
applications:members_from            GET  in   ok   ok   ok   404  404  404  404  404  404  404  404  404  404  403  403
applications:members_from            POST in   ok   ok   ok   404  404  404  404  404  404  404  404  404  404  403  403
applications:topic_type              GET  in   ok   ok   ok   404  404  404  404  404  404  404  404  404  404  403  403
applications:topic_type              POST in   go   go   go   404  404  404  404  404  404  404  404  404  404  403  403
applications:autosave                POST 401  ok   ok   ok   404  404  404  404  404  404  404  404  404  404  403  403
applications:filled                  POST in   go   go   go   404  404  404  404  404  404  404  404  404  404  403  403
applications:order                   POST in   go   go   403  404  404  404  404  404  404  404  404  404  404  403  403
applications:evidence_file           GET  in   ok   ok   ok   404  404  404  404  404  404  404  404  404  404  ok   ok
applications:evidence_change         GET  in   ok   ok   ok   404  404  404  404  404  404  404  404  404  404  403  403
applications:evidence_delete         GET  in   ok   ok   ok   404  404  404  404  404  404  404  404  404  404  403  403
applications:evidence_change         POST in   ok   ok   ok   404  404  404  404  404  404  404  404  404  404  403  403
applications:evidence_delete         POST in   go   go   go   404  404  404  404  404  404  404  404  404  404  403  403
applications:evidence_move           POST in   go   go   go   404  404  404  404  404  404  404  404  404  404  403  403
applications:evidence_order          POST in   go   go   go   404  404  404  404  404  404  404  404  404  404  403  403
applications:evidence_previews       GET  in   ok   ok   ok   404  404  404  404  404  404  404  404  404  404  ok   ok
applications:evidence_view           GET  in   ok   ok   ok   404  404  404  404  404  404  404  404  404  404  ok   ok
applications:evidence_image          GET  in   ok   ok   ok   404  404  404  404  404  404  404  404  404  404  ok   ok
applications:upload_start            POST in   422  422  422  404  404  404  404  404  404  404  404  404  404  403  403
applications:upload                  GET  in   ok   ok   ok   404  404  404  404  404  404  404  404  404  404  403  403
applications:upload                  POST in   422  422  422  404  404  404  404  404  404  404  404  404  404  403  403
applications:upload_complete         POST in   409  409  409  404  404  404  404  404  404  404  404  404  404  403  403
applications:upload_discard          POST in   go   go   go   404  404  404  404  404  404  404  404  404  404  403  403
applications:submit                  GET  in   ok   ok   403  404  404  404  404  404  404  404  404  404  404  403  403
applications:submit                  POST in   409  409  403  404  404  404  404  404  404  404  404  404  404  403  403
applications:preview                 GET  in   ok   ok   ok   404  404  404  404  404  404  404  404  404  404  ok   ok
applications:preview_css             GET  all ok
applications:receipt_mail            POST in   go   go   go   404  404  404  404  404  404  404  404  404  404  403  403
applications:entered                 GET  in   ok   ok   403  404  404  404  404  404  404  404  404  404  404  403  403
applications:entered                 POST in   409  409  403  404  404  404  404  404  404  404  404  404  404  403  403
applications:withdraw                GET  in   ok   ok   403  404  404  404  404  404  404  404  404  404  404  403  403
applications:withdraw                POST in   ok   ok   403  404  404  404  404  404  404  404  404  404  404  403  403
applications:remark_reply            POST in   go   go   go   404  404  404  404  404  404  404  404  404  404  403  403
applications:versions                GET  in   ok   ok   ok   404  404  404  404  404  404  404  404  404  404  ok   ok
applications:receipt                 GET  in   ok   ok   ok   404  404  404  404  404  404  404  404  404  404  ok   ok
applications:packet_pdf              GET  in   202  202  202  404  404  404  404  404  404  404  404  404  404  202  202
applications:receipt_pdf             GET  in   202  202  202  404  404  404  404  404  404  404  404  404  404  202  202
applications:paper_set_pdf           GET  in   202  202  403  403  404  404  404  404  404  404  404  404  404  202  202
applications:bundle_zip              GET  in   202  202  403  403  404  404  404  404  404  404  404  404  404  202  202
applications:year_zip                GET  in   202  202  403  403  404  404  404  404  404  404  404  404  404  202  202
applications:paper                   GET  in   ok   ok   403  403  404  404  404  404  404  404  404  404  404  ok   ok
applications:paper                   POST in   ok   ok   403  403  404  404  404  404  404  404  404  404  404  403  403
applications:paper_progress          GET  in   ok   ok   403  403  404  404  404  404  404  404  404  404  404  ok   ok
applications:scan                    GET  in   ok   ok   404  404  404  404  404  404  404  404  404  404  404  ok   ok
applications:scan_file               GET  in   ok   ok   404  404  404  404  404  404  404  404  404  404  404  ok   ok
applications:scan_page               GET  in   ok   ok   404  404  404  404  404  404  404  404  404  404  404  ok   ok
# Word forms
applications:application_word        GET  in   ok   ok   ok   404  404  404  404  404  404  404  404  404  404  ok   ok
applications:application_upload      GET  in   ok   ok   ok   404  404  404  404  404  404  404  404  404  404  403  403
applications:application_upload      POST in   ok   ok   ok   404  404  404  404  404  404  404  404  404  404  403  403
applications:summary_word            GET  in   ok   ok   ok   ok   ok   404  404  404  404  404  404  404  404  404  404
applications:summary_upload          GET  in   ok   ok   ok   ok   ok   404  404  404  404  404  404  404  404  404  404
applications:summary_upload          POST in   ok   ok   403  403  ok   404  404  404  404  404  404  404  404  404  404
# recommending units: a submitted filing, and a draft that its enterprise showed to the unit
applications:recommend               GET  in   403  403  403  403  403  403  ok   ok   403  403  403  403  403  403  403
applications:recommend_invitation    GET  all ok
applications:recommend_invitation    POST ok   go   go   go   go   go   go   go   go   go   go   go   go   go   go   go
applications:recommend_detail        GET  in   404  404  404  404  404  404  ok   404  404  404  404  404  404  404  404
applications:recommend_detail        POST in   404  404  404  404  404  404  ok   404  404  404  404  404  404  404  404
applications:recommend_detail/draft  GET  in   404  404  404  404  404  404  ok   404  404  404  404  404  404  404  404
applications:recommend_detail/draft  POST in   404  404  404  404  404  404  ok   404  404  404  404  404  404  404  404
applications:recommend_file          GET  in   404  404  404  404  404  404  ok   404  404  404  404  404  404  404  404
applications:recommend_file/draft    GET  in   404  404  404  404  404  404  ok   404  404  404  404  404  404  404  404
applications:recommend_withdraw      POST in   404  404  404  404  404  404  go   404  404  404  404  404  404  404  404
applications:recommend_request       POST in   go   go   403  404  404  404  404  404  404  404  404  404  404  403  403
applications:recommend_cancel        POST in   go   go   403  404  404  404  404  404  404  404  404  404  404  403  403
applications:recommend_pdf           GET  in   202  202  202  404  404  404  202  404  404  404  404  404  404  202  202
# import from Office files
applications:statistics_form         GET  in   ok   ok   ok   ok   ok   404  404  404  404  404  404  404  404  404  404
applications:statistics_upload       GET  in   ok   ok   ok   ok   ok   404  404  404  404  404  404  404  404  404  404
applications:statistics_upload       POST in   ok   ok   403  403  ok   404  404  404  404  404  404  404  404  404  404
applications:import_review           GET  in   ok   404  404  404  404  404  404  404  404  404  404  404  404  404  404
applications:import_review           POST in   409  404  404  404  404  404  404  404  404  404  404  404  404  404  404
applications:import_groups_review    GET  in   ok   404  404  404  404  404  404  404  404  404  404  404  404  404  404
applications:import_groups_review    POST in   409  404  404  404  404  404  404  404  404  404  404  404  404  404  404
applications:import_groups_refused   GET  in   ok   404  404  404  404  404  404  404  404  404  404  404  404  404  404
applications:import_groups           GET  in   ok   ok   403  403  ok   404  404  404  404  404  404  404  404  404  404
applications:import_groups           POST in   ok   ok   403  403  ok   404  404  404  404  404  404  404  404  404  404
applications:import_groups_form      GET  in   ok   ok   403  403  ok   404  404  404  404  404  404  404  404  404  404
# judging
reviews:dashboard                    GET  in   403  403  403  403  403  403  403  403  ok   ok   ok   ok   403  403  403
reviews:pledge                       GET  in   403  403  403  403  403  403  403  403  ok   ok   ok   ok   403  403  403
reviews:pledge                       POST in   403  403  403  403  403  403  403  403  ok   ok   ok   ok   403  403  403
reviews:panel                        GET  in   404  404  404  404  404  404  404  404  404  404  404  ok   404  404  404
reviews:sheet                        GET  in   404  404  404  404  404  404  404  404  ok   404  404  404  404  404  404
reviews:sheet                        POST in   404  404  404  404  404  404  404  404  ok   404  404  404  404  404  404
reviews:confirm                      GET  in   404  404  404  404  404  404  404  404  ok   404  404  404  404  404  404
reviews:confirm                      POST in   404  404  404  404  404  404  404  404  go   404  404  404  404  404  404
reviews:recuse                       GET  in   404  404  404  404  404  404  404  404  ok   404  404  404  404  404  404
reviews:recuse                       POST in   404  404  404  404  404  404  404  404  ok   404  404  404  404  404  404
reviews:copy                         GET  in   404  404  404  404  404  404  404  404  202  404  404  404  404  404  404
reviews:evidence                     GET  in   404  404  404  404  404  404  404  404  ok   404  404  404  404  404  404
# judging: the same filing as it was given to a judge who is recused from it
reviews:sheet/recused                GET  in   404  404  404  404  404  404  404  404  404  404  403  404  404  404  404
reviews:sheet/recused                POST in   404  404  404  404  404  404  404  404  404  404  403  404  404  404  404
reviews:confirm/recused              GET  in   404  404  404  404  404  404  404  404  404  404  403  404  404  404  404
reviews:confirm/recused              POST in   404  404  404  404  404  404  404  404  404  404  403  404  404  404  404
reviews:recuse/recused               GET  in   404  404  404  404  404  404  404  404  404  404  go   404  404  404  404
reviews:recuse/recused               POST in   404  404  404  404  404  404  404  404  404  404  go   404  404  404  404
reviews:copy/recused                 GET  in   404  404  404  404  404  404  404  404  404  404  403  404  404  404  404
reviews:evidence/recused             GET  in   404  404  404  404  404  404  404  404  404  404  403  404  404  404  404
# events; the second two lines: one that is not published
events:list                          GET  all ok
events:detail                        GET  all ok
events:agenda_pdf                    GET  all 202
events:detail/hidden                 GET  404  404  404  404  404  404  404  404  404  404  404  404  404  ok   ok   ok
events:agenda_pdf/hidden             GET  all 404
"""
# fmt: on

from django.urls import path

from reviews.views import dashboard, files, panels, sheets

app_name = "reviews"
urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("pledge/<int:year>/", dashboard.pledge_page, name="pledge"),
    path("panel/<uuid:uuid>/", panels.panel, name="panel"),
    path("<uuid:uuid>/", sheets.sheet, name="sheet"),
    path("<uuid:uuid>/confirm/", sheets.confirm, name="confirm"),
    path("<uuid:uuid>/recuse/", sheets.recuse, name="recuse"),
    path("<uuid:uuid>/copy.pdf", files.copy_pdf, name="copy"),
    path("<uuid:uuid>/evidence/<uuid:evidence>/", files.evidence, name="evidence"),
]

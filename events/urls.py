"""Every address below /events/."""

from django.urls import path

from events import views

app_name = "events"
urlpatterns = [
    path("", views.event_list, name="list"),
    path("<slug:slug>/", views.detail, name="detail"),
    path("<slug:slug>/agenda.pdf", views.agenda_pdf, name="agenda_pdf"),
]

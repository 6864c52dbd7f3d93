"""Every address below /applications/, by area."""

from applications.urls import documents, enterprise, filing, recommending

app_name = "applications"
urlpatterns = [*filing.urlpatterns, *enterprise.urlpatterns, *documents.urlpatterns, *recommending.urlpatterns]

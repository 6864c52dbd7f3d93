"""Every address below /applications/, by area."""

from applications.urls import documents, enterprise, filing, imports, recommending, word

app_name = "applications"
urlpatterns = [
    *filing.urlpatterns,
    *enterprise.urlpatterns,
    *documents.urlpatterns,
    *imports.urlpatterns,
    *recommending.urlpatterns,
    *word.urlpatterns,
]

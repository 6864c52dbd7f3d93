"""Recommending units: what they read and sign, how an enterprise asks them."""

from django.urls import URLPattern, path

from applications.views import recommend_requests, recommender_invitations, recommending

urlpatterns: list[URLPattern] = [
    path("recommend/", recommending.recommend, name="recommend"),
    path("recommend/invitation/<str:token>/", recommender_invitations.invitation, name="recommend_invitation"),
    path("recommend/<uuid:uuid>/", recommending.detail, name="recommend_detail"),
    path("recommend/<uuid:uuid>/evidence/<uuid:item>/", recommending.file, name="recommend_file"),
    path("recommend/<uuid:uuid>/withdraw/", recommending.withdraw, name="recommend_withdraw"),
    path("<uuid:uuid>/recommendation/request/", recommend_requests.request_opinion, name="recommend_request"),
    path("<uuid:uuid>/recommendation/cancel/", recommend_requests.cancel, name="recommend_cancel"),
    path("<uuid:uuid>/recommendation/<uuid:item>.pdf", recommend_requests.page_pdf, name="recommend_pdf"),
]

"""Addresses of records: history, deleted records, sharing, view as."""

from django.urls import path

from parkbench.records import views

app_name = "records"
urlpatterns = [
    path("history/deleted/", views.deleted, name="deleted"),
    path("history/deleted/<slug:kind>/", views.restore, name="restore"),
    path("history/<slug:kind>/<uuid:uid>/", views.history, name="history"),
    path("history/<slug:kind>/<uuid:uid>/revert/", views.revert, name="revert"),
    path("sharing/", views.policy, name="policy"),
    path("sharing/<slug:kind>/<uuid:uid>/", views.sharing, name="sharing"),
    path("view-as/", views.view_as, name="view-as"),
]

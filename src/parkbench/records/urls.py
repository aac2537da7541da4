"""Addresses of records: history, deleted records, sharing, groups of partners, view as."""

from django.urls import path

from parkbench.records.views import past, sharing

app_name = "records"
urlpatterns = [
    path("history/deleted/", past.deleted, name="deleted"),
    path("history/deleted/<slug:kind>/", past.restore, name="restore"),
    path("history/<slug:kind>/<uuid:uid>/", past.history, name="history"),
    path("history/<slug:kind>/<uuid:uid>/revert/", past.revert, name="revert"),
    path("sharing/", sharing.policy, name="policy"),
    path("sharing/groups/", sharing.groups, name="groups"),
    path("sharing/groups/<int:pk>/rename/", sharing.group_rename, name="group-rename"),
    path("sharing/groups/<int:pk>/remove/", sharing.group_remove, name="group-remove"),
    path("sharing/<slug:kind>/<uuid:uid>/", sharing.sharing, name="sharing"),
    path("view-as/", sharing.view_as, name="view-as"),
]

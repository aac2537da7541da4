"""Addresses of records: history, deleted records, sharing, groups, view as, notes, what lists keep."""

from django.urls import path

from parkbench.records.views import lists, notes, past, sharing

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
    path("notes/<slug:kind>/<uuid:uid>/", notes.add, name="note-add"),
    path("notes/<int:pk>/edit/", notes.edit, name="note-edit"),
    path("notes/<int:pk>/delete/", notes.delete, name="note-delete"),
    path("lists/<slug:list_name>/columns/", lists.columns, name="list-columns"),
    path("lists/<slug:list_name>/filters/", lists.save_filter, name="list-filters"),
    path("lists/filters/<int:pk>/delete/", lists.delete_filter, name="list-filter-delete"),
]

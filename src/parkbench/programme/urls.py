"""Addresses of the programme."""

from django.urls import path

from parkbench.programme import views

app_name = "programme"
urlpatterns = [
    path("organisations/<uuid:uid>/", views.record, {"kind": "organisation"}, name="organisation"),
    path("organisations/<uuid:uid>/edit/", views.edit, {"kind": "organisation"}, name="organisation-edit"),
]
for kind in ("platform", "unit", "site"):
    urlpatterns += [
        path(f"{kind}s/", views.listing, {"kind": kind}, name=f"{kind}s"),
        path(f"{kind}s/export.csv", views.export, {"kind": kind, "form": "csv"}, name=f"{kind}s-csv"),
        path(f"{kind}s/export.xlsx", views.export, {"kind": kind, "form": "xlsx"}, name=f"{kind}s-xlsx"),
        path(f"{kind}s/new/", views.add, {"kind": kind}, name=f"{kind}-add"),
        path(f"{kind}s/<uuid:uid>/", views.record, {"kind": kind}, name=kind),
        path(f"{kind}s/<uuid:uid>/edit/", views.edit, {"kind": kind}, name=f"{kind}-edit"),
        path(f"{kind}s/<uuid:uid>/delete/", views.delete, {"kind": kind}, name=f"{kind}-delete"),
        path(f"{kind}s/<uuid:uid>/restore/", views.restore, {"kind": kind}, name=f"{kind}-restore"),
    ]

"""Addresses of services, prices and capabilities."""

from django.urls import path

from parkbench.offer import views

app_name = "offer"
urlpatterns = [
    path("services/<uuid:uid>/prices/", views.prices, name="prices-edit"),
    path("prices/<uuid:uid>/", views.price, name="price"),
]
for kind, plural in (("service", "services"), ("capability", "capabilities")):
    urlpatterns += [
        path(f"{plural}/", views.listing, {"kind": kind}, name=plural),
        path(f"{plural}/export.csv", views.export, {"kind": kind, "form": "csv"}, name=f"{plural}-csv"),
        path(f"{plural}/export.xlsx", views.export, {"kind": kind, "form": "xlsx"}, name=f"{plural}-xlsx"),
        path(f"{plural}/new/", views.add, {"kind": kind}, name=f"{kind}-add"),
        path(f"{plural}/<uuid:uid>/", views.record, {"kind": kind}, name=kind),
        path(f"{plural}/<uuid:uid>/edit/", views.edit, {"kind": kind}, name=f"{kind}-edit"),
        path(f"{plural}/<uuid:uid>/delete/", views.delete, {"kind": kind}, name=f"{kind}-delete"),
    ]

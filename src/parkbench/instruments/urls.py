"""Addresses of the machine park."""

from django.urls import path

from parkbench.instruments.views import park

app_name = "instruments"

urlpatterns = [
    path("instruments/", park.park, name="park"),
    path("instruments/facets/", park.facets, name="facets"),
    path("instruments/figures/", park.figures, name="figures"),
    path("instruments/export.<slug:format>", park.export, name="export"),
    path("instruments/columns/", park.columns, name="columns"),
    path("instruments/filters/", park.save_filter, name="save-filter"),
    path("instruments/filters/<int:pk>/delete/", park.delete_filter, name="delete-filter"),
    path("instruments/bulk/", park.bulk, name="bulk"),
]

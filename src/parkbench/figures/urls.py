"""Addresses of use and downtime."""

from django.urls import path

from parkbench.figures import views

app_name = "figures"
urlpatterns = [
    path("use/", views.listing, name="list"),
    path("use/export.<slug:format>", views.export, name="export"),
    path("use/<uuid:uid>/", views.year, name="year"),
    path("use/<uuid:uid>/delete/", views.delete, name="delete"),
    path("use/<uuid:uid>/restore/", views.restore, name="restore"),
    path("instruments/<uuid:uid>/use/", views.month, name="month"),
]

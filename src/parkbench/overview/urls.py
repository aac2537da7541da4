"""Addresses of the overview."""

from django.urls import path

from parkbench.overview import views

app_name = "overview"
urlpatterns = [
    path("", views.home, name="home"),
    path("changes/", views.changed, name="changes"),
    path("brief.pdf", views.brief, name="brief"),
]

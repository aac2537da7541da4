"""Addresses of service events."""

from django.urls import path

from parkbench.servicing import views

app_name = "servicing"
urlpatterns = [
    path("service-events/", views.listing, name="events"),
    path("service-events/export.<slug:format>", views.export, name="export"),
    path("service-events/figures/", views.figures, name="figures"),
    path("service-events/figures/export.<slug:format>", views.figures_export, name="figures-export"),
    path("service-events/new/<uuid:uid>/", views.add, name="event-add"),
    path("service-events/<uuid:uid>/", views.event, name="event"),
    path("service-events/<uuid:uid>/edit/", views.edit, name="event-edit"),
    path("service-events/<uuid:uid>/up-again/", views.up_again, name="event-up-again"),
    path("service-events/<uuid:uid>/delete/", views.delete, name="event-delete"),
    path("service-events/<uuid:uid>/restore/", views.restore, name="event-restore"),
]

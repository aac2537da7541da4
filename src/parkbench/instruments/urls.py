"""Addresses of the machine park."""

from django.urls import path

from parkbench.instruments.views import files, instrument, instrument_form, instrument_steps, park

app_name = "instruments"

urlpatterns = [
    path("instruments/", park.park, name="park"),
    path("instruments/facets/", park.facets, name="facets"),
    path("instruments/figures/", park.figures, name="figures"),
    path("instruments/export.<slug:format>", park.export, name="export"),
    path("instruments/condition/", park.condition, name="condition"),
    path("instruments/columns/", park.columns, name="columns"),
    path("instruments/filters/", park.save_filter, name="save-filter"),
    path("instruments/filters/<int:pk>/delete/", park.delete_filter, name="delete-filter"),
    path("instruments/bulk/", park.bulk, name="bulk"),
    path("instruments/new/", instrument_form.add, name="add"),
    path("instruments/suggest/<slug:field>/", instrument_form.suggest, name="suggest"),
    path("instruments/<uuid:uid>/", instrument.instrument, name="instrument"),
    path("instruments/<uuid:uid>/edit/", instrument_form.edit, name="edit"),
    path("instruments/<uuid:uid>/status/", instrument_steps.status, name="status"),
    path("instruments/<uuid:uid>/link/", instrument_steps.link, name="link"),
    path("instruments/<uuid:uid>/delete/", instrument_steps.delete, name="delete"),
    path("instruments/<uuid:uid>/restore/", instrument_steps.restore, name="restore"),
    path("instruments/<uuid:uid>/files/<slug:place>/", files.attach, name="attach"),
    path("instruments/<uuid:uid>/files/<slug:place>/<slug:digest>/", files.detach, name="detach"),
    path("files/<uuid:uid>/<slug:section>/<slug:digest>/", files.file, name="file"),
]

"""The addresses of the catalogue."""

from django.urls import path

from parkbench.catalogue import views

app_name = "catalogue"
urlpatterns = [
    path("models/", views.models, name="models"),
    path("models/new/", views.model_add, name="model-add"),
    path("models/suggest/", views.suggest_models, name="suggest-models"),
    path("models/<uuid:uid>/", views.model, name="model"),
    path("models/<uuid:uid>/edit/", views.model_edit, name="model-edit"),
    path("makers/", views.makers, name="makers"),
    path("makers/new/", views.maker_add, name="maker-add"),
    path("makers/suggest/", views.suggest_makers, name="suggest-makers"),
    path("makers/<uuid:uid>/", views.maker, name="maker"),
    path("makers/<uuid:uid>/edit/", views.maker_edit, name="maker-edit"),
    path("techniques/", views.techniques, name="techniques"),
    path("techniques/<uuid:uid>/", views.technique, name="technique"),
]

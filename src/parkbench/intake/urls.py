"""Addresses of importing."""

from django.urls import path

from parkbench.intake import views

app_name = "intake"

urlpatterns = [
    path("import/", views.sources, name="sources"),
    path("import/source/<int:pk>/", views.source, name="source"),
    path("import/<uuid:pk>/", views.batch, name="batch"),
    path("import/<uuid:pk>/columns/", views.columns, name="columns"),
    path("import/<uuid:pk>/rows/", views.rows, name="rows"),
    path("import/<uuid:pk>/accept/", views.accept, name="accept"),
    path("import/<uuid:pk>/undo/", views.undo, name="undo"),
    path("import/<uuid:pk>/progress/", views.progress, name="progress"),
    path("import/<uuid:pk>/refused.<str:form>", views.refused, name="refused"),
]

"""The ui room as a Django app."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Templates, static files and template tags shared by every room."""

    name = "parkbench.ui"
    label = "ui"

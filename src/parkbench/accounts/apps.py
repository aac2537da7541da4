"""The accounts room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Persons, roles, grants, sign-in."""

    name = "parkbench.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

"""The accounts room: keeps secrets out of the log, adds People to the navigation."""

import logging

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from parkbench.accounts.rules import Action
from parkbench.ui import navigation


class AccountsConfig(AppConfig):
    """Persons, roles, grants, sign-in."""

    name = "parkbench.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from parkbench.accounts import views

        for logger in ("django.request", "django.security.csrf", "django.server"):
            logging.getLogger(logger).addFilter(views.LinkSecrets())
        navigation.add(navigation.NavItem(_("People"), "accounts:people", order=95, may=Action.MANAGE_PEOPLE))

"""Persons, their grants, one-time links and failed sign-ins."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from parkbench.accounts.rules import SCOPED_ROLES, Role


class PersonManager(BaseUserManager["Person"]):
    """Finds persons by e-mail, whatever its capitals."""

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email__iexact=username)


class Person(AbstractBaseUser):
    """Somebody who may sign in, be steward or contact."""

    uid = models.UUIDField(_("id"), default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=200)
    orcid = models.CharField(_("ORCID"), max_length=19, blank=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_named_outward = models.BooleanField(
        _("agreed to be named outside the organisation"),
        default=False,
        help_text=_("Without it, partners and visitors see a function mailbox only."),
    )
    is_erased = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(_("last visit"), null=True, blank=True)

    objects: ClassVar[PersonManager] = PersonManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="person_email_once",
                violation_error_message=_("Somebody with this e-mail is here already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RoleChoices(models.TextChoices):
    """The roles as people read them."""

    ADMINISTRATOR = Role.ADMINISTRATOR.value, _("administrator")
    MANAGER = Role.MANAGER.value, _("manager")
    HEAD = Role.HEAD.value, _("head of unit")
    EDITOR = Role.EDITOR.value, _("editor of unit")
    READER = Role.READER.value, _("reader")
    ECONOMICS_READER = Role.ECONOMICS_READER.value, _("may see economics")


class Grant(models.Model):
    """A role held by a person, everywhere or in a scope (a record id, no foreign key)."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="grants")
    role = models.CharField(_("role"), max_length=20, choices=RoleChoices.choices)
    scope = models.CharField(_("holds for"), max_length=36, blank=True)
    granted_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "role", "scope"], name="grant_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=sorted(str(role) for role in SCOPED_ROLES)) ^ models.Q(scope=""),
                name="grant_scope_fits_role",
                violation_error_message=_("This role needs a unit it holds for, or must have none."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.scope}".strip()


class OneTimeLink(models.Model):
    """A link that lets one person set a password once; only its hash is kept."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="links")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"link of {self.person_id}"


class FailedSignIn(models.Model):
    """A failed attempt, counted per e-mail and per address; purged after a day."""

    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["key", "at"], name="failed_by_key")]

    def __str__(self) -> str:
        return f"failed sign-in at {self.at}"

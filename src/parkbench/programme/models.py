"""Tables of the programme: organisation, platforms, units, sites."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from parkbench.records.models import OWN, Record, waiting


class WithContact(models.Model):
    """Columns of the contact section: a function mailbox, a person only where that person agreed."""

    mailbox = models.EmailField(_("function mailbox"), null=True, blank=True)
    contact_url = models.URLField(_("how to ask"), null=True, blank=True)
    person_uid = models.UUIDField(null=True, editable=False)
    person_name = models.CharField(_("contact person"), max_length=200, null=True, blank=True)
    person_email = models.EmailField(_("e-mail"), null=True, blank=True)
    person_orcid = models.CharField(_("ORCID"), max_length=19, null=True, blank=True)
    contact_mask = models.BigIntegerField(default=0, editable=False)
    contact_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True


class Organisation(Record):
    """The organisation a node belongs to; exactly one own row."""

    name = models.CharField(_("name"), max_length=200)
    short_name = models.CharField(_("short name"), max_length=50, null=True, blank=True)
    ror = models.CharField(_("ROR"), max_length=30, null=True, blank=True)
    country = models.CharField(_("country"), max_length=2, null=True, blank=True)
    url = models.URLField(_("website"), null=True, blank=True)
    description = models.TextField(_("mission"), null=True, blank=True)

    class Meta(Record.Meta):
        constraints: ClassVar = [
            *Record.Meta.constraints,
            # Of our own. What a partner sends is for the partner to keep in order.
            models.UniqueConstraint(fields=["home"], condition=Q(home=OWN), name="one_organisation_here"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The page of the organisation."""
        return reverse("programme:organisation", args=[self.uid])


class Platform(Record, WithContact):  # type: ignore[django-manager-missing]  # Record declares `objects`
    """A platform: several units under one head."""

    name = models.CharField(_("name"), max_length=200)
    short_name = models.CharField(_("short name"), max_length=50, null=True, blank=True)
    url = models.URLField(_("website"), null=True, blank=True)
    description = models.TextField(_("description"), null=True, blank=True)

    class Meta(Record.Meta):
        ordering = ["name"]
        constraints: ClassVar = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                Lower("name"),
                condition=Q(home=OWN, deleted_at=None),
                name="platform_name_once",
                violation_error_message=_("A platform with this name is here already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The page of the platform."""
        return reverse("programme:platform", args=[self.uid])


class Unit(Record, WithContact):
    """A unit (core facility): offers services, holds instruments."""

    name = models.CharField(_("name"), max_length=200)
    short_name = models.CharField(_("short name"), max_length=50, null=True, blank=True)
    platform = models.ForeignKey(
        Platform, models.SET_NULL, null=True, blank=True, related_name="units", verbose_name=_("platform")
    )
    platform_ref = models.CharField(max_length=400, null=True, blank=True, editable=False)
    host_name = models.CharField(_("host organisation"), max_length=200, null=True, blank=True)
    host_ror = models.CharField(_("ROR of the host"), max_length=30, null=True, blank=True)
    url = models.URLField(_("website"), null=True, blank=True)
    description = models.TextField(_("description"), null=True, blank=True)

    class Meta(Record.Meta):
        ordering = ["name"]
        indexes: ClassVar = [*Record.Meta.indexes, *waiting("unit", "platform")]
        constraints: ClassVar = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                Lower("name"),
                condition=Q(home=OWN, deleted_at=None),
                name="unit_name_once",
                violation_error_message=_("A unit with this name is here already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The page of the unit."""
        return reverse("programme:unit", args=[self.uid])


class Site(Record):
    """A place where instruments stand: a campus, a building."""

    name = models.CharField(_("name"), max_length=200)
    address = models.CharField(_("address"), max_length=300, null=True, blank=True)
    city = models.CharField(_("city"), max_length=100, null=True, blank=True)
    country = models.CharField(_("country"), max_length=2, null=True, blank=True)

    class Meta(Record.Meta):
        ordering = ["name"]
        constraints: ClassVar = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                Lower("name"),
                condition=Q(home=OWN, deleted_at=None),
                name="site_name_once",
                violation_error_message=_("A site with this name is here already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The page of the site."""
        return reverse("programme:site", args=[self.uid])

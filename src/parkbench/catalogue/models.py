"""Tables of the catalogue: makers, techniques, device models, shipped or a node's own."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from parkbench.records.models import REGISTER, Record, waiting


class CatalogueEntry(Record):
    """What every entry has: its canonical key, other names, and where the facts come from.

    ``folded`` holds the folded names between bars; searching and suggesting read nothing else.
    """

    key = models.CharField(_("key"), max_length=300)
    aliases = models.JSONField(_("other names"), default=list, blank=True)
    folded = models.TextField(default="", blank=True, editable=False)
    source = models.CharField(_("source"), max_length=300, null=True, blank=True)
    licence = models.CharField(_("licence"), max_length=100, null=True, blank=True)

    class Meta(Record.Meta):
        abstract = True
        indexes: ClassVar[list[Any]] = [
            *Record.Meta.indexes,
            models.Index(fields=["home", "key"], name="%(class)s_by_key", condition=Q(deleted_at=None)),
        ]
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            # Among our own and among the shipped ones; a partner's are for the partner to keep apart.
            models.UniqueConstraint(
                fields=["home", "key"],
                condition=Q(deleted_at=None, home__lte=REGISTER),
                name="%(app_label)s_%(class)s_key_once",
                violation_error_message=_("This is in the catalogue already."),
            ),
        ]


class Maker(CatalogueEntry):  # type: ignore[django-manager-missing]  # Record declares `objects`
    """Who builds instruments; ``successor`` is who took it over."""

    name = models.CharField(_("name"), max_length=200)
    ror = models.CharField(_("ROR"), max_length=30, null=True, blank=True)
    country = models.CharField(_("country"), max_length=2, null=True, blank=True)
    url = models.URLField(_("website"), null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=_("taken over by"),
    )
    successor_ref = models.CharField(max_length=400, null=True, blank=True, editable=False)
    succeeded_on = models.CharField(_("taken over on"), max_length=10, null=True, blank=True)

    class Meta(CatalogueEntry.Meta):
        abstract = False
        ordering = ["name"]
        indexes: ClassVar[list[Any]] = [*CatalogueEntry.Meta.indexes, *waiting("maker", "successor")]
        constraints: ClassVar[list[Any]] = [
            *CatalogueEntry.Meta.constraints,
            models.CheckConstraint(
                condition=Q(successor=None) | ~Q(successor=F("id")),
                name="maker_not_its_own_successor",
                violation_error_message=_("A maker cannot be taken over by itself."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The page of the maker."""
        return reverse("catalogue:maker", args=[self.uid])


class Technique(CatalogueEntry):  # type: ignore[django-manager-missing]  # Record declares `objects`
    """What an instrument is used for; a tree."""

    name = models.CharField(_("name"), max_length=200)
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="children", verbose_name=_("kind of")
    )
    parent_ref = models.CharField(max_length=400, null=True, blank=True, editable=False)
    fbbi = models.CharField(_("FBbi accession"), max_length=20, null=True, blank=True)

    class Meta(CatalogueEntry.Meta):
        abstract = False
        ordering = ["name"]
        indexes: ClassVar[list[Any]] = [*CatalogueEntry.Meta.indexes, *waiting("technique", "parent")]
        constraints: ClassVar[list[Any]] = [
            *CatalogueEntry.Meta.constraints,
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("id")),
                name="technique_not_its_own_parent",
                violation_error_message=_("A technique cannot be a kind of itself."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The page of the technique."""
        return reverse("catalogue:technique", args=[self.uid])


class DeviceModel(CatalogueEntry):  # type: ignore[django-manager-missing]  # Record declares `objects`
    """A make and model that instruments are instances of.

    ``techniques`` holds technique keys between bars (``|confocal-microscopy|flim|``), for facets.
    """

    designation = models.CharField(_("designation"), max_length=200)
    maker = models.ForeignKey(
        Maker, models.SET_NULL, null=True, blank=True, related_name="models", verbose_name=_("maker")
    )
    maker_ref = models.CharField(max_length=400, null=True, blank=True, editable=False)
    family = models.CharField(_("family"), max_length=100, null=True, blank=True)
    techniques = models.TextField(_("techniques"), default="", blank=True)
    rrid = models.CharField(_("RRID"), max_length=60, null=True, blank=True)
    psi_ms = models.CharField(_("PSI-MS accession"), max_length=12, null=True, blank=True)
    ena = models.CharField(_("name at ENA"), max_length=100, null=True, blank=True)
    end_of_sale_on = models.DateField(_("end of sale"), null=True, blank=True)
    end_of_service_on = models.DateField(_("end of service"), null=True, blank=True)
    typical_life_years = models.PositiveSmallIntegerField(_("typical life in years"), null=True, blank=True)
    export_control = models.CharField(_("export control class"), max_length=50, null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=_("followed by"),
    )
    successor_ref = models.CharField(max_length=400, null=True, blank=True, editable=False)

    class Meta(CatalogueEntry.Meta):
        abstract = False
        ordering = ["designation"]
        indexes: ClassVar[list[Any]] = [*CatalogueEntry.Meta.indexes, *waiting("model", "maker", "successor")]
        constraints: ClassVar[list[Any]] = [
            *CatalogueEntry.Meta.constraints,
            models.CheckConstraint(
                condition=Q(successor=None) | ~Q(successor=F("id")),
                name="model_not_its_own_successor",
                violation_error_message=_("A model cannot be followed by itself."),
            ),
            models.CheckConstraint(
                condition=Q(end_of_sale_on=None)
                | Q(end_of_service_on=None)
                | Q(end_of_service_on__gte=F("end_of_sale_on")),
                name="model_served_until_after_sale",
                violation_error_message=_("The end of service cannot come before the end of sale."),
            ),
        ]

    def __str__(self) -> str:
        return self.designation

    def get_absolute_url(self) -> str:
        """The page of the make and model."""
        return reverse("catalogue:model", args=[self.uid])

"""The table of instruments: the queryable face of their sections."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from parkbench.instruments.rules import Status
from parkbench.records.models import OWN, Record, RecordQuerySet, waiting


class StatusChoices(models.TextChoices):
    """The life cycle as people read it."""

    PLANNED = Status.PLANNED.value, _("planned")
    ORDERED = Status.ORDERED.value, _("ordered")
    COMMISSIONING = Status.COMMISSIONING.value, _("commissioning")
    IN_SERVICE = Status.IN_SERVICE.value, _("in service")
    LIMITED = Status.LIMITED.value, _("limited")
    OUT_OF_SERVICE = Status.OUT_OF_SERVICE.value, _("out of service")
    DECOMMISSIONED = Status.DECOMMISSIONED.value, _("decommissioned")


class AcquisitionChoices(models.TextChoices):
    """How an instrument came."""

    NEW = "new", _("bought new")
    USED = "used", _("bought used")
    GIFT = "gift", _("gift")
    LOAN = "loan", _("on loan")
    LEASE = "lease", _("leased")


class VatChoices(models.TextChoices):
    """Whether a price holds VAT."""

    EXCLUDED = "excluded", _("without VAT")
    INCLUDED = "included", _("with VAT")


class UserCategoryChoices(models.TextChoices):
    """Who may use an instrument."""

    INTERNAL = "internal", _("own organisation")
    ACADEMIC = "academic", _("other academic")
    HEALTHCARE = "healthcare", _("healthcare")
    PUBLIC_SECTOR = "public-sector", _("public sector")
    INDUSTRY = "industry", _("industry")
    EDUCATION = "education", _("education and training")


LISTED = (
    *("unit", "site", "status", "linked_model", "commissioned_on", "purchase_year", "end_of_support_on"),
    *("replacement_price", "replacement_currency", "name", "model_text"),
    *("is_public", "home", "audience_mask", "capacity_mask", "economics_mask"),
)
"""The columns of the usual list, the unit first, so that one unit's rows are found by it too."""

FIGURED = (
    *("status", "unit", "end_of_support_on", "keep_until_on", "insured_until_on", "review_due_on"),
    *("commissioned_on", "purchase_year", "replacement_currency", "replacement_price"),
    *("purchase_currency", "purchase_price"),
    *("home", "deleted_at"),
)
"""The columns that the figures of the overview add up; the last is asked for by every one of them."""


class InstrumentQuerySet(RecordQuerySet):
    """What instruments can be asked beside every record."""

    has_register = False

    def of_unit(self, unit_pk: int) -> InstrumentQuerySet:
        """Instruments of one unit."""
        return self.filter(unit_id=unit_pk)

    def of_model(self, model_pk: int) -> InstrumentQuerySet:
        """Instruments linked to one make and model."""
        return self.filter(linked_model_id=model_pk)


class Instrument(Record):
    """One machine that stands somewhere, or is planned to."""

    # basics
    name = models.CharField(_("name"), max_length=200)
    unit = models.ForeignKey(
        "programme.Unit",
        models.SET_NULL,
        null=True,
        related_name="instruments",
        verbose_name=_("unit"),
        db_index=False,
    )
    unit_ref = models.CharField(max_length=400, null=True, editable=False)
    maker_text = models.CharField(_("maker as written"), max_length=200, null=True, blank=True)
    model_text = models.CharField(_("make and model as written"), max_length=300)
    model_key = models.CharField(_("make and model"), max_length=200, null=True, blank=True)
    site = models.ForeignKey(
        "programme.Site",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("site"),
        db_index=False,
    )
    site_ref = models.CharField(max_length=400, null=True, editable=False)
    parent = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name=_("part of"),
        db_index=False,
    )
    parent_ref = models.CharField(max_length=400, null=True, editable=False)
    status = models.CharField(
        _("status"), max_length=20, choices=StatusChoices.choices, null=True, blank=True
    )
    status_on = models.DateField(_("status since"), null=True, blank=True)
    techniques = models.CharField(_("techniques"), max_length=1000, null=True, blank=True)
    commissioned_on = models.DateField(_("commissioned"), null=True, blank=True)
    decommissioned_on = models.DateField(_("decommissioned"), null=True, blank=True)
    pid = models.CharField(_("persistent id"), max_length=200, null=True, blank=True)
    description = models.TextField(_("description"), null=True, blank=True)
    picture = models.JSONField(_("picture"), null=True, blank=True)

    # capacity
    configuration = models.TextField(_("configuration"), null=True, blank=True)
    user_categories = models.CharField(_("who may use it"), max_length=200, null=True, blank=True)
    end_of_support_on = models.DateField(_("end of support"), null=True, blank=True)
    expected_life_years = models.PositiveSmallIntegerField(_("expected life (years)"), null=True, blank=True)
    capacity_documents = models.JSONField(null=True, blank=True)

    # economics
    legal_owner = models.CharField(_("legal owner"), max_length=200, null=True, blank=True)
    acquisition = models.CharField(
        _("acquired"), max_length=10, choices=AcquisitionChoices.choices, null=True, blank=True
    )
    purchase_price = models.BigIntegerField(_("purchase price"), null=True, blank=True)
    purchase_currency = models.CharField(_("currency of purchase"), max_length=3, null=True, blank=True)
    purchase_vat = models.CharField(
        _("VAT of purchase"), max_length=10, choices=VatChoices.choices, null=True, blank=True
    )
    purchase_year = models.PositiveSmallIntegerField(_("year of purchase"), null=True, blank=True)
    funding = models.JSONField(_("funding"), null=True, blank=True)
    keep_until_on = models.DateField(_("funders' conditions end"), null=True, blank=True)
    replacement_price = models.BigIntegerField(_("replacement price"), null=True, blank=True)
    replacement_currency = models.CharField(_("currency of replacement"), max_length=3, null=True, blank=True)
    replacement_year = models.PositiveSmallIntegerField(
        _("replacement price of the year"), null=True, blank=True
    )
    replacement_source = models.CharField(
        _("source of the replacement price"), max_length=200, null=True, blank=True
    )
    depreciation_years = models.PositiveSmallIntegerField(_("depreciation (years)"), null=True, blank=True)
    depreciation_start_on = models.DateField(_("depreciated from"), null=True, blank=True)
    insurance = models.CharField(_("insurance"), max_length=200, null=True, blank=True)
    insured_until_on = models.DateField(_("insured until"), null=True, blank=True)
    running_cost = models.BigIntegerField(_("running cost per year"), null=True, blank=True)
    running_currency = models.CharField(_("currency of running cost"), max_length=3, null=True, blank=True)
    economics_documents = models.JSONField(null=True, blank=True)

    # contact
    mailbox = models.EmailField(_("function mailbox"), null=True, blank=True)
    contact_url = models.URLField(_("how to ask"), null=True, blank=True)
    person_uid = models.UUIDField(_("contact person's id"), null=True, editable=False)
    person_name = models.CharField(_("contact person"), max_length=200, null=True, blank=True)
    person_email = models.EmailField(_("contact person's e-mail"), null=True, blank=True)
    person_orcid = models.CharField(_("contact person's ORCID"), max_length=19, null=True, blank=True)

    # internal
    serial_number = models.CharField(_("serial number"), max_length=100, null=True, blank=True)
    inventory_number = models.CharField(_("inventory number"), max_length=100, null=True, blank=True)
    room = models.CharField(_("room"), max_length=100, null=True, blank=True)
    criticality = models.PositiveSmallIntegerField(_("criticality (1-5)"), null=True, blank=True)
    status_log = models.JSONField(_("status history"), null=True, blank=True)
    notes = models.TextField(_("notes"), null=True, blank=True)
    internal_documents = models.JSONField(null=True, blank=True)

    # who sees which section outside, and when it last changed
    capacity_mask = models.BigIntegerField(default=0, editable=False)
    economics_mask = models.BigIntegerField(default=0, editable=False)
    contact_mask = models.BigIntegerField(default=0, editable=False)
    internal_mask = models.BigIntegerField(default=0, editable=False)
    capacity_at = models.DateTimeField(null=True, editable=False)
    economics_at = models.DateTimeField(null=True, editable=False)
    contact_at = models.DateTimeField(null=True, editable=False)
    internal_at = models.DateTimeField(null=True, editable=False)

    # local: outside all sections
    linked_model = models.ForeignKey(
        "catalogue.DeviceModel",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="instruments",
        verbose_name=_("make and model"),
        db_index=False,
    )

    objects: ClassVar[Any] = InstrumentQuerySet.as_manager()

    class Meta(Record.Meta):
        indexes: ClassVar = [
            *Record.Meta.indexes,
            models.Index(Lower("name"), "id", name="instrument_by_name"),
            # What the usual list searches, narrows and sorts by, and who may see it: a scan of this index
            # costs a third of one of the wide table.
            models.Index(fields=LISTED, name="instrument_listed", condition=Q(deleted_at=None)),
            # What the overview adds up: four scans of this index instead of four of the wide table. Without
            # `deleted_at` among its columns, which says nothing, SQLite reads the wide table all the same.
            models.Index(fields=FIGURED, name="instrument_figures", condition=Q(deleted_at=None)),
            # Small indexes of live rows: counts and facets read these and not the wide table.
            models.Index(fields=["status"], name="instrument_by_status", condition=Q(deleted_at=None)),
            models.Index(
                fields=["linked_model", "techniques"],
                name="instrument_by_model",
                condition=Q(deleted_at=None),
            ),
            models.Index(fields=["site"], name="instrument_by_site", condition=Q(deleted_at=None)),
            models.Index(
                fields=["commissioned_on", "purchase_year"],
                name="instrument_by_age",
                condition=Q(deleted_at=None),
            ),
            models.Index(fields=["parent"], name="instrument_by_parent", condition=Q(parent__isnull=False)),
            models.Index(
                Lower("name"), "id", name="instrument_public", condition=Q(is_public=True, deleted_at=None)
            ),
            models.Index(fields=["inventory_number"], name="instrument_by_inventory"),
            models.Index(fields=["serial_number"], name="instrument_by_serial"),
            *waiting("instrument", "unit", "site", "parent"),
        ]
        constraints: ClassVar = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(unit__isnull=False) | ~Q(home=OWN),
                name="own_instrument_has_unit",
                violation_error_message=_("An instrument needs a unit."),
            ),
            models.CheckConstraint(
                condition=Q(criticality__isnull=True) | Q(criticality__range=(1, 5)),
                name="criticality_1_to_5",
                violation_error_message=_("Criticality goes from 1 (can wait) to 5 (work stops)."),
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{price}_{what}__isnull": True})
                    | Q(**{f"{price}_currency__isnull": False}),
                    name=f"{price}_has_currency",
                    violation_error_message=_("A price needs its currency."),
                )
                for price, what in (("purchase", "price"), ("replacement", "price"), ("running", "cost"))
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def label_of(cls, name: str) -> Any:
        """Return what people call a field."""
        return capfirst(cls._meta.get_field(name).verbose_name)  # type: ignore[union-attr]

    def get_absolute_url(self) -> str:
        """The page of the instrument."""
        return reverse("instruments:instrument", args=[self.uid])

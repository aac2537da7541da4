"""The tables of services and capabilities: the queryable face of their sections, and what they draw on."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from parkbench.offer.rules import Status
from parkbench.records.models import OWN, Record, RecordQuerySet, waiting


class StatusChoices(models.TextChoices):
    """The life of a service as people read it."""

    PLANNED = Status.PLANNED.value, _("planned")
    OFFERED = Status.OFFERED.value, _("offered")
    PAUSED = Status.PAUSED.value, _("paused")
    ENDED = Status.ENDED.value, _("ended")


class AccessChoices(models.TextChoices):
    """How somebody gets a service."""

    COLLABORATION = "collaboration", _("collaboration")
    SERVICE = "service", _("done for you")
    SELF_USE = "self-use", _("self-use after training")
    REMOTE = "remote", _("remote")


class VatChoices(models.TextChoices):
    """Whether a price holds VAT."""

    EXCLUDED = "excluded", _("without VAT")
    INCLUDED = "included", _("with VAT")


class OfferQuerySet(RecordQuerySet):
    """What services and capabilities can be asked beside every record."""

    has_register = False


class WithContact(models.Model):
    """Columns of the contact section: a function mailbox, a person only where that person agreed."""

    mailbox = models.EmailField(_("function mailbox"), null=True, blank=True)
    contact_url = models.URLField(_("how to ask"), null=True, blank=True)
    person_uid = models.UUIDField(null=True, editable=False)
    person_name = models.CharField(_("contact person"), max_length=200, null=True, blank=True)
    person_email = models.EmailField(_("contact person's e-mail"), null=True, blank=True)
    person_orcid = models.CharField(_("contact person's ORCID"), max_length=19, null=True, blank=True)
    contact_mask = models.BigIntegerField(default=0, editable=False)
    contact_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True


class Service(Record, WithContact):
    """What a unit does for others."""

    # basics
    name = models.CharField(_("name"), max_length=200)
    unit = models.ForeignKey(
        "programme.Unit", models.SET_NULL, null=True, related_name="services", verbose_name=_("unit")
    )
    unit_ref = models.CharField(max_length=400, null=True, editable=False)
    description = models.TextField(_("description"), null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=20, choices=StatusChoices.choices, null=True, blank=True
    )
    access_modes = models.CharField(_("access"), max_length=100, null=True, blank=True)
    user_categories = models.CharField(_("who may use it"), max_length=200, null=True, blank=True)
    sample_types = models.CharField(_("sample types"), max_length=3500, null=True, blank=True)
    biosafety_class = models.PositiveSmallIntegerField(_("biosafety class"), null=True, blank=True)
    techniques = models.CharField(_("techniques"), max_length=2500, null=True, blank=True)
    instrument_refs = models.JSONField(_("instruments"), null=True, blank=True)

    # capacity
    lead_time_days = models.PositiveSmallIntegerField(_("lead time (days)"), null=True, blank=True)
    throughput = models.CharField(_("throughput"), max_length=200, null=True, blank=True)
    capacity_mask = models.BigIntegerField(default=0, editable=False)
    capacity_at = models.DateTimeField(null=True, editable=False)

    # prices
    prices = models.JSONField(_("prices"), null=True, blank=True)
    prices_mask = models.BigIntegerField(default=0, editable=False)
    prices_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[Any] = OfferQuerySet.as_manager()

    class Meta(Record.Meta):
        indexes: ClassVar = [
            *Record.Meta.indexes,
            models.Index(Lower("name"), "id", name="service_by_name"),
            *waiting("service", "unit"),
        ]
        constraints: ClassVar = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(unit__isnull=False) | ~Q(home=OWN),
                name="own_service_has_unit",
                violation_error_message=_("A service needs a unit."),
            ),
            models.CheckConstraint(
                condition=Q(biosafety_class__isnull=True) | Q(biosafety_class__range=(1, 4)),
                name="biosafety_class_1_to_4",
                violation_error_message=_("Biosafety classes go from 1 to 4."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The page of the service."""
        return reverse("offer:service", args=[self.uid])


class Capability(Record, WithContact):
    """A named offer that draws on services of several units."""

    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), null=True, blank=True)
    platform = models.ForeignKey(
        "programme.Platform",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="capabilities",
        verbose_name=_("platform"),
    )
    platform_ref = models.CharField(max_length=400, null=True, editable=False)
    service_refs = models.JSONField(_("services"), null=True, blank=True)

    objects: ClassVar[Any] = OfferQuerySet.as_manager()

    class Meta(Record.Meta):
        verbose_name_plural = "capabilities"
        indexes: ClassVar = [*Record.Meta.indexes, *waiting("capability", "platform")]
        constraints: ClassVar = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                Lower("name"),
                condition=Q(home=OWN, deleted_at=None),
                name="capability_name_once",
                violation_error_message=_("A capability with this name is here already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The page of the capability."""
        return reverse("offer:capability", args=[self.uid])


class ServiceInstrument(models.Model):
    """A service is done with an instrument that is here; follows from the service's basics."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="instrument_links", db_index=False)
    instrument = models.ForeignKey("instruments.Instrument", models.CASCADE, related_name="service_links")
    place = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["service", "instrument"], name="service_instrument_once"),
        ]

    def __str__(self) -> str:
        return f"service {self.service_id} instrument {self.instrument_id}"


class ServicePrice(models.Model):
    """Where a price line stands; follows from the service's prices."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="price_links", db_index=False)
    line = models.UUIDField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "line"], name="service_price_once"),
        ]

    def __str__(self) -> str:
        return f"service {self.service_id} price {self.line}"


class CapabilityService(models.Model):
    """A capability draws on a service that is here; follows from the capability's basics."""

    capability = models.ForeignKey(Capability, models.CASCADE, related_name="service_links", db_index=False)
    service = models.ForeignKey(Service, models.CASCADE, related_name="capability_links")
    place = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["capability", "service"], name="capability_service_once"),
        ]

    def __str__(self) -> str:
        return f"capability {self.capability_id} service {self.service_id}"

"""The table of service events: the queryable face of their sections."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from parkbench.instruments.models import VatChoices
from parkbench.records.models import OURS, OWN, Looker, Record, RecordQuerySet, waiting
from parkbench.servicing.rules import Happening


class HappeningChoices(models.TextChoices):
    """What can happen, as people read it."""

    FAILURE = Happening.FAILURE.value, _("failure")
    PREVENTIVE = Happening.PREVENTIVE.value, _("preventive maintenance")
    UPGRADE = Happening.UPGRADE.value, _("upgrade")
    MOVE = Happening.MOVE.value, _("move")
    QUALITY_CHECK = Happening.QUALITY_CHECK.value, _("quality check")


class ServiceEventQuerySet(RecordQuerySet):
    """What service events can be asked beside every record."""

    has_register = False

    def open(self) -> Self:
        """Events that still last: the instrument is down."""
        return self.filter(still_down=True)

    def visible(self, viewer: Looker, home: str = OURS) -> Self:
        """Events this viewer may know of; those of an instrument that is deleted are gone with it."""
        return super().visible(viewer, home).filter(instrument__deleted_at=None)


class ServiceEvent(Record):
    """Something that happened to an instrument: it failed, was maintained, upgraded, moved, checked."""

    # basics
    name = models.CharField(_("summary"), max_length=200)
    instrument = models.ForeignKey(
        "instruments.Instrument",
        models.SET_NULL,
        null=True,
        related_name="service_events",
        verbose_name=_("instrument"),
        db_index=False,
    )
    instrument_ref = models.CharField(max_length=400, null=True, editable=False)
    happened_on = models.DateField(_("date"))
    event_kind = models.CharField(_("kind"), max_length=20, choices=HappeningChoices.choices)
    ended_on = models.DateField(_("up again"), null=True, blank=True)
    still_down = models.BooleanField(_("still down"), default=False)
    down_tenths = models.PositiveIntegerField(_("days down, as stated, in tenths"), null=True, blank=True)
    days_down = models.PositiveIntegerField(_("days down, in tenths"), null=True, blank=True)

    # economics
    cost = models.BigIntegerField(_("cost"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, null=True, blank=True)
    vat = models.CharField(_("VAT"), max_length=10, choices=VatChoices.choices, null=True, blank=True)
    supplier = models.CharField(_("supplier"), max_length=200, null=True, blank=True)

    # internal
    case_number = models.CharField(_("case number"), max_length=100, null=True, blank=True)
    note = models.TextField(_("note"), null=True, blank=True)

    # who sees which section outside, and when it last changed
    economics_mask = models.BigIntegerField(default=0, editable=False)
    internal_mask = models.BigIntegerField(default=0, editable=False)
    economics_at = models.DateTimeField(null=True, editable=False)
    internal_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[Any] = ServiceEventQuerySet.as_manager()

    class Meta(Record.Meta):
        indexes: ClassVar = [
            *Record.Meta.indexes,
            # An instrument's events from the newest, with what sums read of them.
            models.Index(
                fields=["instrument", "happened_on", "event_kind", "days_down", "cost", "currency", "vat"],
                name="service_event_of_instrument",
            ),
            models.Index(fields=["happened_on"], name="service_event_by_day", condition=Q(deleted_at=None)),
            models.Index(
                fields=["instrument"],
                name="service_event_open",
                condition=Q(still_down=True, deleted_at=None),
            ),
            models.Index(fields=["case_number"], name="service_event_by_case"),
            *waiting("service_event", "instrument"),
        ]
        constraints: ClassVar = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                # What is deleted may outlive its instrument by the moments between two removals.
                condition=Q(instrument__isnull=False) | ~Q(home=OWN) | Q(deleted_at__isnull=False),
                name="own_service_event_has_instrument",
                violation_error_message=_("A service event needs its instrument."),
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=models.F("happened_on")),
                name="service_event_ends_after_it_began",
                violation_error_message=_("It cannot be up again before it happened."),
            ),
            models.CheckConstraint(
                condition=Q(still_down=False) | Q(ended_on__isnull=True, days_down__isnull=True),
                name="service_event_open_has_no_end",
                violation_error_message=_("What is still down has no end yet."),
            ),
            models.CheckConstraint(
                condition=Q(cost__isnull=True) | Q(currency__isnull=False),
                name="service_cost_has_currency",
                violation_error_message=_("A cost needs its currency."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def label_of(cls, name: str) -> Any:
        """Return what people call a field."""
        return capfirst(cls._meta.get_field(name).verbose_name)  # type: ignore[union-attr]

    def get_absolute_url(self) -> str:
        """The page of the event."""
        return reverse("servicing:event", args=[self.uid])

"""Tables of use: one row per instrument and calendar year, and the sums of each unit and month."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from parkbench.records.models import OWN, Record, RecordQuerySet, waiting


class UseQuerySet(RecordQuerySet):
    """What years of use can be asked beside every record."""

    has_register = False

    def standing(self) -> UseQuerySet:
        """Years of instruments that are not deleted."""
        return self.filter(instrument__isnull=False, instrument__deleted_at=None)


def _minutes(label: Any) -> models.BigIntegerField[Any, Any]:
    return models.BigIntegerField(label, null=True, blank=True)


class UseYear(Record):
    """How one instrument was used in one calendar year; sums are whole minutes, NULL is not known."""

    # basics
    name = models.CharField(_("name"), max_length=20)
    instrument = models.ForeignKey(
        "instruments.Instrument", models.SET_NULL, null=True, related_name="use_years", db_index=False
    )
    instrument_ref = models.CharField(max_length=400, null=True, editable=False)
    year = models.PositiveSmallIntegerField(_("year"))

    # hours
    used = _minutes(_("used"))
    training = _minutes(_("of these training"))
    sessions = _minutes(_("sessions"))
    booked = _minutes(_("booked"))
    available = _minutes(_("available"))
    maintenance = _minutes(_("maintenance"))
    down = _minutes(_("down"))
    months_known = models.PositiveSmallIntegerField(_("months known"), null=True, blank=True)
    months = models.JSONField(null=True, blank=True)

    # groups
    groups = models.JSONField(null=True, blank=True)

    # who sees which section outside, and when it last changed
    hours_mask = models.BigIntegerField(default=0, editable=False)
    groups_mask = models.BigIntegerField(default=0, editable=False)
    hours_at = models.DateTimeField(null=True, editable=False)
    groups_at = models.DateTimeField(null=True, editable=False)

    # local: in which unit's sums it is counted, so that they follow an instrument that moves
    counted_in = models.ForeignKey(
        "programme.Unit", models.SET_NULL, null=True, related_name="+", editable=False, db_index=False
    )

    objects: ClassVar[Any] = UseQuerySet.as_manager()

    class Meta(Record.Meta):
        ordering = ["-year"]
        indexes: ClassVar = [
            *Record.Meta.indexes,
            models.Index(fields=["instrument", "year"], name="use_year_by_instrument"),
            models.Index(
                fields=["year", "instrument"], name="use_year_by_year", condition=Q(deleted_at=None)
            ),
            models.Index(fields=["counted_in", "year"], name="use_year_counted"),
            *waiting("use_year", "instrument"),
        ]
        constraints: ClassVar = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=["instrument", "year"],
                condition=Q(home=OWN, deleted_at=None),
                name="use_year_once",
                violation_error_message=_("The use of this instrument in this year is here already."),
            ),
            models.CheckConstraint(
                condition=Q(training__isnull=True) | Q(used__isnull=True) | Q(training__lte=models.F("used")),
                name="training_within_used",
                violation_error_message=_("Training hours lie within the hours used."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The page of this year."""
        return reverse("figures:year", args=[self.uid])


class UnitMonth(models.Model):
    """What the own instruments of a unit add up to in one month; derived, kept by the services.

    ``month`` is `rules.month_number`; the rows of a user category hold used, training and sessions, the row
    without one the rest and the sums over all. ``..._known`` count the instruments that told it;
    ``used_of_open`` and ``open_of_used`` are over instruments of which both are known: their quotient is a
    share, those of the others are not.
    """

    unit = models.ForeignKey("programme.Unit", models.CASCADE, related_name="+", db_index=False)
    month = models.PositiveIntegerField()
    category = models.CharField(max_length=20, blank=True)
    used = models.BigIntegerField(default=0)
    training = models.BigIntegerField(default=0)
    sessions = models.BigIntegerField(default=0)
    available = models.BigIntegerField(default=0)
    booked = models.BigIntegerField(default=0)
    maintenance = models.BigIntegerField(default=0)
    down = models.BigIntegerField(default=0)
    used_of_open = models.BigIntegerField(default=0)
    open_of_used = models.BigIntegerField(default=0)
    used_known = models.PositiveIntegerField(default=0)
    available_known = models.PositiveIntegerField(default=0)
    booked_known = models.PositiveIntegerField(default=0)
    maintenance_known = models.PositiveIntegerField(default=0)
    down_known = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["unit", "month", "category"], name="unit_month_once"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.month} {self.category}"

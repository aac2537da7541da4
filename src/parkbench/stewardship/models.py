"""Tables of stewardship: review periods, handovers, who wants mail, which weeks were sent, calendars."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from parkbench.stewardship.rules import LONGEST_PERIOD


class ReviewPeriod(models.Model):
    """How long the content of one kind counts as looked at on this node; no months: it is not reviewed."""

    kind = models.CharField(max_length=20, unique=True)
    months = models.PositiveSmallIntegerField(_("months"), null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(months=None) | Q(months__range=(1, LONGEST_PERIOD)),
                name="review_period_in_months",
                violation_error_message=_("A period has 1 to 120 months; empty: not reviewed."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.months}"


class Handover(models.Model):
    """Records that went from one content responsible to another at one moment."""

    giver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", db_index=False
    )
    taker = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"handover {self.pk}"


class HandedRecord(models.Model):
    """One record of a handover, so that it can go back."""

    handover = models.ForeignKey(Handover, models.CASCADE, related_name="records")
    kind = models.CharField(max_length=20)
    uid = models.UUIDField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["handover", "uid", "kind"], name="handed_over_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid}"


class MailChoice(models.Model):
    """What a person said about the weekly mail; whoever said nothing gets it."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    wants_digest = models.BooleanField(_("weekly mail"), default=True)

    def __str__(self) -> str:
        return f"mail to {self.person_id}"


class Digest(models.Model):
    """That somebody's mail of one week was dealt with; written before it is sent, so never sent twice."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    week = models.CharField(max_length=8)
    at = models.DateTimeField(default=timezone.now)
    is_sent = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "week"], name="digest_once_a_week"),
        ]

    def __str__(self) -> str:
        return f"{self.week} to {self.person_id}"


class Feed(models.Model):
    """A calendar that somebody may fetch by a secret address; only the hash of the secret is kept."""

    class Sort(models.TextChoices):
        """What a calendar is about."""

        MINE = "mine", _("what I answer for")
        PLACE = "place", _("a unit or platform")
        ORGANISATION = "organisation", _("the whole organisation")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    sort = models.CharField(max_length=12, choices=Sort.choices)
    place = models.UUIDField(null=True)
    secret_digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    fetched_at = models.DateTimeField(null=True)
    content_digest = models.CharField(max_length=64, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-made_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(sort="place", place__isnull=False) | (~Q(sort="place") & Q(place=None)),
                name="feed_of_a_place_names_it",
                violation_error_message=_("Choose the unit or platform."),
            ),
        ]

    def __str__(self) -> str:
        return f"calendar {self.pk}"

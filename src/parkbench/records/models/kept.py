"""What people keep for themselves: columns and filters of lists, notes on partners' records."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from parkbench.records.models.homes import REGISTER, Home


class ListColumns(models.Model):
    """The columns a person chose for a list."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    list_name = models.CharField(max_length=40)
    columns = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "list_name"], name="list_columns_once")]

    def __str__(self) -> str:
        return self.list_name


class SavedFilter(models.Model):
    """A named filter of a list, the person's own or shared with all members."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    list_name = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=80)
    query = models.CharField(max_length=2000)
    is_shared = models.BooleanField(_("for everybody here"), default=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "list_name", "name"],
                name="saved_filter_once",
                violation_error_message=_("You have a filter of this name already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LocalNote(models.Model):
    """What members note for themselves on a partner's record; never exchanged.

    It is kept on the id of the record: it outlives the row and shows again when the record comes back.
    """

    home = models.ForeignKey(Home, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20)
    uid = models.UUIDField()
    text = models.CharField(_("note"), max_length=4000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [
            models.Index(fields=["uid", "home"], name="local_note_by_record"),
            models.Index(fields=["by"], name="local_note_by_person", condition=Q(by__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(home__gt=REGISTER),
                name="local_note_on_partners",
                violation_error_message=_("Notes are kept on partners' records; own ones are edited."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid} {self.at:%Y-%m-%d}"

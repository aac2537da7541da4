"""Tables of importing: sources, imports of them, and what a source said of each row."""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from parkbench.intake.rules import RUNNING, BatchState


class Source(models.Model):
    """Where rows come from again and again: a spreadsheet somebody keeps, a system that exports one."""

    name = models.CharField(_("name"), max_length=100)
    target = models.CharField(max_length=40)
    recipe = models.JSONField(default=dict)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="source_name_once",
                violation_error_message=_("A source with this name is here already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BatchQuerySet(models.QuerySet["Batch"]):
    """What can be asked of imports."""

    def running(self) -> Self:
        """Imports that a worker is at, or was when it was killed."""
        return self.filter(state__in=[state.value for state in RUNNING])

    def written(self) -> Self:
        """Imports that wrote something and are not undone."""
        return self.filter(state__in=[BatchState.ACCEPTING.value, BatchState.ACCEPTED.value])


class Batch(models.Model):
    """One import of one file.

    ``done`` counts the lines of the plan that are accepted, ``cursor`` is how far an undo got; ``counts`` is
    what the dry run found, ``result`` what was done; ``excluded`` and ``taken`` are row numbers that a person
    left out, or whose sheet values are to win over corrections by hand.
    """

    class State(models.TextChoices):
        """Where an import stands, as people read it."""

        UPLOADED = BatchState.UPLOADED.value, _("uploaded")
        CHECKING = BatchState.CHECKING.value, _("being checked")
        CHECKED = BatchState.CHECKED.value, _("checked, not accepted")
        ACCEPTING = BatchState.ACCEPTING.value, _("being accepted")
        ACCEPTED = BatchState.ACCEPTED.value, _("accepted")
        UNDOING = BatchState.UNDOING.value, _("being undone")
        UNDONE = BatchState.UNDONE.value, _("undone")
        STOPPED = BatchState.STOPPED.value, _("stopped")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.ForeignKey(Source, models.PROTECT, related_name="batches")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.UPLOADED)
    file_name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(max_length=64)
    file_size = models.BigIntegerField(default=0)
    recipe = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    made = models.JSONField(default=dict)
    excluded = models.JSONField(default=list)
    taken = models.JSONField(default=list)
    done = models.PositiveIntegerField(default=0)
    cursor = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    beat_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    undone_at = models.DateTimeField(_("undone"), null=True)

    objects: ClassVar[models.Manager[Batch]] = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(
                fields=["beat_at"],
                name="batch_running",
                condition=Q(state__in=["checking", "accepting", "undoing"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} {self.at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        """The page of the import."""
        return reverse("intake:batch", args=[self.pk])


class SourceRow(models.Model):
    """What a source said of one of its rows in one import; the newest not undone is current.

    ``said`` is JSON: flat values by field, and under ``~field`` a record's name as written.
    """

    source = models.ForeignKey(Source, models.PROTECT, related_name="rows", db_index=False)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="rows")
    key = models.CharField(max_length=200)
    uid = models.UUIDField(db_index=True)
    row_number = models.PositiveIntegerField()
    said = models.TextField()
    is_current = models.BooleanField(default=True)
    missing_batch = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "key", "batch"], name="source_row_once"),
            models.UniqueConstraint(
                fields=["source", "key"], condition=Q(is_current=True), name="source_row_one_current"
            ),
        ]

    def __str__(self) -> str:
        return self.key

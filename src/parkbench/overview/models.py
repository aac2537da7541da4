"""When somebody was last here: the one thing that the overview keeps."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Visit(models.Model):
    """A person's present visit and the one before; ``previous_at`` is the end of that, None on the first."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", primary_key=True
    )
    last_seen_at = models.DateTimeField()
    previous_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(previous_at=None) | Q(previous_at__lte=F("last_seen_at")),
                name="visit_comes_after_the_one_before",
                violation_error_message=_("A visit cannot begin before the one before it."),
            ),
        ]

    def __str__(self) -> str:
        return f"visit of {self.person_id}"

"""What a running node remembers of its own running: leases and marks."""

from __future__ import annotations

from django.db import models


class Lease(models.Model):
    """Who does a thing alone just now; whoever lets it run out no longer does."""

    name = models.CharField(max_length=40, primary_key=True)
    holder = models.CharField(max_length=64)
    until_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} until {self.until_at}"


class Mark(models.Model):
    """When something was last done, and with what."""

    name = models.CharField(max_length=80, primary_key=True)
    text = models.CharField(max_length=400, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"

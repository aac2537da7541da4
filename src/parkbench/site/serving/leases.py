"""Leases and marks in the database: who does a thing alone, and when it was last done."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from parkbench.site.models import Lease, Mark


def take(*, name: str, holder: str, seconds: int) -> bool:
    """This function will take or renew a lease for so many seconds; returns False while another holds it."""
    now = timezone.now()
    until_at = now + timedelta(seconds=seconds)
    free = Lease.objects.filter(Q(holder=holder) | Q(until_at__lt=now), name=name)
    if free.update(holder=holder, until_at=until_at):
        return True
    try:
        with transaction.atomic():
            Lease.objects.create(name=name, holder=holder, until_at=until_at)
    except IntegrityError:  # somebody holds it
        return False
    return True


def release(*, name: str, holder: str) -> None:
    """This function will give a lease back, if this holder has it."""
    Lease.objects.filter(name=name, holder=holder).delete()


def mark(*, name: str, text: str = "") -> None:
    """This function will note that a thing was done just now."""
    Mark.objects.update_or_create(name=name, defaults={"text": text, "at": timezone.now()})


def marked_at(*, name: str) -> datetime | None:
    """Return when a thing was last done, or None."""
    return Mark.objects.filter(name=name).values_list("at", flat=True).first()

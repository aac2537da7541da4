"""Rows as a viewer may see them: what stands in other sections or records only where it is theirs."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from parkbench.offer.models import Capability, Service
from parkbench.records.models import OURS
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer, masked, referred

SECTIONS = {
    "lead_time_days": "capacity",
    "throughput": "capacity",
    "mailbox": "contact",
    "contact_url": "contact",
    "prices": "prices",
}
"""Column of a service > the section that guards it."""


def services(*, viewer: Viewer, home: str = OURS) -> QuerySet[Any]:
    """Return the services this viewer may see, each with what they may see of its other parts and its unit.

    Own ones unless another ``home`` is asked for. Annotated: `<column>_seen` of `SECTIONS`, `unit_seen`,
    `unit_uid_seen`, `platform_uid_seen`, `platform_seen`; sort, filter and search by these only, so that no
    order tells what is hidden.
    """
    kind = kind_of("service")
    seen = {f"{column}_seen": masked(kind, section, viewer, column) for column, section in SECTIONS.items()}
    rows: QuerySet[Any] = Service.objects.visible(viewer, home).annotate(
        unit_seen=referred(viewer, "name", "unit__"),
        unit_uid_seen=referred(viewer, "uid", "unit__"),
        platform_seen=referred(viewer, "name", "unit__platform__"),
        platform_uid_seen=referred(viewer, "uid", "unit__platform__"),
        **seen,
    )
    return rows


def capabilities(*, viewer: Viewer, home: str = OURS) -> QuerySet[Any]:
    """Return the capabilities this viewer may see; annotated as `services`, with platform and contact."""
    kind = kind_of("capability")
    rows: QuerySet[Any] = Capability.objects.visible(viewer, home).annotate(
        platform_seen=referred(viewer, "name", "platform__"),
        platform_uid_seen=referred(viewer, "uid", "platform__"),
        mailbox_seen=masked(kind, "contact", viewer, "mailbox"),
        contact_url_seen=masked(kind, "contact", viewer, "contact_url"),
    )
    return rows

"""What a service and a capability say to programs: https://schema.org/Service and its offers."""

from __future__ import annotations

import json
from typing import Any

from django.utils import timezone

from parkbench.lib.money import plain_decimal
from parkbench.offer.models import Service
from parkbench.offer.queries.rows import capabilities, services
from parkbench.records.models import ALL
from parkbench.records.queries import thing
from parkbench.records.visibility import Viewer


def service(row: Any, viewer: Viewer) -> dict[str, Any]:
    """Return a service: who provides it, whom to ask, what it costs today; as far as the viewer sees it."""
    seen = services(viewer=viewer, home=ALL).get(pk=row.pk)
    return thing(
        type="Service",
        kind="service",
        row=row,
        description=row.description,
        provider={"@type": "Organization", "name": seen.unit_seen} if seen.unit_seen else None,
        email=seen.mailbox_seen,
        offers=_offers(seen.prices_seen),
    )


def _offers(prices: Any) -> list[dict[str, str]]:
    """Return the prices that hold today, each as https://schema.org/Offer."""
    lines = json.loads(prices) if isinstance(prices, str) else prices or []
    today = timezone.localdate().isoformat()
    return [
        {
            "@type": "Offer",
            "price": plain_decimal(line["amount"], line["currency"]),
            "priceCurrency": line["currency"],
            "description": ", ".join(
                part for part in (line.get("label"), line.get("category"), f"per {line['unit']}") if part
            ),
        }
        for line in lines
        if (line.get("valid_from") or today) <= today <= (line.get("valid_until") or today)
    ]


def capability(row: Any, viewer: Viewer) -> dict[str, Any]:
    """Return a capability with the services it draws on, as far as the viewer sees them."""
    seen = capabilities(viewer=viewer, home=ALL).get(pk=row.pk)
    drawn_on = (
        Service.objects.visible(viewer, ALL).filter(capability_links__capability=row).order_by("name", "pk")
    )
    return thing(
        type="Service",
        kind="capability",
        row=row,
        description=row.description,
        email=seen.mailbox_seen,
        isRelatedTo=[
            thing(type="Service", kind="service", row=one) for one in drawn_on.select_related("home")
        ],
    )

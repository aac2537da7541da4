"""With whose eyes one looks: a single partner sees with every audience that it is in, groups too."""

from __future__ import annotations

from parkbench.exchange.models import Partner
from parkbench.exchange.queries.partners import mask_of


def eyes_of(audience_id: int) -> int:
    """Return the mask of the partner whose own audience this is; 0 when it is no partner's."""
    partner = Partner.objects.filter(audience_id=audience_id).first()
    return 0 if partner is None else mask_of(partner)

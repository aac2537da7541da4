"""Which node document of a partner counts, and which one is set aside until somebody has looked."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from parkbench.envelope.documents import NodeDocument
from parkbench.exchange.models import Partner

CHANGED = _(
    "The keys of this partner have changed, and no key that is known here vouches for the new ones. Nothing "
    "is read from it until an administrator has compared the fingerprint with them, by telephone."
)
REVOKED = _(
    "What stands at the address of this partner is signed by a key that it has revoked: somebody may use "
    "a stolen key. Nothing of it was read. Tell the partner's administrator, by telephone."
)


@transaction.atomic
def pin(*, partner: int, document: NodeDocument, written: bytes) -> None:
    """This function will make this document the one that a partner's signatures are checked by."""
    Partner.objects.filter(pk=partner).update(
        document=written.decode(),
        document_number=document.number,
        document_at=timezone.now(),
        exchange_url=document.exchange_url,
        mailbox=document.mailbox,
        is_public_authority=document.is_public_authority,
        offered="",
    )


@transaction.atomic
def set_aside(*, partner: int, offered: bytes) -> None:
    """This function will keep a document that nobody vouches for, and stop reading from that partner."""
    Partner.objects.filter(pk=partner).update(
        offered=offered.decode(errors="replace"), next_pull_at=None, problem=str(CHANGED)[:500]
    )

"""A partner whose keys changed without a word of the old ones: an administrator vouches for the new ones."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.envelope.documents import read_document
from parkbench.envelope.errors import EnvelopeError
from parkbench.envelope.keys import spoken
from parkbench.exchange.models import Partner
from parkbench.exchange.services.partners import locked
from parkbench.exchange.services.pinning import pin
from parkbench.lib.errors import Conflict, Refused
from parkbench.records.visibility import Viewer


@transaction.atomic
def trust_new_key(*, partner_id: int, fingerprint: str, by: Viewer) -> Partner:
    """This function will pin the document that was set aside, after its fingerprint was compared.

    ``fingerprint`` is the one that was compared. Raises Refused when nothing that can be read was set aside,
    Conflict when another one was set aside meanwhile.
    """
    by.check(Action.OPERATE)
    partner = locked(partner_id)
    try:
        document, signers = read_document(partner.offered.encode())
    except EnvelopeError as error:
        raise Refused(_("There is no new key of %(name)s to look at.") % {"name": partner}) from error
    if spoken(signers[0]) != fingerprint:
        raise Conflict(_("Meanwhile the partner shows yet another key. Compare the fingerprint once more."))
    if document.id != partner.home.address:
        raise Refused(_("This document is of another node."))
    pin(partner=partner.pk, document=document, written=partner.offered.encode())
    Partner.objects.filter(pk=partner.pk).update(problem="", next_pull_at=timezone.now())
    partner.refresh_from_db()
    return partner

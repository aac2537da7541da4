"""Under a public-access law: what this node says of itself, and on which basis it removes what it received.

Source: exchange.md 3, "Public authorities".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.exchange.models import Disposal, ExchangeState, OwedReceipt
from parkbench.exchange.queries import authority as queries
from parkbench.exchange.services.documents import locked_state, renew_document
from parkbench.lib.errors import Invalid, Problem, Refused
from parkbench.records.services import Departed
from parkbench.records.visibility import Viewer

Kept = Mapping[UUID, frozenset[queries.Part]]
MOST_BASIS = 300


@transaction.atomic
def describe_node(
    *, mailbox: str, lease_days: int, is_public_authority: bool, disposal_basis: str, by: Viewer
) -> None:
    """This function will set what this node says of itself, and issue its document anew.

    ``lease_days`` is how long partners keep our records without a word from us. Raises NotAllowed for anybody
    but administrators, Invalid for values that cannot be, Refused while records are frozen under the law that
    is to apply no longer.
    """
    by.check(Action.OPERATE)
    basis = " ".join(disposal_basis.split())
    _check_description(mailbox, lease_days, basis, needs_basis=is_public_authority)
    state = locked_state()
    if not is_public_authority and queries.open_cases().exists():
        raise Refused(_("Records are frozen under open requests for access. Release them first."))
    state.mailbox, state.lease_days = mailbox, lease_days
    state.is_public_authority, state.disposal_basis = is_public_authority, basis
    state.save(update_fields=["mailbox", "lease_days", "is_public_authority", "disposal_basis"])
    renew_document()


def _check_description(mailbox: str, lease_days: int, basis: str, *, needs_basis: bool) -> None:
    problems = []
    if mailbox:
        try:
            validate_email(mailbox)
        except ValidationError:
            problems.append(Problem(_("Function mailbox"), mailbox, _("an e-mail address, or nothing")))
    if not 1 <= lease_days <= 365:
        problems.append(Problem(_("Lease in days"), lease_days, _("a number from 1 to 365")))
    if needs_basis and not basis:
        problems.append(
            Problem(_("Disposal basis"), basis, _("the decision by which copies of partners may be removed"))
        )
    if len(basis) > MOST_BASIS:
        problems.append(Problem(_("Disposal basis"), basis, _("at most 300 characters")))
    if problems:
        raise Invalid(problems)


def note_disposal(*, home_id: int, departed: Departed, now: datetime | None = None) -> Disposal | None:
    """This function will note what was removed and on which basis, on a node under a public-access law.

    Returns None where nothing was removed, or no such law applies.
    """
    if not (departed.sections or departed.records):
        return None
    state = ExchangeState.objects.get(pk=1)
    if not state.is_public_authority:
        return None
    return Disposal.objects.create(
        home_id=home_id,
        at=now or timezone.now(),
        basis=state.disposal_basis,
        section_count=max(departed.sections, departed.records),
        record_count=departed.records,
    )


def count_apart(*, owed: Iterable[OwedReceipt], before: Kept, after: Kept) -> None:
    """This function will tell in receipts what is kept frozen now, and count it as removed no longer.

    ``before`` is what was kept when the journals began to be read, so that a part is taken off just once.
    Saves nothing.
    """
    for receipt in owed:
        now = after.get(receipt.audience, frozenset())
        receipt.frozen_count = len(now)
        receipt.removed_count = max(0, receipt.removed_count - len(newly(receipt.audience, before, after)))


def newly(audience: UUID, before: Kept, after: Kept) -> frozenset[queries.Part]:
    """Return the parts of a journal that are kept frozen now and were not before."""
    return after.get(audience, frozenset()) - before.get(audience, frozenset())

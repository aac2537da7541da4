"""Records of partners that are frozen while a request for access is open.

Source: exchange.md 3, "Public authorities". The parts of a frozen record are kept apart, as they were when
the request came; the partner's rows and bodies live on as its owner shares them, and nobody sees them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.exchange.models import ExchangeState, FrozenRecord, OwedReceipt, Partner
from parkbench.exchange.queries import authority as queries
from parkbench.exchange.services.authority import note_disposal
from parkbench.exchange.services.pulls import owe_receipts
from parkbench.lib import jobs
from parkbench.lib.errors import Conflict, Invalid, NotFound, Problem, Refused
from parkbench.lib.urn import parse_record_id
from parkbench.records import registry
from parkbench.records import services as records
from parkbench.records.models import NO_FINGERPRINT, HeldJournal, Home
from parkbench.records.services import Departed
from parkbench.records.visibility import Viewer

MOST_CASE = 100
_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


@transaction.atomic
def freeze(*, partner_id: int, record: str, case: str, by: Viewer) -> FrozenRecord:
    """This function will hide a partner's record from everybody and keep what it holds for a request.

    ``record`` is its permalink, the address of its page, or its id. Raises NotAllowed for anybody but
    administrators; Refused where no public-access law applies; Invalid for a missing case number or a text
    that names no record; NotFound when nothing is held of it; Conflict when it is frozen already.
    """
    by.check(Action.OPERATE)
    if not ExchangeState.objects.get(pk=1).is_public_authority:
        raise Refused(
            _(
                "Records are frozen only where a public-access law applies. Say so first, under Partners, "
                "Public access and this node: partners are to know before they share."
            )
        )
    number = " ".join(case.split())
    if not 0 < len(number) <= MOST_CASE:
        raise Invalid(Problem(_("Case number"), number, _("1 to 100 characters, such as 2026/1234")))
    partner = Partner.objects.select_related("home").filter(pk=partner_id).first()
    if partner is None:
        raise NotFound(_("There is no such partner here."))
    return _freeze(partner, _uid_in(record, partner.home), number, by)


def _freeze(partner: Partner, uid: UUID, case: str, by: Viewer) -> FrozenRecord:
    _lock(partner.home_id)
    if uid in queries.frozen_uids(partner.home_id):
        raise Conflict(_("This record is frozen already."))
    kind, content = queries.content_of(home_id=partner.home_id, uid=uid)
    records.hide_record(home=partner.home_id, kind=kind, uid=uid)
    return FrozenRecord.objects.create(
        home_id=partner.home_id,
        kind=kind,
        uid=uid,
        case=case,
        by_id=by.person_id,
        at=timezone.now(),
        content=content,
    )


def _uid_in(text: str, home: Home) -> UUID:
    """Return the one id that a permalink, an address or an id names; raise Invalid when it is not theirs."""
    expected = _("the permalink of a record of this partner, the address of its page, or its id")
    found = {word.lower() for word in _UID.findall(text)}
    if len(found) != 1:
        raise Invalid(Problem(_("Record"), text.strip()[:100], expected))
    try:
        node = parse_record_id(text.strip()).node
    except Invalid:
        node = home.address
    if node in _other_homes(home):
        raise Invalid(Problem(_("Record"), text.strip()[:100], expected))
    return UUID(found.pop())


def _other_homes(home: Home) -> set[str]:
    """Return the addresses of all other partners; our own permalinks lead to partners' records as well."""
    partners = Home.objects.filter(partner__isnull=False).exclude(pk=home.pk)
    return set(partners.values_list("address", flat=True))


def release(*, frozen_id: int, by: Viewer) -> FrozenRecord:
    """This function will end the freeze of a record: it is shown again if it is still shared, else removed.

    What was kept apart is removed for good; what its owner took back meanwhile is noted as disposed of, and
    the owner is told. Raises NotAllowed for anybody but administrators, NotFound when it is not frozen.
    """
    by.check(Action.OPERATE)
    with transaction.atomic():
        row = queries.frozen_record(pk=frozen_id, viewer=by)
        _lock(row.home_id)
        row = queries.frozen_record(pk=frozen_id, viewer=by)  # nobody released it while we waited
        left, content = queries.parts_left(row), row.content
        row.content, row.released_at = {}, timezone.now()
        row.save(update_fields=["content", "released_at"])
        records.show_record(home=row.home_id, kind=row.kind, uid=row.uid)
        note_disposal(home_id=row.home_id, departed=Departed(int("basics" in left), len(left)))
        partner = queries.partner_of_home(row.home_id)
        if partner is not None and left:
            _owe(partner, {section: content[section]["journals"] for section in left})
    # The words of what was kept, and of what a new revision replaced, leave the database's log too.
    registry.scrub()
    if partner is not None and left:
        jobs.enqueue("exchange.send_receipts", partner=partner.pk)
    return row


def _owe(partner: Partner, parts: Mapping[str, Mapping[str, tuple[str, int]]]) -> None:
    """Owe the partner the word that these parts, section > journals that named them, are gone now."""
    removed: dict[str, int] = {}
    places: dict[str, tuple[str, int]] = {}
    for journals in parts.values():
        for audience, place in journals.items():
            removed[audience] = removed.get(audience, 0) + 1
            places[audience] = place
    kept = queries.kept_frozen(home_id=partner.home_id)
    held = {row.audience: row for row in HeldJournal.objects.filter(home_id=partner.home_id)}
    owed = []
    for audience, count in removed.items():
        row = held.get(UUID(audience))
        epoch, seq = (row.epoch, row.seq) if row else (UUID(places[audience][0]), places[audience][1])
        owed.append(
            OwedReceipt(
                audience=UUID(audience),
                epoch=epoch,
                seq=seq,
                removed_count=count,
                frozen_count=len(kept.get(UUID(audience), ())),
                count=row.count if row else 0,
                fingerprint=row.fingerprint if row else NO_FINGERPRINT,
            )
        )
    owe_receipts(partner=partner.pk, owed=owed)


def _lock(home_id: int) -> None:
    """Lock a partner's home as taking in its pages does: what is kept is what is held at this moment."""
    Home.objects.select_for_update(no_key=True).get(pk=home_id)

"""First contact: a code authenticates the inviter by its key, and the invited by a proof of the code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.envelope.answers import Answer, invitation_name, read_answer, write_answer
from parkbench.envelope.documents import NodeDocument, read_document
from parkbench.envelope.errors import EnvelopeError
from parkbench.envelope.invitations import Invitation as Code
from parkbench.envelope.invitations import check_mac, new_invitation, read_code, stored, write_code
from parkbench.exchange.models import Invitation, Partner
from parkbench.exchange.rules import State, fit
from parkbench.exchange.services.ourselves import ourselves
from parkbench.exchange.services.partners import move
from parkbench.lib.errors import Invalid, NotFound, Problem, Refused
from parkbench.records.models import Home
from parkbench.records.queries import own_address
from parkbench.records.services import gate
from parkbench.records.visibility import Viewer

MOST_OPEN = 50
"""Invitations that may be open at once: each is tried with every answer."""

Fetch = Callable[[str], bytes]
"""``fetch(node address)`` returns the node document that stands there, not yet believed."""

Send = Callable[[str, bytes], None]
"""``send(exchange address, answer)`` answers whoever invited; raises Refused when it is not taken."""


@dataclass(frozen=True, slots=True)
class Met:
    """A node as its document describes it, whose key is the one that was expected."""

    document: NodeDocument
    written: bytes
    thumbprint: str


@transaction.atomic
def invite(*, name: str, by: Viewer) -> tuple[Invitation, str]:
    """This function will make an invitation; returns it and its code, which is shown once and kept nowhere.

    Raises Invalid for a name that is empty or too long, Refused while too many invitations are open.
    """
    by.check(Action.OPERATE)
    kept_name = " ".join(name.split())
    if not 0 < len(kept_name) <= 200:
        raise Invalid(Problem(_("Whom it is for"), kept_name, _("a name of 1 to 200 characters")))
    now = timezone.now()
    if len(_open(now)) >= MOST_OPEN:
        raise Refused(_("There are 50 open invitations already. Withdraw one that is not needed."))
    code = new_invitation(url=own_address(), thumbprint=ourselves().thumbprint, now=now)
    invitation = Invitation.objects.create(
        name=kept_name,
        secret_hash=stored(code.secret),
        expires_at=code.expires_at,
        by=by.person,
        made_at=now,
    )
    return invitation, write_code(code)


@transaction.atomic
def withdraw_invitation(*, pk: int, by: Viewer) -> None:
    """This function will make an invitation void; raises NotFound when it is not open any more."""
    by.check(Action.OPERATE)
    now = timezone.now()
    invitation = Invitation.objects.select_for_update().filter(pk=pk, partner=None, withdrawn_at=None).first()
    if invitation is None:
        raise NotFound(_("This invitation is not open any more."))
    invitation.withdrawn_at = now
    invitation.secret_hash = _burnt(invitation)
    invitation.save()


@transaction.atomic
def forget_expired(now: datetime | None = None) -> int:
    """This function will forget what proves the codes of invitations that ended; returns how many."""
    ended = Invitation.objects.filter(expires_at__lte=now or timezone.now()).exclude(
        secret_hash__startswith=_BURNT
    )
    invitations = list(ended)
    for invitation in invitations:
        invitation.secret_hash = _burnt(invitation)
        invitation.save(update_fields=["secret_hash"])
    return len(invitations)


def look(*, code: str, fetch: Fetch, by: Viewer) -> Met:
    """This function will ask the node that a code names for its document, and check it; nothing is written.

    Raises Refused for a code that is mistyped, over, or our own, for a node that shows another key than the
    code names, and for one that is a partner already.
    """
    by.check(Action.OPERATE)
    now = timezone.now()
    invitation = _read_code(code, now)
    if invitation.url == own_address():
        raise Refused(_("This invitation is our own. It is for the administrator of the other organisation."))
    met = _met(fetch(invitation.url), invitation.thumbprint, now=now)
    if met.document.id != invitation.url:
        raise Refused(
            _("At %(url)s answers a node that calls itself %(other)s. Do not go on; ask whoever invited you.")
            % {"url": invitation.url, "other": fit(met.document.id)}
        )
    _check_is_new(met.document)
    return met


def accept(*, code: str, fetch: Fetch, send: Send, by: Viewer) -> Partner:
    """This function will answer an invitation; the inviter is then a partner that waits for confirmation.

    Raises Refused as `look` does, and when the inviter does not take the answer.
    """
    met = look(code=code, fetch=fetch, by=by)
    secret = _read_code(code, timezone.now()).secret
    send(met.document.exchange_url, write_answer(secret=secret, document=ourselves().written))
    with transaction.atomic():
        gate.close()
        _check_is_new(met.document)
        return _met_for_the_first_time(met)


def receive_acceptance(*, written: bytes) -> Partner:
    """This function will take the answer of a node that was invited: it then waits for confirmation here.

    Raises Refused, always with the same sentence, for an invitation that is over, used, withdrawn, or tried
    too often, for a wrong proof, and for a document that cannot be used. Each try counts, also a failed one.
    """
    try:
        answer = read_answer(written)
    except EnvelopeError as error:
        raise Refused(refusal()) from error
    with transaction.atomic():
        gate.close()
        # A failed try must be kept: it returns nothing here, and is refused outside of the transaction.
        partner = _try(answer, timezone.now())
    if partner is None:
        raise Refused(refusal())
    return partner


def refusal() -> str:
    """Return the one sentence for every answer that is not taken."""
    return _("This invitation does not count here, or not any more. Ask whoever sent it for a new one.")


def _try(answer: Answer, now: datetime) -> Partner | None:
    invitation = _named(answer.invitation, now)
    if invitation is None:
        return None
    invitation.tries_left -= 1
    invitation.save(update_fields=["tries_left"])
    try:
        check_mac(invitation.secret_hash, answer.document, answer.mac)
        met = _met(answer.document, None, now=now)
        _check_is_new(met.document)
    except (EnvelopeError, Refused):
        return None
    partner = _met_for_the_first_time(met)
    invitation.partner, invitation.secret_hash = partner, _burnt(invitation)
    invitation.save()
    return partner


def _open(now: datetime) -> list[Invitation]:
    return list(
        Invitation.objects.filter(partner=None, withdrawn_at=None, expires_at__gt=now, tries_left__gt=0)
    )


def _named(name: str, now: datetime) -> Invitation | None:
    """Return the open invitation of that name, held; every open one is compared, in the same time."""
    found = None
    open_ones = Invitation.objects.select_for_update().filter(pk__in=[one.pk for one in _open(now)])
    for invitation in open_ones:
        if compare_digest(invitation_name(invitation.secret_hash), name):
            found = invitation
    return found


_BURNT = "over "


def _burnt(invitation: Invitation) -> str:
    """Return what stands in the place of the proof of a code that counts no more."""
    return f"{_BURNT}{invitation.pk}"


def _read_code(code: str, now: datetime) -> Code:
    try:
        return read_code(code, now=now)
    except EnvelopeError as error:
        raise Refused(str(error)) from error


def _met(written: bytes, thumbprint: str | None, *, now: datetime) -> Met:
    """Return the node that a document describes; raise Refused unless the expected key signed it."""
    try:
        document, signers = read_document(written)
    except EnvelopeError as error:
        raise Refused(_("The node shows no document that can be used: %(why)s") % {"why": error}) from error
    if thumbprint is not None and thumbprint not in signers:
        raise Refused(
            _(
                "The node at %(url)s shows another key than the invitation names. Do not go on: somebody may "
                "stand between you. Call whoever invited you, and ask for a new invitation."
            )
            % {"url": fit(document.id)}
        )
    if now >= document.expires_at:
        raise Refused(
            _("The document of %(url)s is too old, or a clock is wrong.") % {"url": fit(document.id)}
        )
    return Met(document, written, thumbprint or signers[0])


def _check_is_new(document: NodeDocument) -> None:
    """Raise Refused for ourselves, and for a node that is a partner already."""
    if document.id == own_address():
        raise Refused(_("A node cannot be its own partner."))
    known = Partner.objects.filter(home__address=document.id).select_related("home").first()
    if known is not None and known.state in (State.ACTIVE, State.SUSPENDED):
        raise Refused(
            _("%(name)s is a partner already: the partnership is %(state)s.")
            % {"name": known, "state": known.get_state_display()}
        )


def _met_for_the_first_time(met: Met) -> Partner:
    """Keep a node as a partner that waits for confirmation; one that ended begins again."""
    now, document = timezone.now(), met.document
    home, is_new = Home.objects.get_or_create(
        address=document.id, defaults={"name": fit(document.organisation)}
    )
    if not is_new:
        home.name = fit(document.organisation)
        home.save(update_fields=["name"])
    partner = Partner.objects.select_for_update(of=("self",)).filter(home=home).first() or Partner(
        home=home, state=State.INVITED.value, state_at=now
    )
    if partner.state != State.PENDING:
        move(partner, State.PENDING, now=now, frm={State.INVITED, State.ENDED})
    if not _is_of_the_same_keys(partner.document, document):
        partner.number_seen = 0  # made anew, it numbers its listings anew; old ones are signed by other keys
    partner.document, partner.document_number = met.written.decode(), document.number
    partner.document_at, partner.offered = now, ""
    partner.exchange_url, partner.mailbox = document.exchange_url, document.mailbox
    partner.is_public_authority = document.is_public_authority
    partner.their_state, partner.problem, partner.failure_count = "", "", 0
    partner.confirmed_at = partner.confirmed_by = partner.their_confirmed_at = None
    partner.save()
    return partner


def _is_of_the_same_keys(pinned: str, document: NodeDocument) -> bool:
    """Tell whether a document names a key of the one that was pinned."""
    known = {jwk["kid"] for jwk in read_document(pinned.encode())[0].keys} if pinned else set()
    return not known.isdisjoint(jwk["kid"] for jwk in document.keys)

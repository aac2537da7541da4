"""Who calls: a token is checked against the keys pinned for its issuer, and against this request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.utils import timezone

from parkbench.envelope import keys, signatures
from parkbench.envelope.documents import NodeDocument
from parkbench.envelope.errors import EnvelopeError
from parkbench.envelope.keys import Jwk
from parkbench.envelope.tokens import SKEW, read_token
from parkbench.exchange.models import Partner, UsedToken
from parkbench.exchange.queries import NodeNow, caller, node_now
from parkbench.exchange.rules import READS, State
from parkbench.exchange.services.clock import check_clock
from parkbench.exchange.services.documents import parsed, renew_document
from parkbench.exchange.services.limits import BY_ADDRESS, BY_PARTNER
from parkbench.exchange.services.refusals import Paused, Unauthorised

_BEARER = "Bearer "


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of another node: ``path`` as it follows the exchange address, ``token`` the whole header."""

    method: str
    path: str
    token: str
    address: str


@dataclass(frozen=True, slots=True)
class Caller:
    """A partner whose token counts; ``is_fresh`` tells whether its document was fetched lately enough."""

    partner: Partner
    keys: tuple[Jwk, ...]
    is_fresh: bool
    jti: str
    until: datetime

    @property
    def reads(self) -> bool:
        """Whether journals may be given to it."""
        return State(self.partner.state) in READS and self.is_fresh


def opened(*, asked: Asked) -> tuple[NodeNow, Caller | None]:
    """This function will return this node as it stands, and who calls; None for a request without a token.

    Raises TooOften, Paused, Unauthorised for any token that does not count.
    """
    BY_ADDRESS.check(asked.address)
    node, now = node_now(), timezone.now()
    if not node.kid:
        renew_document()
        node = node_now()
    if node.is_paused:
        raise Paused
    check_clock(seen_at=node.seen_at, now=now)
    if not asked.token:
        return node, None
    found = _identified(asked, node, now)
    BY_PARTNER.check(str(found.partner.pk))
    return node, found


def known(*, asked: Asked) -> tuple[NodeNow, Caller]:
    """This function will do as `opened`, and raise Unauthorised for a request without a token too."""
    node, found = opened(asked=asked)
    if found is None:
        raise Unauthorised
    return node, found


def use_token(found: Caller) -> None:
    """This function will let a token write once; raises Unauthorised the second time."""
    iss, until = found.partner.home.address, found.until + SKEW
    _row, is_new = UsedToken.objects.get_or_create(iss=iss, jti=found.jti, defaults={"expires_at": until})
    if not is_new:
        raise Unauthorised


def forget_tokens() -> int:
    """This function will forget used tokens that count no more anyway; returns how many."""
    return UsedToken.objects.filter(expires_at__lt=timezone.now()).delete()[0]


class _Look:
    """Finds the keys pinned for an issuer, and remembers whom it found."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.partner: Partner | None = None
        self.document: NodeDocument | None = None
        self.has_key = False

    def __call__(self, iss: str, kid: str) -> Jwk | None:
        self.partner = caller(iss=iss)
        self.document = parsed(self.partner.document) if self.partner and self.partner.document else None
        if self.document is None:
            return None
        found = next((jwk for jwk in self.document.keys_at(self.now) if jwk["kid"] == kid), None)
        self.has_key = found is not None
        return found


def _identified(asked: Asked, node: NodeNow, now: datetime) -> Caller:
    look = _Look(now)
    try:
        token = read_token(
            asked.token.removeprefix(_BEARER) if asked.token.startswith(_BEARER) else "",
            keys_of=look,
            aud=node.address,
            htm=asked.method,
            htu=node.exchange_url + asked.path,
            now=now,
        )
    except EnvelopeError:
        if not look.has_key:
            _work_as_much()
        raise Unauthorised from None
    if look.partner is None or look.document is None or _is_over(look.partner, node, now):
        raise Unauthorised
    fetched_at = look.partner.document_at
    is_fresh = fetched_at is not None and now < look.document.trusted_until(fetched_at)
    return Caller(look.partner, look.document.keys_at(now), is_fresh, token.jti, token.exp)


def _is_over(partner: Partner, node: NodeNow, now: datetime) -> bool:
    """Tell whether a partnership ended so long ago that even its end need not be told any more."""
    ended = State(partner.state) is State.ENDED
    return ended and now >= partner.state_at + 2 * timedelta(days=node.lease_days)


@cache
def _specimen() -> tuple[str, Jwk]:
    key = keys.new_key()
    return signatures.sign(key, "specimen", {"iss": "https://specimen.invalid"}), keys.public_jwk(key)


def _work_as_much() -> None:
    """Verify some signature: otherwise the time of the answer would tell who is a partner here."""
    text, jwk = _specimen()
    signatures.verify(text, [jwk], "specimen")

"""The listing: what an origin shares with one partner just now, signed for that partner and that question.

A compact JWS (see `signatures`); the payload names iss, aud, nonce, number, iat, state, epoch, lease (days)
and journals. So that an idle poll stays small, a journal is a row and not an object:

    [audience, head, count, fingerprint (its 32 bytes in base64url), {what else there is to say}]

The fifth member may be left out; it holds epoch or lease where they differ from the listing's, and what the
owner tells the members of a group: sort, name, purpose. A reader passes over what it does not know. A journal
that a listing no longer names is empty for this partner. `have` is what a reader says it holds:
`<audience>:<epoch>.<seq>`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from parkbench.envelope import signatures
from parkbench.envelope.digests import digest
from parkbench.envelope.errors import EnvelopeError, NotForUs, RolledBack
from parkbench.envelope.fields import LABEL, MOST, THUMBPRINT, Fields, check_made, write_seconds
from parkbench.envelope.fingerprint import from_hex
from parkbench.envelope.keys import Jwk, Key, decode, encode

TYP = "parkbench-listing+jws"
STATES = ("active", "suspended", "ended")
SORTS = ("public", "partners", "group", "partner")
MOST_JOURNALS = 200
_HAVE = re.compile(r"([A-Za-z0-9_-]{1,64}):([A-Za-z0-9_-]{1,64})\.(0|[1-9][0-9]{0,18})")

State = Literal["active", "suspended", "ended"]


@dataclass(frozen=True, slots=True)
class JournalState:
    """How one journal stands: its last seq, count and fingerprint (64 hex digits) of its live entries."""

    audience: str
    epoch: str
    head: int
    count: int
    fingerprint: str
    lease_days: int = 30
    sort: str = ""
    name: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """What `iss` says to `aud` in answer to `nonce`; `number` rises strictly from listing to listing."""

    iss: str
    aud: str
    nonce: str
    number: int
    iat: datetime
    state: State
    journals: tuple[JournalState, ...] = ()


@dataclass(frozen=True, slots=True)
class Have:
    """How far a reader has come in one journal of one epoch."""

    audience: str
    epoch: str
    seq: int


def write_listing(listing: Listing, key: Key) -> str:
    """Return the listing as a compact JWS; raises EnvelopeError for a field that a reader would refuse."""
    common = listing.journals[0] if listing.journals else None
    payload: dict[str, Any] = {
        "iss": listing.iss,
        "aud": listing.aud,
        "nonce": listing.nonce,
        "number": listing.number,
        "iat": write_seconds(listing.iat),
        "state": listing.state,
        "epoch": common.epoch if common else None,
        "lease": common.lease_days if common else None,
        "journals": [_row(journal, common) for journal in listing.journals],
    }
    _read_payload(Fields(payload, "listing"))
    return signatures.sign(key, TYP, payload)


def read_listing(
    text: str,
    *,
    keys: Iterable[Jwk],
    iss: str,
    aud: str,
    nonce: str,
    now: datetime,
    last_number: int = 0,
    last_digest: str = "",
) -> Listing:
    """Return a listing of `iss` for `aud`, in answer to `nonce`, later than the last one accepted.

    `last_digest` is the `digests.digest` of the last accepted text: the same once more is let through.
    Raises NotVerified when none of the keys signed it, NotForUs for another iss, aud or nonce, RolledBack for
    a number that does not rise, OutOfTime when made more than 5 minutes ahead of `now`, EnvelopeError for
    another shape.
    """
    listing = _read_payload(Fields(signatures.verify(text, keys, TYP), "listing"))
    if (listing.iss, listing.aud) != (iss, aud):
        raise NotForUs(f"This listing is from {listing.iss} for {listing.aud}, not from {iss} for {aud}.")
    if listing.nonce != nonce:
        raise NotForUs("This listing answers another question than ours: its nonce is not the one we sent.")
    is_same = listing.number == last_number and digest(text.encode()) == last_digest
    if listing.number <= last_number and not is_same:
        raise RolledBack(f"Listing {listing.number} is not later than {last_number}, which we know.")
    check_made(listing.iat, now, "This listing")
    return listing


def write_have(have: Have) -> str:
    """Return `<audience>:<epoch>.<seq>`; raises EnvelopeError for names that would not read back."""
    text = f"{have.audience}:{have.epoch}.{have.seq}"
    read_have(text)
    return text


def read_have(text: str) -> Have:
    """Return what `<audience>:<epoch>.<seq>` says; raises EnvelopeError for any other text."""
    parts = _HAVE.fullmatch(text)
    if not parts or int(parts[3]) > MOST:
        raise EnvelopeError(f"{text!r:.150} is not <audience>:<epoch>.<seq>.")
    return Have(parts[1], parts[2], int(parts[3]))


def _row(journal: JournalState, common: JournalState | None) -> list[Any]:
    is_epoch_common = common is not None and journal.epoch == common.epoch
    is_lease_common = common is not None and journal.lease_days == common.lease_days
    more = {
        "epoch": None if is_epoch_common else journal.epoch,
        "lease": None if is_lease_common else journal.lease_days,
        "sort": journal.sort or None,
        "name": journal.name or None,
        "purpose": journal.purpose or None,
    }
    fingerprint = encode(from_hex(journal.fingerprint).to_bytes(32, "big"))
    row: list[Any] = [journal.audience, journal.head, journal.count, fingerprint]
    return [*row, more] if any(value is not None for value in more.values()) else row


def _read_payload(given: Fields) -> Listing:
    journals = tuple(_read_row(row, given) for row in given.many("journals", most=MOST_JOURNALS))
    if len({journal.audience for journal in journals}) != len(journals):
        raise EnvelopeError("A listing names each journal once.")
    return Listing(
        iss=given.url("iss"),
        aud=given.url("aud"),
        nonce=given.text("nonce", LABEL),
        number=given.whole("number", least=1),
        iat=given.seconds("iat"),
        state=given.choice("state", STATES),  # type: ignore[arg-type]
        journals=journals,
    )


def _read_row(row: Any, listing: Fields) -> JournalState:
    if type(row) is not list or not 4 <= len(row) <= 5:
        raise EnvelopeError("A journal in a listing is a row of four or five members.")
    given = Fields(dict(zip(("audience", "head", "count", "fingerprint"), row, strict=False)), "journal")
    more = Fields(row[4] if len(row) == 5 else {}, "journal")
    return JournalState(
        audience=given.text("audience", LABEL),
        epoch=(more if more.has("epoch") else listing).text("epoch", LABEL),
        head=given.whole("head"),
        count=given.whole("count"),
        fingerprint=decode(given.text("fingerprint", THUMBPRINT)).hex(),
        lease_days=(more if more.has("lease") else listing).whole("lease", least=1, most=3650),
        sort=more.choice("sort", SORTS) if more.has("sort") else "",
        name=more.text("name", most=200) if more.has("name") else "",
        purpose=more.text("purpose", most=2000) if more.has("purpose") else "",
    )

"""A partner as the tests play it: its home here, and pages of its journals as they come off the wire."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from parkbench.envelope import fingerprint
from parkbench.envelope.pages import BadItem, Gone, Item, Page, Statement
from parkbench.lib.urn import record_id
from parkbench.records.models import Home
from parkbench.records.services import accept_page, begin_walk, end_walk

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
Part = tuple[UUID, str]


def home(name: str = "beta") -> Home:
    """Add the home of a partner."""
    return Home.objects.create(address=f"https://{name}.example", name=name.title())


def body_bytes(body: Mapping[str, Any]) -> bytes:
    """Write a body as some other program might."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass
class Journal:
    """One journal of a partner, kept as plain dicts: what it names, and what it told last of each section."""

    address: str
    audience: UUID = field(default_factory=uuid4)
    epoch: UUID = field(default_factory=uuid4)
    head: int = 0
    entries: dict[Part, Item | Gone | BadItem] = field(default_factory=dict)

    def name(
        self,
        kind: str,
        uid: UUID,
        section: str,
        body: Mapping[str, Any] | bytes,
        *,
        revision: int = 1,
        schema: int = 1,
    ) -> None:
        """Let a section enter, or change."""
        self.head += 1
        written = body if isinstance(body, bytes) else body_bytes(body)
        self.entries[uid, section] = Item(self.head, kind, uid, section, revision, schema, AT, written)

    def spoil(self, kind: str, uid: UUID, section: str, *, revision: int = 1) -> None:
        """Let a section be one that cannot be read."""
        self.head += 1
        self.entries[uid, section] = BadItem(self.head, "not JSON", kind, uid, section, "ab" * 32, revision)

    def drop(self, kind: str, uid: UUID, section: str) -> None:
        """Let a section leave."""
        self.head += 1
        self.entries[uid, section] = Gone(self.head, uid, section, kind)

    def live(self) -> list[Item | BadItem]:
        """Return what it names now."""
        return [entry for entry in self.entries.values() if not isinstance(entry, Gone)]

    def page(self, after: int = 0, limit: int = 500) -> Page:
        """Return the page after a number, as the origin signs it at this moment."""
        later = sorted(
            (
                entry
                for entry in self.entries.values()
                if entry.seq > after and not (after == 0 and isinstance(entry, Gone))
            ),
            key=lambda entry: entry.seq,
        )
        chosen = later[:limit]
        is_complete = len(later) <= limit
        live = [(entry.kind, entry.uid, entry.section, entry.digest) for entry in self.live()]
        statement = Statement(
            iss=self.address,
            audience=str(self.audience),
            epoch=str(self.epoch),
            after=after,
            upto=self.head if is_complete else chosen[-1].seq,
            head=self.head,
            sha256="0" * 64,
            iat=AT,
            count=len(live) if is_complete else None,
            fingerprint=fingerprint.to_hex(fingerprint.fingerprint_of(live)) if is_complete else None,  # type: ignore[arg-type]
        )
        return Page(
            statement,
            tuple(entry for entry in chosen if not isinstance(entry, BadItem)),
            tuple(entry for entry in chosen if isinstance(entry, BadItem)),
        )


@dataclass
class Partner:
    """A partner with its home here and some journals; ``pull`` reads them to their heads."""

    home: Home
    public: Journal
    partners: Journal
    seqs: dict[UUID, int] = field(default_factory=dict)

    @classmethod
    def named(cls, name: str = "beta") -> Partner:
        """Add a partner that shares two journals."""
        place = home(name)
        epoch = uuid4()
        return cls(place, Journal(place.address, epoch=epoch), Journal(place.address, epoch=epoch))

    def ref(self, kind: str, uid: UUID) -> str:
        """Return the id of one of its records on the wire."""
        return record_id(node=self.home.address, kind=kind, uid=uid)

    def pull(self, *journals: Journal, limit: int = 500) -> None:
        """Read these journals, or all, to their heads; begun with a walk the first time."""
        for journal in journals or (self.public, self.partners):
            self._pull(journal, limit)

    def _pull(self, journal: Journal, limit: int) -> None:
        is_first = journal.audience not in self.seqs
        if is_first:
            begin_walk(home=self.home.pk, audience=journal.audience, epoch=journal.epoch)
            self.seqs[journal.audience] = 0
        while True:
            page = journal.page(self.seqs[journal.audience], limit)
            accept_page(home=self.home.pk, page=page)
            self.seqs[journal.audience] = page.statement.upto
            if page.statement.is_complete:
                break
        if is_first:
            end_walk(home=self.home.pk, audience=journal.audience)

    def shares(self, kind: str, body: Mapping[str, Any], **sections: Any) -> UUID:
        """Let a new record enter the public journal: its basics, and further sections by name."""
        uid = uuid4()
        self.public.name(kind, uid, "basics", body)
        for section, more in sections.items():
            self.public.name(kind, uid, section, more)
        return uid

    def instrument(self, name: str = "Confocal", unit: UUID | None = None, **sections: Any) -> UUID:
        """Let an instrument enter the public journal."""
        basics = {
            "name": name,
            "unit_ref": self.ref("unit", unit or uuid4()),
            "model_text": "Zeiss LSM 980",
            **sections.pop("basics", {}),
        }
        return self.shares("instrument", basics, **sections)


def digests(entries: Iterable[Item]) -> set[str]:
    """Return the names of these bodies."""
    return {entry.digest for entry in entries}

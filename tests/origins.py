"""A partner that answers over HTTP on this machine: signed listings and pages of journals kept as dicts.

Pages may be spoilt on their way (`Origin.on_its_way`); what the partner itself says is always right, so that
whatever is held in the end can be compared with these dicts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from django.utils import timezone

import partners
from parkbench.envelope import fingerprint, keys
from parkbench.envelope.acknowledgements import Receipt, read_receipt
from parkbench.envelope.compression import zip_bytes
from parkbench.envelope.digests import digest
from parkbench.envelope.documents import NodeDocument, write_document
from parkbench.envelope.listings import JournalState, Listing, write_listing
from parkbench.envelope.pages import Gone, Item, write_page
from parkbench.exchange.models import Partner
from parkbench.exchange.rules import State
from parkbench.exchange.services import current_document
from parkbench.records.models import OWN, Home

HERE = "http://127.0.0.1:1"
"""The address of the node that reads: one in development, which may meet others on this machine."""
NAMES = ("public", "partners", "group")
SECTIONS = ("basics", "contact")
Part = tuple[UUID, str]


@dataclass(frozen=True)
class Reply:
    """What is sent: ``cut`` bytes of the body, then the line goes dead; ``told`` is its length as said."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    is_dead: bool = False


class Origin:
    """A partner with three journals of platforms; what it ever said of each part is kept for the oracle."""

    def __init__(self, name: str = "Beta") -> None:
        self.name = name
        self.key = keys.new_key()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        epoch = UUID(int=Random(name).getrandbits(128), version=4)
        self.journals = {each: partners.Journal(self.address, epoch=epoch) for each in NAMES}
        self.listed = list(NAMES)
        self.named: dict[str, set[Part]] = {each: set() for each in NAMES}
        self.revisions: dict[Part, int] = {}
        self.contents: dict[Part, dict[str, Any]] = {}
        self.said: dict[tuple[UUID, UUID, str], dict[str, int]] = {}
        self.records: list[UUID] = []
        self.per_page = 5
        self.number = 0
        self.state: Any = "active"
        self.receipts: list[Receipt] = []
        self.on_its_way: Callable[[str, Reply], Reply] = lambda _path, reply: reply
        self.on_receipt: Callable[[Receipt], None] = lambda _receipt: None
        self.lock = threading.RLock()

    # --- what it shares ---

    def change(self, chance: Random, turns: int = 1) -> None:
        """Add, edit, share, narrow, withdraw, delete: some of it, in any order."""
        with self.lock:
            for _turn in range(turns):
                act = chance.choice(
                    (self._add, self._add, self._edit, self._share, self._share, self._delete)
                )
                act(chance)

    def _add(self, chance: Random) -> None:
        if len(self.records) > 60:
            return self._delete(chance)
        uid = UUID(int=chance.getrandbits(128), version=4)
        self.records.append(uid)
        for section in SECTIONS[: chance.randint(1, 2)]:
            self._write((uid, section))
            self._let((uid, section), {name for name in NAMES if chance.random() < 0.6})
        return None

    def _edit(self, chance: Random) -> None:
        if self.records:
            part = (chance.choice(self.records), chance.choice(SECTIONS))
            if part in self.contents:
                self._write(part)

    def _share(self, chance: Random) -> None:
        known = [part for part in self.contents if part[0] in set(self.records)]
        if known:
            self._let(chance.choice(known), {name for name in NAMES if chance.random() < 0.4})

    def _delete(self, chance: Random) -> None:
        if self.records:
            uid = self.records.pop(chance.randrange(len(self.records)))
            for section in SECTIONS:
                if (uid, section) in self.contents:
                    self._let((uid, section), set())

    def _write(self, part: Part) -> None:
        self.revisions[part] = number = self.revisions.get(part, 0) + 1
        word = f"w{part[0].hex}{part[1][0]}{number}"
        self.contents[part] = {"name": word} if part[1] == "basics" else {"mailbox": f"{word}@beta.example"}
        for name in NAMES:
            if part in self.named[name]:
                self._tell(name, part)

    def _let(self, part: Part, names: set[str]) -> None:
        for name in NAMES:
            if name in names and part not in self.named[name]:
                self.named[name].add(part)
                self._tell(name, part)
            elif name not in names and part in self.named[name]:
                self.named[name].discard(part)
                self.journals[name].drop("platform", *part)

    def _tell(self, name: str, part: Part) -> None:
        journal = self.journals[name]
        journal.name("platform", *part, self.contents[part], revision=self.revisions[part])
        self.said.setdefault((journal.audience, *part), {}).setdefault(self.digest_of(part), journal.head)

    def digest_of(self, part: Part) -> str:
        """Return the name of a part's present bytes."""
        return digest(partners.body_bytes(self.contents[part]))

    def shared(self) -> dict[Part, str]:
        """Return what is to be held by whoever has read everything."""
        return {part: self.digest_of(part) for name in self.listed for part in self.named[name]}

    # --- what it answers ---

    @cached_property
    def document(self) -> bytes:
        """What it says of itself, issued once."""
        now = timezone.now().replace(microsecond=0)
        return write_document(
            NodeDocument(
                id=self.address,
                number=1,
                issued_at=now,
                expires_at=now + timedelta(days=7),
                organisation=f"{self.name} Institute",
                exchange_url=f"{self.address}/exchange/v1",
                keys=(keys.public_jwk(self.key),),
            ),
            [self.key],
        )

    def answer(self, method: str, path: str, body: bytes = b"") -> Reply:
        """Answer as it should be, under the lock."""
        parts = urlsplit(path)
        asked = parse_qs(parts.query)
        with self.lock:
            if parts.path == "/.well-known/parkbench-node":
                return Reply(body=self.document)
            if parts.path == "/exchange/v1/journals":
                return Reply(body=self._listing(asked["nonce"][0]), headers={"Content-Encoding": "gzip"})
            if parts.path.startswith("/exchange/v1/journals/"):
                return self._page(parts.path.rpartition("/")[2], asked["after"][0])
            if method == "POST" and parts.path == "/exchange/v1/receipts":
                return self._receive(body)
        return Reply(404)

    def _listing(self, nonce: str) -> bytes:
        self.number += 1
        told = []
        for name in self.listed if self.state == "active" else ():
            journal = self.journals[name]
            statement = journal.page(journal.head).statement
            told.append(
                JournalState(
                    audience=str(journal.audience),
                    epoch=str(journal.epoch),
                    head=journal.head,
                    count=statement.count or 0,
                    fingerprint=statement.fingerprint or "",
                    sort=name,
                )
            )
        listing = Listing(
            iss=self.address,
            aud=HERE,
            nonce=nonce,
            number=self.number,
            iat=timezone.now(),
            state=self.state,
            journals=tuple(told),
        )
        return zip_bytes(write_listing(listing, self.key).encode())

    def _page(self, audience: str, cursor: str) -> Reply:
        epoch, _dot, after = cursor.partition(".")
        journal = next((one for one in self.journals.values() if str(one.audience) == audience), None)
        if journal is None:
            return Reply(404)
        if epoch != str(journal.epoch) or int(after) > journal.head:
            return Reply(410)
        return Reply(body=self.page(journal, int(after)), headers={"Content-Encoding": "gzip"})

    def page(self, journal: partners.Journal, after: int, key: keys.Key | None = None, **more: Any) -> bytes:
        """Return a page as it goes over the wire; another key may sign it."""
        found = journal.page(after, self.per_page)
        said = found.statement
        given: dict[str, Any] = {
            "iss": self.address,
            "audience": said.audience,
            "epoch": said.epoch,
            "after": after,
            "upto": said.upto,
            "head": said.head,
            "iat": timezone.now(),
            "items": [one for one in found.items if isinstance(one, (Item, Gone))],
            "count": said.count,
            "fingerprint": said.fingerprint,
        }
        return write_page(key or self.key, **(given | more))

    def _receive(self, body: bytes) -> Reply:
        receipt = read_receipt(
            body.decode(), keys=self.reader_keys, iss=HERE, aud=self.address, now=timezone.now()
        )
        self.receipts.append(receipt)
        self.on_receipt(receipt)
        return Reply(body=b'{"noted": true}')

    reader_keys: tuple[keys.Jwk, ...] = ()

    @contextmanager
    def serving(self) -> Iterator[Origin]:
        """Answer, until the block ends."""
        thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.server.shutdown()
            self.server.server_close()
            thread.join(10)

    def _handler(origin: Origin) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer(b"")

            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

            def _answer(self, body: bytes) -> None:
                reply = origin.on_its_way(self.path, origin.answer(self.command, self.path, body))
                if reply.is_dead:
                    self.close_connection = True
                    return
                sent = reply.body if reply.cut is None else reply.body[: reply.cut]
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if reply.status not in (204, 304):
                    self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(sent if reply.status not in (204, 304) else b"")
                self.close_connection = self.close_connection or reply.cut is not None

            def log_message(self, *_arguments: Any) -> None:
                pass

        return Handler


def settle_reader() -> tuple[keys.Jwk, ...]:
    """Give this node the address of one in development and its key; return what others verify it by."""
    from parkbench.envelope.documents import read_document

    Home.objects.filter(pk=OWN).update(address=HERE, name="Alpha Institute")
    return read_document(current_document())[0].keys


def pin(origin: Origin) -> Partner:
    """Make an origin an active partner whose document is known."""
    now = timezone.now()
    place = Home.objects.create(address=origin.address, name=origin.name)
    return Partner.objects.create(
        home=place,
        state=State.ACTIVE.value,
        state_at=now,
        document=origin.document.decode(),
        document_number=1,
        document_at=now,
        exchange_url=f"{origin.address}/exchange/v1",
    )


def differences(origin: Origin, home: int, *, is_verified: bool = True) -> list[str]:
    """Say where what is held after a whole pull is not what the origin shares, to the part and the byte.

    With ``is_verified`` the node's own check of itself has to agree; it takes longer than all the rest.
    """
    from parkbench.programme.models import Platform
    from parkbench.records.models import HELD, HeldJournal, Membership, Section, SectionProblem
    from parkbench.records.services import verify

    due, wrong = origin.shared(), []
    bodies = list(Section.objects.filter(home_id=home).values_list("uid", "section", "digest", "body"))
    held = {(uid, section): name for uid, section, name, _body in bodies}
    wrong += [f"doubled {part}" for part in held if sum(one[:2] == part for one in bodies) > 1]
    wrong += [f"lost {part}" for part in due if part not in held]
    wrong += [f"resurrected {part}" for part in held if part not in due]
    wrong += [f"another body {part}" for part in due if part in held and held[part] != due[part]]
    wrong += [f"bytes {part}" for *part, name, body in bodies if digest(body.encode()) != name]
    rows = list(Platform.objects.filter(home_id=home))
    wanted = {uid for uid, section in due if section == "basics"}
    if sorted(row.uid for row in rows) != sorted(wanted):
        wrong.append(f"rows {len(rows)} instead of {len(wanted)}")
    for row in rows:
        name = origin.contents.get((row.uid, "basics"), {}).get("name")
        if row.deleted_at or row.name != name or row.audience_mask != HELD:
            wrong.append(f"row {row.uid}")
        contact = origin.contents[row.uid, "contact"]["mailbox"] if (row.uid, "contact") in due else None
        if row.mailbox != contact:
            wrong.append(f"contact of {row.uid}")
    for each in origin.listed:
        journal = origin.journals[each]
        members = Membership.objects.filter(home_id=home, audience=journal.audience)
        found = {
            (uid, section): name for uid, section, name in members.values_list("uid", "section", "digest")
        }
        if found != {part: origin.digest_of(part) for part in origin.named[each]}:
            wrong.append(f"members of {each}")
        kept = HeldJournal.objects.filter(home_id=home, audience=journal.audience).first()
        total = fingerprint.to_hex(
            fingerprint.fingerprint_of(("platform", *part, name) for part, name in found.items())
        )
        if kept is None or (kept.count, kept.fingerprint, kept.seq) != (len(found), total, journal.head):
            wrong.append(f"journal {each}")
    wrong += [f"problem {one}" for one in SectionProblem.objects.filter(home_id=home)]
    wrong += [f"verify: {one}" for one in verify()] if is_verified else []
    return wrong

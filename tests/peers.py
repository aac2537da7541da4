"""Other nodes as this one meets them: their keys, their documents, their signed requests."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.test import Client
from django.utils import timezone

from parkbench.envelope import keys
from parkbench.envelope.acknowledgements import Receipt, write_receipt
from parkbench.envelope.compression import unzip
from parkbench.envelope.documents import NodeDocument, read_document, write_document
from parkbench.envelope.listings import Listing, read_listing
from parkbench.envelope.pages import Page, read_page
from parkbench.envelope.tokens import write_token
from parkbench.exchange.models import ExchangeState, JournalGrant, Partner
from parkbench.exchange.rules import State
from parkbench.exchange.services import current_document
from parkbench.records.models import OWN, Audience, Home

US = "https://alpha.example"
API = f"{US}/exchange/v1"


def settle_here(address: str = US) -> None:
    """Give this node its address, its key and its document."""
    Home.objects.filter(pk=OWN).update(address=address, name="Alpha Institute")
    current_document()


@dataclass
class Peer:
    """Another node: *beta* is a partner, *gamma* the stranger."""

    name: str
    key: keys.Key = field(default_factory=keys.new_key)
    client: Client = field(default_factory=Client)

    @property
    def id(self) -> str:
        return f"https://{self.name}.example"

    def document(self, *, number: int = 1, **more: Any) -> bytes:
        now = timezone.now().replace(microsecond=0)
        said: dict[str, Any] = {
            "id": self.id,
            "number": number,
            "issued_at": now,
            "expires_at": now + timedelta(days=7),
            "organisation": f"{self.name.title()} Institute",
            "exchange_url": f"{self.id}/exchange/v1",
            "keys": (keys.public_jwk(self.key),),
        } | more
        return write_document(NodeDocument(**said), [self.key])

    def token(self, method: str, path: str, **other: Any) -> str:
        said = {
            "iss": self.id,
            "aud": US,
            "htm": method,
            "htu": API + path,
            "now": timezone.now(),
        } | other
        return write_token(said.pop("key", self.key), **said)

    def get(self, path: str, query: dict[str, Any] | None = None, **other: Any) -> Any:
        """Ask with a token made for this path, or for what ``other`` says."""
        headers = {"Authorization": f"Bearer {self.token('GET', path, **other)}"}
        return self.client.get(f"/exchange/v1{path}", query or {}, headers=headers)

    def post(self, path: str, body: str = "", **other: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token('POST', path, **other)}"}
        return self.client.post(f"/exchange/v1{path}", body, content_type="application/jose", headers=headers)

    def listing(self, *, have: Iterable[str] = (), nonce: str = "n-1") -> Listing:
        answer = self.get("/journals", {"nonce": nonce, "have": list(have)})
        assert answer.status_code == 200, answer.content
        return read_listing(
            gzip.decompress(answer.content).decode(),
            keys=our_keys(),
            iss=US,
            aud=self.id,
            nonce=nonce,
            now=timezone.now(),
        )

    def page(self, audience: UUID | str, after: int = 0, **query: Any) -> Page:
        """Read one page as the envelope reads it."""
        epoch = str(ExchangeState.objects.get().epoch)
        answer = self.get(f"/journals/{audience}", {"after": f"{epoch}.{after}", **query})
        assert answer.status_code == 200, answer.content
        return read(answer.content, audience, after)

    def status(self, audience: UUID | str, after: str = "", **query: Any) -> int:
        asked = {"after": after, **query} if after else query
        return int(self.get(f"/journals/{audience}", asked).status_code)

    def receipt(self, audience: UUID, seq: int, **other: Any) -> str:
        said: dict[str, Any] = {
            "iss": self.id,
            "aud": US,
            "audience": str(audience),
            "epoch": str(ExchangeState.objects.get().epoch),
            "seq": seq,
            "removed": 1,
            "frozen": 0,
            "count": 0,
            "fingerprint": "0" * 64,
            "iat": timezone.now(),
        } | other
        return write_receipt(Receipt(**said), self.key)


def read(content: bytes, audience: UUID | str, after: int = 0) -> Page:
    """Verify and read the bytes of a page of ours."""
    return read_page(
        unzip([content]),
        keys=our_keys(),
        iss=US,
        audience=str(audience),
        epoch=str(ExchangeState.objects.get().epoch),
        after=after,
        now=timezone.now(),
    )


def our_keys() -> tuple[keys.Jwk, ...]:
    """The keys that our own node document names."""
    return read_document(ExchangeState.objects.get().document.encode())[0].keys


def pin(
    peer: Peer,
    *,
    state: State = State.ACTIVE,
    reads: Iterable[Audience] = (),
    state_at: datetime | None = None,
) -> Partner:
    """Make a node a partner whose document is pinned, and let it read journals from now on."""
    now = timezone.now()
    home, _is_new = Home.objects.get_or_create(address=peer.id, defaults={"name": peer.name.title()})
    partner = Partner.objects.create(
        home=home,
        state=state.value,
        state_at=state_at or now,
        document=peer.document().decode(),
        document_number=1,
        document_at=now,
    )
    for audience in reads:
        JournalGrant.objects.create(
            partner=partner, audience=audience, since_seq=audience.head, granted_at=now
        )
    return partner

"""Other nodes at first contact: their keys, their documents, their answers to invitations."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

import cast
from parkbench.envelope import keys
from parkbench.envelope.answers import write_answer
from parkbench.envelope.documents import NodeDocument, write_document
from parkbench.envelope.invitations import new_invitation, read_code, write_code
from parkbench.exchange.models import Partner
from parkbench.exchange.services import circles, invitations, partners
from parkbench.exchange.services.partners import Terms
from parkbench.records.models import OWN, Audience, Home
from parkbench.records.services import add_audience

US = "https://alpha.example"
TERMS = Terms(version="1.0", our_signatory="Ada", their_signatory="Bea", signed_on=date(2026, 3, 1))


@dataclass
class Node:
    """Another node: *beta* is to be a partner, *gamma* the stranger."""

    name: str = "beta"
    key: keys.Key = field(default_factory=keys.new_key)

    @property
    def id(self) -> str:
        """Its address."""
        return f"https://{self.name}.example"

    @property
    def thumbprint(self) -> str:
        """The name of its key."""
        return keys.public_jwk(self.key)["kid"]

    def document(self, **more: Any) -> bytes:
        """What it says of itself."""
        now = timezone.now().replace(microsecond=0)
        said: dict[str, Any] = {
            "id": self.id,
            "number": 1,
            "issued_at": now,
            "expires_at": now + timedelta(days=7),
            "organisation": f"{self.name.title()} Institute",
            "exchange_url": f"{self.id}/exchange/v1",
            "keys": (keys.public_jwk(self.key),),
        } | more
        return write_document(NodeDocument(**said), [self.key])

    def answer(self, code: str, **more: Any) -> bytes:
        """What it answers to an invitation of ours."""
        secret = read_code(code, now=timezone.now()).secret
        return write_answer(secret=secret, document=self.document(**more))

    def code(self, now: datetime | None = None, **more: Any) -> str:
        """An invitation of its own."""
        made = new_invitation(url=self.id, thumbprint=self.thumbprint, now=now or timezone.now())
        return write_code(made if not more else type(made)(**{**_fields(made), **more}))


def _fields(made: Any) -> dict[str, Any]:
    return {name: getattr(made, name) for name in ("url", "thumbprint", "secret", "expires_at")}


def settle_here() -> None:
    """Give this node its address."""
    Home.objects.filter(pk=OWN).update(address=US, name="Alpha Institute")


def invited(node: Node | None = None, **more: Any) -> Partner:
    """Invite a node and take its answer: it waits for confirmation."""
    _invitation, code = invitations.invite(name="Beta", by=cast.OPERATOR)
    return invitations.receive_acceptance(written=(node or Node()).answer(code, **more))


def partner(name: str = "beta", **more: Any) -> Partner:
    """Make a node an active partner."""
    return partners.confirm(partner_id=invited(Node(name), **more).pk, terms=TERMS, by=cast.OPERATOR)


def circle(name: str = "Nordic imaging", *members: Partner) -> Audience:
    """Make a group of these partners."""
    group = add_audience(sort=Audience.Sort.CIRCLE, name=name, by=cast.OPERATOR)
    numbers = {member.pk for member in members}
    circles.set_members(token=group.token, members=numbers, expected=(), by=cast.OPERATOR)
    return group

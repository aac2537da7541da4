"""The requests that a node makes of another one, each with its limits; nothing that comes is believed yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.envelope.compression import MAX_PAGE, unzip
from parkbench.envelope.documents import MAX_BYTES as MOST_OF_DOCUMENT
from parkbench.envelope.keys import Key
from parkbench.envelope.listings import Have, write_have
from parkbench.envelope.tokens import write_token
from parkbench.exchange import services
from parkbench.exchange.queries import WELL_KNOWN, node_now
from parkbench.exchange.services.serving import signing_key
from parkbench.lib.addresses import LOOPBACK, Reach
from parkbench.lib.errors import Refused
from parkbench.lib.http import Line, Reply, Unanswered, line
from parkbench.records.queries import own_address

SECONDS = 60.0
"""For a whole page; see exchange.md 2."""
QUICK_SECONDS = 20.0
MOST_OF_LISTING = 512 * 1024
MOST_OF_ANSWER = 64 * 1024
MOST_CLOCK_DIFFERENCE = 60.0


class NotAccepted(Refused):
    """The partner does not accept our requests; nothing is changed by that."""


class StartAgain(Refused):
    """The partner's journal cannot go on from where we are: it is to be read from its start."""


class ComeLater(Refused):
    """The partner asks to be asked later; ``seconds`` says when."""

    def __init__(self, sentence: str, seconds: int) -> None:
        super().__init__(sentence)
        self.seconds = seconds


def reach() -> Reach:
    """Return what this node may connect to: https in the open internet, and what the settings name.

    A node whose own address is http on this machine is one in development: it may meet others like it.
    """
    own = urlsplit(own_address())
    networks = tuple(settings.PARTNER_NETWORKS)
    if own.scheme == "http" and (own.hostname or "") in ("localhost", "127.0.0.1", "::1"):
        return Reach(schemes=frozenset({"http", "https"}), ports=None, networks=(*networks, *LOOPBACK))
    return Reach(ports=frozenset(settings.PARTNER_PORTS), networks=networks)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: this node's address and the key it signs with."""

    node: str
    key: Key


@dataclass
class Conversation:
    """Requests to one partner over one connection, each with a token of its own."""

    line: Line
    base: str
    node: str
    caller: Caller

    def listing(self, *, nonce: str, have: Sequence[Have]) -> str:
        """Ask for the listing; the text is to be verified."""
        asked = [("nonce", nonce), *(("have", write_have(one)) for one in have)]
        path = f"/journals?{urlencode(asked)}"
        reply = self._ask("GET", path, limit=MOST_OF_LISTING, seconds=QUICK_SECONDS)
        return _text(_plain(reply, MOST_OF_LISTING))

    def page(self, *, audience: str, epoch: str, after: int, walk: int) -> bytes:
        """Ask for one page and unzip it under its hard cap; the bytes are to be verified.

        ``walk`` is the head at which a walk from the start began, 0 outside of one.
        """
        path = f"/journals/{quote(audience, safe='')}?after={epoch}.{after}&walk={walk}&limit=500"
        reply = self._ask("GET", path, limit=MAX_PAGE, seconds=SECONDS)
        return unzip([reply.content])

    def receipt(self, text: str) -> None:
        """Tell what was removed."""
        self._ask("POST", "/receipts", content=text.encode(), limit=MOST_OF_ANSWER)

    def ping(self) -> None:
        """Tell that there is something to read."""
        self._ask("POST", "/ping", limit=MOST_OF_ANSWER)

    def _ask(
        self, method: str, path: str, *, limit: int, content: bytes = b"", seconds: float = QUICK_SECONDS
    ) -> Reply:
        now = timezone.now()
        url = f"{self.base}{path}"
        token = write_token(
            self.caller.key, iss=self.caller.node, aud=self.node, htm=method, htu=url, now=now
        )
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/jose"}
        reply = self.line.ask(
            method,
            f"{urlsplit(self.base).path}{path}",
            headers=headers,
            content=content,
            limit=limit,
            seconds=seconds,
        )
        _check_status(reply, self.line.place.host, now)
        return reply


def caller() -> Caller:
    """Return this node as it asks; its first key is made when there is none yet. Raises Refused."""
    node = node_now()
    if not node.kid:
        services.current_document()
        node = node_now()
    return Caller(node.address, signing_key(node))


@contextmanager
def open_partner(*, node: str, exchange_url: str, caller: Caller) -> Iterator[Conversation]:
    """Open a conversation with a partner; raises Unreachable before anything is connected to."""
    with line(exchange_url, reach()) as opened:
        yield Conversation(opened, exchange_url.rstrip("/"), node, caller)


def fetch_document(url: str) -> bytes:
    """Return the node document that stands at a node's address, not yet believed.

    Raises Invalid, Unreachable, Unanswered.
    """
    with line(url, reach()) as opened:
        path = f"{urlsplit(url).path.rstrip('/')}{WELL_KNOWN}"
        reply = opened.ask("GET", path, limit=MOST_OF_DOCUMENT, seconds=QUICK_SECONDS)
    if reply.status != 200:
        raise Unanswered(
            _("There is no Parkbench at %(url)s: it answered %(status)d. Check the address.")
            % {"url": url, "status": reply.status}
        )
    return _plain(reply, MOST_OF_DOCUMENT)


def send_acceptance(url: str, answer: bytes) -> None:
    """Send the answer to an invitation (see `envelope.answers`) to the exchange of whoever invited us.

    Raises Refused when it is not taken, Unanswered, Unreachable.
    """
    with line(url, reach()) as opened:
        path = f"{urlsplit(url).path.rstrip('/')}/invitations"
        reply = opened.ask(
            "POST",
            path,
            headers={"Content-Type": "application/json"},
            content=answer,
            limit=MOST_OF_ANSWER,
            seconds=QUICK_SECONDS,
        )
    if reply.status == 403:
        raise NotAccepted(
            _(
                "Whoever invited us does not take this invitation any more: it has been used, withdrawn, "
                "tried too often, or is over. Ask for a new one."
            )
        )
    _check_status(reply, opened.place.host, timezone.now())


def _check_status(reply: Reply, host: str, now: datetime) -> None:
    """Raise what a status other than success means; nothing of such a reply is used."""
    if reply.status in (200, 201, 202, 204):
        return
    if reply.status == 401:
        raise NotAccepted(_not_accepted(reply, host, now))
    if reply.status in (404, 410):
        raise StartAgain(_("%(host)s does not go on from where we are.") % {"host": host})
    if reply.status in (429, 503):
        after = reply.headers.get("retry-after", "")
        seconds = int(after) if after.isascii() and after.isdigit() and len(after) < 6 else 300
        raise ComeLater(_("%(host)s asks to be asked later.") % {"host": host}, seconds)
    raise Unanswered(_("%(host)s answered with status %(status)d.") % {"host": host, "status": reply.status})


def _not_accepted(reply: Reply, host: str, now: datetime) -> str:
    """Say that we were refused; name the clocks when they differ, for that is what one can mend."""
    try:
        theirs = parsedate_to_datetime(reply.headers.get("date", ""))
        seconds = abs((theirs - now).total_seconds())
    except (ValueError, TypeError):
        seconds = 0.0
    if seconds > MOST_CLOCK_DIFFERENCE:
        return _(
            "%(host)s does not accept our requests, and its clock differs from ours by %(minutes)d minutes. "
            "Set the clocks right."
        ) % {"host": host, "minutes": round(seconds / 60)}
    return _("%(host)s does not accept our requests. Its administrator can say why.") % {"host": host}


def _plain(reply: Reply, limit: int) -> bytes:
    if reply.headers.get("content-encoding", "") == "gzip":
        return unzip([reply.content], limit=limit)
    return reply.content


def _text(content: bytes) -> str:
    try:
        return content.decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise Unanswered(_("The partner's listing is no signed text.")) from error

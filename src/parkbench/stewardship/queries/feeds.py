"""Calendars: a person's own, and the one behind a secret address."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from parkbench.accounts.queries import grants_of
from parkbench.lib.errors import NotFound
from parkbench.programme.models import Platform, Unit
from parkbench.records.models import OWN
from parkbench.records.visibility import Viewer
from parkbench.stewardship.models import Feed

GONE = "There is no such calendar here. It may have been revoked."


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One calendar of a person; ``place`` names the unit or platform, '' when it is gone or it has none."""

    feed: Feed
    place: str


def digest_of(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def places(*, viewer: Viewer) -> list[tuple[UUID, str]]:
    """Return uid and name of the own platforms and units this viewer may see; two queries."""
    found = []
    for model in (Platform, Unit):
        rows = model.objects.visible(viewer).filter(home_id=OWN)
        found += list(rows.order_by("name", "pk").values_list("uid", "name"))
    return found


def feeds(*, viewer: Viewer) -> list[FeedLine]:
    """Return the viewer's own calendars, newest first; three queries."""
    if viewer.person_id is None:
        return []
    names = dict(places(viewer=viewer))
    rows = Feed.objects.filter(person_id=viewer.person_id)
    return [FeedLine(feed, names.get(feed.place, "") if feed.place else "") for feed in rows]


def feed_of(*, secret: str) -> tuple[Feed, Viewer, str]:
    """Return the calendar of a secret, the eyes it is filled with, and the name of its place.

    The rights are those its maker holds now. Raises NotFound when it was revoked, its maker may no longer
    sign in or see the node, or its unit is gone.
    """
    feed = Feed.objects.filter(secret_digest=digest_of(secret)).select_related("person").first()
    if feed is None or not feed.person.is_active:
        raise NotFound(GONE)
    viewer = Viewer(grants=grants_of(person_id=feed.person_id), person=feed.person)
    if not viewer.is_member:
        raise NotFound(GONE)
    name = ""
    if feed.place is not None:
        name = dict(places(viewer=viewer)).get(feed.place, "")
        if not name:
            raise NotFound(GONE)
    return feed, viewer, name

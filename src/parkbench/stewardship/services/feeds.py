"""Calendars: make, revoke, and the calendar itself as iCalendar text."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from parkbench.lib.errors import NotFound, Refused
from parkbench.lib.urn import record_id
from parkbench.records.queries import own_home
from parkbench.records.visibility import Viewer
from parkbench.stewardship.models import Feed
from parkbench.stewardship.queries.events import Event, Subject, events
from parkbench.stewardship.queries.feeds import digest_of, feed_of, places
from parkbench.stewardship.rules import feed_window

if TYPE_CHECKING:
    from icalendar import Event as CalendarEvent

MOST_FEEDS = 50
MOST_EVENTS = 2_000
FORMAT = "1"
"""Raised whenever the same dates are written otherwise, so that nobody keeps the old text."""
REFRESH = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A calendar as it is now: its dates, their digest, and when that last changed."""

    feed: Feed
    place: str
    events: Sequence[Event]
    digest: str
    changed_at: datetime

    @property
    def text(self) -> bytes:
        """Return the calendar as it is sent; written only when it is asked for."""
        return calendar_text(self.events, feed=self.feed, place=self.place)


@transaction.atomic
def make_feed(*, sort: str, place: UUID | None = None, by: Viewer) -> tuple[Feed, str]:
    """This function will make a calendar and return it with its secret, which is kept nowhere.

    Raises NotFound for a unit that is not here, Refused when there are too many already.
    """
    if by.person is None or not by.is_member:
        raise NotFound(_("There is no such page here, or it is not shared with you."))
    if sort not in Feed.Sort.values:
        raise Refused(_("Choose what the calendar is about."))
    if sort == Feed.Sort.PLACE and place not in dict(places(viewer=by)):
        raise NotFound(_("There is no such unit or platform here."))
    if Feed.objects.filter(person=by.person).count() >= MOST_FEEDS:
        raise Refused(_("You have %(most)s calendars. Revoke one first.") % {"most": MOST_FEEDS})
    secret = secrets.token_urlsafe(32)
    feed = Feed.objects.create(
        person=by.person,
        sort=sort,
        place=place if sort == Feed.Sort.PLACE else None,
        secret_digest=digest_of(secret),
    )
    return feed, secret


@transaction.atomic
def revoke_feed(*, pk: int, by: Viewer) -> None:
    """This function will make an own calendar's address stop working, for good. Raises NotFound."""
    if by.person_id is None or not Feed.objects.filter(pk=pk, person_id=by.person_id).delete()[0]:
        raise NotFound(_("There is no such calendar here."))


def fetch(*, secret: str, today: date | None = None) -> Fetched:
    """This function will return the calendar of a secret as its maker may see it now, and note the visit.

    What is to come goes first when there is too much. Raises NotFound as `feed_of` does.
    """
    feed, viewer, place = feed_of(secret=secret)
    today = today or timezone.localdate()
    since, until = feed_window(today)
    subject, yesterday = Subject(feed.sort, feed.place), today - timedelta(days=1)
    ahead = events(viewer=viewer, subject=subject, since=today, until=until, most=MOST_EVENTS)
    room = MOST_EVENTS - len(ahead)
    past = events(viewer=viewer, subject=subject, since=since, until=yesterday, most=room) if room else []
    found = [*past, *ahead]
    digest = _digest(found, place)
    now = timezone.now()
    if digest != feed.content_digest:
        feed.changed_at = now
        Feed.objects.filter(pk=feed.pk).update(content_digest=digest, changed_at=now, fetched_at=now)
    elif feed.fetched_at is None or feed.fetched_at < now - SEEN_EVERY:
        Feed.objects.filter(pk=feed.pk).update(fetched_at=now)
    return Fetched(feed, place, found, digest, feed.changed_at)


def _digest(found: Sequence[Event], place: str) -> str:
    """Return what tells one state of a calendar from another, without writing it."""
    told = hashlib.sha256(f"{FORMAT}|{own_home().name}|{place}".encode())
    for one in found:
        told.update(repr((one.kind.name, one.column, one.uid, one.name, one.day, one.place, one.at)).encode())
    return told.hexdigest()


def calendar_text(found: Sequence[Event], *, feed: Feed, place: str) -> bytes:
    """Return events as iCalendar text (RFC 5545): all-day events with stable ids and the record's address."""
    home = own_home()
    subject = {Feed.Sort.MINE.value: _("what I answer for"), Feed.Sort.PLACE.value: place}
    # Here, not above: every command would load it, and only a calendar needs it.
    from icalendar import Calendar  # noqa: PLC0415

    calendar = Calendar()
    calendar.add("prodid", "-//Parkbench//Parkbench//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", f"{home.name}: {subject[feed.sort]}" if feed.sort in subject else home.name)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT12H")
    if len(found) == MOST_EVENTS:
        calendar.add("x-wr-caldesc", _("Only %(most)s dates are in this calendar.") % {"most": MOST_EVENTS})
    for event in found:
        calendar.add_component(_entry(event, address=home.address, made_at=feed.made_at))
    return bytes(calendar.to_ical())


def _entry(event: Event, *, address: str, made_at: datetime) -> CalendarEvent:
    """Describe one date; its id and stamp depend on the record alone, so that it is not new each time."""
    from icalendar import Event as Entry  # noqa: PLC0415

    entry = Entry()
    entry.add("uid", f"{event.kind.name}-{event.uid}-{event.column}@{address.partition('//')[2]}")
    entry.add("dtstamp", (event.at or made_at).astimezone(UTC).replace(microsecond=0))
    entry.add("dtstart", event.day)
    entry.add("dtend", event.day + timedelta(days=1))
    entry.add("summary", f"{words_of(event)}: {event.name}")
    url = record_id(node=address, kind=event.kind.name, uid=event.uid)
    lines = [f"{capfirst(str(event.kind.label))}: {event.name}", event.place, url]
    entry.add("description", "\n".join(line for line in lines if line))
    entry.add("url", url)
    entry.add("transp", "TRANSPARENT")
    return entry


def words_of(event: Event) -> str:
    """Return what a date is, as people read it."""
    return str(event.deadline.label) if event.deadline else _("Review due")


def page_of(event: Event) -> str:
    """Return the address of the record's page on this node, without the node."""
    return reverse(event.kind.page, args=[event.uid])

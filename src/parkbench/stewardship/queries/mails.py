"""What a person's weekly mail would say, who wants it, and who had it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from parkbench.accounts.models import Person
from parkbench.records.visibility import Viewer
from parkbench.stewardship.models import Digest, MailChoice
from parkbench.stewardship.queries.events import Event, Subject, events
from parkbench.stewardship.rules import DIGEST_AHEAD, DIGEST_REVIEWS

MOST = 50
"""Lines of each part; the pages hold the rest."""
ANSWERABLE = Subject("answerable")


@dataclass(frozen=True, slots=True)
class Letter:
    """What is due for one person; each part may be cut at `MOST` lines, which ``has_more`` says."""

    reviews: Sequence[Event]
    deadlines: Sequence[Event]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write about."""
        return not (self.reviews or self.deadlines)

    @property
    def has_more(self) -> bool:
        """Whether some part was cut."""
        return len(self.reviews) > MOST or len(self.deadlines) > MOST


def letter(*, viewer: Viewer, today: date) -> Letter:
    """Return the reviews due within a week and the deadlines of the next 90 days; two queries.

    About what the viewer answers for and the units they head, never more than they may see.
    """
    return Letter(
        reviews=events(
            viewer=viewer,
            subject=ANSWERABLE,
            since=None,
            until=today + DIGEST_REVIEWS,
            most=MOST + 1,
            has_deadlines=False,
        ),
        deadlines=events(
            viewer=viewer,
            subject=ANSWERABLE,
            since=today,
            until=today + DIGEST_AHEAD,
            most=MOST + 1,
            has_reviews=False,
        ),
    )


def wants_mail(*, viewer: Viewer) -> bool:
    """Tell whether a person wants the weekly mail; who said nothing does."""
    rows = MailChoice.objects.filter(person=viewer.person).values_list("wants_digest", flat=True)
    return next(iter(rows[:1]), True)


def waiting(*, week: str) -> QuerySet[Person]:
    """Return who may sign in, wants the mail and whose mail of this week was not dealt with."""
    refused = MailChoice.objects.filter(person=OuterRef("pk"), wants_digest=False)
    done = Digest.objects.filter(person=OuterRef("pk"), week=week)
    rows = Person.objects.filter(~Exists(refused), ~Exists(done), is_active=True, is_erased=False)
    return rows.order_by("pk")

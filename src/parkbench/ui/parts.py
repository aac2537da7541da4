"""What the parts of a record's page are filled with: head, facts, changes, steps, progress, figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.utils.html import format_html
from django.utils.safestring import SafeString

from parkbench.ui.lists import Action, Tone


@dataclass(frozen=True, slots=True)
class Partner:
    """What the head of a partner's record says of where it comes from.

    ``record`` is "<kind>/<uid>", ``confirmed_at`` when the partner last confirmed that it is shared,
    ``problem`` what stands in the way of that, '' when nothing does.
    """

    home: str
    record: str
    confirmed_at: datetime | None = None
    problem: str = ""
    is_responsible_shared: bool = True


@dataclass(frozen=True, slots=True)
class PageHead:
    """What stands above every record; what is left empty is said to be missing or left out.

    `visible_to` is the audience in plain words, `sharing_url` the page that says who exactly. `partner` is
    set on records of other homes.
    """

    title: str
    kind: str = ""
    home: str = ""
    is_own: bool = True
    steward: str = ""
    steward_url: str | None = None
    updated_at: datetime | None = None
    review_due: date | None = None
    is_overdue: bool = False
    visible_to: str = ""
    sharing_url: str | None = None
    permalink: str = ""
    history_url: str | None = None
    status: str = ""
    status_tone: Tone | None = None
    intro: str = ""
    crumbs: Sequence[tuple[str, str]] = ()
    actions: Sequence[Action] = ()
    partner: Partner | None = None

    @property
    def record(self) -> str:
        """Return "<kind>/<uid>" of the record, as the address of its history ends; '' without a history."""
        return "/".join(self.history_url.strip("/").split("/")[-2:]) if self.history_url else ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a definition list; an empty value is a dash, a hidden one says "not shared"."""

    label: str
    value: str = ""
    url: str | None = None
    is_hidden: bool = False
    tone: Tone | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One changed field; empty texts are values that were or are not there."""

    label: str
    old: str = ""
    new: str = ""
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path, such as first start to first imported park."""

    title: str
    text: str = ""
    url: str | None = None
    action: str = ""
    is_done: bool = False
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: `done` of `total`; without a total it is only known to run.

    `poll_url` answers with `ui/progress.html` again until the job has ended, then without `poll_url`.
    """

    title: str
    done: int = 0
    total: int | None = None
    text: str = ""
    poll_url: str | None = None
    state: Literal["waiting", "running", "done", "failed"] = "running"
    next: Action | None = None


@dataclass(frozen=True, slots=True)
class Stat:
    """One large figure that leads to the list it counts."""

    label: str
    value: str
    url: str | None = None
    note: str = ""
    tone: Tone | None = None


def sentence_with_link(sentence: str, url: str, link: str) -> SafeString:
    """Return what stands in the place of a picture: what is missing, and the list where it is."""
    return format_html('{} <a href="{}">{}</a>', sentence, url, link)

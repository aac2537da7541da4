"""Homes, and what the rows of every kind can be asked: whose, and who may know of them."""

from __future__ import annotations

import uuid
from typing import Any, Protocol, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

OWN = 1
REGISTER = 2
HELD = 1 << 62
"""The audience mask of a section of a partner's row that is held here; 0 while it is not."""
LEFT = uuid.UUID(int=0)
"""The ``batch`` of a partner's body that no journal names any more: the end of the pull removes it."""
OURS, PARTNERS, ALL = "own", "partners", "all"
"""Whose rows are asked for, as an address says it; the number of a home asks for those of one partner."""


class Looker(Protocol):
    """What a row needs to know of who looks; `visibility.Viewer` is one."""

    @property
    def is_member(self) -> bool:
        """Whether this viewer sees the organisation from inside."""

    @property
    def mask(self) -> int:
        """The audiences of a viewer from outside."""


class Home(models.Model):
    """Where records belong: this node (1), the shipped register (2), partners (3 and up).

    While ``hidden_at`` is set nobody sees any row of this home; what arrives meanwhile is hidden too.
    """

    address = models.CharField(_("address"), max_length=300, unique=True)
    name = models.CharField(_("name"), max_length=200)
    is_sample = models.BooleanField(_("holds sample data"), default=False)
    hidden_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return self.name


class RecordQuerySet(models.QuerySet["Any"]):
    """What every kind's rows can be asked; ``visible`` is the gate."""

    has_register = True
    """Whether rows of the shipped register stand in this table too."""

    def live(self) -> Self:
        """Rows that are not deleted."""
        return self.filter(deleted_at=None)

    def own(self) -> Self:
        """Rows whose home is this node."""
        return self.filter(home_id=OWN)

    def of_home(self, home: str) -> Self:
        """Rows of this node (``own``, the shipped register among them), of ``partners``, of one, or ``all``.

        One partner is named by the number of its home.
        """
        if home == ALL:
            return self
        if home == PARTNERS:
            return self.filter(home_id__gt=REGISTER)
        if home != OURS:
            return self.filter(home_id=int(home))
        return self.filter(home_id__lte=REGISTER) if self.has_register else self.own()

    def visible(self, viewer: Looker, home: str = OURS) -> Self:
        """Rows this viewer may know of; the only way into a list, a count, a search or an export.

        What is counted, listed and offered is this node's own unless another ``home`` is asked for (see
        `of_home`); rows of partners are for members alone, whoever asks.
        """
        if viewer.is_member:
            return self.live().of_home(home)
        if home not in (OURS, ALL):
            return self.none()
        register = Q(home_id=REGISTER) if self.has_register else Q(pk__in=())
        if viewer.mask == 0:
            return self.live().filter(register)
        if viewer.mask == 1:
            return self.live().filter(Q(home_id=OWN, is_public=True) | register)
        seen = self.live().annotate(_seen=F("audience_mask").bitand(viewer.mask))
        return seen.filter(Q(home_id=OWN, _seen__gt=0) | register)


def waiting(table: str, *names: str) -> list[models.Index]:
    """Return the indexes that find rows whose references lead nowhere yet, when what they name arrives.

    Small: own rows are never in them, and partners' rows only until their target is here.
    """
    return [
        models.Index(
            fields=[f"{name}_ref"],
            name=f"{table}_waits_{name}",
            condition=Q(**{f"{name}__isnull": True, f"{name}_ref__isnull": False}),
        )
        for name in names
    ]


def home_of(row: Any) -> str:
    """Return what `RecordQuerySet.of_home` takes for the home of a row: its own kin are asked for by it."""
    return OURS if row.home_id <= REGISTER else str(row.home_id)

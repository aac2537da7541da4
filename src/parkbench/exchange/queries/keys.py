"""Reads on this node's own keys."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from parkbench.envelope import keys as jose
from parkbench.exchange.models import NodeKey


def _day(moment: datetime) -> str:
    return formats.date_format(timezone.localtime(moment), "j F Y")


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key of this node: its thumbprint, the same as people read it out, and since when it is what."""

    kid: str
    spoken: str
    is_recovery: bool
    made_at: datetime
    retired_at: datetime | None
    revoked_at: datetime | None

    @property
    def is_in_use(self) -> bool:
        """Whether it counts now."""
        return self.retired_at is None and self.revoked_at is None

    @property
    def words(self) -> str:
        """What it is for and how it stands, in words."""
        what = _("recovery key") if self.is_recovery else _("signing key")
        if self.revoked_at:
            return _("%(what)s, revoked on %(day)s") % {"what": what, "day": _day(self.revoked_at)}
        if self.retired_at:
            return _("%(what)s, replaced on %(day)s") % {"what": what, "day": _day(self.retired_at)}
        return _("%(what)s, in use since %(day)s") % {"what": what, "day": _day(self.made_at)}

    def as_dict(self) -> dict[str, object]:
        """Return it as JSON values."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
        }


def own_keys() -> list[OwnKey]:
    """Return all keys that this node ever had, those in use first, the newest first."""
    found = [
        OwnKey(
            kid=row.kid,
            spoken=jose.spoken(row.kid),
            is_recovery=row.sort == NodeKey.Sort.RECOVERY,
            made_at=row.made_at,
            retired_at=row.retired_at,
            revoked_at=row.revoked_at,
        )
        for row in NodeKey.objects.order_by("-made_at", "-pk")
    ]
    return sorted(found, key=lambda key: not key.is_in_use)

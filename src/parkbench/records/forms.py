"""What people choose on the pages of records: who sees which part, and from when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.forms import BoundField
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbench.accounts.rules import Action
from parkbench.lib.errors import Invalid, NotFound, Refused
from parkbench.records import rules
from parkbench.records.models import Audience
from parkbench.records.queries import Reach, in_words
from parkbench.records.registry import Kind, eyes_of

POLICY, NOBODY, PARTNERS, PUBLIC, CHOSEN = "policy", "nobody", "partners", "public", "chosen"
MASKS = {NOBODY: rules.NOBODY, PARTNERS: rules.PARTNERS, PUBLIC: rules.PUBLIC}
SEPARATOR = "__"


def _choice_of(mask: int) -> str:
    """Return the choice that stands for a mask."""
    mask = rules.journals(mask)
    return next((choice for choice, known in MASKS.items() if known == mask), CHOSEN)


def mask_of_eyes(wanted: str, audiences: Sequence[Audience]) -> int:
    """Return what the public, all partners, or the audience with this token sees; raise NotFound otherwise.

    Whoever is in a group, or is a single partner, also sees what all partners see; a single partner also what
    the groups see that it is in.
    """
    if wanted in (PUBLIC, PARTNERS):
        return MASKS[wanted]
    for audience in audiences:
        if str(audience.token) == wanted and audience.bit >= rules.FIRST_FREE_BIT:
            return eyes_of(audience.pk) or rules.PARTNERS | 1 << audience.bit
    raise NotFound(_("There is no such group or partner any more."))


def whole(text: str) -> int:
    """Return the number of a revision; 0, which no revision has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def uids(texts: Sequence[str]) -> list[UUID]:
    """Return the ticked uids, each once; raise Refused when none is ticked or one is no uid."""
    try:
        found = list(dict.fromkeys(UUID(text) for text in texts))
    except ValueError:
        found = []
    if not found:
        raise Refused(_("Tick at least one record first."))
    return found


def write_cells(cells: Mapping[tuple[str, str], int], policy: Mapping[tuple[str, str], int]) -> str:
    """Write what the policy says of these cells now, so that a confirmation can tell when it moved on."""
    return " ".join(f"{kind}.{section}={policy.get((kind, section), 0)}" for kind, section in cells)


def read_cells(text: str) -> dict[tuple[str, str], int]:
    """Read what `write_cells` wrote; raise Refused for anything else."""
    found = {}
    for kind, section, mask in re.findall(r"(\S+)\.(\S+)=(\d{1,19})(?: |$)", text):
        found[kind, section] = int(mask)
    if not found:
        raise Refused(_("Look at what the change does first, then confirm it."))
    return found


def ready_answers(cells: Mapping[tuple[str, str], int]) -> dict[str, str]:
    """Return the answers of a `PolicyForm` that say exactly these cells; none names a single group."""
    return {f"{kind}{SEPARATOR}{section}": _choice_of(mask) for (kind, section), mask in cells.items()}


class GroupForm(forms.Form):
    """The name of a group of partners."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        help_text=gettext_lazy("Such as Nordic imaging. Only members of this node see it."),
    )

    def refuse(self, refusal: Refused) -> None:
        """Show a refusal at the name."""
        problems = refusal.problems if isinstance(refusal, Invalid) else ()
        words = [_("Expected %(what)s.") % {"what": problem.expected} for problem in problems]
        self.add_error("name", words or [refusal.sentence])


class AudienceForm(forms.Form):
    """Fields in pairs: who sees a part, and the groups and partners when they are chosen singly."""

    audiences: Sequence[Audience]

    def add_pair(self, name: str, label: str, mask: int | None, policy_words: str | None = None) -> None:
        """Add the pair for one part; ``mask`` None is "as the policy says", offered when it has words."""
        single = [audience for audience in self.audiences if audience.bit >= rules.FIRST_FREE_BIT]
        choices = [(NOBODY, _("nobody outside")), (PARTNERS, _("all partners")), (PUBLIC, _("everybody"))]
        if policy_words is not None:
            choices.insert(0, (POLICY, _("as the policy says: %(words)s") % {"words": policy_words}))
        if single:
            choices.append((CHOSEN, _("chosen groups and partners")))
        initial = POLICY if mask is None else _choice_of(mask)
        self.fields[name] = forms.ChoiceField(label=label, choices=choices, initial=initial)
        if single:
            self.fields[f"{name}{SEPARATOR}chosen"] = forms.MultipleChoiceField(
                label=_("%(part)s: groups and partners") % {"part": label},
                choices=[(str(audience.token), audience.name) for audience in single],
                initial=[str(one.token) for one in single if mask is not None and mask >> one.bit & 1],
                required=False,
                widget=forms.CheckboxSelectMultiple,
                help_text=_("Only with “chosen groups and partners”."),
            )

    def pair(self, name: str) -> list[BoundField]:
        """Return the fields of one part as they are drawn."""
        names = (name, f"{name}{SEPARATOR}chosen")
        return [self[one] for one in names if one in self.fields]

    def mask_of(self, name: str) -> int | None:
        """Return the mask chosen for a part, None for "as the policy says"; an error when none is ticked."""
        choice = self.cleaned_data.get(name, NOBODY)
        if choice == POLICY:
            return None
        if choice != CHOSEN:
            return MASKS[choice]
        tokens = set(self.cleaned_data.get(f"{name}{SEPARATOR}chosen", ()))
        if not tokens:
            self.add_error(name, _("Tick at least one group or partner, or choose “nobody outside”."))
        return rules.join(1 << one.bit for one in self.audiences if str(one.token) in tokens)


class SharingForm(AudienceForm):
    """Who sees each part of one record, and the date to share it from."""

    from_on = forms.DateField(
        label=gettext_lazy("Share from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Until then nobody outside sees anything of it. Empty: no such date."),
    )
    from_at = forms.TimeField(
        label=gettext_lazy("at"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        reach: Sequence[Reach],
        policy: Mapping[str, int],
        share_from: datetime | None,
        audiences: Sequence[Audience],
    ) -> None:
        local = timezone.localtime(share_from) if share_from else None
        initial = {"from_on": local.date(), "from_at": local.time()} if local else {}
        super().__init__(data, initial=initial)
        self.audiences = audiences
        self.reach = [part for part in reach if part.is_shareable]
        self.fields["from_at"].help_text = _("Time in %(zone)s. Empty: midnight.") % {
            "zone": timezone.get_current_timezone_name()
        }
        for part in self.reach:
            words = in_words(policy.get(part.section, rules.NOBODY), audiences)
            self.add_pair(part.section, part.label, part.wish if part.is_exception else None, words)

    @property
    def groups(self) -> list[tuple[str, list[BoundField]]]:
        """Return the fieldsets as `ui/form.html` draws them."""
        parts = [field for part in self.reach for field in self.pair(part.section)]
        return [(_("Who sees which part"), parts), (_("From when"), [self["from_on"], self["from_at"]])]

    def clean(self) -> dict[str, Any]:
        """Gather the masks per part and the instant, in UTC, to share from."""
        given = dict(self.cleaned_data)
        given["masks"] = {part.section: self.mask_of(part.section) for part in self.reach}
        given["share_from"] = self._instant()
        return given

    def _instant(self) -> datetime | None:
        day, clock = self.cleaned_data.get("from_on"), self.cleaned_data.get("from_at")
        if day is None:
            if clock is not None and "from_on" not in self.errors:
                self.add_error("from_on", _("Give the day too, or empty the time."))
            return None
        try:
            # Refuses the hour that the change to summer time leaves out, and the one that comes twice.
            local = from_current_timezone(datetime.combine(day, clock or time.min))
        except forms.ValidationError as error:
            self.add_error("from_at", error)
            return None
        return local.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One kind in the matrix: per column its fields, None where it has no such part.

    ``cells`` hold (label of the part, fields, whether it never leaves the organisation).
    """

    kind: Kind
    count: int
    cells: list[tuple[str, list[BoundField], bool] | None]


class PolicyForm(AudienceForm):
    """The policy: who sees each part of each kind of record."""

    def __init__(
        self,
        data: Any = None,
        *,
        kinds: Sequence[Kind],
        policy: Mapping[tuple[str, str], int],
        audiences: Sequence[Audience],
    ) -> None:
        super().__init__(data)
        self.audiences, self.kinds, self.policy = audiences, kinds, policy
        for kind, section, name in self._cells():
            label = f"{kind.label_plural}: {kind.section(section).label}"
            self.add_pair(name, label, policy.get((kind.name, section), rules.NOBODY))

    def _cells(self) -> Iterator[tuple[Kind, str, str]]:
        """Yield kind, section and field name of all that may leave the organisation."""
        for kind in self.kinds:
            for spec in kind.sections:
                if spec.see is not Action.SEE_INTERNAL:
                    yield kind, spec.name, f"{kind.name}{SEPARATOR}{spec.name}"

    @property
    def columns(self) -> list[tuple[str, str]]:
        """Return (name, label) of every part that any kind has, in the order in which kinds name them."""
        return list({spec.name: str(spec.label) for kind in self.kinds for spec in kind.sections}.items())

    def rows(self, counts: Mapping[str, int]) -> list[PolicyRow]:
        """Return the matrix as the page draws it."""
        return [
            PolicyRow(
                kind, counts.get(kind.name, 0), [self._cell(kind, name) for name, _label in self.columns]
            )
            for kind in self.kinds
        ]

    def _cell(self, kind: Kind, section: str) -> tuple[str, list[BoundField], bool] | None:
        for spec in kind.sections:
            if spec.name == section:
                is_kept = spec.see is Action.SEE_INTERNAL
                return (
                    str(spec.label),
                    [] if is_kept else self.pair(f"{kind.name}{SEPARATOR}{section}"),
                    is_kept,
                )
        return None

    def clean(self) -> dict[str, Any]:
        """Gather the cells that differ from the policy; no part may be wider than the basics of its kind."""
        given = dict(self.cleaned_data)
        masks = {
            (kind.name, section): rules.journals(self.mask_of(name) or 0)
            for kind, section, name in self._cells()
        }
        for kind, section, name in self._cells():
            if not rules.is_within(masks[kind.name, section], masks[kind.name, "basics"]):
                self.add_error(
                    name,
                    _("“%(part)s” cannot be visible to more than the basics are. Share the basics as widely.")
                    % {"part": kind.section(section).label},
                )
        given["cells"] = {
            cell: mask for cell, mask in masks.items() if mask != rules.journals(self.policy.get(cell, 0))
        }
        return given

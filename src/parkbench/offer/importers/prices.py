"""How a price list sheet becomes price lines: one row is one line of one service's list.

A row is written into the prices section of its service, so that history, sharing and undo are those of the
section; the row itself is known by the line's id.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from parkbench.accounts.rules import Action
from parkbench.instruments.models import UserCategoryChoices
from parkbench.intake.registry import TOGETHER, Context, FieldSpec, Sort, Values, fold, name_to_make
from parkbench.lib.errors import Problem
from parkbench.offer import rules, services, wire
from parkbench.offer.importers.words import CATEGORIES, PRICE_HEADINGS, VAT, category_of_heading
from parkbench.offer.models import Service, ServicePrice
from parkbench.records.models import OWN
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer, scopes_of

SORTS: dict[str, Sort] = {
    "service": "record",
    "category": "choice",
    "amount": "money",
    "vat": "choice",
    "valid_from": "date",
    "valid_until": "date",
}
CHOICES: dict[str, Mapping[str, tuple[str, ...]]] = {"category": CATEGORIES, "vat": VAT}
LENGTHS = {"label": 100, "unit": 40}
TITLE = "~title"
"""Where a line says in one text what it is for; worked out, never a value of its own."""


def _spec(name: str) -> FieldSpec:
    known = wire.PriceLine.model_fields.get(name)
    return FieldSpec(
        name=name,
        label=(known.title if known else None) or "Service",
        section="prices",
        sort=SORTS.get(name, "text"),
        required=name in ("service", "unit", "amount"),
        choices=CHOICES.get(name, {}),
        currency="currency" if name == "amount" else "",
        record="service" if name == "service" else "",
        names=PRICE_HEADINGS[name],
    )


def _wide() -> Iterator[FieldSpec]:
    """One column per user category, for sheets that have a price for each."""
    for category, label in UserCategoryChoices.choices:
        yield FieldSpec(
            name=f"price_{category.replace('-', '_')}",
            label=format_lazy("{} {}", _("Price:"), label),
            section="prices",
            sort="money",
            currency="currency",
        )


WIDE = tuple(_wide())
CATEGORY_OF = {spec.name: category for spec, category in zip(WIDE, UserCategoryChoices.values, strict=True)}


class PriceTarget:
    """Price lines as something a sheet can be imported into."""

    name = "prices"
    kind = "service"
    label = _("Prices")
    page = "offer:price"
    fields = (*(_spec(name) for name in PRICE_HEADINGS), *WIDE)
    title = TITLE
    scope: tuple[str, ...] = ("service",)
    key_together = ("service", "category", "label", "unit", "valid_from")

    def context(self, *, viewer: Viewer) -> Context:
        """Look up the own services and their price lines once for a run."""
        rows = list(Service.objects.visible(viewer).own().values_list("uid", "name", "unit__name"))
        return Context(known={"service": service_names(rows)}, data=_Lists([uid for uid, *_rest in rows]))

    def check(self, *, viewer: Viewer, values: Values) -> str:
        """Say why this viewer may not write prices of the row's service, or ''."""
        if viewer.may(Action.IMPORT):
            return ""
        try:
            uid = UUID(values.get("service") or "")
        except ValueError:
            return str(_("Prices can be imported only for services that are here."))
        row = Service.objects.own().live().filter(uid=uid).select_related("unit__platform").first()
        if row is not None and viewer.may(Action.IMPORT, scopes_of(kind_of(self.kind), row)):
            return ""
        return str(_("You may not import prices of this service. Ask the head of its unit or a manager."))

    def guess(self, *, headings: Sequence[str], taken: Mapping[str, str]) -> Mapping[str, str]:
        """Return the columns that are user categories; a single one is none unless some are known already."""
        found: dict[str, str] = {}
        for heading in headings:
            category = category_of_heading(heading)
            name = f"price_{category.replace('-', '_')}"
            if category and name not in taken:
                found.setdefault(name, heading)
        return found if len(found) > 1 or not CATEGORY_OF.keys().isdisjoint(taken) else {}

    def spread(self, *, values: Values) -> Sequence[tuple[str, Values]]:
        """Return one price line per user category of which the row has a price."""
        plain = {name: value for name, value in values.items() if name not in CATEGORY_OF}
        parts = [
            (name, {**plain, "category": category, "amount": values[name]})
            for name, category in CATEGORY_OF.items()
            if values.get(name) is not None
        ]
        if plain.get("amount") is not None or not parts:
            parts.insert(0, ("", plain))
        return parts

    def finish(self, *, context: Context, values: Values) -> tuple[Values, list[Problem]]:
        """Give the price a currency, say what the line is for, and look whether two hold at one time."""
        done = dict(values)
        if done.get("amount") is not None and not done.get("currency"):
            done["currency"] = settings.DEFAULT_CURRENCY
        problems = _problems(done)
        is_here = bool(done.get("service")) and not name_to_make(done["service"])
        if not problems and is_here and done.get("unit"):
            done[TITLE] = rules.spoken_line(done)
            done[TOGETHER] = found_by(done["service"], done)
            problems += context.data.placed(done)
        return done, problems

    def find(self, *, field: str, texts: Sequence[str]) -> Mapping[str, Sequence[UUID]]:
        """Find price lines by service, category, label, unit and first day."""
        uids = {UUID(text.partition("|")[0]) for text in texts}
        live = Service.objects.own().live().filter(uid__in=uids).values_list("uid", flat=True)
        wanted, found = set(texts), defaultdict[str, list[UUID]](list)
        for uid, lines in services.bodies_of_prices(list(live)).items():
            for line in lines:
                if (text := found_by(str(uid), line)) in wanted:
                    found[text].append(UUID(line["id"]))
        return found

    def current(self, *, uids: Sequence[UUID]) -> Mapping[UUID, Values]:
        """Return what these price lines hold."""
        wanted = set(uids)
        links = ServicePrice.objects.filter(line__in=wanted, service__home_id=OWN, service__deleted_at=None)
        lists = services.bodies_of_prices(list(links.values_list("service__uid", flat=True).distinct()))
        return {
            UUID(line["id"]): _flat(str(uid), line)
            for uid, lines in lists.items()
            for line in lines
            if UUID(line["id"]) in wanted
        }

    def make(self, *, kind: str, names: Sequence[str], by: Viewer, batch: UUID) -> Mapping[str, UUID]:
        """Make nothing: a price belongs to a service that is here."""
        return {}

    def unmake(self, *, kind: str, uids: Sequence[UUID], by: Viewer, batch: UUID) -> Sequence[UUID]:
        """Delete nothing, as nothing was made."""
        return ()

    def write(
        self,
        *,
        new: Sequence[tuple[UUID, Values]],
        changed: Sequence[tuple[UUID, Values]],
        by: Viewer,
        batch: UUID,
    ) -> None:
        """Publish the price lists of one chunk."""
        services.amend_lines(
            new=[(line, UUID(values["service"]), _plain(values)) for line, values in new],
            changed={line: _plain(values) for line, values in changed},
            by=by,
            batch=batch,
        )


class _Lists:
    """The price lines that there are, and those the sheet has said so far."""

    def __init__(self, uids: Sequence[UUID]) -> None:
        self.lines: dict[tuple[str, tuple[str, str, str]], dict[str, Mapping[str, Any]]] = defaultdict(dict)
        for uid, lines in services.bodies_of_prices(uids).items():
            for line in lines:
                self._put(str(uid), line)

    def placed(self, line: Values) -> list[Problem]:
        """Note a line of the sheet; return what is wrong when another one holds at the same time."""
        group = self._put(line["service"], line)
        found = rules.overlap(group.values())
        if found is None or not any(one is line for one in found):
            return []
        other = found[0] if found[1] is line else found[1]
        del group[line.get("valid_from") or ""]
        what = rules.spoken_line(line)
        expected = f"a time without another price for {what}; one holds {rules.span(other)}"
        return [Problem("valid_from", rules.span(line), expected)]

    def _put(self, service: str, line: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        group = self.lines[service, rules.what_for(line)]
        group[line.get("valid_from") or ""] = line
        return group


def service_names(rows: Sequence[tuple[UUID, str, str | None]]) -> dict[str, str]:
    """Return every text that means one of these services > its uid: id, "name · unit", a name borne once."""
    names: dict[str, list[str]] = defaultdict(list)
    found: dict[str, str] = {}
    for uid, name, unit in rows:
        names[fold(name)].append(str(uid))
        found[fold(f"{name} · {unit}")] = found[fold(str(uid))] = str(uid)
    return {**found, **{name: uids[0] for name, uids in names.items() if len(uids) == 1}}


def found_by(service: str, line: Mapping[str, Any]) -> str:
    """Return the text by which a price line is found again."""
    return "|".join((service, *(part.replace("|", "/") for part in rules.identity(line))))


def _flat(service: str, line: Mapping[str, Any]) -> Values:
    return {"service": service, TITLE: rules.spoken_line(line), **_plain(line)}


def _plain(values: Mapping[str, Any]) -> Values:
    return {name: value for name, value in values.items() if name not in ("id", "service", TITLE)}


def _problems(values: Values) -> list[Problem]:
    problems = []
    amount = values.get("amount")
    if amount is not None and not 0 <= amount <= 10**15:
        problems.append(Problem("amount", amount, "an amount that is not negative"))
    for name, longest in LENGTHS.items():
        if len(values.get(name) or "") > longest:
            problems.append(Problem(name, values[name], f"at most {longest} characters"))
    first, last = values.get("valid_from"), values.get("valid_until")
    if first and last and last < first:
        problems.append(Problem("valid_until", last, "a last day that is not before the first one"))
    return problems

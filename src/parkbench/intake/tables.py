"""What the pages of imports show: figures, tabs, progress."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbench.intake.models import Batch
from parkbench.intake.queries import PlanPage
from parkbench.intake.registry import Asking, target_of
from parkbench.intake.rules import RUNNING, BatchState, hours_of, recipe_from_json
from parkbench.records.registry import kind_of
from parkbench.ui.lists import Action, Pager, Tone, page_numbers, wanted_numbers
from parkbench.ui.parts import Progress, Stat

TABS: dict[str, tuple[Any, Tone | None]] = {
    "new": (gettext_lazy("New"), "good"),
    "changed": (gettext_lazy("Changed"), "info"),
    "kept": (gettext_lazy("Corrected by hand"), "warn"),
    "unchanged": (gettext_lazy("Unchanged"), None),
    "missing": (gettext_lazy("Missing from the file"), "warn"),
    "skipped": (gettext_lazy("Skipped"), None),
    "refused": (gettext_lazy("Refused"), "bad"),
}
"""The lists of a dry run, as named in the address; label and tone."""

INTROS = {
    "new": gettext_lazy("These rows become new records."),
    "changed": gettext_lazy("These records get the sheet's values: old on the left, new on the right."),
    "kept": gettext_lazy(
        "These records were corrected by hand: on the left what is here, on the right what the sheet says. "
        "What is here stays, unless you tick a row."
    ),
    "unchanged": gettext_lazy("For these rows the records say what the sheet says."),
    "missing": gettext_lazy(
        "The source had these rows before and the file has not. Nothing is deleted; they are only marked."
    ),
    "skipped": gettext_lazy("These lines are no rows of the list, such as totals and headings."),
    "refused": gettext_lazy("These rows stay out until they are mended. All others go in."),
}


@dataclass(frozen=True, slots=True)
class Made:
    """Records of one kind that accepting makes, or made."""

    label: str
    names: tuple[str, ...]


def first_tab(counts: Mapping[str, Any]) -> str:
    """Return the list to open first: the first one that is not empty."""
    return next((name for name in TABS if counts.get(name)), "new")


def stats(batch: Batch) -> list[Stat]:
    """Return one large figure per list of the dry run, each leading to its list."""
    url = batch.get_absolute_url()
    found = []
    for name, (label, tone) in TABS.items():
        count = int(batch.counts.get(name, 0))
        link = f"{url}?list={name}#rows" if count else None
        found.append(
            Stat(str(label), f"{count:,}".replace(",", "\u00a0"), link, tone=tone if count else None)
        )
    return found


def made(names: Mapping[str, Any]) -> list[Made]:
    """Return what is made beside the rows' own records, by kind."""
    return [Made(str(kind_of(kind).label_plural), tuple(found)) for kind, found in names.items() if found]


def made_names(batch: Batch) -> dict[str, list[str]]:
    """Return kind > names: to be made before, made after accepting."""
    if batch.state in (BatchState.CHECKED, BatchState.CHECKING):
        return dict(batch.counts.get("made", {}))
    return {kind: sorted(found.values()) for kind, found in batch.made.items()}


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of a file whose meaning nobody said yet; ``others`` are not kept as written."""

    label: Any
    words: tuple[tuple[str, int, str], ...]
    others: int
    other_rows: int


def asked(batch: Batch) -> Asked | None:
    """Return what a dry run asks; None when the meaning of every word is known."""
    target = target_of(batch.source.target)
    unknown = [word for word in batch.facts.get("words", ()) if not word["meaning"]]
    if not unknown or not isinstance(target, Asking) or batch.state != BatchState.CHECKED:
        return None
    shown = tuple((word["text"], word["rows"], hours(word["minutes"])) for word in unknown if word["text"])
    others = [word["rows"] for word in unknown if not word["text"]]
    return Asked(target.asks, shown, len(others), sum(others))


@dataclass(frozen=True, slots=True)
class Assumed:
    """The currency in which amounts without one are read, and the field that would tell another."""

    code: str
    field: str


def assumed_currency(batch: Batch) -> Assumed | None:
    """Return in which currency amounts are read of which neither file nor person names one; else None."""
    recipe = recipe_from_json(batch.recipe)
    specs = {spec.name: spec for spec in target_of(batch.source.target).fields}
    for name, heading in recipe.columns.items():
        spec = specs.get(name)
        if spec is None or spec.sort != "money" or recipe.hint_of(heading).currency:
            continue
        if spec.currency not in recipe.columns and not recipe.constants.get(spec.currency):
            return Assumed(settings.DEFAULT_CURRENCY, str(specs[spec.currency].label))
    return None


def hours(minutes: int | None) -> str:
    """Return minutes as hours with at most one decimal; '' where no times are known."""
    return "" if minutes is None else hours_of(minutes)


def pager(plan: PlanPage, url: str, tab: str) -> Pager:
    """Return the pager of a list of rows."""

    def of(number: int) -> str:
        return f"{url}?list={tab}&page={number}#rows"

    urls = {number: of(number) for number in wanted_numbers(plan.page, plan.pages)}
    return Pager(
        page=plan.page,
        pages=plan.pages,
        total=plan.total,
        prev_url=of(plan.page - 1) if plan.page > 1 else None,
        next_url=of(plan.page + 1) if plan.page < plan.pages else None,
        numbers=page_numbers(plan.page, plan.pages, url_of=urls),
    )


def progress(batch: Batch) -> Progress:
    """Return how far the work on an import is; it asks again until that has ended."""
    titles = {
        BatchState.CHECKING: _("Reading and comparing the rows"),
        BatchState.ACCEPTING: _("Writing the rows"),
        BatchState.UNDOING: _("Undoing the import"),
    }
    if batch.state in RUNNING:
        total = sum(int(batch.counts.get(name, 0)) for name in TABS if name != "kept")
        is_writing = batch.state == BatchState.ACCEPTING
        return Progress(
            title=titles[BatchState(batch.state)],
            done=batch.done,
            total=total if is_writing and total else None,
            text="" if is_writing else _("%(count)s rows so far") % {"count": batch.done},
            poll_url=reverse("intake:progress", args=[batch.pk]),
        )
    return Progress(
        title=str(batch.get_state_display()),
        state="failed" if batch.state == BatchState.STOPPED else "done",
        text=batch.note,
        next=Action(_("See the result"), batch.get_absolute_url(), is_primary=True),
    )


def page_name(batch: Batch) -> str:
    """Return the name of the address of a record that this import brings."""
    return target_of(batch.source.target).page

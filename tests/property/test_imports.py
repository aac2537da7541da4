"""Whatever the order or the splitting of a keyed file, the park is the same; undo is the identity."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cast
from parkbench.instruments.models import Instrument
from parkbench.intake import queries, services
from parkbench.intake.models import Batch
from parkbench.intake.rules import Recipe, recipe_from_json
from parkbench.records.models import Audience, JournalEntry, Section
from parkbench.records.services import set_policy

pytestmark = pytest.mark.django_db
FEW = settings(max_examples=15, suppress_health_check=list(HealthCheck), deadline=None)

WORDS = st.sampled_from(["Scope", "Sorter, old", "Tück", '"Quoted"', "=1+1", "Åland", "n/a?"])
ROW = st.fixed_dictionaries(
    {
        "Name": WORDS,
        "Unit": st.sampled_from(["Flow", "Imaging", "flow"]),
        "Model": st.sampled_from(["LSM 980", "FACSAria Fusion", "Own make"]),
        "Room": st.sampled_from(["", "B1", "C 7"]),
        "Price": st.sampled_from(["", "1200,50", "3 000 SEK", "450 kEUR"]),
        "Commissioned": st.sampled_from(["", "2019-03-31", "13.04.2020"]),
    }
)
ROWS = st.lists(ROW, min_size=1, max_size=8)


@contextmanager
def forgotten() -> Iterator[Path]:
    """Do something in a folder of its own and leave no trace in the database."""
    kept = django_settings.MEDIA_ROOT
    with tempfile.TemporaryDirectory() as folder, transaction.atomic():
        django_settings.MEDIA_ROOT = Path(folder) / "node" / "files"
        try:
            yield Path(folder)
        finally:
            django_settings.MEDIA_ROOT = kept
            transaction.set_rollback(True)


def bring(folder: Path, rows: list[dict[str, str]], source: str = "inventory") -> Batch:
    import csv

    path = folder / "list.csv"
    with path.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    known = queries.source_named(name=source)
    recipe = recipe_from_json(known.recipe) if known else Recipe()
    return services.run(path=path, target="instruments", source=source, recipe=recipe, by=cast.OPERATOR)


def keyed(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{"Inventory number": f"N-{number}", **row} for number, row in enumerate(rows)]


def park() -> list[tuple[Any, ...]]:
    columns = ("inventory_number", "name", "unit__name", "maker_text", "model_text", "room", "purchase_price")
    rows = Instrument.objects.filter(deleted_at=None)
    found = rows.values_list(*columns, "purchase_currency", "commissioned_on", "linked_model")
    return sorted(map(str, ((row[0], row[1], row[2].casefold(), *row[3:]) for row in found)))


def digests() -> tuple[Any, ...]:
    current = Section.objects.filter(is_current=True).exclude(digest="").exclude(kind__in=["unit", "maker"])
    live = set(Instrument.objects.filter(deleted_at=None).values_list("uid", flat=True))
    sections = {row for row in current.values_list("uid", "section", "digest") if row[0] in live}
    entries = set(
        JournalEntry.objects.filter(is_gone=False).values_list("audience", "uid", "section", "digest")
    )
    heads = set(Audience.objects.values_list("bit", "count", "fingerprint"))
    return sections, entries, heads


@FEW
@given(rows=ROWS, seed=st.integers(0, 1000), cut=st.integers(0, 8))
def test_any_order_and_any_splitting_of_a_keyed_file_give_the_same_park(rows, seed, cut):
    lines = keyed(rows)
    with forgotten() as folder:
        bring(folder, lines)
        whole = park()
    mixed = random.Random(seed).sample(lines, len(lines))
    with forgotten() as folder:
        for part in (mixed[:cut], mixed[cut:]):
            if part:
                bring(folder, part)
        assert park() == whole


@FEW
@given(rows=ROWS, seed=st.integers(0, 1000), has_key=st.booleans())
def test_running_again_in_any_order_changes_nothing(rows, seed, has_key):
    lines = keyed(rows) if has_key else rows
    with forgotten() as folder:
        bring(folder, lines)
        before, written = digests(), Section.objects.count()
        batch = bring(folder, random.Random(seed).sample(lines, len(lines)))
        assert batch.counts["unchanged"] + batch.counts["refused"] == len(lines)
        assert (digests(), Section.objects.count()) == (before, written)


@FEW
@given(first=ROWS, second=ROWS, has_key=st.booleans())
def test_import_then_undo_is_the_identity(first, second, has_key):
    with forgotten() as folder:
        for section in ("basics", "internal"):
            if section == "basics":
                set_policy(kind="instrument", section=section, mask=1, by=cast.OPERATOR)
                set_policy(kind="unit", section=section, mask=1, by=cast.OPERATOR)
        bring(folder, keyed(first) if has_key else first)
        before = park(), digests()
        batch = bring(folder, keyed(second) if has_key else second)
        services.undo(batch_id=batch.pk, by=cast.OPERATOR)
        assert (park(), digests()) == before
        again = bring(folder, keyed(second) if has_key else second)
        assert again.counts["new"] == batch.counts["new"]
        assert again.counts["changed"] == batch.counts["changed"]

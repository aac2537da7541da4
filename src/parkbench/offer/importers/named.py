"""Records that a cell names: by name, by "name · unit" where a name stands for several, by record id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from parkbench.instruments.models import Instrument
from parkbench.intake.registry import fold
from parkbench.lib.errors import Problem
from parkbench.lib.urn import record_id
from parkbench.offer.models import Service
from parkbench.records.queries import own_address
from parkbench.records.visibility import Viewer


class Named:
    """The own instruments or services as sheets call them; ``field`` is what names them in a sheet."""

    def __init__(self, viewer: Viewer, model: Any, kind: str, field: str, expected: str) -> None:
        rows = model.objects.visible(viewer).own().order_by("pk")
        self.node, self.kind, self.field, self.expected = own_address(), kind, field, expected
        self.by_name: dict[str, list[tuple[str, str, str]]] = {}
        self.called: dict[str, tuple[str, str]] = {}
        for uid, name, unit, unit_name in rows.values_list("uid", "name", "unit__uid", "unit__name"):
            self.by_name.setdefault(fold(name), []).append((str(uid), str(unit), unit_name or ""))
            self.called[str(uid)] = (name, unit_name or "")

    def label(self, ref: str) -> str:
        """Return what sheets call the record with this id; the id itself when it is not here."""
        name, unit = self.called.get(ref.rpartition("/")[2], ("", ""))
        if not name:
            return ref
        return f"{name} · {unit}" if len(self.by_name[fold(name)]) > 1 else name

    def labels(self, texts: Sequence[str], unit: str | None, problems: list[Problem]) -> list[str]:
        """Return the names by which these records are kept; note those that are not here."""
        found = []
        for text in texts:
            ref = self.ref(text, unit)
            if ref is None:
                problems.append(Problem(self.field, text, self.expected))
            else:
                found.append(self.label(ref))
        return list(dict.fromkeys(found))

    def ref(self, text: str, unit: str | None = None) -> str | None:
        """Return the record id a text means, one of the same unit first; None for none or several."""
        uid = text.rpartition("/")[2]
        if uid in self.called or f"/id/{self.kind}/" in text:
            return text if "/" in text else self._ref(uid)
        name, _dot, place = text.partition(" · ")
        found = [one for one in self.by_name.get(fold(name), ()) if not place or fold(one[2]) == fold(place)]
        if len(found) > 1:
            found = [one for one in found if one[1] == unit]
        return self._ref(found[0][0]) if len(found) == 1 else None

    def _ref(self, uid: str) -> str:
        return record_id(node=self.node, kind=self.kind, uid=UUID(uid))


def instruments_named(viewer: Viewer) -> Named:
    """Return the own instruments this viewer may see; one query."""
    expected = "the name of one instrument that is here, such as “Confocal 1 · Light microscopy”"
    return Named(viewer, Instrument, "instrument", "instruments", expected)


def services_named(viewer: Viewer) -> Named:
    """Return the own services this viewer may see; one query."""
    expected = "the name of one service that is here, such as “Imaging · Light microscopy”"
    return Named(viewer, Service, "service", "services", expected)


def is_uid(text: str) -> bool:
    """Tell whether a text is the uid of a record."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def too_long(values: dict[str, Any], lengths: dict[str, int]) -> list[Problem]:
    """Find the texts that a section would refuse for their length."""
    return [
        Problem(name, values[name], f"at most {longest} characters")
        for name, longest in lengths.items()
        if len(values.get(name) or "") > longest
    ]

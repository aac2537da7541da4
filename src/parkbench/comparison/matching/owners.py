"""Under which makers a model was sold beside its own: products pass on, and their makers stay."""

from __future__ import annotations

from collections.abc import Mapping

from parkbench.comparison.matching.knowledge import Register
from parkbench.comparison.matching.words import SPACE, atoms, squeezed


def sold_under(
    register: Register, makers: Mapping[str, frozenset[str]], longest: int
) -> dict[str, frozenset[str]]:
    """Return key > lines of models of which an alias begins with another maker: PerkinElmer Vectra Polaris.

    `makers` are the lines of each squeezed name of a maker, `longest` the atoms of the longest of them.
    """
    found = {}
    for model in register.models.values():
        own, begin = register.line(model.maker), atoms(model.designation)[0].text
        told = [alias for alias in model.aliases if atoms(alias)[0].text != begin]
        others = {line for alias in told for line in _first(alias, makers, longest)} - {own}
        if others:
            found[model.key] = frozenset((own, *others))
    return found


def _first(alias: str, makers: Mapping[str, frozenset[str]], longest: int) -> frozenset[str]:
    """Return the line of the maker that a name begins with, none when it is the whole name or unclear."""
    parts = atoms(alias)
    for length in range(min(longest, len(parts) - 1), 0, -1):
        lines = makers.get(squeezed(parts[:length]), frozenset())
        if len(lines) == 1 and parts[length].joint == SPACE:
            return lines
    return frozenset()

"""Figures: what was measured, the floor or peer beside it, what was asked, and whether it is met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the report; ``is_met`` is None for figures that are only reported."""

    what: str
    ours: str
    floor: str = ""
    ratio: float | None = None
    asked: str = ""
    is_met: bool | None = None

    def as_dict(self) -> dict[str, object]:
        """Return the figure as JSON values."""
        return asdict(self)


def times(what: str, ours: float, floor: float, most: float | None = None, note: str = "") -> Figure:
    """Compare seconds with the seconds of a floor; at most ``most`` times it was asked."""
    ratio = ours / floor
    return Figure(
        what=what,
        ours=f"{ours:.2f} s",
        floor=f"{floor:.2f} s{note}",
        ratio=ratio,
        asked="" if most is None else f"<= {most:g} x",
        is_met=None if most is None else ratio <= most,
    )


def at_most(what: str, value: float, unit: str, most: float | None, floor: float | None = None) -> Figure:
    """Hold one value to a bound in its own unit, with the floor beside it where there is one."""
    return Figure(
        what=what,
        ours=f"{value:,.1f} {unit}",
        floor="" if floor is None else f"{floor:,.2f} {unit}",
        ratio=None if not floor else value / floor,
        asked="" if most is None else f"<= {most:g} {unit}",
        is_met=None if most is None else value <= most,
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile, such as share 0.95; raises ValueError for no values."""
    if not values:
        raise ValueError("There is no percentile of nothing.")
    ranked = sorted(values)
    place = -(-len(ranked) * share // 1)
    return ranked[max(int(place), 1) - 1]


def show(figures: Sequence[Figure], *, title: str) -> None:
    """Print the figures as a table."""
    table = Table(title=title)
    for heading in ("Figure", "Ours", "Floor or peer", "Ratio", "Asked", ""):
        table.add_column(heading, justify="left" if heading in ("Figure", "") else "right")
    for one in figures:
        ratio = "" if one.ratio is None else f"{one.ratio:.2f} x"
        met = "" if one.is_met is None else "[green]met[/]" if one.is_met else "[red]missed[/]"
        table.add_row(one.what, one.ours, one.floor, ratio, one.asked, met)
    console = Console()
    if not console.is_terminal:
        console = Console(width=150)
    console.print(table)

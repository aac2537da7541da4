"""Figures: what was measured, the floor or peer beside it, what was asked, and whether it is met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the report; ``is_met`` is None for figures that are only reported.

    ``busy`` is the same figure by processor time, which other work on the machine does not stretch.
    """

    what: str
    ours: str
    floor: str = ""
    ratio: float | None = None
    busy: str = ""
    asked: str = ""
    is_met: bool | None = None

    def as_dict(self) -> dict[str, object]:
        """Return the figure as JSON values."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Seconds by the clock and of processor."""

    seconds: float
    cpu: float


def times(what: str, ours: Cost, floor: Cost, most: float | None = None) -> Figure:
    """Compare a cost with that of a floor; at most ``most`` times it by the clock was asked."""
    ratio = ours.seconds / floor.seconds
    return Figure(
        what=what,
        ours=f"{ours.seconds:.2f} s",
        floor=f"{floor.seconds:.2f} s",
        ratio=ratio,
        busy=f"{ours.cpu / floor.cpu:.2f} x" if ours.cpu else "",
        asked="" if most is None else f"<= {most:g} x",
        is_met=None if most is None else ratio <= most,
    )


def at_most(
    what: str, value: float, unit: str, most: float | None, *, floor: float | None = None, cpu: float = 0
) -> Figure:
    """Hold one value to a bound in its own unit, with the floor beside it where there is one."""
    return Figure(
        what=what,
        ours=f"{value:,.2f} {unit}",
        floor="" if floor is None else f"{floor:,.2f} {unit}",
        ratio=None if not floor else value / floor,
        busy=f"{cpu:,.1f} {unit}" if cpu else "",
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
    for heading in ("Figure", "Ours", "Floor or peer", "Ratio", "Processor", "Asked", ""):
        table.add_column(heading, justify="left" if heading in ("Figure", "") else "right")
    for one in figures:
        ratio = "" if one.ratio is None else f"{one.ratio:.2f} x"
        met = "" if one.is_met is None else "[green]met[/]" if one.is_met else "[red]missed[/]"
        table.add_row(one.what, one.ours, one.floor, ratio, one.busy, one.asked, met)
    console = Console()
    if not console.is_terminal:
        console = Console(width=165)
    console.print(table)

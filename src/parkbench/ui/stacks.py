"""Stacked columns over time against a line, with their table; what is not known is marked as such."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from parkbench.ui.charts import (
    BASELINE,
    LABEL_BAND,
    PLOT_HEIGHT,
    SERIES,
    ChartRow,
    Figure,
    _key,
    _patterns,
    _swatch,
    plain_figure,
)

STACK_WIDTH = 720
LABELS = 8


@dataclass(frozen=True, slots=True)
class Stack:
    """One column: its label, the value of each series (None: the column is not known), the line's value."""

    label: str
    values: Sequence[float] | None
    line: float | None = None


@dataclass(frozen=True, slots=True)
class StackedChart:
    """A drawn chart with its legend and the table that stands behind it."""

    title: str
    unit: str
    svg: SafeString
    legend: tuple[tuple[SafeString, ChartRow], ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def stacked_columns(
    title: str,
    series: Sequence[str],
    stacks: Sequence[Stack],
    *,
    unit: str = "",
    line_label: str = "",
    figure: Figure = plain_figure,
) -> StackedChart:
    """Draw one stacked column per period, a line across each for what it is measured against.

    More than eight series repeat the patterns. Raises `ValueError` for a negative value.
    """
    shown = [value for stack in stacks for value in stack.values or ()]
    if any(value < 0 for value in shown):
        raise ValueError("A column cannot show a negative value.")
    sums = [sum(stack.values or ()) for stack in stacks]
    top = max([*sums, *(stack.line or 0 for stack in stacks)], default=0) or 1
    key = _key(title, [(stack.label, total, None) for stack, total in zip(stacks, sums, strict=True)])
    step = STACK_WIDTH / max(len(stacks), 1)
    every = -(-len(stacks) // LABELS)
    pieces = [_patterns(key)]
    for place, stack in enumerate(stacks):
        pieces.append(_column(key, place, stack, series=series, step=step, top=top, figure=figure))
        if place % every == 0:
            pieces.append(_label(place, stack.label, step))
    svg = _frame(key, title, _said(stacks, line_label, unit, figure), pieces)
    totals = [sum((stack.values or [0] * len(series))[i] for stack in stacks) for i in range(len(series))]
    legend = [
        (_swatch(i % SERIES), ChartRow(name, figure(totals[i]))) for i, name in enumerate(series) if totals[i]
    ]
    if line_label:
        legend.append((_LINE_SWATCH, ChartRow(line_label, "")))
    if any(stack.values is None for stack in stacks):
        legend.append((_UNKNOWN_SWATCH, ChartRow(_("not known"), "")))
    return StackedChart(title, unit, svg, tuple(legend), *_table(series, stacks, line_label, figure))


def _table(
    series: Sequence[str], stacks: Sequence[Stack], line_label: str, figure: Figure
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    used = [i for i in range(len(series)) if any(stack.values and stack.values[i] for stack in stacks)]
    headings = [*(series[i] for i in used), _("All")]
    if line_label:
        headings.append(line_label)
    rows = []
    for stack in stacks:
        if stack.values is None:
            cells = [""] * len(used) + [_("not known")]
        else:
            cells = [*(figure(stack.values[i]) for i in used), figure(sum(stack.values))]
        if line_label:
            cells.append(_("not known") if stack.line is None else figure(stack.line))
        rows.append((stack.label, *cells))
    return tuple(headings), tuple(rows)


def _said(stacks: Sequence[Stack], line_label: str, unit: str, figure: Figure) -> str:
    parts = []
    for stack in stacks:
        told = _("not known") if stack.values is None else figure(sum(stack.values))
        line = f" ({line_label} {figure(stack.line)})" if stack.line is not None and line_label else ""
        parts.append(f"{stack.label}: {told}{line}")
    return f"{unit}: " * bool(unit) + "; ".join(parts) + "."


def _frame(key: str, title: str, said: str, pieces: Sequence[SafeString]) -> SafeString:
    return format_html(
        '<svg class="chart chart-stacks" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-t {}-d" '
        'focusable="false"><title id="{}-t">{}</title><desc id="{}-d">{}</desc>{}'
        '<line class="chart-axis" x1="0" y1="{}" x2="{}" y2="{}"/></svg>',
        STACK_WIDTH,
        BASELINE + LABEL_BAND,
        key,
        key,
        key,
        title,
        key,
        said,
        format_html_join("", "{}", ((piece,) for piece in pieces)),
        BASELINE,
        STACK_WIDTH,
        BASELINE,
    )


def _column(
    key: str,
    place: int,
    stack: Stack,
    *,
    series: Sequence[str],
    step: float,
    top: float,
    figure: Figure,
) -> SafeString:
    left, width = round((place + 0.12) * step, 1), round(step * 0.76, 1)
    pieces: list[SafeString] = []
    bottom = float(BASELINE)
    for i, value in enumerate(stack.values or ()):
        height = value / top * PLOT_HEIGHT
        if height <= 0:
            continue
        bottom -= height
        pieces.append(_part(key, i % SERIES, left=left, width=width, top=bottom, height=height))
    if stack.values is None:
        middle = round(left + width / 2, 1)
        pieces.append(format_html('<text class="chart-label" x="{}" y="{}">?</text>', middle, BASELINE - 6))
    if stack.line is not None:
        pieces.append(_mark(stack.line, top=top, left=place * step, right=(place + 1) * step))
    return format_html(
        "<g><title>{}: {}</title>{}</g>",
        stack.label,
        _parts_said(stack, series, figure),
        format_html_join("", "{}", ((piece,) for piece in pieces)),
    )


def _mark(value: float, *, top: float, left: float, right: float) -> SafeString:
    y = round(BASELINE - value / top * PLOT_HEIGHT, 1)
    line = '<line class="chart-mark" x1="{}" y1="{}" x2="{}" y2="{}"/>'
    return format_html(line, round(left, 1), y, round(right, 1), y)


def _parts_said(stack: Stack, series: Sequence[str], figure: Figure) -> str:
    if stack.values is None:
        return _("not known")
    parts = [f"{name} {figure(value)}" for name, value in zip(series, stack.values, strict=True) if value]
    return ", ".join(parts) or figure(0)


def _part(key: str, series: int, *, left: float, width: float, top: float, height: float) -> SafeString:
    return format_html(
        '<rect class="series-{}" x="{}" y="{}" width="{}" height="{}"/>'
        '<rect class="chart-part" fill="url(#{}-{})" x="{}" y="{}" width="{}" height="{}"/>',
        *(series, left, round(top, 1), width, round(height, 1)),
        *(key, series, left, round(top, 1), width, round(height, 1)),
    )


def _label(place: int, label: str, step: float) -> SafeString:
    return format_html(
        '<text class="chart-name" x="{}" y="{}">{}</text>', round(place * step, 1), BASELINE + 18, label
    )


_LINE_SWATCH = format_html(
    '<svg class="chart-swatch" viewBox="0 0 16 16" aria-hidden="true" focusable="false">'
    '<line class="chart-mark" x1="0" y1="8" x2="16" y2="{}"/></svg>',
    8,
)
_UNKNOWN_SWATCH = format_html(
    '<svg class="chart-swatch" viewBox="0 0 16 16" aria-hidden="true" focusable="false">'
    '<text class="chart-label" x="{}" y="13">?</text></svg>',
    4,
)

"""Charts as SVG drawn on the server: pure functions, every text escaped, styled by classes alone.

Each function returns a `Chart`: the picture (also by `str(chart)`) and the rows of the table that stands
behind it. Sizes are user units of the viewBox. A bar may carry the address of the list it stands for; a
picture with links is a `group` (a reader of the screen must reach the links), one without is an `img`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2s
from math import ceil

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

Bar = tuple[str, float, str | None]
Figure = Callable[[float], str]

WIDTH = 440
PLOT_TOP = 22
PLOT_HEIGHT = 132
BASELINE = PLOT_TOP + PLOT_HEIGHT
LABEL_BAND = 26
ROW_HEIGHT = 46
MANY = 12
LETTER = 8
SERIES = 8


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One line of the table behind a chart."""

    label: str
    value: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn chart with its table; `is_wide` asks for a region that scrolls sideways on a phone.

    `instead` is the sentence that stands in the place of a picture of nothing; it may hold a link.
    """

    title: str
    svg: SafeString
    rows: tuple[ChartRow, ...]
    unit: str = ""
    is_wide: bool = False
    legend: tuple[tuple[SafeString, ChartRow], ...] = ()
    instead: str = ""

    def __str__(self) -> str:
        return self.svg

    def __html__(self) -> str:
        return self.svg

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.rows


def plain_figure(value: float) -> str:
    """Return a number with narrow no-break spaces between thousands, at most one decimal."""
    text = f"{value:,.1f}" if value % 1 else f"{value:,.0f}"
    return text.replace(",", "\u202f")


def columns_chart(
    title: str,
    bars: Sequence[Bar],
    unit: str = "",
    *,
    figure: Figure = plain_figure,
    note: str = "",
    instead: str = "",
) -> Chart:
    """Draw upright columns for short labels such as years; `unit` names what is counted.

    Where every column would be 0 high, the sentence `instead` is given in their place, if there is one.
    Raises `ValueError` for a negative value.
    """
    _refuse_negative(bars)
    if instead and not any(value for _label, value, _url in bars):
        return Chart(title, SafeString(""), (), instead=instead)
    longest = max((len(label) for label, _value, _url in bars), default=0) + 1
    step = WIDTH / max(len(bars), 1)
    thinned = max(ceil(longest * LETTER / step), 1)
    top = max((value for _label, value, _url in bars), default=0) or 1
    pieces = [_column(i, bar, step, top, figure, is_labelled=i % thinned == 0) for i, bar in enumerate(bars)]
    base = format_html('<line class="chart-axis" x1="0" y1="{}" x2="{}" y2="{}"/>', BASELINE, WIDTH, BASELINE)
    svg = _frame(
        title, bars, [*pieces, base], figure=figure, unit=unit, height=BASELINE + LABEL_BAND, note=note
    )
    return Chart(title, svg, _rows(bars, figure), unit, is_wide=len(bars) > MANY)


def bars_chart(
    title: str, bars: Sequence[Bar], unit: str = "", *, figure: Figure = plain_figure, note: str = ""
) -> Chart:
    """Draw lying bars, one below the other, for labels that are words.

    Raises `ValueError` for a negative value.
    """
    _refuse_negative(bars)
    top = max((value for _label, value, _url in bars), default=0) or 1
    pieces = [_lying(i, bar, top, figure) for i, bar in enumerate(bars)]
    svg = _frame(
        title, bars, pieces, figure=figure, unit=unit, height=max(len(bars), 1) * ROW_HEIGHT, note=note
    )
    return Chart(title, svg, _rows(bars, figure), unit)


def stacked_bar(
    title: str, parts: Sequence[Bar], unit: str = "", *, figure: Figure = plain_figure, note: str = ""
) -> Chart:
    """Draw one bar divided into parts, each with a pattern of its own; the legend names them with figures.

    More than eight parts repeat the patterns, so join small parts first. Raises `ValueError` for a negative
    value.
    """
    _refuse_negative(parts)
    shown = [bar for bar in parts if bar[1] > 0]
    total = sum(value for _label, value, _url in shown) or 1
    key = _key(title, parts)
    pieces = [_patterns(key)]
    left = 0.0
    for bar in shown:
        width = bar[1] / total * WIDTH
        pieces.append(_part(key, parts.index(bar), bar, left, width, text=figure(bar[1])))
        left += width
    rows = _rows(parts, figure)
    svg = _frame(title, parts, pieces, figure=figure, unit=unit, height=44, note=note, is_linked=False)
    return Chart(
        title, svg, rows, unit, legend=tuple((_swatch(i % SERIES), row) for i, row in enumerate(rows))
    )


def histogram(
    title: str,
    values: Iterable[float],
    edges: Sequence[float],
    unit: str = "",
    *,
    url_of: Callable[[float, float | None], str | None] | None = None,
    figure: Figure = plain_figure,
) -> Chart:
    """Count `values` into classes that begin at each of the ascending `edges`, the last one open upwards.

    Values below the first edge are left out and said so in the description. `url_of(low, high)` gives the
    address of the filtered list; `high` is excluded, None for the open class.
    Raises `ValueError` when the edges do not ascend.
    """
    if list(edges) != sorted(set(edges)):
        raise ValueError("The edges of a histogram must ascend.")
    counts = [0] * len(edges)
    below = 0
    for value in values:
        index = sum(edge <= value for edge in edges) - 1
        if index < 0:
            below += 1
        else:
            counts[index] += 1
    highs: list[float | None] = [*edges[1:], None]
    bars = [
        (_class_label(low, high), count, url_of(low, high) if url_of else None)
        for low, high, count in zip(edges, highs, counts, strict=True)
    ]
    note = _("%(count)s below the first class are left out.") % {"count": below} if below else ""
    return columns_chart(title, bars, unit, figure=figure, note=note)


def sparkline(
    title: str, points: Sequence[tuple[str, float]], unit: str = "", *, figure: Figure = plain_figure
) -> Chart:
    """Draw a small line of (label, value) points from oldest to newest, the last one marked.

    Raises `ValueError` for a negative value.
    """
    bars: list[Bar] = [(label, value, None) for label, value in points]
    _refuse_negative(bars)
    width, height, margin = 120, 32, 4
    top = max((value for _label, value in points), default=0) or 1
    step = (width - 2 * margin) / max(len(points) - 1, 1)
    places = [
        (round(margin + i * step, 1), round(height - margin - value / top * (height - 2 * margin), 1))
        for i, (_label, value) in enumerate(points)
    ]
    line = format_html('<polyline class="chart-line" points="{}"/>', " ".join(f"{x},{y}" for x, y in places))
    pieces = [line]
    if places:
        pieces.append(format_html('<circle class="chart-dot" cx="{}" cy="{}" r="3"/>', *places[-1]))
    svg = _frame(
        title, bars, pieces, figure=figure, unit=unit, height=height, width=width, css="chart chart-spark"
    )
    return Chart(title, svg, _rows(bars, figure), unit)


def _refuse_negative(bars: Sequence[Bar]) -> None:
    """Refuse what a bar from zero cannot show."""
    for label, value, _url in bars:
        if value < 0:
            raise ValueError(f"A bar cannot show the negative value {value} of {label!r}.")


def _rows(bars: Sequence[Bar], figure: Figure) -> tuple[ChartRow, ...]:
    """Return the table behind the bars."""
    return tuple(ChartRow(label, figure(value), url) for label, value, url in bars)


def _key(title: str, bars: Sequence[Bar]) -> str:
    """Return a name for ids inside the picture, the same at every drawing of the same chart."""
    return "c" + blake2s(repr((title, list(bars))).encode(), digest_size=5).hexdigest()


def _class_label(low: float, high: float | None) -> str:
    """Return "5-9", "5" or "20+" for a class of whole numbers, "0.5-1.0" for others."""
    if high is None:
        return f"{low:g}+"
    if low % 1 or high % 1:
        return f"{low:g}\u2013{high:g}"
    return f"{low:g}" if high - low == 1 else f"{low:g}\u2013{high - 1:g}"


def _frame(
    title: str,
    bars: Sequence[Bar],
    pieces: Sequence[SafeString],
    *,
    figure: Figure,
    unit: str,
    height: float,
    note: str = "",
    width: int = WIDTH,
    css: str = "chart",
    is_linked: bool = True,
) -> SafeString:
    """Return the whole picture with its title and a description that says every figure."""
    key = _key(title, bars)
    said = "; ".join(f"{label}: {figure(value)}" for label, value, _url in bars) or _("No data.")
    description = " ".join(part for part in (f"{unit}:" if unit else "", said + ".", note) if part)
    role = "group" if is_linked and any(url for _label, _value, url in bars) else "img"
    return format_html(
        '<svg class="{}" viewBox="0 0 {} {}" role="{}" aria-labelledby="{}-t {}-d" focusable="false">'
        '<title id="{}-t">{}</title><desc id="{}-d">{}</desc>{}</svg>',
        css,
        width,
        f"{height:g}",
        role,
        key,
        key,
        key,
        title,
        key,
        description.replace("..", "."),
        format_html_join("", "{}", ((piece,) for piece in pieces)),
    )


def _linked(inner: SafeString, bar: Bar, figure: Figure) -> SafeString:
    """Wrap a bar in the link to its list, if it has one."""
    label, value, url = bar
    if not url:
        return format_html("<g>{}</g>", inner)
    # A title, not an aria-label: it names the link, shows on hover, and leaves the drawn words be.
    return format_html(
        '<a class="chart-link" href="{}"><title>{}</title>{}</a>', url, f"{label}: {figure(value)}", inner
    )


def _column(
    index: int, bar: Bar, step: float, top: float, figure: Figure, *, is_labelled: bool
) -> SafeString:
    """Return one upright column with its figure above and its label below."""
    label, value, _url = bar
    height = value / top * PLOT_HEIGHT
    middle = round((index + 0.5) * step, 1)
    inner = format_html(
        '<rect class="chart-hit" x="{}" y="0" width="{}" height="{}"/>'
        '<rect class="chart-bar" x="{}" y="{}" width="{}" height="{}" rx="2"/>'
        '<text class="chart-value" x="{}" y="{}">{}</text>'
        '<text class="chart-label" x="{}" y="{}">{}</text>',
        round(index * step, 1),
        round(step, 1),
        BASELINE + LABEL_BAND,
        round((index + 0.14) * step, 1),
        round(BASELINE - height, 1),
        round(step * 0.72, 1),
        round(height, 1),
        middle,
        round(BASELINE - height - 6, 1),
        figure(value) if value else "",
        middle,
        BASELINE + 18,
        label if is_labelled else "",
    )
    return _linked(inner, bar, figure)


def _lying(index: int, bar: Bar, top: float, figure: Figure) -> SafeString:
    """Return one lying bar with its label and figure above it."""
    label, value, _url = bar
    y = index * ROW_HEIGHT
    inner = format_html(
        '<rect class="chart-hit" x="0" y="{}" width="{}" height="{}"/>'
        '<text class="chart-name" x="0" y="{}">{}</text>'
        '<text class="chart-amount" x="{}" y="{}">{}</text>'
        '<rect class="chart-track" x="0" y="{}" width="{}" height="12" rx="2"/>'
        '<rect class="chart-bar" x="0" y="{}" width="{}" height="12" rx="2"/>',
        y,
        WIDTH,
        ROW_HEIGHT,
        y + 18,
        label,
        WIDTH,
        y + 18,
        figure(value),
        y + 25,
        WIDTH,
        y + 25,
        round(value / top * WIDTH, 1),
    )
    return _linked(inner, bar, figure)


def _part(key: str, index: int, bar: Bar, left: float, width: float, *, text: str) -> SafeString:
    """Return one part of a stacked bar: its colour, the pattern over it, the figure when there is room."""
    series = index % SERIES
    room = len(text) * 9 + 8
    return format_html(
        '<g><title>{}</title><rect class="series-{}" x="{}" y="0" width="{}" height="44"/>'
        '<rect class="chart-part" fill="url(#{}-{})" x="{}" y="0" width="{}" height="44"/>'
        "{}</g>",
        f"{bar[0]}: {text}",
        series,
        round(left, 1),
        round(width, 1),
        key,
        series,
        round(left, 1),
        round(width, 1),
        _inside(text, left + width / 2, room) if width > room else "",
    )


def _inside(text: str, middle: float, room: float) -> SafeString:
    """Return a figure on a plate inside a part, so that it is readable on any pattern."""
    return format_html(
        '<rect class="chart-plate" x="{}" y="12" width="{}" height="20" rx="3"/>'
        '<text class="chart-inside" x="{}" y="27">{}</text>',
        round(middle - room / 2, 1),
        room,
        round(middle, 1),
        text,
    )


# One pattern per series: colour alone never tells two parts apart.
_STROKES = (
    "",
    "M0 8 L8 0",
    "M0 0 L8 8",
    "M4 0 L4 8",
    "M0 4 L8 4",
    "M0 4 L8 4 M4 0 L4 8",
    "M0 8 L8 0 M0 0 L8 8",
    "M3 4 L5 4",
)


def _patterns(key: str) -> SafeString:
    """Return the patterns of one picture; the same strokes stand in the legend by stylesheet."""
    return format_html(
        "<defs>{}</defs>",
        format_html_join(
            "",
            '<pattern id="{}-{}" width="8" height="8" patternUnits="userSpaceOnUse">'
            '<path class="chart-stroke" d="{}"/></pattern>',
            ((key, index, strokes) for index, strokes in enumerate(_STROKES)),
        ),
    )


def _swatch(series: int) -> SafeString:
    """Return the small square of the legend with the colour and pattern of the part it names."""
    return format_html(
        '<svg class="chart-swatch" viewBox="0 0 16 16" aria-hidden="true" focusable="false">'
        '<rect class="series-{}" width="16" height="16"/>'
        '<path class="chart-stroke" d="{}" transform="scale(2)"/></svg>',
        series,
        _STROKES[series],
    )

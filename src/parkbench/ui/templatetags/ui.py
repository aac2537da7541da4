"""Tags and filters of the look: money, times, dashes, charts, slots, query strings, form controls."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django import forms, template
from django.forms import BoundField
from django.template import Context
from django.template.loader import render_to_string
from django.utils import formats, timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from parkbench.lib.money import format_money
from parkbench.ui import slots
from parkbench.ui.charts import Chart
from parkbench.ui.lists import Cell

register = template.Library()

_LINKED_SCHEMES = ("", "http", "https", "mailto", "tel")


@register.filter
def money(minor: int | None, currency: str) -> SafeString:
    """Return an amount of minor units with its ISO 4217 code, a dash when there is none."""
    if minor is None or not currency:
        return _nothing()
    return format_html('<span class="tabular">{}</span>', format_money(minor, currency))


@register.filter
def dash(value: Any) -> Any:
    """Return the value, or a dash with a word for those who hear the page, when it is empty (0 is not)."""
    is_empty = value is None or value == "" or (isinstance(value, list | tuple | set | dict) and not value)
    return _nothing() if is_empty else value


@register.filter
def when(moment: datetime | None) -> SafeString:
    """Return a time in the organisation's zone: near days in words, the absolute time as its title."""
    if moment is None:
        return _nothing()
    local = timezone.localtime(moment)
    clock = formats.time_format(local, "H:i")
    absolute = f"{formats.date_format(local, 'j F Y')}, {clock} {local.tzname()}"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', local.isoformat(), absolute, _near(local, clock)
    )


@register.filter
def day(on: date | None) -> SafeString:
    """Return a date such as 3 March 2026, a dash when there is none."""
    if on is None:
        return _nothing()
    return format_html('<time datetime="{}">{}</time>', on.isoformat(), formats.date_format(on, "j F Y"))


@register.filter
def href(url: str | None) -> str:
    """Return the address if it is one that may be followed (http, https, mailto, tel, or on this node)."""
    if not url:
        return ""
    try:
        scheme = urlsplit(url.strip()).scheme.lower()
    except ValueError:
        return ""
    return url.strip() if scheme in _LINKED_SCHEMES else ""


@register.filter
def cell(shown: Cell) -> SafeString:
    """Return one cell of a list, drawn here and not by a template because a page holds hundreds."""
    if shown.is_hidden:
        return format_html('<span class="not-shared">{}</span>', _("not shared"))
    if not shown.text:
        return _nothing()
    text: SafeString | str = shown.text
    if shown.tone:
        text = format_html('<span class="tone tone-{}">{}</span>', shown.tone, text)
    if address := href(shown.url):
        text = format_html('<a href="{}">{}</a>', address, text)
    if shown.title:
        return format_html('<span title="{}">{}</span>', shown.title, text)
    return conditional_escape(text)


@register.simple_tag(takes_context=True)
def qs(context: Context, **changes: Any) -> str:
    """Return the query string of this request with the named parameters set, or dropped when None."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}"


@register.inclusion_tag("ui/chart.html")
def chart(drawn: Chart) -> dict[str, Any]:
    """Draw a chart with its caption, legend and the table behind it."""
    return {"chart": drawn}


@register.simple_tag(takes_context=True)
def slot(context: Context, kind: str, name: str, ids: str | Sequence[Any]) -> SafeString:
    """Draw the panels registered for this place; `ids` is one record id or a list of them."""
    request = context.get("request")
    wanted = [str(one) for one in ([ids] if not isinstance(ids, list | tuple | set) else ids)]
    found = slots.panels(kind, name, ids=wanted, viewer=getattr(request, "viewer", None))
    drawn = (
        render_to_string("ui/panel.html", {**panel.context, "panel": panel}, request=request)
        for panel in found
    )
    return mark_safe("".join(drawn))  # noqa: S308 - each piece comes out of an escaping template


@register.filter
def control(field: BoundField) -> SafeString:
    """Return the field's widget in the look of the house, tied to its help, error and suggestions."""
    attrs: dict[str, Any] = {"class": _control_class(field)}
    if getattr(field.field, "datalist", None) is not None or getattr(field.field, "suggest_url", None):
        attrs |= {"list": f"{field.auto_id}_list", "autocomplete": "off"}
    if url := getattr(field.field, "suggest_url", None):
        attrs |= {
            "hx-get": url,
            "hx-trigger": "input changed delay:250ms",
            "hx-target": f"#{field.auto_id}_list",
            "hx-swap": "innerHTML",
            "hx-params": field.html_name,
        }
    return field.as_widget(attrs=attrs)


@register.filter
def is_check(field: BoundField) -> bool:
    """Return whether the field is a single box to tick, whose label stands behind it."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def is_group(field: BoundField) -> bool:
    """Return whether the field is several boxes or buttons, which need a fieldset and legend."""
    return bool(field.use_fieldset)


def _control_class(field: BoundField) -> str:
    """Return the classes of a widget by its family, keeping those the form gave it."""
    widget = field.field.widget
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        base = "choices"
    elif isinstance(widget, forms.CheckboxInput):
        base = "form-check-input"
    elif isinstance(widget, forms.Select):
        base = "form-select"
    else:
        base = "form-control"
    invalid = "is-invalid" if field.errors else ""
    return " ".join(part for part in (base, widget.attrs.get("class", ""), invalid) if part)


def _nothing() -> SafeString:
    """Return the dash that stands for a value nobody gave."""
    return format_html(
        '<span class="dash"><span aria-hidden="true">—</span><span class="visually-hidden">{}</span></span>',
        _("not given"),
    )


def _near(local: datetime, clock: str) -> str:
    """Return "today 14:05", "yesterday 14:05" or the date alone."""
    today = timezone.localdate()
    if local.date() == today:
        return _("today %(clock)s") % {"clock": clock}
    if local.date() == today - timedelta(days=1):
        return _("yesterday %(clock)s") % {"clock": clock}
    return formats.date_format(local, "j F Y")

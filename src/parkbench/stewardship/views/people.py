"""Pages of handing over, of one's mail and one's calendars; the calendars themselves."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from parkbench.accounts.models import Person
from parkbench.accounts.rules import Action
from parkbench.lib.errors import NotFound, Refused
from parkbench.records.queries import own_address as node_address
from parkbench.records.visibility import Asked
from parkbench.stewardship import forms
from parkbench.stewardship.queries import feeds as feed_queries
from parkbench.stewardship.queries import handovers as queries
from parkbench.stewardship.queries.mails import letter, wants_mail
from parkbench.stewardship.services import feeds, handovers, mails
from parkbench.stewardship.tables.handovers import held_page
from parkbench.stewardship.views.entry import for_members


@for_members
def handover(request: Asked) -> HttpResponse:
    """Choose a person, see what they answer for, hand all or some of it to somebody else."""
    if not request.viewer.may_somewhere(Action.SHARE):
        request.viewer.check(Action.SHARE)
    uid = request.GET.get("person", "")
    if not uid:
        return _handover_page(request, forms.GiverForm(people=queries.givers()))
    giver = queries.giver_of(uid=uid)
    form = forms.TakerForm(
        request.POST if request.method == "POST" else None, people=queries.people(), giver=giver
    )
    if form.is_bound and form.is_valid() and _handed(request, form, giver):
        return redirect("stewardship:handover")
    chosen = forms.GiverForm({"person": uid}, people=queries.givers())
    held = held_page(person=giver, viewer=request.viewer)
    return _handover_page(request, chosen, form=form, giver=giver, held=held)


def _handover_page(request: Asked, giver_form: forms.GiverForm, **more: Any) -> HttpResponse:
    form = more.get("form")
    context = {"giver_form": giver_form, "handovers": queries.handovers(viewer=request.viewer), **more}
    status = 422 if form is not None and form.errors else 200
    return render(request, "stewardship/handover.html", context, status=status)


def _handed(request: Asked, form: forms.TakerForm, giver: Person | None) -> bool:
    """Tell whether the records could be handed over; a refusal is shown at the top of the form."""
    is_all = request.POST.get("which") == "all"
    try:
        picks = None if is_all else forms.picks(request.POST.getlist("uid"))
        done = handovers.hand_over(giver=giver, taker=form.taken_by(), by=request.viewer, picks=picks)
    except NotFound:
        raise
    except Refused as refusal:
        form.add_error(None, refusal.sentence)
        return False
    count = done.records.count()
    words = ngettext("%(n)s record handed over.", "%(n)s records handed over.", count) % {"n": count}
    messages.success(request, f"{words} {_('It can be undone below.')}")
    return True


@require_POST
@for_members
def undo_handover(request: Asked, pk: int) -> HttpResponse:
    """Give a handover back."""
    count = handovers.undo(pk=pk, by=request.viewer)
    words = ngettext("Undone: %(n)s record went back.", "Undone: %(n)s records went back.", count)
    messages.success(request, words % {"n": count})
    return redirect("stewardship:handover")


@for_members
def mail(request: Asked) -> HttpResponse:
    """Show what one's weekly mail would say, and choose whether one wants it."""
    form = forms.MailForm(
        request.POST if request.method == "POST" else None,
        initial={"wants_digest": wants_mail(viewer=request.viewer)},
    )
    if form.is_bound and form.is_valid():
        mails.choose_mail(wants_digest=form.cleaned_data["wants_digest"], by=request.viewer)
        messages.success(request, _("Saved."))
        return redirect("stewardship:mail")
    today = timezone.localdate()
    found = letter(viewer=request.viewer, today=today)
    context = {
        "form": form,
        "has_mail": settings.HAS_MAIL,
        "parts": mails.parts_of(found, today=today),
        "has_more": found.has_more,
    }
    return render(request, "stewardship/mail_page.html", context)


@never_cache
@for_members
def calendars(request: Asked) -> HttpResponse:
    """List one's calendars and make another; its address is shown once."""
    posted = request.POST if request.method == "POST" else None
    form = forms.FeedForm(posted, places=feed_queries.places(viewer=request.viewer))
    made_url = ""
    if form.is_bound and form.is_valid():
        sort, place = form.given()
        try:
            _feed, secret = feeds.make_feed(sort=sort, place=place, by=request.viewer)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            made_url = f"{node_address()}{reverse('stewardship:calendar', args=[secret])}"
    context = {"form": form, "made_url": made_url, "feeds": feed_queries.feeds(viewer=request.viewer)}
    return render(request, "stewardship/calendars.html", context, status=422 if form.errors else 200)


@require_POST
@for_members
def revoke_calendar(request: Asked, pk: int) -> HttpResponse:
    """Make a calendar's address stop working."""
    feeds.revoke_feed(pk=pk, by=request.viewer)
    messages.success(request, _("Revoked. Its address does not work any more."))
    return redirect("stewardship:calendars")


@require_safe
def calendar(request: Asked, secret: str) -> HttpResponse:
    """Send a calendar to whoever has its secret address, as its maker may see it now."""
    found = feeds.fetch(secret=secret)
    etag, changed = f'"{found.digest}"', int(found.changed_at.astimezone(UTC).timestamp())
    response = HttpResponse(content_type="text/calendar; charset=utf-8")
    response["ETag"], response["Last-Modified"] = etag, http_date(changed)
    response["Content-Disposition"] = 'inline; filename="parkbench.ics"'
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    answer = get_conditional_response(request, etag, changed, response)
    if answer is not response and isinstance(answer, HttpResponse):
        return answer
    response.content = found.text
    return response

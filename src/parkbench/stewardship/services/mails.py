"""The weekly mail: what is due, to each person at most once a week."""

from __future__ import annotations

import logging
from datetime import date
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbench.accounts.models import Person
from parkbench.accounts.queries import grants_of
from parkbench.lib.errors import NotFound
from parkbench.records.models import Home
from parkbench.records.queries import own_home
from parkbench.records.visibility import Viewer
from parkbench.stewardship.models import Digest, MailChoice
from parkbench.stewardship.queries.events import Event
from parkbench.stewardship.queries.mails import MOST, Letter, letter, waiting
from parkbench.stewardship.rules import week_of
from parkbench.stewardship.services.feeds import page_of, words_of

logger = logging.getLogger("parkbench.mail")


@transaction.atomic
def choose_mail(*, wants_digest: bool, by: Viewer) -> None:
    """This function will keep whether the viewer wants the weekly mail. Raises NotFound for visitors."""
    if by.person is None:
        raise NotFound(_("There is no such page here, or it is not shared with you."))
    MailChoice.objects.update_or_create(person=by.person, defaults={"wants_digest": wants_digest})


def send_digests(*, today: date | None = None) -> int:
    """This function will send this week's mail to everybody who was not dealt with yet; returns how many.

    Each mail is claimed before it is sent: whatever runs twice or breaks off, nobody gets it twice. What the
    mail server refused is tried again at the next run. Without mail settings nothing is done.
    """
    if not settings.HAS_MAIL:
        return 0
    today = today or timezone.localdate()
    home, count = own_home(), 0
    with get_connection() as connection:
        for person in waiting(week=week_of(today)):
            count += _send(person, today=today, home=home, connection=connection)
    return count


def _send(person: Person, *, today: date, home: Home, connection: BaseEmailBackend) -> bool:
    """Tell whether a mail went out; a week with nothing to say is dealt with too."""
    viewer = Viewer(grants=grants_of(person_id=person.pk), person=person)
    found = letter(viewer=viewer, today=today)
    claim = _claim(person, week_of(today))
    if claim is None or found.is_empty:
        return False
    message = compose(found, to=person, today=today, home=home)
    message.connection = connection
    try:
        message.send()
    except (SMTPException, OSError) as error:
        logger.error("The weekly mail to person %s could not be sent: %s", person.uid, error)
        claim.delete()
        return False
    Digest.objects.filter(pk=claim.pk).update(is_sent=True)
    return True


def _claim(person: Person, week: str) -> Digest | None:
    """Return the claim on a week's mail, None when somebody else took it at the same moment."""
    try:
        with transaction.atomic():
            return Digest.objects.create(person=person, week=week)
    except IntegrityError:
        return None


def compose(found: Letter, *, to: Person, today: date, home: Home) -> EmailMultiAlternatives:
    """Return the mail as plain text with a simple HTML twin; nothing in it is fetched from anywhere."""
    context = {
        "person": to,
        "node": home,
        "reviews": [_line(event, home.address, today) for event in found.reviews[:MOST]],
        "deadlines": [_line(event, home.address, today) for event in found.deadlines[:MOST]],
        "has_more": found.has_more,
        "list_url": f"{home.address}{reverse('stewardship:reviews')}",
        "mail_url": f"{home.address}{reverse('stewardship:mail')}",
    }
    subject = " ".join(f"{home.name}: {_('what is due this week')}".split())
    message = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string("stewardship/mail.txt", context),
        to=[to.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string("stewardship/mail.html", context), "text/html")
    return message


def parts_of(found: Letter, *, today: date) -> list[tuple[str, list[dict[str, object]]]]:
    """Return the parts of a letter as a page shows them, with addresses on this node."""
    return [
        (_("Reviews due"), [_line(event, "", today) for event in found.reviews[:MOST]]),
        (_("Deadlines in the next 90 days"), [_line(event, "", today) for event in found.deadlines[:MOST]]),
    ]


def _line(event: Event, address: str, today: date) -> dict[str, object]:
    return {
        "what": words_of(event),
        "name": event.name,
        "place": event.place,
        "day": event.day,
        "is_overdue": event.day < today,
        "url": f"{address}{page_of(event)}",
    }

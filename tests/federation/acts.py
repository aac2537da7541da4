"""What tests do on a live node and ask of it, in a process that has the node's surroundings (see hand.py)."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import F
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from parkbench.accounts.models import Person
from parkbench.exchange.models import ExchangeState, NodeKey, OwedReceipt, Partner, Receipt
from parkbench.exchange.queries.ledger import record_lines
from parkbench.exchange.services import circles, current_document, epoch, keyring
from parkbench.instruments import services as instruments
from parkbench.lib import jobs
from parkbench.lib.urn import record_id
from parkbench.programme.services import set_organisation
from parkbench.records import services as records
from parkbench.records.models import (
    OWN,
    Audience,
    HeldJournal,
    Home,
    JournalEntry,
    Membership,
    PolicyCell,
    Section,
    SectionProblem,
)
from parkbench.records.queries import own_address
from parkbench.records.registry import kind_of
from parkbench.records.visibility import Viewer

BY = Viewer.operator()
WIDE = {"nobody": 0, "public": 1, "partners": 2}
MOVED = ("verified_at", "lease_until", "document_at", "hidden_at", "next_pull_at")


def settle(url: str, name: str) -> None:
    """Make a node that was copied one of its own: address, name, keys, epoch, and all its ids."""
    Home.objects.filter(pk=OWN).update(address=url, name=name)
    kind_of("organisation").model._default_manager.filter(home_id=OWN).delete()
    Section.objects.filter(kind="organisation").delete()
    set_organisation(by=BY, name=name)
    for audience in Audience.objects.all():
        Audience.objects.filter(pk=audience.pk).update(token=uuid4())
    NodeKey.objects.all().delete()
    shutil.rmtree(keyring.folder(), ignore_errors=True)
    ExchangeState.objects.update(document="", document_number=0, epoch=uuid4(), seen_at=None)
    epoch.write_file(ExchangeState.objects.get().epoch)
    current_document()


def sign_in() -> str:
    """Return the cookie of the administrator's session."""
    person = Person.objects.earliest("pk")
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def unit() -> str:
    """Return a unit that instruments can be in."""
    found = kind_of("unit").model._default_manager.filter(home_id=OWN).values_list("uid", flat=True).first()
    if found is None:
        found = uuid4()
        draft = records.Draft(uid=found, sections={"basics": {"name": "Light microscopy"}}, is_new=True)
        records.publish(kind="unit", drafts=[draft], by=BY)
    return record_id(node=own_address(), kind="unit", uid=found)


def add(name: str, **values: Any) -> str:
    """Add an instrument; it is shared with nobody unless the policy says so."""
    facts = {"name": name, "unit_ref": unit(), "model_text": "Zeiss LSM 980"}
    return str(instruments.add(values={**facts, **values}, by=BY))


def edit(uid: str, **values: Any) -> None:
    """Change fields of an instrument."""
    instruments.edit(uid=UUID(uid), values=values, by=BY)


def delete(uid: str) -> None:
    """Delete an instrument."""
    instruments.delete(uids=[UUID(uid)], by=BY)


def share(uid: str, start: str = "", **sections: str) -> None:
    """Say who sees which section of an instrument: nobody, public, partners, or an audience's token."""
    records.share_record(
        kind="instrument",
        uid=UUID(uid),
        masks={name: mask(who) for name, who in sections.items()},
        share_from=parse_datetime(start) if start else None,
        by=BY,
    )


def mask(who: str) -> int:
    """Return the mask of an audience."""
    return WIDE[who] if who in WIDE else 1 << Audience.objects.get(token=who).bit


def policy(section: str, who: str, kind: str = "instrument") -> None:
    """Set one cell of the policy, and let what widens follow at once."""
    records.set_policy(kind=kind, section=section, mask=mask(who), by=BY)
    records.widen(kind=kind)


def forget_policy() -> None:
    """Let the policy share nothing."""
    for kind, section in (
        PolicyCell.objects.exclude(mask=0).order_by("-section").values_list("kind", "section")
    ):
        records.set_policy(kind=kind, section=section, mask=0, by=BY)


def told(uid: str) -> dict[str, list[str]]:
    """Return section > sorts of the journals in which it stands."""
    rows = JournalEntry.objects.filter(uid=uid, is_gone=False).order_by("audience__bit")
    found: dict[str, list[str]] = {}
    for section, sort in rows.values_list("section", "audience__sort"):
        found.setdefault(section, []).append(sort)
    return found


def held(uid: str) -> dict[str, Any]:
    """Return all that is held of a partner's record, in every table."""
    model = kind_of("instrument").model
    row = model._default_manager.filter(uid=uid).exclude(home_id=OWN).first()
    bodies = Section.objects.filter(uid=uid).exclude(home_id=OWN)
    return {
        "row": bool(row),
        "seen": bool(row and row.deleted_at is None and row.audience_mask),
        "name": row.name if row else "",
        "price": str(row.replacement_price) if row and row.replacement_price is not None else "",
        "bodies": sorted(bodies.exclude(body="").values_list("section", flat=True)),
        "members": sorted(Membership.objects.filter(uid=uid).values_list("section", flat=True)),
        "problems": sorted(SectionProblem.objects.filter(uid=uid).values_list("section", "sort")),
    }


def partner(url: str) -> dict[str, Any]:
    """Return what is known of a partner, {} for none."""
    row = Partner.objects.filter(home__address=url).values().first()
    if row is None:
        return {}
    row["is_hidden"] = bool(Home.objects.get(pk=row["home_id"]).hidden_at)
    return dict(row)


def journals(url: str) -> dict[str, Any]:
    """Return the sort of each journal that is held of a partner > its epoch, seq and count."""
    rows = HeldJournal.objects.filter(home__address=url).order_by("pk")
    return {row.sort: [str(row.epoch), row.seq, row.count] for row in rows}


def confirmed(url: str) -> list[Any]:
    """Return what a partner confirmed to have removed: how many, and whether both then held the same."""
    rows = Receipt.objects.filter(partner__home__address=url, sort=Receipt.Sort.REMOVED).order_by("pk")
    return [list(row) for row in rows.values_list("removed_count", "is_equal")]


def is_confirmed(uid: str) -> bool:
    """Tell whether the ledger says of a record that left that its partners confirmed to have removed it."""
    lines = record_lines(kind="instrument", uid=UUID(uid), viewer=BY)
    return bool(lines) and all(line.departure is not None and line.departure.removed_at for line in lines)


def owed() -> int:
    """Return how many receipts this node still owes."""
    return OwedReceipt.objects.count()


def state() -> dict[str, Any]:
    """Return how the exchange of this node stands."""
    return dict(ExchangeState.objects.values().get())


def circle(name: str, *members: str, **more: str) -> str:
    """Make a group of these partners and return its token."""
    group = records.add_audience(sort=Audience.Sort.CIRCLE, name=name, by=BY)
    join(str(group.token), list(members or more.values()))
    return str(group.token)


def join(token: str, members: list[str]) -> None:
    """Make these partners, and no others, the members of a group."""
    numbers = set(Partner.objects.filter(home__address__in=members).values_list("pk", flat=True))
    now = set(Partner.objects.filter(grants__audience__token=token).values_list("pk", flat=True))
    circles.set_members(token=UUID(token), members=numbers, expected=now, by=BY)


def own_token(url: str) -> str:
    """Return the token of the audience that is one partner alone."""
    return str(Audience.objects.get(partner__home__address=url).token)


def pass_days(url: str, days: float) -> None:
    """Let what is noted of a partner be so many days older."""
    back = {name: F(name) - timedelta(days=days) for name in MOVED}
    Partner.objects.filter(home__address=url).update(**back)


def work(*names: str, **more: str) -> list[str]:
    """Run queued jobs of these names (of any name when none is given), and return what ran."""
    ran, wanted = [], {*names, *more.values()}
    while True:
        rows = DBTaskResult.objects.filter(status=TaskResultStatus.READY).order_by("enqueued_at")
        row = next((one for one in rows if not wanted or one.args_kwargs["args"][0] in wanted), None)
        if row is None:
            return ran
        name, given = row.args_kwargs["args"]
        row.delete()
        jobs._jobs[name](**given)
        ran.append(name)


def run_job(name: str) -> Any:
    """Run one job now, as the scheduler would have it run."""
    return jobs._jobs[name]()


def past_refusals() -> None:
    """Let no earlier failure make this node wait or refuse."""
    Partner.objects.update(failure_count=0, pulling_since=None)
    ExchangeState.objects.update(is_paused=False, pause_reason="", seen_at=timezone.now())

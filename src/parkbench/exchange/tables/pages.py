"""What a partner's page consists of: identity, terms, what is shared, pulls, what follows from an act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import formats
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbench.accounts.rules import Action as Right
from parkbench.envelope.keys import spoken
from parkbench.exchange.models import Partner, PullRun
from parkbench.exchange.queries import OwnKey
from parkbench.exchange.queries.partners import HeldKind, Identity, PartnerLine
from parkbench.exchange.rules import State, fit
from parkbench.exchange.services.invitations import Met
from parkbench.exchange.services.ourselves import Ourselves
from parkbench.exchange.tables import words
from parkbench.records.models import HeldJournal, SectionProblem
from parkbench.records.visibility import Viewer
from parkbench.ui.lists import Action, Tone
from parkbench.ui.parts import Fact


@dataclass(frozen=True, slots=True)
class HeldLine:
    """Records of one kind that a partner shares with us, with the list of them where there is one."""

    text: str
    url: str | None


@dataclass(frozen=True, slots=True)
class RunLine:
    """One pull in words."""

    at: str
    reason: str
    is_ok: bool | None
    result: str
    cost: str
    journals: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """One part that is set aside."""

    what: str
    sort: str
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class Act:
    """An act on a partnership with what follows from it, before it is done."""

    name: str
    title: str
    question: str
    follows: Sequence[str]
    button: str
    is_dangerous: bool = True


def identity_facts(who: Identity) -> list[Fact]:
    """Say who a partner is."""
    return [
        Fact(_("Organisation"), who.organisation),
        Fact(_("ROR"), who.ror, url=who.ror or None),
        Fact(_("Node"), who.url, url=who.url),
        Fact(_("Function mailbox"), who.mailbox, url=f"mailto:{who.mailbox}" if who.mailbox else None),
        Fact(
            _("Public-access law"),
            _("subject to it") if who.is_public_authority else _("not subject to it"),
            tone="warn" if who.is_public_authority else None,
        ),
    ]


def met_facts(met: Met) -> list[Fact]:
    """Say who answers at the address of an invitation."""
    document = met.document
    return [
        Fact(_("Organisation"), fit(document.organisation)),
        Fact(_("ROR"), fit(document.ror), url=document.ror or None),
        Fact(_("Node"), fit(document.id, 300), url=document.id),
        Fact(_("Function mailbox"), fit(document.mailbox)),
        Fact(
            _("Public-access law"),
            _("subject to it") if document.is_public_authority else _("not subject to it"),
            tone="warn" if document.is_public_authority else None,
        ),
    ]


def met_fingerprint(met: Met) -> str:
    """Return the key of a node that was met, in 8 groups of 4."""
    return spoken(met.thumbprint)


def terms_facts(partner: Partner) -> list[Fact]:
    """Say which terms were signed, by whom, and who confirmed them here."""
    by = partner.confirmed_by.name if partner.confirmed_by else ""
    return [
        Fact(_("Version of the terms"), partner.terms_version),
        Fact(_("Signed here by"), partner.our_signatory),
        Fact(_("Signed there by"), partner.their_signatory),
        Fact(
            _("Signed on"),
            formats.date_format(partner.terms_signed_on, "j F Y") if partner.terms_signed_on else "",
        ),
        Fact(_("Confirmed here"), words.exact(partner.confirmed_at), note=by),
    ]


def state_facts(partner: Partner) -> list[Fact]:
    """Say how the exchange stands."""
    return [
        Fact(_("State"), str(partner.get_state_display()), tone=words.TONES[partner.state]),
        Fact(_("Their state for us"), _their_state(partner)),
        Fact(_("Confirmed"), words.ago(partner.verified_at), note=words.exact(partner.verified_at)),
        Fact(_("Lease until"), words.exact(partner.lease_until)),
        Fact(_("Asked us last"), words.ago(partner.fetched_at), note=words.exact(partner.fetched_at)),
        Fact(_("Next reading"), words.exact(partner.next_pull_at)),
    ]


def _their_state(partner: Partner) -> str:
    known = {
        State.ACTIVE.value: _("active"),
        State.SUSPENDED.value: _("suspended"),
        State.ENDED.value: _("ended"),
    }
    return known.get(partner.their_state, _("not confirmed yet"))


def warning(partner: Partner) -> str:
    """Return what is to be known of copies that go to a public authority; '' for others."""
    if not partner.is_public_authority:
        return ""
    return law([partner.home.name])


def law(names: Sequence[str]) -> str:
    """Say what it means that copies go to these public authorities."""
    said = ngettext(
        "%(names)s is subject to a public-access law. A copy that it holds may have to be given to whoever "
        "asks, also after you have taken the record back: a record under an open request is frozen there, "
        "not removed.",
        "%(names)s are subject to a public-access law. Copies that they hold may have to be given to whoever "
        "asks, also after you have taken a record back: a record under an open request is frozen, not "
        "removed.",
        len(names),
    )
    return said % {"names": ", ".join(names)}


def held_lines(kinds: Sequence[HeldKind], *, home_id: int) -> list[HeldLine]:
    """Return what a partner shares with us by kind, each with its list narrowed to this partner."""
    return [HeldLine(f"{line.count} {words.label(line)}", _list_url(line, home_id)) for line in kinds]


def _list_url(line: HeldKind, home_id: int) -> str | None:
    name = line.kind.list_page if line.kind is not None else ""
    try:
        return f"{reverse(name)}?home={home_id}" if name else None
    except NoReverseMatch:
        return None


def journal_facts(journals: Sequence[HeldJournal]) -> list[Fact]:
    """Say what is held of each journal of a partner."""
    return [
        Fact(
            capfirst(words.held_journal(one.sort, one.name)),
            words.parts(one.count),
            note=_("up to date") if one.seq >= one.head and not one.is_walking else _("being read"),
        )
        for one in journals
    ]


def problem_lines(problems: Sequence[SectionProblem]) -> list[ProblemLine]:
    """Say what is set aside, and why."""
    return [
        ProblemLine(
            f"{fit(one.kind, 40)} {one.uid}, {fit(one.section, 40)}",
            str(one.get_sort_display()),
            fit(one.reason, 500),
            words.exact(one.at),
        )
        for one in problems
    ]


def run_lines(runs: Sequence[PullRun]) -> list[RunLine]:
    """Say of each pull what came, what went, what it cost."""
    return [_run(run) for run in runs]


def _run(run: PullRun) -> RunLine:
    journals: list[Mapping[str, Any]] = [one for one in run.journals if isinstance(one, dict)]
    came = sum(int(one.get("items") or 0) for one in journals)
    went = sum(int(one.get("removed") or 0) for one in journals)
    aside = sum(int(one.get("quarantined") or 0) for one in journals)
    if run.finished_at is None:
        result = _("running")
    else:
        result = _("%(came)d came, %(went)d removed") % {"came": came, "went": went}
        if frozen := sum(int(one.get("frozen") or 0) for one in journals):
            result += _(", %(frozen)d frozen") % {"frozen": frozen}
        if aside:
            result += _(", %(aside)d set aside") % {"aside": aside}
    seconds = (run.finished_at - run.started_at).total_seconds() if run.finished_at else 0.0
    cost = ngettext("%(n)d request", "%(n)d requests", run.request_count) % {"n": run.request_count}
    return RunLine(
        at=words.exact(run.started_at),
        reason=_reason(run.reason),
        is_ok=run.is_ok,
        result=fit(run.problem, 500) if run.problem else result,
        cost=f"{cost}, {words.size(run.byte_count)}, {seconds:.1f} s",
    )


def _reason(reason: str) -> str:
    known = {
        "schedule": _("by schedule"),
        "asked": _("asked for"),
        "ping": _("told by the partner"),
        "command": _("by the command line"),
    }
    return known.get(reason, reason)


def head_actions(partner: Partner, viewer: Viewer) -> list[Action]:
    """Return the buttons of a partner's page that this viewer may press."""
    is_operator = viewer.may(Right.OPERATE)
    found = _first_actions(partner) if is_operator else []
    is_read = partner.state in (State.ACTIVE, State.SUSPENDED) and not partner.has_ended_there
    if viewer.may(Right.SET_POLICY) and is_read:
        found.append(Action(_("Pull now"), reverse("exchange:pull", args=[partner.pk]), is_post=True))
    if viewer.may_somewhere(Right.SHARE) and partner.state == State.ACTIVE and is_read:
        address = reverse("exchange:preview", args=[partner.pk])
        found.append(Action(_("Preview as %(name)s") % {"name": partner.home.name}, address, is_post=True))
    return [*found, *(_standing_actions(partner) if is_operator else [])]


def _first_actions(partner: Partner) -> list[Action]:
    found = []
    if partner.offered:
        address = reverse("exchange:new-key", args=[partner.pk])
        found.append(Action(_("Look at the new key"), address, is_primary=True))
    if partner.state == State.PENDING:
        found.append(Action(_("Confirm"), reverse("exchange:confirm", args=[partner.pk]), is_primary=True))
    return found


def _standing_actions(partner: Partner) -> list[Action]:
    """Return what changes the partnership itself, last in the row."""
    found = []
    labels = {State.ACTIVE.value: ("suspend", _("Suspend")), State.SUSPENDED.value: ("resume", _("Resume"))}
    if partner.state in labels and not partner.has_ended_there:
        name, label = labels[partner.state]
        found.append(Action(label, reverse("exchange:act", args=[partner.pk, name])))
    if partner.state != State.ENDED:
        found.append(Action(_("End"), reverse("exchange:act", args=[partner.pk, "end"])))
    return found


def act(name: str, line: PartnerLine) -> Act:
    """Describe an act on a partnership and what follows from it; raises KeyError for another name."""
    partner = line.partner
    said = {
        "name": partner.home.name,
        "offered": words.parts(line.offered_count or 0),
        "held": words.held(line.held) or _("nothing"),
    }
    return {"suspend": _suspend, "resume": _resume, "end": _end}[name](said)


def _nothing_more(said: Mapping[str, str]) -> str:
    return (
        _("It is given nothing more, from the moment you confirm. Now it reads %(offered)s of our records.")
        % said
    )


def _suspend(said: Mapping[str, str]) -> Act:
    return Act(
        "suspend",
        _("Suspend %(name)s") % said,
        _("Suspend the partnership with %(name)s?") % said,
        [
            _nothing_more(said),
            _(
                "It is called at once, and told so when it asks: it hides what it holds of ours, and removes "
                "it when its lease is over."
            ),
            _("What it shares with us (%(held)s) is hidden here at once, and kept.") % said,
            _("You can resume it at any time."),
        ],
        _("Suspend"),
    )


def _resume(said: Mapping[str, str]) -> Act:
    return Act(
        "resume",
        _("Resume %(name)s") % said,
        _("Resume the partnership with %(name)s?") % said,
        [
            _("It may read again what the policy opens to it, as that stands now."),
            _("What it shares with us (%(held)s) is shown again as soon as it has confirmed it.") % said,
        ],
        _("Resume"),
        is_dangerous=False,
    )


def _end(said: Mapping[str, str]) -> Act:
    return Act(
        "end",
        _("End the partnership with %(name)s") % said,
        _("End the partnership with %(name)s?") % said,
        [
            _nothing_more(said),
            _("It is called at once, and told so when it asks: it removes what it holds of ours."),
            _(
                "What it shares with us (%(held)s) is hidden here at once, and removed within minutes. Your "
                "own notes on its records stay, unseen."
            )
            % said,
            _("It is taken out of all groups. To begin again, it is invited anew."),
        ],
        _("End the partnership"),
    )


def mail(own: Ourselves, code: str, until: str) -> str:
    """Return words for a mail that brings an invitation.

    Without the fingerprint: whoever can change the code on its way could change that too.
    """
    return _(
        "Dear colleagues,\n\n%(organisation)s invites you to exchange records between our Parkbench "
        "nodes.\n\nIn your Parkbench, an administrator opens Partners, then Accept an invitation, and pastes "
        "this code:\n\n%(code)s\n\nIt can be used once, until %(until)s. Then let us call each other, to "
        "read out the fingerprints of our keys.\n"
    ) % {"organisation": own.document.organisation, "code": code, "until": until}


ROW = 32
"""Letters of a row of the recovery sheet: as many as a telephone shows in one."""


def sheet_rows(secret: str) -> list[str]:
    """Return what is typed from the recovery sheet, in rows none of which ends in a hyphen.

    Whoever types a row from paper would take such a hyphen for one that divides a word.
    """
    rows, rest = [], secret
    while rest:
        row = rest[:ROW].rstrip("-") or rest[:ROW]
        rows.append(row)
        rest = rest[len(row) :]
    return rows


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One key of this node; ``may_revoke`` says whether it can be revoked."""

    key: OwnKey
    tone: Tone
    may_revoke: bool


def key_lines(keys: Sequence[OwnKey]) -> list[KeyLine]:
    """Say which keys this node has and had."""
    return [
        KeyLine(
            key,
            "good" if key.is_in_use else "bad" if key.revoked_at else "quiet",
            not key.is_recovery and key.revoked_at is None,
        )
        for key in keys
    ]

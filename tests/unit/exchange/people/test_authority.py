"""Public access: what this node says of itself, disposals, records frozen under a request for access."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

import cast
import handshakes
from parkbench.accounts.rules import Role
from parkbench.envelope.listings import JournalState
from parkbench.exchange.client.receiving import JournalReport, Receiver
from parkbench.exchange.models import Disposal, ExchangeState, FrozenRecord, OwedReceipt, Partner
from parkbench.exchange.queries import authority as queries
from parkbench.exchange.queries import partners as people
from parkbench.exchange.services import pulls
from parkbench.exchange.services.authority import describe_node
from parkbench.exchange.services.documents import parsed
from parkbench.exchange.services.freezing import freeze, release
from parkbench.exchange.tables import authority as tables
from parkbench.instruments.models import Instrument
from parkbench.lib import jobs
from parkbench.lib.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from parkbench.records.models import Home, Section
from parkbench.records.queries import held_counts
from parkbench.records.services import hide_home, show_home, verify
from partners import Journal
from partners import Partner as Other

pytestmark = pytest.mark.django_db

BASIS = "RA-MS 2026:12, decision 7"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The jobs that were asked for."""
    names: list[str] = []
    monkeypatch.setattr(jobs, "enqueue", lambda name, **given: names.append(name))
    return names


@pytest.fixture
def beta(sent: list[str]) -> Other:
    """A partner that shares two journals with this node, which is under a public-access law."""
    describe(is_public_authority=True, disposal_basis=BASIS)
    partner = handshakes.partner()
    epoch = uuid4()
    return Other(
        partner.home,
        Journal(partner.home.address, epoch=epoch),
        Journal(partner.home.address, epoch=epoch),
    )


def describe(**more: Any) -> None:
    given = {"mailbox": "", "lease_days": 30, "is_public_authority": False, "disposal_basis": ""} | more
    describe_node(**given, by=cast.OPERATOR)


def row_of(other: Other) -> Partner:
    return Partner.objects.select_related("home").get(home=other.home)


def pull(other: Other) -> Receiver:
    """Read both journals as a pull does, to the receipts that it owes."""
    receiver = Receiver(row_of(other))
    for journal in (other.public, other.partners):
        is_known = journal.audience in other.seqs
        after = other.seqs.get(journal.audience, 0)
        page = journal.page(after)
        state = JournalState(
            audience=str(journal.audience),
            epoch=str(journal.epoch),
            head=journal.head,
            count=page.statement.count,
            fingerprint=page.statement.fingerprint,
            lease_days=30,
            sort="public" if journal is other.public else "partners",
            name="",
        )
        report = JournalReport(state.audience)
        receiver.reports.append(report)
        if not is_known:
            receiver.begin_walk(state, report)
        receiver.apply(page, report, is_walking=not is_known)
        receiver.conclude(state, report)
        other.seqs[journal.audience] = page.statement.upto
    receiver.settle(is_whole=True)
    return receiver


def owed(other: Other) -> dict[UUID, tuple[int, int]]:
    """What we owe to say of each journal: removed, frozen; then said."""
    rows = OwedReceipt.objects.filter(partner__home=other.home)
    found = {row.audience: (row.removed_count, row.frozen_count) for row in rows}
    rows.delete()
    return found


def frozen(other: Other, uid: UUID, case: str = "2026/7") -> FrozenRecord:
    return freeze(partner_id=row_of(other).pk, record=str(uid), case=case, by=cast.OPERATOR)


def seen(uid: UUID) -> bool:
    """Whether a reader meets an instrument anywhere: lists, page, permalink, search, export, counts."""
    client = Client()
    client.force_login(cast.person(f"Ben{uuid4().hex[:6]}", Role.READER))
    home = Instrument.objects.get(uid=uid).home_id if Instrument.objects.filter(uid=uid).exists() else 0
    word = "Zyxconfocal"
    asked = {
        "list": client.get(reverse("instruments:park"), {"home": "all"}),
        "of partners": client.get(reverse("instruments:park"), {"home": "partners"}),
        "export": client.get(reverse("instruments:export", args=["csv"]), {"home": "all"}),
        "search": client.get(reverse("search:search"), {"q": word, "home": "all"}),
        "page": client.get(reverse("instruments:instrument", args=[uid])),
    }
    found = {}
    for name, answer in asked.items():
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        mark = str(uid) if name == "search" else word  # its page repeats what was asked
        found[name] = answer.status_code == 200 and mark.encode() in content
    assert len(set(found.values())) == 1, found
    assert bool(held_counts(home).get("instrument")) == found["list"]
    return found["list"]


def test_the_node_says_that_it_is_under_the_law_in_its_document() -> None:
    describe(mailbox="exchange@alpha.example", lease_days=14, is_public_authority=True, disposal_basis=BASIS)
    state = ExchangeState.objects.get()
    said = parsed(state.document)
    assert said.is_public_authority
    assert said.mailbox == "exchange@alpha.example"
    assert (state.lease_days, state.disposal_basis) == (14, BASIS)
    number = said.number
    describe(mailbox="exchange@alpha.example", lease_days=14, is_public_authority=True, disposal_basis=BASIS)
    assert ExchangeState.objects.get().document_number == number, "nothing new is said"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"is_public_authority": True}, "Disposal basis"),
        ({"disposal_basis": "x" * 301}, "Disposal basis"),
        ({"lease_days": 0}, "Lease in days"),
        ({"lease_days": 366}, "Lease in days"),
        ({"mailbox": "nobody"}, "Function mailbox"),
    ],
)
def test_what_cannot_be_said_is_refused_by_name(given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        describe(**given)
    assert [problem.field for problem in refusal.value.problems] == [field]


def test_only_administrators_describe_freeze_and_release(beta: Other) -> None:
    uid = beta.instrument("Zyxconfocal")
    pull(beta)
    mona = cast.viewer(cast.person("Mona", Role.MANAGER))
    case = frozen(beta, uid)
    for act in (
        lambda: describe_node(
            mailbox="", lease_days=30, is_public_authority=False, disposal_basis="", by=mona
        ),
        lambda: freeze(partner_id=row_of(beta).pk, record=str(uid), case="1", by=mona),
        lambda: release(frozen_id=case.pk, by=mona),
        lambda: queries.frozen_records(viewer=mona),
        lambda: queries.frozen_record(pk=case.pk, viewer=mona),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_what_is_removed_is_disposed_of_on_the_basis_that_was_decided(beta: Other) -> None:
    uid = beta.instrument("Zyxconfocal", capacity={"open_hours_per_week": 40})
    pull(beta)
    beta.public.drop("instrument", uid, "basics")
    beta.public.drop("instrument", uid, "capacity")
    pull(beta)
    [noted] = Disposal.objects.all()
    assert (noted.home_id, noted.basis) == (beta.home.pk, BASIS)
    assert (noted.record_count, noted.section_count) == (1, 2)
    pull(beta)
    assert Disposal.objects.count() == 1, "nothing left, nothing noted"


def test_the_end_of_a_partnership_is_a_disposal_too(beta: Other) -> None:
    beta.instrument("Zyxconfocal")
    pull(beta)
    pulls.purge_all(partner=row_of(beta).pk, home=beta.home.pk)
    assert [row.record_count for row in Disposal.objects.all()] == [1]


def test_without_the_law_nothing_is_noted(beta: Other) -> None:
    describe()
    uid = beta.instrument("Zyxconfocal")
    pull(beta)
    beta.public.drop("instrument", uid, "basics")
    pull(beta)
    assert not Disposal.objects.exists()


def test_the_file_for_the_archive_holds_every_disposal_and_no_formula(beta: Other) -> None:
    describe(is_public_authority=True, disposal_basis="=cmd()")
    for count in (1, 2):
        uid = beta.instrument(f"Zyxconfocal {count}")
        pull(beta)
        beta.public.drop("instrument", uid, "basics")
        pull(beta)
    content = b"".join(tables.disposals_csv(row_of(beta))).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(content)))
    assert rows[0] == list(tables.HEADINGS)
    assert [row[1] for row in rows[1:]] == [beta.home.address] * 2
    assert all(row[2] == "'=cmd()" for row in rows[1:])


def test_a_frozen_record_is_seen_nowhere_whatever_its_owner_does(beta: Other) -> None:
    uid = beta.instrument("Zyxconfocal")
    pull(beta)
    assert seen(uid)
    case = frozen(beta, uid)
    assert not seen(uid)
    assert people.line_of(row_of(beta)).held == (), "not even counted"
    beta.public.name("instrument", uid, "basics", body(beta, "Zyxconfocal two"), revision=2)
    pull(beta)
    hide_home(home=beta.home.pk)
    show_home(home=beta.home.pk)
    assert not seen(uid)
    assert list(verify()) == []
    [part] = queries.held_parts(queries.frozen_record(pk=case.pk, viewer=cast.OPERATOR))
    assert dict(part.fields)["name"] == "Zyxconfocal", "kept as it was when it was asked for"
    release(frozen_id=case.pk, by=cast.OPERATOR)
    assert seen(uid)
    assert Instrument.objects.get(uid=uid).name == "Zyxconfocal two"
    assert owed(beta)[beta.public.audience] == (0, 0), "nothing was removed"
    assert not Disposal.objects.exists()


def body(other: Other, name: str) -> dict[str, Any]:
    return {"name": name, "unit_ref": other.ref("unit", uuid4()), "model_text": "Zeiss"}


def test_what_is_taken_back_while_frozen_is_kept_for_the_archivist_and_gone_at_release(
    beta: Other, sent: list[str]
) -> None:
    uid = beta.instrument("Zyxconfocal", capacity={"open_hours_per_week": 40})
    other = beta.instrument("Plain")
    pull(beta)
    case = frozen(beta, uid)
    owed(beta)
    for section in ("basics", "capacity"):
        beta.public.drop("instrument", uid, section)
    beta.public.drop("instrument", other, "basics")
    report = pull(beta).reports[0]
    assert (report.removed, report.frozen) == (1, 2)
    assert owed(beta)[beta.public.audience] == (1, 2)
    assert not seen(uid)
    assert list(verify()) == []
    parts = queries.held_parts(queries.frozen_record(pk=case.pk, viewer=cast.OPERATOR))
    assert [(part.section, part.is_shared) for part in parts] == [("basics", False), ("capacity", False)]
    beta.instrument("Third")
    pull(beta)
    assert owed(beta)[beta.public.audience] == (0, 2), "still so, and told so, at every receipt"
    release(frozen_id=case.pk, by=cast.OPERATOR)
    assert owed(beta)[beta.public.audience] == (2, 0)
    assert "exchange.send_receipts" in sent
    last = Disposal.objects.latest("pk")
    assert (last.record_count, last.section_count) == (1, 2)
    assert "Zyxconfocal" not in str(list(FrozenRecord.objects.values())) + str(list(Section.objects.values()))
    assert not Instrument.objects.filter(uid=uid).exists()


def test_a_part_that_another_journal_still_names_is_not_kept_frozen(beta: Other) -> None:
    uid = beta.instrument("Zyxconfocal")
    basics = body(beta, "Zyxconfocal")
    beta.partners.name("instrument", uid, "basics", basics)
    pull(beta)
    frozen(beta, uid)
    owed(beta)
    beta.public.drop("instrument", uid, "basics")
    pull(beta)
    assert owed(beta)[beta.public.audience] == (0, 0)
    beta.partners.drop("instrument", uid, "basics")
    pull(beta)
    assert owed(beta)[beta.partners.audience] == (0, 1)


def test_what_its_owner_shares_anew_while_frozen_stays_hidden_until_release(beta: Other) -> None:
    uid = beta.instrument("Zyxconfocal")
    pull(beta)
    case = frozen(beta, uid)
    beta.public.drop("instrument", uid, "basics")
    pull(beta)
    beta.public.name("instrument", uid, "basics", body(beta, "Zyxconfocal"), revision=2)
    pull(beta)
    assert not seen(uid)
    release(frozen_id=case.pk, by=cast.OPERATOR)
    assert seen(uid)


def test_a_frozen_record_outlives_the_end_of_the_partnership(beta: Other) -> None:
    uid = beta.instrument("Zyxconfocal")
    beta.instrument("Plain")
    pull(beta)
    case = frozen(beta, uid)
    owed(beta)
    pulls.purge_all(partner=row_of(beta).pk, home=beta.home.pk)
    assert owed(beta)[beta.public.audience] == (1, 1)
    assert len(queries.held_parts(queries.frozen_record(pk=case.pk, viewer=cast.OPERATOR))) == 1
    release(frozen_id=case.pk, by=cast.OPERATOR)
    assert owed(beta)[beta.public.audience] == (1, 0)


def test_a_record_of_a_hidden_partner_stays_hidden_at_release(beta: Other) -> None:
    uid = beta.instrument("Zyxconfocal")
    pull(beta)
    case = frozen(beta, uid)
    hide_home(home=beta.home.pk)
    release(frozen_id=case.pk, by=cast.OPERATOR)
    assert Instrument.objects.get(uid=uid).deleted_at is not None
    show_home(home=beta.home.pk)
    assert seen(uid)


def test_a_kind_that_this_version_does_not_know_can_be_frozen(beta: Other) -> None:
    uid = beta.shares("telescope", {"name": "Hale"})
    pull(beta)
    assert people.line_of(row_of(beta)).problem_count == 1
    case = frozen(beta, uid)
    assert people.line_of(row_of(beta)).problem_count == 0
    assert people.problems(row_of(beta)) == []
    release(frozen_id=case.pk, by=cast.OPERATOR)
    assert people.line_of(row_of(beta)).problem_count == 1


def test_a_record_is_named_by_permalink_page_or_id_and_must_be_the_partners(beta: Other) -> None:
    uid = beta.instrument("Zyxconfocal")
    pull(beta)
    gamma = Home.objects.get(pk=handshakes.partner("gamma").home_id)
    pk = row_of(beta).pk
    for record, refusal in (
        ("", Invalid),
        ("the confocal", Invalid),
        (f"{uid} {uuid4()}", Invalid),
        (f"{gamma.address}/id/instrument/{uid}", Invalid),
        (str(uuid4()), NotFound),
    ):
        with pytest.raises(refusal):
            freeze(partner_id=pk, record=record, case="1", by=cast.OPERATOR)
    with pytest.raises(Invalid):
        freeze(partner_id=pk, record=str(uid), case="  ", by=cast.OPERATOR)
    with pytest.raises(NotFound):
        freeze(partner_id=999, record=str(uid), case="1", by=cast.OPERATOR)
    for record in (
        f"{beta.home.address}/id/instrument/{uid}",
        f"https://alpha.example/id/instrument/{uid}",
        f" https://alpha.example/instruments/{uid}/?tab=use ",
        str(uid).upper(),
    ):
        case = freeze(partner_id=pk, record=record, case="1", by=cast.OPERATOR)
        assert case.uid == uid
        with pytest.raises(Conflict):
            frozen(beta, uid)
        release(frozen_id=case.pk, by=cast.OPERATOR)
    with pytest.raises(NotFound):
        release(frozen_id=case.pk, by=cast.OPERATOR)


def test_nothing_is_frozen_where_no_law_applies_and_the_law_stays_while_anything_is(beta: Other) -> None:
    uid = beta.instrument("Zyxconfocal")
    pull(beta)
    case = frozen(beta, uid)
    with pytest.raises(Refused, match="Release them first"):
        describe()
    release(frozen_id=case.pk, by=cast.OPERATOR)
    describe()
    with pytest.raises(Refused, match="only where a public-access law applies"):
        frozen(beta, uid)

"""Pages of public access: this node's form, freezing, the archivist's pages, disposals; warnings."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import cast
import handshakes
from parkbench.accounts.rules import Role
from parkbench.exchange.models import Disposal, ExchangeState, FrozenRecord, Partner
from parkbench.exchange.services.authority import describe_node
from parkbench.lib import jobs
from parkbench.records import rules
from parkbench.records.services import settle_departures, share_record
from partners import Journal
from partners import Partner as Other

pytestmark = pytest.mark.django_db

BASIS = "RA-MS 2026:12"


@pytest.fixture(autouse=True)
def here(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A node with a folder and an address, whose jobs wait."""
    settings.HOME = tmp_path
    cache.clear()
    handshakes.settle_here()
    monkeypatch.setattr(jobs, "enqueue", lambda name, **given: None)


@pytest.fixture
def ada() -> Client:
    """The administrator's browser."""
    client = Client()
    client.force_login(cast.person("Ada", Role.ADMINISTRATOR))
    return client


def under_the_law() -> None:
    describe_node(mailbox="", lease_days=30, is_public_authority=True, disposal_basis=BASIS, by=cast.OPERATOR)


@pytest.fixture
def beta() -> tuple[Partner, Other]:
    """A partner of this node, which is under a public-access law."""
    under_the_law()
    partner = handshakes.partner()
    address = partner.home.address
    return partner, Other(partner.home, Journal(address), Journal(address))


def text(response: Any) -> str:
    """The page without markup, its white space collapsed."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def page(name: str, *args: Any) -> str:
    return reverse(f"exchange:{name}", args=args)


def test_an_administrator_says_that_the_law_applies_and_on_which_basis_copies_go(ada: Client) -> None:
    assert "Public access and this node" in text(ada.get(page("partners")))
    shown = text(ada.get(page("node")))
    assert "the disposal basis, which is written beside every removal" in shown
    given = {"mailbox": "exchange@alpha.example", "lease_days": "14", "is_public_authority": "on"}
    refused = ada.post(page("node"), given)
    assert refused.status_code == 422
    assert "Disposal basis: expected the decision" in text(refused)
    assert not ExchangeState.objects.get().is_public_authority
    assert ada.post(page("node"), given | {"disposal_basis": BASIS}).status_code == 302
    state = ExchangeState.objects.get()
    assert (state.mailbox, state.lease_days, state.is_public_authority) == (given["mailbox"], 14, True)
    assert f'value="{BASIS}"' in ada.get(page("node")).content.decode()
    assert ada.post(page("node"), {"lease_days": "400"}).status_code == 422


def test_a_record_is_frozen_looked_at_and_released(ada: Client, beta: tuple[Partner, Other]) -> None:
    partner, other = beta
    uid = other.instrument("<b>Zyxconfocal</b>", capacity={"open_hours_per_week": 40})
    other.pull()
    link = f"{other.home.address}/id/instrument/{uid}"
    said = "Freeze a record under a request for access"
    assert said in text(ada.get(page("partner", partner.pk)))
    refused = ada.post(page("freeze", partner.pk), {"record": "no such thing", "case": "2026/7"})
    assert refused.status_code == 422
    assert "Record: expected the permalink" in text(refused)
    done = ada.post(page("freeze", partner.pk), {"record": link, "case": "2026/7"}, follow=True)
    shown = text(done)
    for words in ("Case 2026/7", link, "Frozen since", "Ada", "&lt;b&gt;Zyxconfocal&lt;/b&gt;", "40"):
        assert words in shown
    assert "<b>Zyx" not in done.content.decode()
    assert "1 record of this partner is frozen" in text(ada.get(page("partner", partner.pk)))
    assert ada.get(reverse("instruments:instrument", args=[uid])).status_code == 404
    for section in ("basics", "capacity"):
        other.public.drop("instrument", uid, section)
    other.pull()
    settle_departures(home=other.home.pk)
    row = FrozenRecord.objects.get()
    assert "its owner has taken it back" in text(ada.get(page("frozen-record", row.pk)))
    assert "2026/7" in text(ada.get(page("frozen")))
    released = ada.post(page("frozen-release", row.pk), follow=True)
    assert "Released: case 2026/7" in text(released)
    assert "Closed cases" in text(released)
    assert ada.get(page("frozen-record", row.pk)).status_code == 404
    assert ada.post(page("frozen-release", row.pk)).status_code == 404
    shown = text(ada.get(page("partner", partner.pk)))
    assert "2 parts, 1 record as a whole" in shown
    assert BASIS in shown
    file = ada.get(page("disposals", partner.pk))
    assert file["Content-Disposition"].startswith('attachment; filename="disposals-')
    assert BASIS in file.content.decode()


def test_a_damaged_part_and_a_strange_kind_are_shown_as_far_as_they_can_be(
    ada: Client, beta: tuple[Partner, Other]
) -> None:
    partner, other = beta
    uid = other.shares("telescope", {"name": "<i>Hale</i>", "mirrors": [5, 1]}, basalt={"x": None})
    other.public.spoil("telescope", uid, "optics")
    other.pull()
    shown = text(ada.post(page("freeze", partner.pk), {"record": str(uid), "case": "9"}, follow=True))
    for words in ("&lt;i&gt;Hale&lt;/i&gt;", "[5, 1]", "null", "It came damaged"):
        assert words in shown
    assert f"telescope {uid}" in text(ada.get(page("frozen")))


def test_the_forms_are_for_administrators_and_where_the_law_applies_alone(
    ada: Client, beta: tuple[Partner, Other]
) -> None:
    partner, other = beta
    mona = Client()
    mona.force_login(cast.person("Mona", Role.MANAGER))
    row = FrozenRecord.objects.create(
        home=other.home, kind="instrument", uid=UUID(int=7), case="1", at=partner.state_at
    )
    assert "Freeze a record" not in text(mona.get(page("partner", partner.pk)))
    for name, args in (
        ("node", ()),
        ("frozen", ()),
        ("frozen-record", (row.pk,)),
        ("disposals", (partner.pk,)),
    ):
        assert mona.get(page(name, *args)).status_code == 403
    assert mona.post(page("frozen-release", row.pk)).status_code == 403
    assert mona.post(page("freeze", partner.pk), {"record": "x", "case": "1"}).status_code == 403
    row.delete()
    describe_node(mailbox="", lease_days=30, is_public_authority=False, disposal_basis="", by=cast.OPERATOR)
    assert "Disposals" not in text(ada.get(page("partner", partner.pk)))
    Disposal.objects.create(
        home=other.home, at=partner.state_at, basis="Old", section_count=1, record_count=1
    )
    shown = text(ada.get(page("partner", partner.pk)))
    assert "Old" in shown, "what was disposed of is still told"
    assert "Freeze a record" not in shown
    refused = ada.post(page("freeze", partner.pk), {"record": str(UUID(int=7)), "case": "1"})
    assert "only where a public-access law applies" in text(refused)
    assert ada.get(page("freeze", partner.pk)).status_code == 405


def test_the_list_of_frozen_records_asks_as_much_for_many_as_for_few(
    ada: Client, beta: tuple[Partner, Other]
) -> None:
    _partner, other = beta

    def freeze(count: int) -> None:
        for number in range(count):
            FrozenRecord.objects.create(
                home=other.home,
                kind="instrument",
                uid=uuid4(),
                case=str(number),
                at=other.home.partner.state_at,  # type: ignore[attr-defined]
            )

    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert ada.get(page("frozen")).status_code == 200
        return len(caught)

    freeze(2)
    ada.get(page("frozen"))
    few = asked()
    freeze(40)
    assert asked() == few


def test_whoever_shares_a_record_is_warned_of_copies_under_a_public_access_law(ada: Client) -> None:
    uid = cast.instrument("Confocal", cast.unit())
    law = "is subject to a public-access law"
    plain = handshakes.partner("gamma")
    sharing = reverse("records:sharing", args=["instrument", uid])
    share_record(
        kind="instrument", uid=uid, masks={"basics": rules.PARTNERS}, share_from=None, by=cast.OPERATOR
    )
    assert law not in text(ada.get(sharing))
    Partner.objects.filter(pk=plain.pk).update(is_public_authority=True)
    assert f"Gamma Institute {law}" in text(ada.get(sharing))
    share_record(
        kind="instrument", uid=uid, masks={"basics": rules.NOBODY}, share_from=None, by=cast.OPERATOR
    )
    assert law not in text(ada.get(sharing))

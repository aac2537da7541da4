"""Who may do what: every address x every role, and what forged ids come to."""

from __future__ import annotations

import re
from copy import copy
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

import cast
import handshakes
import worlds
from parkbench.figures import services as figures
from parkbench.records.models import OWN, Home
from worlds import World

pytestmark = pytest.mark.django_db

ROLES = ("public", "cleo", "ben", "eva", "edda", "hana", "hugo", "mona", "ada")
"""Nobody; a member without a role; a reader; who may see economics of unit A; editor of A; head of A; head
of B; manager; administrator."""

TABLE = """
health                       ooooooooo  mmmmmmmmm
robots                       ooooooooo  mmmmmmmmm
sitemap                      ooooooooo  mmmmmmmmm
sitemap-page                 ooooooooo  mmmmmmmmm
demo-sign-in                 nnnnnnnnn  mmmmmmmmm
permalink                    nnooooooo  mmmmmmmmm
overview:home                ooooooooo  mmmmmmmmm
overview:changes             ssooooooo  mmmmmmmmm
overview:brief               ssooooooo  mmmmmmmmm
accounts:sign-in             ooooooooo  rrrrrrrrr
accounts:sign-out            mmmmmmmmm  ooooooooo
accounts:link                nnnnnnnnn  nnnnnnnnn
accounts:me                  soooooooo  srrrrrrrr
accounts:password            mmmmmmmmm  srrrrrrrr
accounts:people              ssooooooo  ssooooooo
accounts:person-add          ssffffffo  ssffffffr
accounts:person              ssffffffo  ssffffffr
accounts:grant               ssffffffm  ssffffffr
accounts:revoke              ssffffffm  ssffffffo
accounts:new-link            ssffffffm  ssffffffo
accounts:erase               ssffffffm  ssffffffo
records:deleted              ssfffoooo  ssfffoooo
records:restore              mmmmmmmmm  nnooooooo
records:history              nnooooooo  nnooooooo
records:revert               mmmmmmmmm  nnooooooo
records:policy               ssfffffoo  ssfffffrr
records:groups               ssfffffoo  ssfffffrr
records:group-rename         mmmmmmmmm  fffffffnn
records:group-remove         mmmmmmmmm  fffffffnn
records:sharing              nnooooooo  nnfffrfrr
records:note-add             mmmmmmmmm  nnnnnnnnn
records:note-edit            mmmmmmmmm  nnnnnnnnn
records:note-delete          mmmmmmmmm  nnnnnnnnn
records:list-columns         mmmmmmmmm  ooooooooo
records:list-filters         mmmmmmmmm  ffooooooo
records:list-filter-delete   mmmmmmmmm  nnnnnnnon
records:view-as              mmmmmmmmm  fffffoooo
records:note-add             mmmmmmmmm  ssnnnnnnn
records:note-edit            mmmmmmmmm  ssnnnnnnn
records:note-delete          mmmmmmmmm  ssnnnnnnn
records:list-columns         mmmmmmmmm  foooooooo
records:list-filters         mmmmmmmmm  ffooooooo
records:list-filter-delete   mmmmmmmmm  nnnnnnnon
programme:organisation       ooooooooo  ooooooooo
programme:organisation-edit  ssfffffoo  ssfffffrr
programme:platforms          ooooooooo  ooooooooo
programme:platforms-csv      ooooooooo  ooooooooo
programme:platforms-xlsx     ooooooooo  ooooooooo
programme:platform-add       ssfffffoo  ssfffffrr
programme:platform           ooooooooo  ooooooooo
programme:platform-edit      ssfffffoo  ssfffffrr
programme:platform-delete    mmmmmmmmm  fffffffrr
programme:platform-restore   ssnnnnnnn  ssfffffnn
programme:units              ooooooooo  ooooooooo
programme:units-csv          ooooooooo  ooooooooo
programme:units-xlsx         ooooooooo  ooooooooo
programme:unit-add           ssfffffoo  ssfffffrr
programme:unit               ooooooooo  ooooooooo
programme:unit-edit          ssffoofoo  ssffrrfrr
programme:unit-delete        mmmmmmmmm  fffffffrr
programme:unit-restore       ssnnnnnnn  ssfffffnn
programme:sites              ooooooooo  ooooooooo
programme:sites-csv          ooooooooo  ooooooooo
programme:sites-xlsx         ooooooooo  ooooooooo
programme:site-add           ssfffffoo  ssfffffrr
programme:site               ooooooooo  ooooooooo
programme:site-edit          ssfffffoo  ssfffffrr
programme:site-delete        mmmmmmmmm  fffffffrr
programme:site-restore       ssnnnnnnn  ssfffffnn
catalogue:models             ooooooooo  mmmmmmmmm
catalogue:models-export      ooooooooo  mmmmmmmmm
catalogue:model-add          ssfffffoo  ssfffffrr
catalogue:suggest-models     ooooooooo  mmmmmmmmm
catalogue:model              ooooooooo  mmmmmmmmm
catalogue:model-edit         ssfffffoo  ssfffffrr
catalogue:model-override     ssfffffrr  ssfffffrr
catalogue:model-shipped      ssnnnnnnn  mmmmmmmmm
catalogue:model-take-back    mmmmmmmmm  fffffffrr
catalogue:model-remove       mmmmmmmmm  fffffffoo
catalogue:makers             ooooooooo  mmmmmmmmm
catalogue:makers-export      ooooooooo  mmmmmmmmm
catalogue:maker-add          ssfffffoo  ssfffffrr
catalogue:suggest-makers     ooooooooo  mmmmmmmmm
catalogue:maker              ooooooooo  mmmmmmmmm
catalogue:maker-edit         ssfffffoo  ssfffffrr
catalogue:maker-override     ssfffffrr  ssfffffrr
catalogue:maker-shipped      ssnnnnnnn  mmmmmmmmm
catalogue:maker-take-back    mmmmmmmmm  fffffffrr
catalogue:maker-remove       mmmmmmmmm  fffffffoo
catalogue:techniques         ooooooooo  mmmmmmmmm
catalogue:techniques-export  ooooooooo  mmmmmmmmm
catalogue:technique-add      ssfffffoo  ssfffffrr
catalogue:suggest-techniques ooooooooo  mmmmmmmmm
catalogue:technique          nnnnnnnnn  mmmmmmmmm
catalogue:technique-edit     ssfffffnn  ssfffffnn
catalogue:technique-override ssfffffnn  ssfffffnn
catalogue:technique-shipped  ssnnnnnnn  mmmmmmmmm
catalogue:technique-take-back mmmmmmmmm  fffffffnn
catalogue:technique-remove   mmmmmmmmm  fffffffnn
instruments:park             ooooooooo  mmmmmmmmm
instruments:facets           ooooooooo  mmmmmmmmm
instruments:figures          ooooooooo  mmmmmmmmm
instruments:export           ooooooooo  mmmmmmmmm
instruments:condition        ooooooooo  mmmmmmmmm
instruments:columns          mmmmmmmmm  ooooooooo
instruments:save-filter      mmmmmmmmm  ffooooooo
instruments:delete-filter    mmmmmmmmm  nnnnnnnon
instruments:bulk             mmmmmmmmm  ssssfofoo
instruments:add              ssffooooo  ssffrrrrr
instruments:suggest          ssooooooo  mmmmmmmmm
instruments:instrument       nnooooooo  mmmmmmmmm
instruments:pidinst          nnnnnnnnn  mmmmmmmmm
instruments:edit             ssffoofoo  ssffrrfrr
instruments:status           ssffoofoo  ssffrrfrr
instruments:link             ssffoofoo  ssffoofoo
instruments:delete           ssfffofoo  ssfffofoo
instruments:restore          ssmmmmmmm  ssnnnonoo
instruments:attach           ssmmmmmmm  ssffoofoo
instruments:detach           ssmmmmmmm  ssffoofoo
instruments:file             ooooooooo  mmmmmmmmm
servicing:events             ooooooooo  mmmmmmmmm
servicing:export             ooooooooo  mmmmmmmmm
servicing:figures            ooooooooo  mmmmmmmmm
servicing:figures-export     ooooooooo  mmmmmmmmm
servicing:event              nnooooooo  mmmmmmmmm
servicing:event-add          ssffoofoo  ssffrrfrr
servicing:event-edit         ssffoofoo  ssffrrfrr
servicing:event-up-again     mmmmmmmmm  ssffoofoo
servicing:event-delete       ssfffofoo  ssfffofoo
servicing:event-restore      mmmmmmmmm  ssnnnonoo
intake:sources               ssffooooo  ssffrrrrr
intake:source                ssnnnnnoo  ssmmmmmmm
intake:batch                 ssnnnnnoo  ssmmmmmmm
intake:columns               ssnnnnnoo  ssnnnnnrr
intake:rows                  ssmmmmmmm  ssnnnnnoo
intake:accept                ssmmmmmmm  ssnnnnnoo
intake:undo                  ssmmmmmmm  ssnnnnnoo
intake:progress              ssnnnnnoo  ssmmmmmmm
intake:refused               ssnnnnnoo  ssmmmmmmm
search:search                ooooooooo  mmmmmmmmm
offer:services               ooooooooo  mmmmmmmmm
offer:services-csv           ooooooooo  mmmmmmmmm
offer:services-xlsx          ooooooooo  mmmmmmmmm
offer:service-add            ssffooooo  ssffrrrrr
offer:service                nnooooooo  mmmmmmmmm
offer:service-edit           ssffoofoo  ssffrrfrr
offer:service-delete         mmmmmmmmm  ssfffofoo
offer:prices-edit            ssffoofoo  ssffrrfrr
offer:price                  nnooooooo  mmmmmmmmm
offer:capabilities           ooooooooo  mmmmmmmmm
offer:capabilities-csv       ooooooooo  mmmmmmmmm
offer:capabilities-xlsx      ooooooooo  mmmmmmmmm
offer:capability-add         ssffooooo  ssffrrrrr
offer:capability             nnooooooo  mmmmmmmmm
offer:capability-edit        ssfffffoo  ssfffffrr
offer:capability-delete      mmmmmmmmm  ssfffffoo
stewardship:reviews          ssooooooo  mmmmmmmmm
stewardship:export           ssooooooo  mmmmmmmmm
stewardship:still-right      mmmmmmmmm  ssffoofoo
stewardship:periods          ssfffffoo  ssfffffoo
stewardship:date-undated     mmmmmmmmm  ssfffffoo
stewardship:completeness     ssooooooo  mmmmmmmmm
stewardship:incomplete       ssooooooo  mmmmmmmmm
stewardship:incomplete-export ssooooooo mmmmmmmmm
stewardship:handover         ssfffoooo  ssfffoooo
stewardship:undo-handover    mmmmmmmmm  ssnnnnnnn
stewardship:mail             ssooooooo  ssooooooo
stewardship:calendars        ssooooooo  ssrrrrrrr
stewardship:revoke-calendar  mmmmmmmmm  ssnnnnnnn
stewardship:calendar         nnnnnnnnn  mmmmmmmmm
figures:list                 ooooooooo  mmmmmmmmm
figures:export               ooooooooo  mmmmmmmmm
figures:year                 nnooooooo  mmmmmmmmm
figures:delete               mmmmmmmmm  ssfffofoo
figures:restore              ssnnnonoo  ssnnnonoo
figures:month                ssffoofoo  ssffrrfrr
exchange:node-document       ooooooooo  mmmmmmmmm
exchange:listing             uuuuuuuuu  mmmmmmmmm
exchange:page                nnnnnnnnn  mmmmmmmmm
exchange:receipts            mmmmmmmmm  uuuuuuuuu
exchange:ping                mmmmmmmmm  uuuuuuuuu
exchange:invitations         mmmmmmmmm  fffffffff
exchange:partners            ssooooooo  mmmmmmmmm
exchange:invite              ssffffffo  ssffffffr
exchange:withdraw            mmmmmmmmm  ssffffffn
exchange:accept              ssffffffo  ssffffffr
exchange:resume              mmmmmmmmm  ssffffffo
exchange:keys                ssffffffo  mmmmmmmmm
exchange:key-rotate          mmmmmmmmm  ssffffffo
exchange:key-revoke          mmmmmmmmm  ssffffffr
exchange:key-recovery        mmmmmmmmm  ssffffffo
exchange:circle              ssfffffoo  ssfffffoo
exchange:circle-terms        ssfffffoo  ssfffffoo
exchange:record-ledger       ssnnnnnnn  mmmmmmmmm
exchange:partner             ssooooooo  mmmmmmmmm
exchange:partner-ledger      ssfffffoo  mmmmmmmmm
exchange:confirm             ssffffffo  ssffffffr
exchange:new-key             ssffffffo  ssffffffr
exchange:pull                mmmmmmmmm  ssfffffoo
exchange:preview             ssooooooo  ssfffoooo
exchange:act                 ssffffffo  ssffffffo
exchange:node                ssffffffo  ssffffffr
exchange:frozen              ssffffffo  mmmmmmmmm
exchange:frozen-record       ssffffffn  mmmmmmmmm
exchange:frozen-release      mmmmmmmmm  ssffffffn
exchange:freeze              mmmmmmmmm  ssffffffr
exchange:disposals           ssffffffo  mmmmmmmmm
"""
"""Address, then GET and POST for each role: o answered, r understood and refused (400, 409, 422), s sent to
sign in, u without a token that counts, f forbidden, n not found, m no such method. It is about an instrument
and a unit of A that the role may or may not know of, and about an import and a saved filter of the
manager."""

EXPECTED = {
    (name, verb): dict(zip(ROLES, letters, strict=True))
    for name, *both in (line.split() for line in TABLE.strip().splitlines())
    for verb, letters in zip(("GET", "POST"), both, strict=True)
}
OFFERS = {"capability": "capability_a", "price": "price_own_a"}
LETTERS = {400: "r", 401: "u", 409: "r", 422: "r", 403: "f", 404: "n", 405: "m"}


@pytest.fixture
def world(world: World) -> World:
    """The small institute with a partner and a group of partners."""
    before = Home.objects.get(pk=OWN)
    handshakes.settle_here()
    partner = handshakes.partner()
    world.partners = {"beta": partner.pk}
    world.uids["group"] = handshakes.circle("Nordic imaging", partner).token
    before.save()  # what the institute's records refer to is named by the address that it had
    year = world.uids["year_own_a"]
    worlds.use(world, "own_a", 90, year=2024)
    world.uids |= {"year_gone": world.uids["year_own_a"], "year_own_a": year}
    figures.delete(uid=world.uids["year_gone"], by=cast.OPERATOR)
    return world


def address(world: World, name: str, pattern: str) -> str:
    """Return the address of a route about what the table says it is about."""
    room, _colon, page = name.partition(":")
    subject: Any = {
        "accounts": world.people["hugo"].uid,
        "instruments": world.uids["own_a"],
        "programme": world.uids.get(f"{page.split('-')[0]}_a", world.uids["organisation"]),
        "catalogue": world.uids.get(f"{page.split('-')[0]}_Openscope", uuid4()),
        "records": world.uids["own_a"],
        "permalink": world.uids["own_a"],
        "servicing": world.uids["event_a"],
        "offer": world.uids[OFFERS.get(page.split("-")[0], "service_own_a")],
        "figures": world.uids["own_a" if page == "month" else "year_own_a"],
        "exchange": world.uids["own_a"],
    }.get(room)
    if name == "servicing:event-add":
        subject = world.uids["own_a"]
    if name == "servicing:event-restore":
        subject = world.uids["event_gone"]
    if name == "figures:restore":
        subject = world.uids["year_gone"]
    if name == "instruments:restore":
        subject = world.uids["gone_a"]
    if name in ("instruments:detach", "instruments:file"):
        subject = world.uids["open_a"]
    batch = world.batches["mona"]
    values = {
        "uuid:uid": subject,
        "uuid:pk": batch.pk,
        "int:pk": {
            "accounts:revoke": world.people["hugo"].grants.get().pk,
            "intake:source": batch.source_id,
            "exchange:withdraw": 999,
        }.get(name, world.partners["beta"] if room == "exchange" else world.filters["mona"]),
        "uuid:token": world.uids["group"],
        "str:audience": str(uuid4()),
        "slug:name": "end",
        "slug:list_name": "units",
        "int:page": 1,
        "slug:kind": "instrument",
        "slug:place": "capacity",
        "slug:section": "capacity",
        "slug:digest": world.digests["capacity"],
        "slug:field": "model_text",
        "slug:format": "csv",
        "str:form": "csv",
        "slug:form": "csv",
        "str:secret": "no-such-secret",
    }
    found = reverse(name, args=[values[hole] for hole in re.findall(r"<([^>]+)>", pattern)])
    return f"{found}?kind=instrument" if name.startswith("stewardship:incomplete") else found


def posted(world: World, name: str) -> dict[str, Any]:
    """Return what is posted: enough to be acted on where that needs no form, else something of no meaning."""
    own, gone = str(world.uids["own_a"]), str(world.uids["gone_a"])
    return {
        "records:restore": {"uid": gone},
        "records:revert": {"section": "basics", "revision": "1"},
        "records:view-as": {"audience": "partners"},
        "stewardship:still-right": {"uid": f"instrument:{own}"},
        "instruments:bulk": {"uid": own, "action": "delete"},
        "instruments:save-filter": {"name": "mine", "query": "q=x", "is_shared": "1"},
    }.get(name, {"x": "1"})


def letter_of(client: Client, verb: str, url: str, data: dict[str, Any]) -> str:
    """Ask, take back whatever it did, cookies too, and return the letter of the answer."""
    cookies = copy(client.cookies)
    with transaction.atomic():
        response = client.get(url) if verb == "GET" else client.post(url, data)
        if response.streaming:
            b"".join(response.streaming_content)
        transaction.set_rollback(True)
    client.cookies = cookies
    if response.status_code == 302 and response["Location"].startswith(reverse("accounts:sign-in")):
        return "s"
    return LETTERS.get(response.status_code, "o" if response.status_code < 400 else "?")


def test_every_address_stands_in_the_table() -> None:
    assert {name for name, _verb in EXPECTED} == set(worlds.routes())


@pytest.mark.parametrize("role", ROLES)
def test_every_address_answers_every_role_as_the_table_says(world: World, role: str) -> None:
    wrong, client = [], world.client(role)
    for name, pattern in worlds.routes().items():
        for verb in ("GET", "POST"):
            got = letter_of(client, verb, address(world, name, pattern), posted(world, name))
            if got != EXPECTED[name, verb][role]:
                wrong.append(f"{verb} {name}: {got}, expected {EXPECTED[name, verb][role]}")
    assert not wrong

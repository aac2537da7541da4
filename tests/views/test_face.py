"""What pages say to programs: schema.org and PIDINST of what is public, robots.txt, the sitemap."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from xml.etree import ElementTree

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from PIL import Image

import cast
from parkbench.accounts.rules import Role
from parkbench.catalogue import services as catalogue
from parkbench.catalogue.models import DeviceModel, Maker, Technique
from parkbench.instruments import services as instruments
from parkbench.instruments.models import Instrument
from parkbench.instruments.queries.identity import identifier_of
from parkbench.lib.urn import record_id, register_uid
from parkbench.programme import services as programme
from parkbench.records import rules
from parkbench.records.models import OWN, REGISTER, Home
from parkbench.records.services import share_record
from parkbench.site import face

pytestmark = pytest.mark.django_db

HERE = "https://park.alpha.example"
SCHEMA = Path(__file__).parents[3] / "shared" / "reference" / "pidinst" / "pidinst-schema-1_0.schema.json"
DATA = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(autouse=True)
def here(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    Home.objects.filter(pk=OWN).update(address=HERE, name="Alpha Institute")


def share(kind: str, uid: UUID, *sections: str, mask: int = rules.PUBLIC) -> UUID:
    masks = dict.fromkeys(("basics", *sections), mask)
    share_record(kind=kind, uid=uid, masks=masks, by=cast.OPERATOR)
    return uid


@pytest.fixture
def microscope() -> UUID:
    """A public instrument with something hidden in every other section."""
    some_register()
    programme.set_organisation(name="Alpha Institute", ror="https://ror.org/048a87296", by=cast.OPERATOR)
    unit = cast.unit("Light microscopy")
    uid = cast.instrument(
        "Confocal </script><b>1</b>",
        unit,
        model="LSM 980",
        maker_text="Zeiss",
        description="Two lasers & an Airyscan",
        techniques=["confocal-microscopy"],
        commissioned_on="2021-05-06",
        serial_number="SECRET-1",
        inventory_number="SECRET-2",
        legal_owner="SECRET-3",
        mailbox="secret@alpha.example",
        purchase_price=4_711,
    )
    model = catalogue_model("zeiss/lsm-980")
    instruments.link_model(uid=uid, model=model, by=cast.OPERATOR)
    return share("instrument", uid)


def some_register() -> None:
    """Put a maker, a technique and a model where the shipped register puts them; loading it whole is slow."""
    zeiss = Maker.objects.create(
        home_id=REGISTER, uid=register_uid("maker", "zeiss"), key="zeiss", name="ZEISS"
    )
    Technique.objects.create(
        home_id=REGISTER,
        uid=register_uid("technique", "confocal-microscopy"),
        key="confocal-microscopy",
        name="Confocal microscopy",
        fbbi="FBbi:00000251",
    )
    DeviceModel.objects.create(
        home_id=REGISTER,
        uid=register_uid("model", "zeiss/lsm-980"),
        key="zeiss/lsm-980",
        designation="LSM 980",
        maker=zeiss,
        rrid="RRID:SCR_025048",
    )


def catalogue_model(key: str) -> Any:
    return DeviceModel.objects.get(key=key)


def page(client: Client, url: str) -> str:
    return client.get(url).content.decode()


def data_of(html: str) -> dict[str, Any]:
    found = DATA.search(html)
    assert found, "no data in the page"
    loaded: dict[str, Any] = json.loads(found[1])
    return loaded


def url_of(uid: UUID) -> str:
    return reverse("instruments:instrument", args=[uid])


# --- schema.org ---


def test_a_public_instrument_says_what_it_is(microscope: UUID) -> None:
    html = page(Client(), url_of(microscope))
    said = data_of(html)
    assert said["@context"] == "https://schema.org"
    assert said["@type"] == "IndividualProduct"
    assert said["@id"] == record_id(node=HERE, kind="instrument", uid=microscope)
    assert said["url"] == f"{HERE}{url_of(microscope)}"
    assert said["name"] == "Confocal </script><b>1</b>"
    assert said["manufacturer"]["name"] == "ZEISS"
    assert said["model"]["name"] == "LSM 980"
    assert [one["name"] for one in said["category"]] == ["Confocal microscopy"]
    assert {"@type": "PropertyValue", "propertyID": "Commissioned", "value": "2021-05-06"} in said[
        "additionalProperty"
    ]
    assert said["@reverse"]["owns"] == {"@type": "Organization", "name": "Alpha Institute"}
    assert f'<link rel="canonical" href="{HERE}{url_of(microscope)}">' in html
    assert '<meta name="description" content="Two lasers &amp; an Airyscan">' in html
    assert "SECRET" not in html
    assert "secret@" not in html


def test_nothing_in_the_data_ends_the_script(microscope: UUID) -> None:
    found = DATA.search(page(Client(), url_of(microscope)))
    assert found
    assert not set("<>&") & set(found[1])


def test_members_and_partners_get_no_more_than_everybody(microscope: UUID) -> None:
    instruments.edit(uid=microscope, values={"mailbox": "secret@alpha.example"}, by=cast.OPERATOR)
    share_record(
        kind="instrument",
        uid=microscope,
        masks={"contact": rules.PARTNERS, "economics": rules.PARTNERS},
        by=cast.OPERATOR,
    )
    client = Client()
    client.force_login(cast.person("Ada", Role.MANAGER))
    assert not DATA.search(page(client, url_of(microscope)))
    client.post(reverse("records:view-as"), {"audience": "partners"})
    seen = page(client, url_of(microscope))
    assert "secret@alpha.example" in seen
    assert data_of(seen) == data_of(page(Client(), url_of(microscope)))
    assert "secret" not in json.dumps(data_of(seen))


def test_a_public_contact_goes_out(microscope: UUID) -> None:
    share("instrument", microscope, "contact")
    owner = data_of(page(Client(), url_of(microscope)))["@reverse"]["owns"]
    assert owner["contactPoint"]["email"] == "secret@alpha.example"


def test_the_programme_says_how_it_hangs_together() -> None:
    by = cast.OPERATOR
    organisation = programme.set_organisation(name="Alpha Institute", country="SE", by=by)
    platform = programme.add_platform(name="Imaging", by=by)
    open_unit = programme.add_unit(name="Light", platform=platform, contact={"mailbox": "l@x.se"}, by=by)
    hidden = programme.add_unit(name="Hidden", platform=platform, by=by)
    site = programme.add_site(name="North", city="Uppsala", by=by)
    for kind, uid in (("organisation", organisation), ("platform", platform), ("site", site)):
        share(kind, uid)
    share("unit", open_unit, "contact")

    def said(kind: str, uid: UUID) -> dict[str, Any]:
        return data_of(page(Client(), reverse(f"programme:{kind}", args=[uid])))

    whole = said("organisation", organisation)
    assert whole["@type"] == "Organization"
    assert whole["address"]["addressCountry"] == "SE"
    assert [part["name"] for part in whole["subOrganization"]] == ["Imaging"]
    middle = said("platform", platform)
    assert [part["name"] for part in middle["subOrganization"]] == ["Light"]
    assert middle["parentOrganization"]["name"] == "Alpha Institute"
    part = said("unit", open_unit)
    assert part["parentOrganization"]["@id"] == middle["@id"]
    assert part["contactPoint"]["email"] == "l@x.se"
    assert said("site", site)["address"]["addressLocality"] == "Uppsala"
    gone = Client().get(reverse("programme:unit", args=[hidden]))
    assert gone.status_code == 404
    assert not DATA.search(gone.content.decode())


def test_own_entries_of_the_catalogue_describe_themselves() -> None:
    fields = catalogue.MakerFields(name="Openscope", url="https://openscope.example")
    maker = share("maker", catalogue.add_maker(fields=fields, by=cast.OPERATOR))
    model = catalogue.add_model(
        fields=catalogue.ModelFields(maker="Openscope", designation="Scope 1"), by=cast.OPERATOR
    )
    share("model", model)
    assert data_of(page(Client(), reverse("catalogue:maker", args=[maker])))["sameAs"] == [
        "https://openscope.example"
    ]
    said = data_of(page(Client(), reverse("catalogue:model", args=[model])))
    assert (said["@type"], said["manufacturer"]["name"]) == ("ProductModel", "Openscope")


def test_describing_takes_few_queries(microscope: UUID, django_assert_max_num_queries: Any) -> None:
    client = Client()
    page(client, url_of(microscope))
    with django_assert_max_num_queries(25):
        page(client, url_of(microscope))


# --- PIDINST ---


def pidinst(client: Client, uid: UUID) -> dict[str, Any]:
    answer = client.get(reverse("instruments:pidinst", args=[uid]))
    assert answer.status_code == 200
    said: dict[str, Any] = answer.json()
    return said


def valid(said: Any, schema: dict[str, Any], where: str = "") -> list[str]:
    """Return what is wrong: as much of JSON Schema draft 7 as the PIDINST schema uses."""
    sorts: dict[str, type] = {"object": dict, "array": list, "string": str}
    wrong = []
    if not isinstance(said, sorts[schema["type"]]):
        return [f"{where} is no {schema['type']}"]
    if isinstance(said, dict):
        known = schema.get("properties", {})
        wrong += [f"{where}/{name} is missing" for name in schema.get("required", ()) if name not in said]
        wrong += [f"{where}/{name} is unknown" for name in said if name not in known]
        for name in set(said) & set(known):
            wrong += valid(said[name], known[name], f"{where}/{name}")
    elif isinstance(said, list):
        wrong += [f"{where} is too short"] if len(said) < schema.get("minItems", 0) else []
        for one in said:
            wrong += valid(one, schema["items"], where)
    else:
        wrong += [f"{where} is {said}"] if said != schema.get("const", said) else []
        wrong += [f"{where} is {said}"] if said not in schema.get("enum", [said]) else []
    return wrong


def check_schema(said: dict[str, Any]) -> None:
    """Hold it against the working group's schema, where the reference folder is there."""
    if SCHEMA.is_file():
        assert valid(said, json.loads(SCHEMA.read_text(encoding="utf-8"))) == []
    assert {"identifier", "schemaVersion", "landingPage", "name", "owners", "manufacturers"} <= set(said)


def test_a_public_instrument_is_sent_as_pidinst(microscope: UUID) -> None:
    said = pidinst(Client(), microscope)
    check_schema(said)
    assert said["schemaVersion"] == "1.0"
    assert said["landingPage"] == f"{HERE}{url_of(microscope)}"
    assert said["identifier"] == {
        "identifier": record_id(node=HERE, kind="instrument", uid=microscope),
        "identifierType": "URL",
    }
    assert said["owners"] == [{"ownerName": "Alpha Institute"}]
    assert said["manufacturers"][0]["manufacturerName"] == "ZEISS"
    assert said["model"]["modelName"] == "LSM 980"
    assert said["dates"] == [{"date": "2021-05-06", "dateType": "Commissioned"}]
    assert said["instrumentTypes"][0]["instrumentTypeName"] == "Confocal microscopy"
    assert "alternateIdentifiers" not in said
    assert "measuredVariables" not in said
    assert "ecret" not in json.dumps(said).casefold().replace("secretary", "")


def test_a_public_organisation_is_named_with_its_ror(microscope: UUID) -> None:
    from parkbench.programme.queries import organisation_uid

    uid = organisation_uid()
    assert uid
    share("organisation", uid)
    share("instrument", microscope, "contact")
    said = pidinst(Client(), microscope)
    check_schema(said)
    assert said["owners"][0]["ownerIdentifier"]["ownerIdentifierType"] == "ROR"
    assert said["owners"][0]["ownerContact"] == "secret@alpha.example"


def test_what_is_not_known_is_said_as_datacite_does() -> None:
    uid = share("instrument", cast.instrument("Home-made", cast.unit(), model="Prototype"))
    said = pidinst(Client(), uid)
    check_schema(said)
    assert said["manufacturers"] == [{"manufacturerName": ":unav"}]


def test_parts_and_whole_name_each_other_only_where_public(microscope: UUID) -> None:
    unit = cast.unit("Other")
    whole = record_id(node=HERE, kind="instrument", uid=microscope)
    shown = share("instrument", cast.instrument("Shown part", unit, parent_ref=whole))
    cast.instrument("Hidden part", unit, parent_ref=whole)
    said = pidinst(Client(), microscope)
    check_schema(said)
    assert [one["relatedIdentifierName"] for one in said["relatedIdentifiers"]] == ["Shown part"]
    part = pidinst(Client(), shown)
    check_schema(part)
    assert part["relatedIdentifiers"][0]["relationType"] == "IsComponentOf"
    assert data_of(page(Client(), url_of(shown)))["isPartOf"]["url"] == f"{HERE}{url_of(microscope)}"


def test_what_is_not_public_has_no_pidinst_for_anybody(microscope: UUID) -> None:
    client = Client()
    client.force_login(cast.person("Ada", Role.MANAGER))
    share("instrument", microscope, mask=rules.PARTNERS)
    for asking in (client, Client()):
        assert asking.get(reverse("instruments:pidinst", args=[microscope])).status_code == 404
        assert asking.get(reverse("instruments:pidinst", args=[uuid4()])).status_code == 404


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.5281/zenodo.1", ("DOI", "10.5281/zenodo.1")),
        ("https://doi.org/10.5281/zenodo.1", ("DOI", "10.5281/zenodo.1")),
        ("doi:10.5281/zenodo.1", ("DOI", "10.5281/zenodo.1")),
        ("21.T11998/0000-001A-3905-F", ("Handle", "21.T11998/0000-001A-3905-F")),
        ("hdl:21.T11998/0000-001A-3905-F", ("Handle", "21.T11998/0000-001A-3905-F")),
        ("https://instruments.example/1", ("URL", "https://instruments.example/1")),
        ("number 7", None),
        ("", None),
        (None, None),
    ],
)
def test_a_persistent_id_is_told_by_its_form(text: str | None, expected: Any) -> None:
    assert identifier_of(text) == expected


def test_a_doi_and_a_picture_go_out(microscope: UUID) -> None:
    instruments.edit(uid=microscope, values={"pid": "doi:10.5281/zenodo.1"}, by=cast.OPERATOR)
    drawn = io.BytesIO()
    Image.new("RGB", (8, 8)).save(drawn, "PNG")
    picture = ContentFile(drawn.getvalue(), "picture.png")
    instruments.attach(uid=microscope, place="picture", upload=picture, by=cast.OPERATOR)
    said = pidinst(Client(), microscope)
    assert said["identifier"] == {"identifier": "https://doi.org/10.5281/zenodo.1", "identifierType": "DOI"}
    image = data_of(page(Client(), url_of(microscope)))["image"]
    answer = Client().get(image.removeprefix(HERE))
    assert answer.status_code == 200
    answer.close()


# --- robots.txt and the sitemap ---


def locations(content: bytes) -> list[str]:
    root = ElementTree.fromstring(content)
    return [str(one.text) for one in root.iter(f"{SITEMAP}loc")]


def fetch(url: str) -> bytes:
    answer = Client().get(url)
    assert answer.status_code == 200, url
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def test_while_nothing_is_public_there_is_nothing_of_it() -> None:
    some_register()
    unit = cast.unit()
    share("unit", unit, mask=rules.PARTNERS)
    assert Client().get("/robots.txt").content.decode() == "User-agent: *\nDisallow: /\n"
    assert Client().get("/sitemap.xml").status_code == 404
    assert Client().get("/sitemap-1.xml").status_code == 404
    shipped = catalogue_model("zeiss/lsm-980")
    assert not DATA.search(page(Client(), shipped.get_absolute_url()))


def test_the_sitemap_lists_the_public_pages_and_when_their_public_parts_changed(microscope: UUID) -> None:
    hidden = cast.instrument("Hidden", cast.unit("Other"))
    before = fetch("/sitemap.xml")
    assert locations(before) == [f"{HERE}{url_of(microscope)}"]
    assert str(hidden) not in before.decode()
    instruments.edit(uid=microscope, values={"notes": "x", "legal_owner": "y"}, by=cast.OPERATOR)
    assert fetch("/sitemap.xml") == before
    instruments.edit(uid=microscope, values={"description": "New"}, by=cast.OPERATOR)
    changed = Instrument.objects.get(uid=microscope).updated_at
    assert f"<lastmod>{changed.isoformat(timespec='seconds')}</lastmod>" in fetch("/sitemap.xml").decode()
    robots = Client().get("/robots.txt").content.decode()
    assert f"Sitemap: {HERE}/sitemap.xml" in robots
    assert "Disallow: /\n" not in robots


def test_a_large_sitemap_comes_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(face, "MOST_PAGES", 3)
    unit = cast.unit()
    uids = [share("instrument", cast.instrument(f"Mik {n}", unit)) for n in range(6)]
    share("unit", unit)
    pages = locations(fetch("/sitemap.xml"))
    assert pages == [f"{HERE}/sitemap-{n}.xml" for n in (1, 2, 3)]
    found = [one for url in pages for one in locations(fetch(url.removeprefix(HERE)))]
    expected = [f"{HERE}{url_of(uid)}" for uid in uids] + [f"{HERE}{reverse('programme:unit', args=[unit])}"]
    assert sorted(found) == sorted(expected)
    assert len(found) == len(set(found)) == 7
    assert Client().get("/sitemap-4.xml").status_code == 404

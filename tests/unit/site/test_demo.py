"""A sample node: what is in it, that it says so everywhere, that it is the same twice, and its door."""

from __future__ import annotations

import io
import json
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from django.http import HttpResponse

import cast
import nodes
from parkbench.accounts.rules import Role
from parkbench.catalogue.services import load_register
from parkbench.instruments.models import Instrument
from parkbench.instruments.rules import Status, check_step
from parkbench.intake.models import Batch
from parkbench.lib.errors import NotFound, Refused
from parkbench.programme.models import Platform, Unit
from parkbench.records.models import OWN, Home, SharingException
from parkbench.records.registry import exporters
from parkbench.records.services.checks import verify
from parkbench.records.visibility import Viewer
from parkbench.site.demo import acts, doorway, institute, labels, making
from parkbench.site.demo.first import FIRST
from parkbench.site.demo.machines import HISTORIES, machines
from parkbench.site.demo.making import make_sample_node
from parkbench.site.demo.second import SECOND

URL = "http://localhost:8001"
TODAY = date(2026, 11, 23)
SMALL = 60


@pytest.fixture
def home(tmp_path, settings):
    """A folder for the node."""
    folder = tmp_path / "node"
    settings.HOME, settings.MEDIA_ROOT = folder, folder / "files"
    return folder


@pytest.mark.django_db
def test_the_sample_node_is_what_it_says(home):
    made = make_sample_node(url=URL, today=TODAY)
    rows = Instrument.objects.own().live()
    assert Home.objects.get(pk=OWN).is_sample
    assert (made.instruments, rows.count()) == (300, 300)
    assert set(Platform.objects.own().values_list("name", flat=True)) == set(FIRST.platforms)
    planned = [
        one for one in machines(making._known_models(), today=TODAY, institute=FIRST) if not one.is_deleted
    ]
    assert Counter(rows.values_list("unit__platform__name", flat=True)) == Counter(
        one.unit.platform for one in planned
    )
    for platform in Platform.objects.own():
        assert 3 <= Unit.objects.own().filter(platform=platform).count() <= 5
    assert not rows.filter(linked_model=None).exists()
    assert not rows.exclude(description=institute.ABOUT).exists()
    assert Instrument.objects.own().exclude(deleted_at=None).count() == 4
    assert rows.exclude(parent=None).count() >= 1
    assert rows.exclude(picture=None).count() == making.PICTURES
    assert {status.value for status in Status} == set(rows.values_list("status", flat=True))
    assert Batch.objects.first().counts["refused"] == made.refused == 4
    assert all(batch.state == Batch.State.ACCEPTED for batch in Batch.objects.iterator())
    _check_sharing(rows)


def _check_sharing(rows):
    """Visitors see one platform's basics but for the instrument that waits; the journals agree."""
    public = Instrument.objects.visible(Viewer.public())
    assert set(public.values_list("unit__platform__name", flat=True)) == {FIRST.public_platform}
    inside = rows.filter(unit__platform__name=FIRST.public_platform)
    assert public.count() == inside.count() - 1
    assert SharingException.objects.filter(is_due=True).count() == 1
    assert not inside.exclude(economics_mask=0).exists()
    assert list(verify()) == []


@pytest.mark.django_db
def test_the_register_has_a_place_for_most_of_its_models():
    load_register(by=cast.OPERATOR)
    models = making._known_models()
    elsewhere = [model.key for model in models if FIRST.place_of(model.techniques) == FIRST.elsewhere]
    assert len(elsewhere) < len(models) / 10


@pytest.mark.django_db
def test_the_second_park_overlaps_with_the_first_under_names_of_its_own():
    load_register(by=cast.OPERATOR)
    models = making._known_models()
    ours, theirs = (machines(models, today=TODAY, institute=one) for one in (FIRST, SECOND))
    assert [len(park) for park in (ours, theirs)] == [304, 122]
    here, there = ({each.model.key for each in park} for park in (ours, theirs))
    assert len(there & here) >= len(there) / 3
    assert len(there - here) >= len(there) / 3
    assert not {each.name for each in ours} & {each.name for each in theirs}
    assert len({each.name for each in theirs}) == len(theirs)
    written = [each for each in theirs if each.values["model_text"] != each.model.designation]
    assert len(written) > 5
    assert {each.unit for each in theirs} == set(SECOND.units)


def test_every_history_is_one_that_the_life_cycle_allows():
    for status, steps in HISTORIES.items():
        assert steps[-1] == status
        for old, new in pairwise(steps):
            assert check_step(Status(old), Status(new)) == ""


def test_every_address_is_one_that_is_reserved_for_examples():
    for one in (FIRST, SECOND):
        mails = [person.email for person in one.people] + [unit.mailbox for unit in one.units]
        assert all(mail.endswith(("@example.org", "@example.net")) for mail in mails)
        assert all(person.name.endswith((" Sample", " Example")) for person in one.people)
        assert "sample data" in one.name


def run(*arguments):
    """Run the command for one node, on a database of the node's own, whatever the other tests stand on."""
    return nodes.run("demo", "--alone", *arguments, PARKBENCH_DATABASE_URL="")


@pytest.fixture(scope="session")
def sample(tmp_path_factory) -> Path:
    """A sample node made by the command; look, do not touch."""
    folder = tmp_path_factory.mktemp("demo") / "sample"
    done = run("--home", folder, "--no-serve", "--json", "--instruments", str(SMALL))
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["is_new"], report["instruments"], report["refused"]) == (True, SMALL, 4)
    assert not (folder / "neighbour").exists()
    return folder


def compared(written: str) -> list[dict[str, object]]:
    """Return the lines of an export by name, without ids, which are drawn anew, and times of writing."""
    found = [json.loads(line) for line in written.splitlines()]
    plain = [
        {key: value for key, value in line.items() if key not in ("uid", "updated_at")} for line in found
    ]
    return sorted(plain, key=lambda line: str(line["name"]))


@pytest.mark.django_db
def test_two_sample_nodes_export_the_same(home, sample):
    asked = ("export", "instruments", "--format", "jsonl", "--home", sample)
    one = compared(nodes.run(*asked, PARKBENCH_DATABASE_URL="").stdout)
    make_sample_node(url=URL, institute=acts.scaled("first", SMALL))
    here = io.BytesIO()
    exporters()["instruments"](cast.OPERATOR, "jsonl", here)
    assert compared(here.getvalue().decode()) == one
    assert len(one) == SMALL
    assert all("Sample data" in str(line["description"]) for line in one)


def test_a_second_start_makes_nothing_and_the_line_says_so(sample):
    done = run("--home", sample, "--no-serve")
    assert done.returncode == 0, done.stderr
    assert "already" in done.stdout


def test_a_real_node_gets_no_sample_data(made):
    before = sorted(path.name for path in made.iterdir())
    done = run("--home", made, "--no-serve")
    assert done.returncode == 1
    assert "holds a real node, Alpha Institute" in done.stderr
    assert sorted(path.name for path in made.iterdir()) == before


def test_a_folder_with_other_things_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("chapter 1")
    done = run("--home", tmp_path, "--no-serve")
    assert done.returncode == 1
    assert "other things already" in done.stderr


def test_a_park_too_small_to_show_anything_is_refused(tmp_path):
    done = run("--home", tmp_path / "new", "--instruments", "3")
    assert done.returncode == 1
    assert "from 40 to 1000" in done.stderr


def test_json_needs_no_serve(tmp_path):
    done = run("--home", tmp_path / "new", "--json")
    assert done.returncode == 1
    assert "--no-serve" in done.stderr


@pytest.fixture
def door(home):
    """A sample node with its director, as far as the door needs them."""
    home.mkdir()
    Home.objects.filter(pk=OWN).update(is_sample=True)
    director = cast.person("Dana", Role.MANAGER)
    director.email = FIRST.director
    director.save(update_fields=["email"])
    return director


@pytest.mark.django_db
def test_the_link_signs_the_director_in_once(client, door, home):
    secret = doorway.new_secret()
    assert secret not in (home / doorway.FILE).read_text()
    answer = client.get(f"/demo/{secret}/")
    assert (answer.status_code, answer.url) == (302, "/")
    assert client.get("/").wsgi_request.user == door
    assert client.get(f"/demo/{secret}/").status_code == 302  # the director, once more
    client.logout()
    gone = client.get(f"/demo/{secret}/")
    assert gone.status_code == 404
    assert "used already" in gone.content.decode()


@pytest.mark.django_db
def test_acts_are_for_sample_institutes_alone(door):
    assert acts.scaled("second", 300).standing == SECOND.standing
    with pytest.raises(Refused, match="does not hold a sample institute"):
        acts.share()
    with pytest.raises(Refused, match="no partner yet"):
        acts.the_partner()


@pytest.mark.django_db
def test_the_director_of_either_institute_comes_in(client, door):
    door.email = SECOND.director
    door.save(update_fields=["email"])
    assert client.get(f"/demo/{doorway.new_secret()}/").status_code == 302
    assert client.get("/").wsgi_request.user == door


@pytest.mark.django_db
def test_a_wrong_or_older_secret_and_a_head_request_open_nothing(client, door):
    old, new = doorway.new_secret(), doorway.new_secret()
    for secret in ("guess", old):
        assert client.get(f"/demo/{secret}/").status_code == 404
    assert client.head(f"/demo/{new}/").status_code == 405
    assert client.get(f"/demo/{new}/").status_code == 302


@pytest.mark.django_db
def test_the_door_is_no_door_on_a_real_node(client, door):
    secret = doorway.new_secret()
    Home.objects.filter(pk=OWN).update(is_sample=False)
    assert client.get(f"/demo/{secret}/").status_code == 404
    assert not client.get("/").wsgi_request.user.is_authenticated
    with pytest.raises(NotFound):
        doorway.enter(secret)


@pytest.mark.django_db
@pytest.mark.parametrize(("is_sample", "name"), [(True, "sample-data-park.csv"), (False, "park.csv")])
def test_files_of_a_sample_node_say_so_in_their_name(rf, is_sample, name):
    Home.objects.filter(pk=OWN).update(is_sample=is_sample)
    sent = HttpResponse(headers={"Content-Disposition": 'attachment; filename="park.csv"'})
    answer = labels.label_downloads(lambda request: sent)(rf.get("/"))
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    page = labels.label_downloads(lambda request: HttpResponse("page"))(rf.get("/"))
    assert "Content-Disposition" not in page.headers

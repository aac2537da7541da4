"""Calendars: secret, revocable, with the rights of their maker at the moment they are fetched."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from icalendar import Calendar

import cast
from parkbench.accounts import services as accounts
from parkbench.accounts.rules import Role
from parkbench.instruments import services as instruments
from parkbench.lib.errors import NotFound, Refused
from parkbench.programme import services as programme
from parkbench.records.queries import own_address
from parkbench.records.visibility import Viewer
from parkbench.stewardship.models import Feed
from parkbench.stewardship.queries.feeds import feeds
from parkbench.stewardship.services import feeds as services
from parkbench.stewardship.services.feeds import fetch, make_feed, revoke_feed

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
LONG = "Konfokalmikroskop für Fluoreszenz in größter Auflösung; Ångström, weit über 75 Zeichen, wirklich"


@pytest.fixture
def park():
    unit = cast.unit()
    uid = cast.instrument(LONG, unit, end_of_support_on="2027-03-04", insured_until_on="2027-05-06")
    return {"unit": unit, "uid": uid}


def entries(secret: str) -> dict[str, dict[str, str]]:
    calendar = Calendar.from_ical(fetch(secret=secret, today=TODAY).text)
    return {
        str(entry["uid"]).split("-")[-1].split("@")[0]: {name: str(entry.get(name)) for name in entry}
        for entry in calendar.walk("VEVENT")
    }


def test_a_calendar_holds_all_day_events_that_lead_to_their_record(park):
    feed, secret = make_feed(sort="organisation", by=cast.seen_by("Mona", Role.MANAGER))
    text = fetch(secret=secret, today=TODAY).text
    found = entries(secret)
    assert set(found) == {"review_due_on", "end_of_support_on", "insured_until_on"}
    support = found["end_of_support_on"]
    assert support["SUMMARY"] == f"End of support: {LONG}"
    assert support["URL"] == f"{own_address()}/id/instrument/{park['uid']}"
    assert support["UID"].startswith(f"instrument-{park['uid']}-end_of_support_on@")
    assert b"DTSTART;VALUE=DATE:20270304\r\n" in text
    assert b"DTEND;VALUE=DATE:20270305\r\n" in text
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    assert feed.secret_digest != secret
    assert secret not in str(Feed.objects.values())


def test_the_same_events_are_the_same_bytes_and_a_change_is_noted(park):
    _feed, secret = make_feed(sort="organisation", by=cast.seen_by("Mona", Role.MANAGER))
    first, second = fetch(secret=secret, today=TODAY), fetch(secret=secret, today=TODAY)
    assert (first.text, first.digest, first.changed_at) == (second.text, second.digest, second.changed_at)
    instruments.edit(uid=park["uid"], values={"end_of_support_on": "2027-04-05"}, by=cast.OPERATOR)
    third = fetch(secret=secret, today=TODAY)
    assert third.digest != first.digest
    assert third.changed_at > first.changed_at


def test_a_calendar_holds_a_year_back_and_three_ahead(park):
    _feed, secret = make_feed(sort="organisation", by=cast.seen_by("Mona", Role.MANAGER))
    for day in ("2020-01-01", "2035-01-01"):
        instruments.edit(uid=park["uid"], values={"end_of_support_on": day}, by=cast.OPERATOR)
        assert "end_of_support_on" not in entries(secret)


def test_a_readers_calendar_holds_no_economics_dates_and_no_reviews_of_others(park):
    _feed, secret = make_feed(sort="organisation", by=cast.seen_by("Ben", Role.READER))
    assert set(entries(secret)) == {"end_of_support_on"}
    text = fetch(secret=secret, today=TODAY).text
    assert b"20270506" not in text
    assert b"Insurance" not in text


def test_a_calendar_follows_the_rights_that_its_maker_holds_now(park):
    mona = cast.person("Mona", Role.MANAGER)
    _feed, secret = make_feed(sort="organisation", by=cast.viewer(mona))
    assert "insured_until_on" in entries(secret)
    accounts.grant(person=mona, role=Role.READER)
    accounts.revoke(grant=mona.grants.get(role="manager"))
    assert set(entries(secret)) == {"end_of_support_on"}
    accounts.revoke(grant=mona.grants.get())
    with pytest.raises(NotFound):
        fetch(secret=secret)


def test_who_may_not_sign_in_any_more_has_no_calendar(park):
    ben = cast.person("Ben", Role.READER)
    _feed, secret = make_feed(sort="mine", by=cast.viewer(ben))
    accounts.change_person(person=ben, name="Ben", orcid="", is_active=False, is_named_outward=False)
    with pytest.raises(NotFound):
        fetch(secret=secret)


def test_a_revoked_calendar_is_gone_and_only_its_maker_revokes_it(park):
    ben = cast.seen_by("Ben", Role.READER)
    feed, secret = make_feed(sort="mine", by=ben)
    with pytest.raises(NotFound):
        revoke_feed(pk=feed.pk, by=cast.seen_by("Ada", Role.ADMINISTRATOR))
    fetch(secret=secret)
    revoke_feed(pk=feed.pk, by=ben)
    with pytest.raises(NotFound):
        fetch(secret=secret)
    with pytest.raises(NotFound):
        fetch(secret="")


def test_the_calendar_of_a_unit_ends_with_the_unit(park):
    other = cast.unit("Proteomics")
    cast.instrument("Orbitrap", other, end_of_support_on="2027-01-01")
    by = cast.seen_by("Ben", Role.READER)
    _feed, secret = make_feed(sort="place", place=other, by=by)
    assert "Orbitrap" in entries(secret)["end_of_support_on"]["SUMMARY"]
    assert len(entries(secret)) == 1
    assert [(line.feed.sort, line.place) for line in feeds(viewer=by)] == [("place", "Proteomics")]
    instruments.delete(uids=[row.uid for row in _of(other)], by=cast.OPERATOR)
    programme.delete(kind="unit", uid=other, by=cast.OPERATOR)
    with pytest.raises(NotFound):
        fetch(secret=secret)


def _of(unit):
    from parkbench.instruments.models import Instrument

    return Instrument.objects.filter(unit__uid=unit)


def test_a_calendar_is_made_by_members_of_things_that_are_there(park, monkeypatch):
    by = cast.seen_by("Ben", Role.READER)
    with pytest.raises(NotFound):
        make_feed(sort="mine", by=Viewer.public())
    with pytest.raises(NotFound):
        make_feed(sort="place", place=park["uid"], by=by)
    with pytest.raises(Refused, match="about"):
        make_feed(sort="moon", by=by)
    monkeypatch.setattr(services, "MOST_FEEDS", 1)
    make_feed(sort="mine", by=by)
    with pytest.raises(Refused, match="Revoke one"):
        make_feed(sort="mine", by=by)


def test_a_very_full_calendar_says_that_it_was_cut(park, monkeypatch):
    monkeypatch.setattr(services, "MOST_EVENTS", 2)
    _feed, secret = make_feed(sort="organisation", by=cast.seen_by("Mona", Role.MANAGER))
    text = fetch(secret=secret, today=TODAY).text
    assert text.count(b"BEGIN:VEVENT") == 2
    assert b"Only 2 dates" in text


def test_a_visit_is_noted_not_more_often_than_every_ten_minutes(park):
    feed, secret = make_feed(sort="mine", by=cast.seen_by("Ben", Role.READER))
    fetch(secret=secret, today=TODAY)
    feed.refresh_from_db()
    first = feed.fetched_at
    fetch(secret=secret, today=TODAY)
    feed.refresh_from_db()
    assert feed.fetched_at == first
    Feed.objects.update(fetched_at=first - timedelta(hours=1))
    fetch(secret=secret, today=TODAY)
    feed.refresh_from_db()
    assert feed.fetched_at >= first

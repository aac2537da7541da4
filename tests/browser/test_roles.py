"""One dense journey per role over what they do in a week; wide and on a phone; pictures for the pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

import nodes
from browser.conftest import Enter
from browser.steps import NARROW, Node, breaches, press, settled, too_wide

ADMIN, DIRECTOR, HEAD = "admin@example.org", "dana@example.org", "robin@example.org"
PLATFORM, UNIT = "Cellular and Molecular Imaging", "Flow Cytometry"
Picture = Callable[..., None]
IN_UNIT = """
SELECT i.name FROM instruments_instrument i JOIN programme_unit u ON u.id = i.unit_id
WHERE u.name = ? AND i.deleted_at IS NULL AND i.status = 'in-service' ORDER BY i.id LIMIT 1
"""
HIDDEN = """
SELECT name FROM instruments_instrument WHERE deleted_at IS NULL AND NOT is_public
AND uid NOT IN (SELECT uid FROM records_sharingexception) ORDER BY id DESC LIMIT 1
"""
"""An instrument that follows the policy."""
WITH_EVENTS = """
SELECT instrument_id FROM servicing_serviceevent WHERE deleted_at IS NULL AND still_down = 0
GROUP BY instrument_id ORDER BY count(*) DESC, instrument_id LIMIT 1
"""


def look_over(page: Page) -> None:
    """The page as it stands breaks no rule; narrow or wide."""
    assert [*breaches(page), *too_wide(page)] == []


def visit(page: Page, path: str) -> Page:
    page.goto(path)
    return settled(page)


def number(text: str) -> int:
    """Return the first number of a text, with whatever stands between its thousands."""
    found = re.search(r"\d[\d\s]*", text)
    assert found, text
    return int(re.sub(r"\D", "", found[0]))


def stat(page: Page, label: str) -> tuple[str, int]:
    """Return where a large figure leads, and the figure."""
    box = page.locator(".stat", has=page.get_by_role("link", name=label))
    leads = box.get_by_role("link").get_attribute("href")
    assert leads
    return leads, number(box.locator(".stat-value").inner_text())


def total(page: Page) -> int:
    """Return how many rows a list says it has."""
    text = page.locator(".list-count").inner_text()
    return number(text.rpartition("of ")[2] or text)


def test_a_director_sees_what_stands_where_opens_the_lists_and_prints_the_brief(
    park: Node, enter: Enter, picture: Picture, printed: Callable[[bytes, str], None]
) -> None:
    page = enter(park, DIRECTOR)
    visit(page, "/")
    look_over(page)
    picture(page, "overview")
    figures = {
        label: stat(page, label) for label in ("Instruments", "Down now", "Support ends", "Reviews due")
    }
    worth = page.locator(".stat", has=page.get_by_role("link", name="Replacement value"))
    expect(worth).to_contain_text("assumed from purchase prices")
    for label, (leads, count) in figures.items():
        visit(page, leads)
        assert total(page) == count, label
    visit(page, "/")
    brief = page.request.get(page.get_by_role("link", name="Print brief").get_attribute("href") or "")
    assert (brief.status, brief.headers["content-type"]) == (200, "application/pdf")
    assert brief.body().startswith(b"%PDF-")
    printed(brief.body(), "brief")
    visit(page, "/stewardship/completeness/")
    look_over(page)
    picture(page, "completeness")
    wanted = page.locator("#instrument tbody tr", has=page.get_by_role("link")).first
    missing = number(wanted.locator(".num").inner_text())
    wanted.get_by_role("link").click()
    settled(page)
    assert total(page) == missing

    phone = enter(park, DIRECTOR, viewport=NARROW, has_touch=True)
    visit(phone, "/")
    look_over(phone)
    for label, (_leads, count) in figures.items():
        assert stat(phone, label)[1] == count
    phone.get_by_role("link", name="Down now").tap()
    settled(phone)
    assert total(phone) == figures["Down now"][1]
    look_over(phone)


def test_the_head_of_a_platform_looks_at_it_and_says_what_is_still_right(
    park: Node, enter: Enter, picture: Picture
) -> None:
    page = enter(park, HEAD)
    visit(page, "/")
    expect(page.get_by_role("heading", level=1)).to_have_text("My platform")
    expect(page.locator("main")).to_contain_text(PLATFORM)
    mine = stat(page, "Instruments")[1]
    page.get_by_role("link", name="Whole organisation").click()
    settled(page)
    assert stat(page, "Instruments")[1] > mine

    unit = park.uid("programme_unit", name=UNIT)
    visit(page, f"/units/{unit}/")
    use = page.locator("section.panel", has=page.get_by_role("heading", name="Use and downtime"))
    use.get_by_role("figure").first.scroll_into_view_if_needed()
    use.evaluate("one => one.scrollIntoView({block: 'start'})")
    picture(page, "use-of-a-unit")
    look_over(page)
    machine = park.ask(f"SELECT name FROM instruments_instrument WHERE id = ({WITH_EVENTS})")
    visit(page, "/service-events/figures/?by=instrument")
    expect(page.locator("main table").first).to_be_visible()
    visit(page, f"/instruments/{park.uid('instruments_instrument', name=machine)}/")
    events = page.locator("section.panel", has=page.get_by_role("heading", name="Service", exact=True))
    events.evaluate("one => one.scrollIntoView({block: 'start'})")
    expect(events.get_by_role("table", name="Last service events")).to_be_visible()
    picture(page, "service-events")
    events.get_by_role("link", name="service events").click()
    settled(page)
    assert total(page) > 1

    visit(page, "/stewardship/?who=units&when=overdue")
    overdue = total(page)
    picture(page, "reviews")
    look_over(page)
    ticks = page.locator('input[name="uid"]')
    for place in range(2):
        ticks.nth(place).focus()
        page.keyboard.press("Space")
    expect(page.locator("[data-bulk-count]")).to_have_text("2 selected")
    press(page, "Still right")
    expect(page.locator("#messages")).to_contain_text("2")
    visit(page, "/stewardship/?who=units&when=overdue")
    assert total(page) == overdue - 2
    phone = enter(park, HEAD, viewport=NARROW, has_touch=True)
    visit(phone, "/stewardship/?who=units&when=overdue")
    look_over(phone)
    phone.locator("#list-results tbody th a").first.tap()
    settled(phone)
    press(phone, "Still right")
    visit(phone, "/stewardship/?who=units&when=overdue")
    assert total(phone) == overdue - 3


def test_the_head_of_a_unit_brings_use_notes_a_failure_offers_a_service_and_hands_over(
    park: Node, enter: Enter, picture: Picture
) -> None:
    head = f"hana{park.port}@example.org"
    made = nodes.run(
        *("user", "add", head, "--name", "Hana Sample", "--role", "head", "--scope", UNIT),
        *("--home", park.home),
    )
    assert made.returncode == 0, made.stderr
    name = park.ask(IN_UNIT, UNIT)
    machine = f"/instruments/{park.uid('instruments_instrument', name=name)}/"
    page = enter(park, head)
    visit(page, "/")
    expect(page.get_by_role("heading", level=1)).to_have_text("My unit")

    visit(page, "/import/")
    sheet = (
        f"Instrument;Month;Used internal;Used industry\n{name};2019-03;10,5;1:30\nNo such thing;2019-03;1;1\n"
    )
    page.get_by_label("Spreadsheet").set_input_files(
        {"name": "use.csv", "mimeType": "text/csv", "buffer": sheet.encode()}
    )
    page.get_by_role("combobox", name="Source").fill("Monthly sums")
    page.get_by_label("It brings").select_option(label="Use and downtime: monthly sums")
    press(page, "Read the file")
    press(page, "Check the rows")
    finish(page)
    expect(page.locator(".stat", has_text="New").locator(".stat-value")).to_have_text("1")
    expect(page.locator(".stat", has_text="Refused").locator(".stat-value")).to_have_text("1")
    look_over(page)
    press(page, "Accept")
    finish(page)
    visit(page, "/use/?q=" + name.replace(" ", "+"))
    expect(page.locator("#list-results")).to_contain_text("2019")

    phone = enter(park, head, viewport=NARROW, has_touch=True)
    visit(phone, machine)
    phone.get_by_role("link", name="Something happened").first.tap()
    settled(phone)
    phone.get_by_label("It is still down").check()
    phone.get_by_label("In a few words").fill("Laser 488 nm is dark")
    look_over(phone)
    press(phone, "Save")
    expect(phone.locator("#messages")).to_contain_text("Noted.")
    visit(phone, machine)
    expect(phone.locator(".service-down")).to_contain_text("Laser 488 nm is dark")
    look_over(phone)
    press(phone, "Up again")
    expect(phone.locator(".service-down")).to_have_count(0)

    visit(page, "/services/new/")
    page.get_by_label("Name", exact=False).first.fill("Sorting by appointment")
    page.get_by_label("Unit", exact=False).first.select_option(label=UNIT)
    page.get_by_label("Lead time (days)").fill("5")
    page.get_by_role("checkbox", name=name, exact=True).check()
    look_over(page)
    press(page, "Save")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sorting by appointment")
    page.get_by_role("link", name="Edit prices").first.click()
    settled(page)
    for place, (whom, price) in enumerate((("own organisation", "450 SEK"), ("industry", "1 200 SEK"))):
        line = page.get_by_role("group", name=f"Line {place + 1}")
        line.get_by_label("For", exact=True).select_option(label=whom)
        line.get_by_label("Price").fill(price)
        line.get_by_label("Per", exact=True).fill("hour")
        line.get_by_label("Valid from").fill(f"{date.today().year}-01-01")
    look_over(page)
    press(page, "Save the prices")
    expect(page.locator("main")).to_contain_text("SEK 1")
    expect(page.locator("main")).to_contain_text("5 days")
    look_over(page)
    visit(phone, urlsplit(page.url).path)
    look_over(phone)
    visit(page, f"/services/{park.uid('offer_service', name=f'{UNIT}:%')}/")
    picture(page, "service-and-prices")

    visit(page, "/stewardship/handover/")
    page.get_by_label("Content responsible now").select_option(label="Robin Sample")
    press(page, "Show their records")
    page.locator('input[name="uid"]').first.check()
    page.get_by_label("Hand over to").select_option(label="Hana Sample")
    look_over(page)
    press(page, "Hand over the ticked ones")
    expect(page.locator("main")).to_contain_text("1 record from Robin Sample to Hana Sample")
    page.get_by_role("button", name="Undo").first.click()
    expect(page.locator("main")).to_contain_text("undone")


def finish(page: Page) -> None:
    """Wait for the work on an import and open its result."""
    result, over = page.get_by_role("link", name="See the result"), page.locator("main .stats")
    expect(result.or_(over)).to_be_visible()
    if result.is_visible():
        result.click()
        expect(over).to_be_visible()


def test_an_administrator_takes_a_ready_policy_looks_as_the_public_and_gives_out_a_calendar(
    park: Node, enter: Enter, picture: Picture
) -> None:
    page, visitor = enter(park, ADMIN), enter(park)
    hidden = park.ask(HIDDEN)
    machine = f"/instruments/{park.uid('instruments_instrument', name=hidden)}/"
    answer = visitor.goto(machine)
    assert answer is not None
    assert answer.status == 404
    visit(page, "/sharing/")
    look_over(page)
    page.get_by_role("button", name=re.compile("this changes ?: Catalogue")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("What this changes")
    told = page.locator("main .lead-text").inner_text()
    opens = [number(words) for words in page.locator("main tbody .badge, main tbody .tone").all_inner_texts()]
    assert number(told.partition("yet.")[2]) == sum(opens) > 100
    look_over(page)
    picture(page, "sharing-preview")
    press(page, "Save the policy")
    expect(page.locator("section.panel", has_text="Catalogue").first).to_contain_text("in force")
    nodes.wait_until(lambda: (visitor.goto(machine) or answer).status == 200)
    expect(visitor.get_by_role("heading", level=1)).to_contain_text(hidden)
    look_over(visitor)
    assert nodes.fetch(park.port, "/sitemap.xml")[0] == 200

    press(page, "View as: the public")
    expect(page.get_by_role("status").first).to_contain_text("with the eyes of")
    visit(page, machine)
    expect(page.locator("main")).not_to_contain_text("Replacement price")
    press(page, "Back to my own view")
    phone = enter(park, viewport=NARROW, has_touch=True)
    visit(phone, machine)
    look_over(phone)

    visit(page, "/stewardship/calendars/")
    page.get_by_label("Calendar of").select_option(label="The whole organisation")
    press(page, "Make its address")
    address = urlsplit(page.locator(".secret-address").inner_text()).path
    look_over(page)
    status, feed = nodes.fetch(park.port, address)
    assert (status, feed.startswith("BEGIN:VCALENDAR")) == (200, True)
    assert "BEGIN:VEVENT" in feed
    page.get_by_role("button", name="Revoke").first.click()
    press(page, "Yes, go on")
    assert nodes.fetch(park.port, address)[0] == 404

"""WFH days in people's calendars: what is in the feed, who makes it, and that its address is a key."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar, Event
from sqlalchemy import select

from services.schedule.feeds.rules import window
from services.schedule.models import CalendarFeed, HolidayOverride, RosterStatus
from shared.audit import AuditRow
from shared.roles import Person, Role
from shared.testing.bench import Bench
from shared.testing.city import a_person
from tests.schedule.factories import (
    FRIDAYS,
    a_unit,
    an_employee,
    head,
    in_force,
    operator,
    settle,
    two_agencies,
)

FIRST, SECOND, THIRD = FRIDAYS
E1 = a_person("E1")
LEADER = a_person("E0", Role.SUPERIOR)


@pytest.fixture
def city(bench: Bench) -> Bench:
    """E1 and E2 at home in turn; noise in the other agency and in another unit."""
    two_agencies(bench)
    settle(bench, [a_unit("U3")], [an_employee("E31", 31, unit_id="U3")])
    in_force(bench, "A1", {
        ("E1", FIRST): "wfh", ("E2", FIRST): "wfh", ("E31", FIRST): "wfh", ("E1", SECOND): "wfo",
        ("E2", SECOND): "wfh", ("E1", THIRD): "wfh", ("E2", THIRD): "leave",
    })  # fmt: skip
    in_force(bench, "A2", {("F1", day): "wfh" for day in FRIDAYS})
    return bench


def make(bench: Bench, user: Person, unit_id: str = "", **form: str) -> str:
    """The path of a new feed, as the page shows it this once."""
    answer = bench.client(user).post("/calendar/make", data={"unit_id": unit_id, **form}, page=True)
    assert answer.status_code == 200, answer.text
    [token] = set(re.findall(r'value="http://localhost/schedule/calendar/([\w-]{43})\.ics"', answer.text))
    return f"/calendar/{token}.ics"


def read(bench: Bench, path: str) -> Calendar:
    answer = bench.client().get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.data.decode())
    assert isinstance(calendar, Calendar)
    return calendar


def events(calendar: Calendar) -> dict[date, Event]:
    found = {event.decoded("dtstart"): event for event in calendar.events}
    assert len(found) == len(calendar.events)
    return found


def test_a_persons_feed_has_one_all_day_event_for_each_wfh_day(city: Bench) -> None:
    calendar = read(city, make(city, E1))
    found = events(calendar)
    assert list(found) == [FIRST, THIRD]
    event = found[FIRST]
    assert event["summary"] == "WFH – tugas dari rumah"
    assert event["description"] == "Dasar: angka 1.b.2 Surat Edaran.\nSurat Tugas nomor A1/04/1."
    assert event.decoded("dtend") == FIRST + timedelta(days=1)
    assert event["dtstart"].params["VALUE"] == "DATE"
    assert event["transp"] == "TRANSPARENT"
    assert event.decoded("last-modified") == city.clock.at
    assert (calendar["x-wr-calname"], calendar["x-wr-timezone"]) == ("WFH Pegawai E1", "Asia/Jakarta")


def test_a_units_feed_names_who_is_at_home_on_each_date(city: Bench) -> None:
    found = events(read(city, make(city, LEADER, "U1")))
    assert {day: event["summary"] for day, event in found.items()} == {
        FIRST: "WFH: 2 orang", SECOND: "WFH: 1 orang", THIRD: "WFH: 1 orang"
    }  # fmt: skip
    assert found[FIRST]["description"] == (
        "• Pegawai E1\n• Pegawai E2\nDasar: angka 1.b.2 Surat Edaran.\nSurat Tugas nomor A1/04/1."
    )


def test_events_keep_their_uids_through_an_addendum_and_say_that_they_were_revised(city: Bench) -> None:
    paths = [make(city, E1), make(city, LEADER, "U1")]
    before = [events(read(city, path)) for path in paths]
    later = city.clock.at + timedelta(days=2)
    in_force(city, "A1", {("E1", THIRD): "wfh"}, version=2, starts=SECOND, status=RosterStatus.SUPERSEDED, since=later)
    for path, was in zip(paths, before, strict=True):
        now = events(read(city, path))
        assert now[THIRD]["uid"] == was[THIRD]["uid"]
        assert (was[THIRD]["sequence"], now[THIRD]["sequence"]) == (0, 1)
        assert now[THIRD].decoded("last-modified") == later
        assert now[FIRST]["sequence"] == 0
        assert "A1/04/2" in str(now[THIRD]["description"])
    uids = [event["uid"] for was in before for event in was.values()]
    assert len(set(uids)) == len(uids)


def test_a_day_that_became_a_holiday_is_no_wfh_day(city: Bench) -> None:
    path = make(city, E1)
    with city.db.transaction() as session:
        session.add(HolidayOverride(date=THIRD, name="Hari Jadi", source="uji"))
    assert list(events(read(city, path))) == [FIRST]


def test_holidays_are_shown_to_who_asked_for_them(city: Bench) -> None:
    with city.db.transaction() as session:
        session.add(HolidayOverride(date=SECOND, name="Hari Jadi; Kota", source="uji"))
    found = read(city, make(city, E1, holidays="1")).events
    off = {event.decoded("dtstart"): event["summary"] for event in found if event.categories == ["Libur"]}
    assert off[SECOND] == "Hari Jadi; Kota"
    assert date(2026, 5, 1) in off
    assert date(2026, 1, 1) not in off
    assert [event.categories for event in read(city, make(city, E1)).events] == [["WFH"], ["WFH"]]


def test_a_feed_reaches_from_the_month_before_to_six_months_ahead(bench: Bench) -> None:
    assert window(date(2026, 4, 10)) == (date(2026, 3, 1), date(2026, 10, 31))
    assert window(date(2026, 1, 31)) == (date(2025, 12, 1), date(2026, 7, 31))
    assert window(date(2026, 12, 1)) == (date(2026, 11, 1), date(2027, 6, 30))
    two_agencies(bench)
    for month in (1, 2, 3, 10, 11):
        day = date(2026, month, 6)
        in_force(bench, "A1", {("E1", day): "wfh"}, month=day.replace(day=1), starts=day, ends=day)
    assert list(events(read(bench, make(bench, E1)))) == [date(2026, 3, 6), date(2026, 10, 6)]


def test_what_has_not_changed_is_not_sent_again(city: Bench) -> None:
    path = make(city, E1)
    first = city.client().get(path)
    assert first.headers["Cache-Control"] == "private, no-cache"
    city.clock.at += timedelta(hours=5)
    again = city.client().get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    in_force(city, "A1", {("E1", THIRD): "wfo"}, version=2, since=city.clock.at, status=RosterStatus.SUPERSEDED)
    changed = city.client().get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (changed.status_code, changed.headers["ETag"] != first.headers["ETag"]) == (200, True)


def test_a_name_cannot_bring_an_event_along(city: Bench) -> None:
    name = "Budi, S.Kom; \\n\r\nEND:VEVENT\nBEGIN:VEVENT\x07SUMMARY:palsu " + "panjang " * 20
    settle(city, [], [an_employee("E1", 1, name=name)])
    path = make(city, LEADER, "U1")
    raw = city.client().get(path).data
    assert raw.count(b"BEGIN:VEVENT\r\n") == 3
    assert b"\x07" not in raw
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    description = str(events(read(city, path))[THIRD]["description"])
    assert description.startswith("• Budi, S.Kom; \\n END:VEVENT BEGIN:VEVENT SUMMARY:palsu panjang")


def test_a_feed_without_events_is_a_calendar_all_the_same(city: Bench) -> None:
    settle(city, [], [an_employee("E6", 6)])
    calendar = read(city, make(city, a_person("E6")))
    assert calendar.events == []
    assert [zone["tzid"] for zone in calendar.timezones] == ["Asia/Jakarta"]


@pytest.mark.parametrize("token", ["x" * 43, "%00", "a b", "é", "..", "x" * 5000])
def test_an_unknown_token_is_not_found(city: Bench, token: str) -> None:
    make(city, E1)
    assert city.client().get(f"/calendar/{token}.ics").status_code == 404


def test_the_token_is_kept_nowhere(city: Bench) -> None:
    token = make(city, E1).split("/")[-1].removesuffix(".ics")
    with city.db.transaction() as session:
        feed = session.scalars(select(CalendarFeed)).one()
        said = [f"{row.actor} {row.action} {row.subject} {row.detail}" for row in session.scalars(select(AuditRow))]
    assert token not in str(vars(feed))
    assert len(feed.token_hash) == 64
    assert ["make_calendar_feed calendar_feed/person/E1" in row for row in said] == [True]
    assert token not in str(said)
    assert token not in city.client(E1).get("/calendar", page=True).text


def test_renewing_ends_the_old_address_and_revoking_ends_all(city: Bench) -> None:
    other = make(city, a_person("E2"))
    old = make(city, E1)
    new = make(city, E1)
    assert [city.client().get(path).status_code for path in (old, new)] == [404, 200]
    assert city.client(E1).post("/calendar/revoke", data={"unit_id": ""}).status_code == 302
    assert city.client().get(new).status_code == 404
    assert city.client().get(other).status_code == 200
    assert "Belum ada tautan" in city.client(E1).get("/calendar", page=True).text


def test_who_has_left_has_no_feed_any_more(city: Bench) -> None:
    own, units = make(city, E1), make(city, LEADER, "U1")
    settle(city, [], [an_employee("E1", 1, standing="99")])
    assert city.client().get(own).status_code == 404
    assert "Pegawai E1" not in str(events(read(city, units))[FIRST]["description"])


@pytest.mark.parametrize(
    ("user", "unit_id", "status"),
    [
        (E1, "U1", 403),
        (LEADER, "U1", 200),
        (LEADER, "U3", 403),
        (LEADER, "A1", 403),
        (operator(), "U1", 200),
        (operator(), "A1", 200),
        (operator(), "U2", 403),
        (head(), "A1", 200),
        (head(), "A2", 403),
        (head("A2"), "A1", 403),
        (a_person("X", Role.EXECUTIVE), "U1", 403),
    ],
)
def test_a_units_feed_is_made_and_revoked_by_its_leader_operator_or_head(
    city: Bench, user: Person, unit_id: str, status: int
) -> None:
    made = city.client(user).post("/calendar/make", data={"unit_id": unit_id})
    revoked = city.client(user).post("/calendar/revoke", data={"unit_id": unit_id})
    assert (made.status_code, revoked.status_code) == (status, 302 if status == 200 else status)


def test_the_page_says_that_the_address_is_a_key_and_shows_it_with_a_code(city: Bench) -> None:
    page = city.client(LEADER).get("/calendar", page=True).text
    assert "Siapa pun yang memegang tautan itu dapat membacanya" in page
    assert "Bidang U1" in page
    assert "Bidang U3" not in page
    made = city.client(LEADER).post("/calendar/make", data={"unit_id": "U1", "holidays": "1"}, page=True)
    assert "webcal://localhost/schedule/calendar/" in made.text
    assert "data:image/svg" in made.text
    assert made.headers["Cache-Control"] == "private, no-store"
    assert "Perbarui tautan" in city.client(LEADER).get("/calendar", page=True).text


def test_who_is_not_in_the_staff_data_is_told_so(city: Bench) -> None:
    answer = city.client(a_person("Z9")).post("/calendar/make", data={})
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_days_are_those_of_metro_not_of_utc(city: Bench) -> None:
    """At 18.00 UTC of 31 May it is June in Metro, and April is no longer the month before."""
    path = make(city, E1)
    city.clock.at = datetime(2026, 5, 31, 18, 0, tzinfo=UTC)
    assert list(events(read(city, path))) == []
    city.clock.at -= timedelta(hours=2)
    assert list(events(read(city, path))) == [FIRST, THIRD]

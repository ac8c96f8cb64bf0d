"""WFH days as an iCalendar document (RFC 5545): all-day events whose UIDs stay the same whatever roster says them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from icalendar import Calendar, Event, Timezone, TimezoneStandard

NAMESPACE = UUID("6f0a9d52-5f0e-4c1c-9a35-0f6a2d1e7b44")
MONTHS_BACK, MONTHS_AHEAD = 1, 6
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True)
class Entry:
    """One all-day event. subject: whose it is; revised: when the roster that says so came in force; sequence: how
    often such a roster was replaced."""

    subject: str
    date: date
    summary: str
    description: str
    revised: datetime
    sequence: int
    category: str = "WFH"

    @property
    def uid(self) -> str:
        """The same for one subject and day: it knows neither roster nor version."""
        return f"{uuid5(NAMESPACE, f'{self.subject}/{self.date}')}@luwes"


def window(today: date) -> tuple[date, date]:
    """Days that a feed shows: whole months, from the month before to six months ahead."""
    return _first_of_month(today, -MONTHS_BACK), _first_of_month(today, MONTHS_AHEAD + 1) - timedelta(days=1)


def _first_of_month(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def one_line(text: str) -> str:
    """Text of people without what no calendar may hold."""
    return " ".join(CONTROL.sub(" ", text).split())


def basis(clause: str | None, letter_number: str | None) -> list[str]:
    """On what a day rests, a line each."""
    lines = [f"Dasar: angka {clause} Surat Edaran."] if clause else []
    return [*lines, f"Surat Tugas nomor {one_line(letter_number)}."] if letter_number else lines


def at_home_text(names: Sequence[str], bases: Iterable[str]) -> str:
    """Who is at home, and on what that rests."""
    return "\n".join([*(f"• {one_line(name)}" for name in names), *dict.fromkeys(bases)])


def document(name: str, entries: Iterable[Entry]) -> bytes:
    """The calendar called *name*. The same entries give the same bytes: nothing in it tells when it was asked for."""
    calendar = Calendar()
    calendar.add("prodid", "-//Luwes//jadwal//ID")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", one_line(name))
    calendar.add("x-wr-calname", one_line(name))
    calendar.add("x-wr-timezone", "Asia/Jakarta")
    calendar.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    calendar.add_component(_jakarta())  # also keeps a calendar without events valid
    for entry in entries:
        calendar.add_component(_event(entry))
    return bytes(calendar.to_ical())


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.revised)  # without METHOD: when this was last revised
    event.add("last-modified", entry.revised)
    event.add("sequence", entry.sequence)
    event.add("dtstart", entry.date)
    event.add("dtend", entry.date + timedelta(days=1))
    event.add("summary", entry.summary)
    if entry.description:
        event.add("description", entry.description)
    event.add("categories", [entry.category])
    event.add("transp", "TRANSPARENT")  # a day at home is no day away
    return event


def _jakarta() -> Timezone:
    zone = Timezone()
    zone.add("tzid", "Asia/Jakarta")
    standard = TimezoneStandard()
    standard.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001 - local by definition
    standard.add("tzoffsetfrom", timedelta(hours=7))
    standard.add("tzoffsetto", timedelta(hours=7))
    standard.add("tzname", "WIB")
    zone.add_component(standard)
    return zone

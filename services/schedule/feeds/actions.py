"""Calendar feeds: made, renewed and revoked by people; read by whoever has the secret address."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.schedule.calendar.actions import holidays_between
from services.schedule.feeds.rules import Entry, at_home_text, basis, document, one_line, window
from services.schedule.models import CalendarFeed, Employee, Unit
from services.schedule.workdays.queries import Workday, people_of, workdays
from shared.db import table_of
from shared.errors import NotAllowed, NotFound
from shared.roles import HEADS, Person, Role

PERSON, UNIT = "person", "unit"
WFH = "wfh"
UNKNOWN = "Tautan kalender ini tidak dikenal atau sudah tidak berlaku."


@dataclass(frozen=True)
class Subject:
    """Whose days a feed shows."""

    kind: str
    id: str

    @property
    def label(self) -> str:
        return f"{self.kind}/{self.id}"


def subject_of(session: Session, user: Person, unit_id: str) -> Subject:
    """The person's own feed, or that of a unit they may make one for."""
    if not unit_id:
        employee = session.get(Employee, user.employee_id)
        if employee is None or not employee.active:
            raise NotFound("Data kepegawaian Anda belum ada di sini. Hubungi operator perangkat daerah Anda.")
        return Subject(PERSON, employee.id)
    if unit_id not in {unit.id for unit in units_of(session, user)}:
        raise NotAllowed("Kalender unit ini hanya dapat dibuat oleh atasan, operator, atau kepalanya.")
    return Subject(UNIT, unit_id)


def units_of(session: Session, user: Person) -> list[Unit]:
    """Units whose feed *user* looks after: those they lead; for operator and head also their own and the agency."""
    own = [Unit.leader_id == user.employee_id] if user.has(Role.SUPERIOR, *HEADS) else []
    if user.has(Role.OPERATOR, *HEADS):
        own.append(Unit.id.in_([user.unit_id, user.agency_id]))
    if not own:
        return []
    return list(session.scalars(select(Unit).where(or_(*own), Unit.active).order_by(Unit.name, Unit.id)))


def make_feed(session: Session, subject: Subject, *, holidays: bool, by: str, now: datetime) -> str:
    """Make or renew the feed of *subject*; returns its token, which is shown this once. An old one ends."""
    token = secrets.token_urlsafe(32)
    values = {"token_hash": _digest(token), "holidays": holidays, "made_by": by, "made_at": now}
    session.execute(
        insert(table_of(CalendarFeed))
        .values(kind=subject.kind, subject_id=subject.id, **values)
        .on_conflict_do_update(index_elements=["kind", "subject_id"], set_=values)
    )
    return token


def revoke_feed(session: Session, subject: Subject) -> None:
    """From now on nobody reads by the address; one without a feed stays without."""
    session.execute(
        delete(CalendarFeed).where(CalendarFeed.kind == subject.kind, CalendarFeed.subject_id == subject.id)
    )


def read_feed(session: Session, token: str, today: date) -> bytes:
    """The calendar behind *token*, as far as :func:`rules.window` reaches. Raises NotFound for an unknown one, and when
    the person has left or the unit has ended."""
    feed = session.scalar(select(CalendarFeed).where(CalendarFeed.token_hash == _digest(token)))
    if feed is None:
        raise NotFound(UNKNOWN)
    first, last = window(today)
    name, entries = (_of_person if feed.kind == PERSON else _of_unit)(session, feed.subject_id, first, last)
    if feed.holidays:
        entries += _holidays(session, feed, first, last)
    return document(name, sorted(entries, key=lambda entry: (entry.date, entry.category)))


def _of_person(session: Session, employee_id: str, first: date, last: date) -> tuple[str, list[Entry]]:
    employee = session.get(Employee, employee_id)
    if employee is None or not employee.active:
        raise NotFound(UNKNOWN)
    days = workdays(session, [employee_id], first, last, only=WFH).get(employee_id, [])
    entries = [
        Entry(
            f"{PERSON}/{employee_id}", day.date, "WFH – tugas dari rumah",
            "\n".join(basis(day.clause, day.letter_number)), day.since, day.version - 1,
        )
        for day in days
        if day.mode == WFH
    ]  # fmt: skip
    return f"WFH {employee.name}", entries


def _of_unit(session: Session, unit_id: str, first: date, last: date) -> tuple[str, list[Entry]]:
    unit = session.get(Unit, unit_id)
    if unit is None or not unit.active:
        raise NotFound(UNKNOWN)
    people = session.scalars(people_of(unit)).all()
    found = workdays(session, [employee.id for employee in people], first, last, only=WFH)
    home: dict[date, list[tuple[str, Workday]]] = defaultdict(list)
    for employee in people:
        for day in found.get(employee.id, []):
            if day.mode == WFH:
                home[day.date].append((employee.name, day))
    entries = [
        Entry(
            f"{UNIT}/{unit_id}", on, f"WFH: {len(pairs)} orang",
            at_home_text(
                [name for name, _ in pairs],
                [line for _, day in pairs for line in basis(day.clause, day.letter_number)],
            ),
            max(day.since for _, day in pairs), max(day.version for _, day in pairs) - 1,
        )
        for on, pairs in home.items()
    ]  # fmt: skip
    return f"WFH {unit.name}", entries


def _holidays(session: Session, feed: CalendarFeed, first: date, last: date) -> Iterator[Entry]:
    for day, name in holidays_between(session, first, last).items():
        yield Entry("holiday", day, one_line(name), "", feed.made_at, 0, "Libur")


def _digest(token: str) -> str:
    return sha256(token.encode(errors="replace")).hexdigest()

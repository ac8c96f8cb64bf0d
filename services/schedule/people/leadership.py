"""What people decide about posts: acting heads of units (Plt., Plh.), second posts, and superiors besides the tree."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.schedule.models import Employee, Posting, SuperiorOverride, Unit
from services.schedule.people.actions import refresh_leadership, refresh_superiors, take_turns
from services.schedule.people.postings import ACTING, DUAL, MAIN, Place, histories
from services.schedule.people.rules import circle_from
from services.schedule.people.tree import nodes_on, superiors_in
from shared.clock import wib_date
from shared.errors import DomainError, NotFound

PREFIX = {"plt": "Plt.", "plh": "Plh."}
LONGEST_PLH = timedelta(days=92)


class ActingNotPossible(DomainError):
    status, code = 422, "acting_not_possible"


class AlreadyActing(DomainError):
    status, code = 409, "already_acting"


class SecondPostNotPossible(DomainError):
    status, code = 422, "second_post_not_possible"


class PostAlreadyHeld(DomainError):
    status, code = 409, "post_already_held"


class SuperiorNotPossible(DomainError):
    status, code = 422, "superior_not_possible"


class SuperiorCircle(DomainError):
    status, code = 409, "superior_circle"


def appoint_acting(
    session: Session, unit_id: str, employee_id: str, kind: str, starts: date, ends: date | None, *, reason: str,
    now: datetime,
) -> Posting:  # fmt: skip
    """Let a person lead a unit from *starts* to *ends*, beside their own post. plt: the post is vacant, ends may be
    open; plh: its holder is away for some days, and it ends by itself."""
    take_turns(session)
    unit, employee = session.get(Unit, unit_id), session.get(Employee, employee_id)
    if unit is None:
        raise NotFound("Unit kerja tidak ditemukan.")
    if employee is None or not employee.active:
        raise ActingNotPossible("Pelaksana harus pegawai yang aktif.")
    if unit.leader_id == employee_id:
        raise ActingNotPossible(f"{employee.name} sudah memimpin {unit.name}.")
    if kind == "plh" and ends is None:
        raise ActingNotPossible("Pelaksana harian (Plh.) memerlukan tanggal selesai.")
    if ends is not None and ends < max(starts, wib_date(now)):
        raise ActingNotPossible("Tanggal selesai mendahului tanggal mulai, atau sudah lewat.")
    if kind == "plh" and ends is not None and ends - starts > LONGEST_PLH:
        raise ActingNotPossible("Pelaksana harian paling lama tiga bulan; tunjuk pelaksana tugas (Plt.).")
    _refuse_second(session, unit, starts, ends)
    post = unit.leader_post or f"Kepala {unit.name}"
    place = Place(unit.agency_id, unit_id, f"{PREFIX[kind]} {post}", _echelon(session, unit), employee.rank, True)
    history = histories(session, [employee_id])[employee_id]
    row = history.add(ACTING, place, starts, ends, dated=True, by_hand=True, reason=reason)
    session.flush()
    people = session.scalars(select(Employee)).all()
    nodes = nodes_on(session, session.scalars(select(Unit)).all(), max(starts, wib_date(now)))
    _refuse_circle(session, employee_id, superiors_in(session, people, nodes))
    refresh_leadership(session, now=now)
    return row


def give_second_post(
    session: Session, nip: str, unit_id: str, post: str, echelon: str, starts: date, ends: date | None, *, reason: str,
    now: datetime,
) -> Posting:  # fmt: skip
    """Note a post that a person holds beside their own (rangkap), in whatever unit, where SIMPEG does not tell it."""
    take_turns(session)
    employee = session.scalar(select(Employee).where(Employee.nip == nip))
    if employee is None:
        raise NotFound("Pegawai dengan NIP ini tidak ditemukan.")
    unit = session.get(Unit, unit_id)
    if unit is None or not unit.active:
        raise SecondPostNotPossible("Unit kerja jabatan rangkap tidak dikenal.")
    if not employee.active:
        raise SecondPostNotPossible("Jabatan rangkap hanya untuk pegawai yang aktif.")
    if ends is not None and ends < max(starts, wib_date(now)):
        raise SecondPostNotPossible("Tanggal selesai mendahului tanggal mulai, atau sudah lewat.")
    history = histories(session, [employee.id])[employee.id]
    for row in history.rows:
        same = (row.unit_id, row.post.casefold()) == (unit_id, post.casefold())
        if same and (ends is None or row.starts <= ends) and (row.ends is None or row.ends >= starts):
            raise PostAlreadyHeld(f"{employee.name} sudah tercatat sebagai {row.post} mulai {row.starts:%d-%m-%Y}.")
    place = Place(unit.agency_id, unit_id, post, echelon, employee.rank, True)
    row = history.add(DUAL, place, starts, ends, dated=True, by_hand=True, reason=reason)
    session.flush()
    return row


def end_appointment(session: Session, posting_id: UUID, last: date, *, now: datetime) -> Posting:
    """End what was appointed here after its day *last*: earlier than planned, or, for one without an end, when that is
    known. With a day before its first it never was."""
    take_turns(session)
    row = session.get_one(Posting, posting_id)
    refusal = ActingNotPossible if row.kind == ACTING else SecondPostNotPossible
    if not row.by_hand:
        raise refusal("Penugasan ini berasal dari SIMPEG; akhiri di SIMPEG.")
    if last < wib_date(now) - timedelta(days=1):
        raise refusal("Hari terakhir paling awal kemarin: hari yang sudah dijalani tidak diubah.")
    if row.ends is not None and last > row.ends:
        raise refusal("Penugasan ini sudah selesai lebih awal; buat penugasan baru.")
    row.ends = last
    if last < row.starts:
        session.delete(row)
    session.flush()
    if row.kind == ACTING:
        refresh_leadership(session, now=now)
    return row


def set_superior(
    session: Session, nip: str, superior_id: str | None, *, reason: str, by: str, now: datetime
) -> Employee:
    """Put a superior in place of the one that the tree gives, or go back to the tree's with None."""
    take_turns(session)
    row = session.scalar(select(Employee).where(Employee.nip == nip))
    if row is None:
        raise NotFound("Pegawai dengan NIP ini tidak ditemukan.")
    held = session.get(SuperiorOverride, row.id)
    if superior_id is None:
        if held is not None:
            session.delete(held)
    else:
        superior = session.get(Employee, superior_id)
        if superior is None or not superior.active:
            raise SuperiorNotPossible("Atasan harus pegawai yang aktif.")
        if superior_id == row.id:
            raise SuperiorNotPossible("Seseorang tidak dapat menjadi atasan dirinya sendiri.")
        people = session.scalars(select(Employee)).all()
        nodes = nodes_on(session, session.scalars(select(Unit)).all(), wib_date(now))
        superiors = superiors_in(session, people, nodes)
        superiors[row.id] = superior_id
        _refuse_circle(session, row.id, superiors)
        session.merge(
            SuperiorOverride(employee_id=row.id, superior_id=superior_id, reason=reason, set_by=by, set_at=now)
        )
    session.flush()
    refresh_superiors(session, now=now)
    return row


def _refuse_second(session: Session, unit: Unit, starts: date, ends: date | None) -> None:
    query = select(Posting, Employee.name).join(Employee, Employee.id == Posting.employee_id)
    query = query.where(
        Posting.kind == ACTING, Posting.unit_id == unit.id, or_(Posting.ends.is_(None), Posting.ends >= starts)
    )
    if ends is not None:
        query = query.where(Posting.starts <= ends)
    found = session.execute(query.limit(1)).first()
    if found is not None:
        row, name = found
        until = f" sampai {row.ends:%d-%m-%Y}" if row.ends else ""
        raise AlreadyActing(f"{name} sudah ditugaskan sebagai {row.post} mulai {row.starts:%d-%m-%Y}{until}.")


def _echelon(session: Session, unit: Unit) -> str:
    """The echelon of the post: that of whoever held it last, as far as is known."""
    query = select(Posting.echelon).where(Posting.kind == MAIN, Posting.unit_id == unit.id)
    query = query.where(Posting.post == unit.leader_post)
    return session.scalar(query.order_by(Posting.starts.desc()).limit(1)) or "99"


def _refuse_circle(session: Session, employee_id: str, superiors: Mapping[str, str | None]) -> None:
    chain = circle_from(employee_id, superiors)
    if chain:
        names = dict(session.execute(select(Employee.id, Employee.name).where(Employee.id.in_(chain))).all())
        raise SuperiorCircle(f"Rantai atasan akan berputar: {' → '.join(names.get(id_, id_) for id_ in chain)}.")

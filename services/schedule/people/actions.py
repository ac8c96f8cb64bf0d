"""People and units as SIMPEG knows them: taken in from webhook, pull or file by the same actions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.schedule.models import Employee, Posting, SuperiorOverride, Unit
from services.schedule.people.placing import place_on, put, take_postings, two_places
from services.schedule.people.postings import ACTING, DAY, DUAL, MAIN, Place, TwoPlaces, histories
from services.schedule.people.rules import UnitNode, in_cycle, inherited_clause, superior_of
from services.schedule.people.tree import acting_on, nodes_of, nodes_on, superiors_in
from services.schedule.policy.rules import Policy
from shared import outbox
from shared.clock import wib_date
from shared.contracts.schedule import EmployeeChangedV1, UnitChangedV1
from shared.errors import NotFound, NotYet
from shared.tables import Rejection

UNIT_FIELDS = ("parent_id", "agency_id", "name", "code", "leader_post", "leader_id")
EMPLOYEE_FIELDS = ("nip", "name", "email", "unit_id", "kind", "post", "echelon", "rank", "standing")
"""What SIMPEG decides of a unit and of a person."""

OWN_FIELDS = ("nip", "name", "email", "kind", "rank", "standing")
"""What holds of a person from when it is told; the rest holds from the day of their posting on."""


@dataclass(frozen=True)
class UnitIn:
    """A unit as SIMPEG sends it."""

    id: str
    parent_id: str | None
    agency_id: str
    name: str
    code: str
    leader_post: str
    leader_id: str | None
    line: int = 0  # in the file it came from


@dataclass(frozen=True)
class EmployeeIn:
    """A person as SIMPEG sends them; ``rank`` is pangkat (golongan), ``standing`` SIASN's kedudukan, ``since`` the TMT
    of the post, ``second_post`` the other one of someone who holds two (rangkap)."""

    id: str
    nip: str
    name: str
    email: str | None
    unit_id: str
    kind: str
    post: str
    echelon: str
    rank: str
    standing: str
    line: int = 0
    since: date | None = None
    second_post: str = ""


@dataclass(frozen=True)
class Outcome:
    """What an import did. changed counts new and altered rows."""

    seen: int
    changed: int
    rejected: list[Rejection]


def take_turns(session: Session) -> None:
    """Writers of people and units take turns until they commit: each event carries a whole state, and two that read
    before either wrote would tell an old one last."""
    session.execute(text("select pg_advisory_xact_lock(hashtextextended('people', 0))"))


def upsert_units(session: Session, units: Sequence[UnitIn], policy: Policy | None, *, now: datetime) -> Outcome:
    """Take in units; those whose parents would form a circle are refused by name. Emits unit and employee changes."""
    take_turns(session)
    stored = {unit.id: unit for unit in session.scalars(select(Unit))}
    before = effective_clauses(stored.values())
    nodes = nodes_of(stored.values()) | {u.id: UnitNode(u.id, u.parent_id, u.leader_id) for u in units}
    rejected: list[Rejection] = []
    changed: list[Unit] = []
    for unit in units:
        if in_cycle(unit.id, nodes):
            rejected.append(Rejection(unit.line, f"unit {unit.name}: rantai atasannya kembali ke unit itu sendiri"))
            continue
        row = stored.get(unit.id)
        if row is None:
            row = stored[unit.id] = Unit(id=unit.id, changed_at=now, exempt_by_hand=False, active=True)
            session.add(row)
        if _assign(row, unit, UNIT_FIELDS):
            changed.append(row)
    _classify(stored, policy)
    _announce(session, stored, before, {row.id for row in changed}, now=now)
    if changed:
        refresh_leadership(session, now=now)
    return Outcome(len(units), len(changed), rejected)


def upsert_employees(session: Session, people: Sequence[EmployeeIn], *, now: datetime) -> Outcome:
    """Take in people. One whose unit is unknown, or who is said to serve at two agencies from the same day on, is
    refused by name; a webhook turns that into a later try. A move that is still to come waits for its day."""
    take_turns(session)
    today = wib_date(now)
    units = {unit.id: unit for unit in session.scalars(select(Unit))}
    ids = [person.id for person in people]
    stored = {row.id: row for row in session.scalars(select(Employee).where(Employee.id.in_(ids)))}
    past = histories(session, ids)
    holders = dict(
        session.execute(select(Employee.nip, Employee.id).where(Employee.nip.in_([p.nip for p in people]))).all()
    )
    nodes = nodes_on(session, units.values(), today)
    leaders = {id_ for node in nodes.values() for id_ in (node.leader_id, node.acting_id)}
    leaders |= {unit.leader_id for unit in units.values()}
    decided = set(session.scalars(select(SuperiorOverride.employee_id).where(SuperiorOverride.employee_id.in_(ids))))
    tree_changed = False
    rejected: list[Rejection] = []
    changed: list[Employee] = []
    for person in people:
        who = f"{person.name} (NIP {person.nip})"
        unit = units.get(person.unit_id)
        if unit is None:
            rejected.append(Rejection(person.line, f"{who}: unit kerja {person.unit_id} tidak dikenal"))
            continue
        if holders.setdefault(person.nip, person.id) != person.id:
            rejected.append(Rejection(person.line, f"{who}: NIP ini sudah dipakai pegawai lain"))
            continue
        history = past[person.id]
        try:
            tree_changed |= take_postings(history, person, unit, units, nodes, today=today)
        except TwoPlaces as error:
            rejected.append(Rejection(person.line, f"{who}: {two_places(error.row, unit, units)}"))
            continue
        row = stored.get(person.id)
        new = row is None
        if row is None:
            row = stored[person.id] = Employee(id=person.id)
            session.add(row)
        place = place_on(history, today)
        was_active = row.active
        differs = _assign(row, person, OWN_FIELDS)
        differs |= put(row, place)
        superior = row.superior_id if row.id in decided else superior_of(row.id, row.unit_id, nodes)
        if differs or new or row.superior_id != superior:
            tree_changed |= was_active != row.active and row.id in leaders
            tree_changed |= row.id in decided
            row.superior_id, row.changed_at = superior, now
            changed.append(row)
    session.flush()
    outbox.emit_all(session, [employee_event(row) for row in changed], now=now)
    if tree_changed:
        refresh_leadership(session, now=now)
    return Outcome(len(people), len(changed), rejected)


def refresh_leadership(session: Session, *, now: datetime) -> None:
    """Tell the units that somebody else leads since today, for their leader or no longer, and everyone's superior."""
    units = {unit.id: unit for unit in session.scalars(select(Unit))}
    acting = acting_on(session, wib_date(now))
    touched = set()
    for unit in units.values():
        acts = acting[unit.id].employee_id if unit.id in acting else None
        acts = None if acts == unit.leader_id else acts
        if unit.acting_id != acts:
            unit.acting_id = acts
            touched.add(unit.id)
    if touched:
        _announce(session, units, effective_clauses(units.values()), touched, now=now)
    refresh_superiors(session, now=now)


def refresh_superiors(session: Session, *, now: datetime) -> int:
    """Recompute everyone's superior and agency after the tree changed; emits those that differ. Who comes to another
    agency with their unit gets a new posting from today on."""
    today = wib_date(now)
    units = {unit.id: unit for unit in session.scalars(select(Unit))}
    people = session.scalars(select(Employee)).all()
    superiors = superiors_in(session, people, nodes_on(session, units.values(), today))
    changed, moved = [], []
    for row in people:
        agency_id = units[row.unit_id].agency_id if row.unit_id in units else row.agency_id
        if row.agency_id != agency_id:
            moved.append(row)
        if (row.superior_id, row.agency_id) != (superiors[row.id], agency_id):
            row.superior_id, row.agency_id, row.changed_at = superiors[row.id], agency_id, now
            changed.append(row)
    past = histories(session, [row.id for row in moved])
    for row in moved:
        here = past[row.id].on(today)
        if here is not None:
            place = Place(row.agency_id, row.unit_id, here.post, here.echelon, here.rank, here.active)
            past[row.id].take(place, None, row.nip, today=today)
    if moved:
        session.flush()
        for posting in session.scalars(
            select(Posting).where((Posting.starts > today) | (Posting.kind != MAIN) & Posting.ends.is_(None))
        ):
            posting.agency_id = units[posting.unit_id].agency_id if posting.unit_id in units else posting.agency_id
    outbox.emit_all(session, [employee_event(row) for row in changed], now=now)
    return len(changed)


def retire_employee(
    session: Session, employee_id: str, standing: str, since: date | None = None, *, now: datetime
) -> None:
    """Take a person out of rosters (retired, dismissed, on long leave) from *since* on; from today on when that is
    past or not told. What is still to come the night's job ``apply_postings`` puts into effect."""
    take_turns(session)
    row = session.get(Employee, employee_id)
    if row is None:
        raise NotYet(f"employee {employee_id} is not known yet")
    today = wib_date(now)
    history = histories(session, [employee_id])[employee_id]
    day = max(since or today, today)
    for kind in (ACTING, DUAL):
        history.close(kind, day - DAY)
    history.leave(day, standing, today=today, dated=day == since)
    if day > today:
        session.flush()
        return
    row.standing, row.active, row.changed_at = standing, False, now
    session.flush()
    outbox.emit(session, employee_event(row), now=now)
    refresh_leadership(session, now=now)


def exempt_unit(session: Session, unit_id: str, clause: str | None, *, now: datetime) -> Unit:
    """Set by hand which exemption (1.l.4–12) a unit falls under, or that it falls under none."""
    take_turns(session)
    units = {unit.id: unit for unit in session.scalars(select(Unit))}
    if unit_id not in units:
        raise NotFound("Unit kerja tidak ditemukan.")
    before = effective_clauses(units.values())
    row = units[unit_id]
    row.exempt_clause, row.exempt_by_hand = clause, True
    _announce(session, units, before, {unit_id}, now=now)
    return row


def reclassify(session: Session, policy: Policy | None, *, now: datetime) -> None:
    """Give units the exemption that *policy*'s patterns say, when another policy has begun to hold."""
    take_turns(session)
    units = {unit.id: unit for unit in session.scalars(select(Unit))}
    before = effective_clauses(units.values())
    _classify(units, policy)
    _announce(session, units, before, set(), now=now)


def clauses_by(policy: Policy, units: Mapping[str, Unit]) -> dict[str, str | None]:
    """Per unit the exemption that holds for its people by *policy*, or by a person's word."""
    own = {unit.id: _clause(unit, units, policy) for unit in units.values()}
    parents = {unit.id: unit.parent_id for unit in units.values()}
    decided = {unit.id for unit in units.values() if unit.exempt_by_hand}
    return {unit.id: inherited_clause(unit.id, own, parents, decided) for unit in units.values()}


def _announce(
    session: Session, units: Mapping[str, Unit], before: Mapping[str, str | None], touched: set[str], *, now: datetime
) -> None:
    """Emit the *touched* units and those whose exemption follows from one of them."""
    clauses = effective_clauses(units.values())
    changed = [unit for unit in units.values() if unit.id in touched or before.get(unit.id) != clauses[unit.id]]
    for unit in changed:
        unit.changed_at = now
    session.flush()
    outbox.emit_all(session, [unit_event(unit, clauses[unit.id]) for unit in changed], now=now)


def unit_event(row: Unit, exempt_clause: str | None) -> UnitChangedV1:
    return UnitChangedV1(
        id=row.id,
        agency_id=row.agency_id,
        parent_id=row.parent_id,
        name=row.name,
        code=row.code,
        leader_id=row.acting_id or row.leader_id,
        exempt_clause=exempt_clause,
        active=row.active,
    )


def employee_event(row: Employee) -> EmployeeChangedV1:
    return EmployeeChangedV1(
        id=row.id,
        nip=row.nip,
        name=row.name,
        agency_id=row.agency_id,
        unit_id=row.unit_id,
        superior_id=row.superior_id,
        post=row.post,
        rank=row.rank,
        email=row.email,
        active=row.active,
    )


def effective_clauses(units: Iterable[Unit]) -> dict[str, str | None]:
    """Per unit the exemption clause that holds for its people, its own or inherited."""
    rows = list(units)
    own = {unit.id: unit.exempt_clause for unit in rows}
    parents = {unit.id: unit.parent_id for unit in rows}
    decided = {unit.id for unit in rows if unit.exempt_by_hand}
    return {unit.id: inherited_clause(unit.id, own, parents, decided) for unit in rows}


def _classify(units: Mapping[str, Unit], policy: Policy | None) -> None:
    """Give units their exemption clause by the policy's name patterns; what a person decided stays."""
    for unit in units.values():
        if policy is not None:
            unit.exempt_clause = _clause(unit, units, policy)


def _clause(unit: Unit, units: Mapping[str, Unit], policy: Policy) -> str | None:
    if unit.exempt_by_hand or unit.is_agency:
        return unit.exempt_clause
    agency = units.get(unit.agency_id)
    return policy.clause_of_unit(unit.name, agency.name if agency else "")


def _assign(row: object, source: object, names: Iterable[str]) -> bool:
    """Copy attributes that differ; tell whether any did."""
    differs = False
    for name in names:
        value = getattr(source, name)
        if getattr(row, name) != value:
            setattr(row, name, value)
            differs = True
    return differs

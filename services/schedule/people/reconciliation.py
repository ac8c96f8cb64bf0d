"""Asks SIMPEG every night for what its webhooks should have told, mends the differences and reports them.

A run goes through the people in steps, a job each, so that it survives restarts and holds no transaction for long.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.integrations.siasn import SiasnClient
from services.schedule.models import Employee, Reconciliation, Unit
from services.schedule.people import actions
from services.schedule.people.actions import EMPLOYEE_FIELDS, OWN_FIELDS, UNIT_FIELDS, EmployeeIn
from services.schedule.people.postings import History, histories
from services.schedule.people.rules import sensible_start
from services.schedule.policy.actions import classifier
from services.schedule.settings import ScheduleSettings, schedule_settings
from shared import jobs
from shared.clock import wib_date
from shared.durable import AT_ONCE, Context
from shared.errors import DomainError

START, STEP = "reconcile_simpeg", "reconcile_people"
PEOPLE_A_STEP = 25
STEP_SECONDS = 30.0  # after which the rest is left to the next step: the transaction is open while SIMPEG is asked
KEPT_DIFFERENCES = 1000  # of one run; counts go on


class SimpegNotConfigured(DomainError):
    status, code = 503, "simpeg_not_configured"


@dataclass(frozen=True)
class Difference:
    """One record that was not as SIMPEG has it. fields: name → [ours, SIMPEG's].

    outcome: applied; rejected (with reason); gone: SIMPEG does not know the NIP, which a person has to look into.
    """

    subject: str
    name: str
    outcome: str
    reason: str = ""
    fields: dict[str, list[str | None]] = field(default_factory=dict)


def ask_for_run(session: Session, settings: ScheduleSettings, *, now: datetime) -> Reconciliation:
    """Begin a run: its row and its first job."""
    if settings.siasn is None:
        raise SimpegNotConfigured("Alamat SIMPEG belum diatur. Hubungi petugas TI.")
    run = Reconciliation(
        source="simpeg", started_at=now, units=0, people=0, applied=0, rejected=0, gone=0, differences=[]
    )
    session.add(run)
    session.flush()
    jobs.enqueue(session, STEP, f"{run.id}:units", {"run_id": str(run.id), "after": None}, due_at=AT_ONCE, now=now)
    return run


def start(session: Session, _payload: dict[str, Any], context: Context) -> None:
    """Job ``reconcile_simpeg``, one a night."""
    settings = schedule_settings(context.settings)
    if settings.siasn is not None:  # taken out of the settings since the night was planned
        ask_for_run(session, settings, now=context.now())


def step(session: Session, payload: dict[str, Any], context: Context) -> None:
    """Job ``reconcile_people``: units first (``after`` is None), then the people after that NIP, some at a time."""
    settings = schedule_settings(context.settings)
    if settings.siasn is None:
        return
    run = session.get_one(Reconciliation, UUID(payload["run_id"]), with_for_update=True)
    client = SiasnClient(settings.siasn, settings.http_timeout)
    try:
        if payload["after"] is None:
            _note(run, _units(session, run, client, context))
            after: str | None = ""
        else:
            found, after = _people(session, run, client, payload["after"], context)
            _note(run, found)
    finally:
        client.close()
    if after is None:
        run.finished_at = context.now()
    else:
        _next(session, run, after, now=context.now())


def _next(session: Session, run: Reconciliation, after: str, *, now: datetime) -> None:
    jobs.enqueue(session, STEP, f"{run.id}:{after}", {"run_id": str(run.id), "after": after}, due_at=AT_ONCE, now=now)


def _units(session: Session, run: Reconciliation, client: SiasnClient, context: Context) -> list[Difference]:
    asked = context.now()
    theirs, refused = client.units()
    actions.take_turns(session)
    stored = {unit.id: unit for unit in session.scalars(select(Unit))}
    differing = {
        unit.id: _fields(stored.get(unit.id), unit, UNIT_FIELDS)
        for unit in theirs
        if unit.id not in stored or stored[unit.id].changed_at < asked  # a webhook since then is newer than the answer
    }
    wanted = [unit for unit in theirs if differing.get(unit.id)]
    outcome = actions.upsert_units(
        session, wanted, classifier(session, context.settings, context.now()), now=context.now()
    )
    run.units += len(theirs)
    reasons = [rejection.reason for rejection in [*refused, *outcome.rejected]]
    found = [Difference("unit", "", "rejected", reason) for reason in reasons]
    found += [
        Difference(f"unit/{unit.id}", unit.name, "applied", fields=differing[unit.id])
        for unit in wanted
        if not any(unit.name in reason for reason in reasons)
    ]
    known = {unit.id for unit in theirs}
    found += [Difference(f"unit/{unit.id}", unit.name, "gone") for unit in stored.values() if unit.id not in known]
    return found


def _people(
    session: Session, run: Reconciliation, client: SiasnClient, after: str, context: Context
) -> tuple[list[Difference], str | None]:
    """Compare the next people by NIP; the NIP to go on after, or None at the end."""
    query = select(Employee.nip, Employee.id, Employee.name).where(Employee.nip > after).order_by(Employee.nip)
    ours = session.execute(query.limit(PEOPLE_A_STEP)).all()
    asked, theirs, found = context.now(), [], []
    began, compared = time.monotonic(), 0
    for nip, employee_id, name in ours:
        if compared and time.monotonic() - began > STEP_SECONDS:
            break
        compared += 1
        try:
            person = client.employee(nip)
        except ValueError as error:
            found.append(Difference(f"employee/{employee_id}", name, "rejected", str(error)))
            continue
        if person is None:
            found.append(Difference(f"employee/{employee_id}", name, "gone"))
        else:
            theirs.append(person)
    found += _apply(session, theirs, asked, context)
    run.people += compared
    return found, ours[compared - 1].nip if ours and (compared < len(ours) or len(ours) == PEOPLE_A_STEP) else None


def _apply(session: Session, theirs: Sequence[EmployeeIn], asked: datetime, context: Context) -> list[Difference]:
    actions.take_turns(session)
    stored = {row.id: row for row in session.scalars(select(Employee).where(Employee.id.in_([p.id for p in theirs])))}
    today, past = wib_date(context.now()), histories(session, [person.id for person in theirs])
    differing = {
        person.id: _fields(stored.get(person.id), person, EMPLOYEE_FIELDS) | _tmt(person, past[person.id], today)
        for person in theirs
        if person.id not in stored or stored[person.id].changed_at < asked
        if not _waits(stored.get(person.id), person, past[person.id], today)
    }
    wanted = [person for person in theirs if differing.get(person.id)]
    outcome = actions.upsert_employees(session, wanted, now=context.now())
    reasons = {person.id: r.reason for person in wanted for r in outcome.rejected if person.nip in r.reason}
    for person in wanted:
        here = past[person.id].on(today)
        if here is not None and here.unit_id != person.unit_id and not past[person.id].coming(today):
            reasons.setdefault(person.id, f"TMT yang lebih baru ({here.starts:%d-%m-%Y}) di unit lain yang dipakai")
    return [
        Difference(
            f"employee/{person.id}", person.name, "rejected" if person.id in reasons else "applied",
            reasons.get(person.id, ""), differing[person.id],
        )
        for person in wanted
    ]  # fmt: skip


def _waits(ours: Employee | None, theirs: EmployeeIn, history: History, today: date) -> bool:
    """Whether they differ by a move only that is known and still to come."""
    coming = history.coming(today)
    return (
        ours is not None
        and coming is not None
        and (coming.unit_id, coming.post) == (theirs.unit_id, theirs.post)
        and not _fields(ours, theirs, OWN_FIELDS)
    )


def _tmt(theirs: EmployeeIn, history: History, today: date) -> dict[str, list[str | None]]:
    """The TMT of the post that a person holds, where SIMPEG has corrected it."""
    here, told = history.on(today), sensible_start(theirs.since, theirs.nip, today)
    if here is None or here.tmt in (None, told) or (here.unit_id, here.post) != (theirs.unit_id, theirs.post):
        return {}
    return {"since": [f"{here.tmt}", f"{told}"]} if told else {}


def _fields(ours: object | None, theirs: object, names: Sequence[str]) -> dict[str, list[str | None]]:
    """Names of the fields that differ, with both values; for someone new, all that SIMPEG has."""
    pairs = {name: [getattr(ours, name, None), getattr(theirs, name)] for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _note(run: Reconciliation, found: Sequence[Difference]) -> None:
    run.applied += sum(each.outcome == "applied" for each in found)
    run.rejected += sum(each.outcome == "rejected" for each in found)
    run.gone += sum(each.outcome == "gone" for each in found)
    room = KEPT_DIFFERENCES - len(run.differences)
    run.differences = [*run.differences, *(asdict(each) for each in found[:room])]

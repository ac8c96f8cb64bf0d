"""What falls due by date: moves to come, and acting for a leader that begins or ends."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.models import Employee, Unit
from services.schedule.people.actions import employee_event, refresh_leadership, take_turns
from services.schedule.people.placing import place_on, put
from services.schedule.people.postings import MAIN, histories
from services.schedule.people.rules import superior_of
from services.schedule.people.tree import nodes_on
from shared import outbox
from shared.clock import wib_date
from shared.durable import Context

DUE = "apply_postings"


def apply_postings(session: Session, _payload: dict[str, Any], context: Context) -> None:
    """Job ``apply_postings``, one a night. What a missed night left undone is done by the next: only today counts."""
    apply_due(session, now=context.now())


def apply_due(session: Session, *, now: datetime) -> int:
    """Put people where their postings have them today, and tell who leads units and people since; how many moved."""
    take_turns(session)
    today = wib_date(now)
    people = {row.id: row for row in session.scalars(select(Employee).order_by(Employee.id))}
    past = histories(session, people)
    nodes = nodes_on(session, session.scalars(select(Unit)).all(), today)
    moved = [
        people[id_] for id_, history in past.items() if history.of(MAIN) and put(people[id_], place_on(history, today))
    ]
    for row in moved:
        here = past[row.id].on(today)
        if here is not None and here.standing:
            row.standing = here.standing
        row.superior_id, row.changed_at = superior_of(row.id, row.unit_id, nodes), now
    session.flush()
    outbox.emit_all(session, [employee_event(row) for row in moved], now=now)
    refresh_leadership(session, now=now)
    return len(moved)

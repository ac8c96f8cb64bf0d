"""A plan as rows, and its frozen snapshot."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select
from sqlalchemy.orm import Session

from services.schedule.models import Employee, Roster, RosterCell, RosterLimit, Unit
from services.schedule.rosters import basis
from services.schedule.rosters.clashes import Part
from services.schedule.rosters.explain import clash_text
from services.schedule.rosters.question import Cell
from services.schedule.rosters.rules import Plan
from shared.db import table_of
from shared.storage import sha256

CELL_COLUMNS = "roster_id, employee_id, unit_id, date, mode, clause, rule, limit_id"


def save_plan(session: Session, roster: Roster, plan: Plan) -> None:
    """Write the cells and sums of *plan* to a roster that has none, and what is to be known about it."""
    copy_cells(session.connection(), roster.id, plan.cells)
    sums = [{"roster_id": roster.id, **vars(row)} for row in plan.sums]
    if sums:
        session.execute(insert(table_of(RosterLimit)), sums)
    ids = {part.employee_id for clash in plan.clashes for part in clash.parts if part.employee_id}
    units = {part.sums.unit_id for clash in plan.clashes for part in clash.parts if part.sums}
    names = dict(session.execute(select(Employee.id, Employee.name).where(Employee.id.in_(ids))).all())
    names |= dict(session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(units))).all())

    def words(part: Part) -> str:
        entry = basis.on(roster.basis, part.date) if part.date else None
        return basis.words(entry, part.kind, part.clause) if entry else ""

    roster.clashes = [clash_text(clash, names, words) for clash in plan.clashes]
    roster.optimal, roster.gap, roster.method = plan.optimal, round(plan.gap, 4), plan.method  # type: ignore[assignment]


def copy_cells(connection: Connection, roster_id: UUID, cells: Iterable[Cell]) -> None:
    """COPY: an agency with a thousand people has twenty thousand cells a month."""
    cursor = connection.connection.cursor()
    with cursor.copy(f"copy roster_cell ({CELL_COLUMNS}) from stdin") as copy:
        for cell in cells:
            copy.write_row((roster_id, *cell))


def snapshot(session: Session, roster: Roster) -> tuple[bytes, str]:
    """The roster as canonical JSON, and its SHA-256 in hex: what the head approved, to be told apart from any other."""
    columns = [column for column in table_of(RosterCell).c if column.name != "roster_id"]
    cells = session.execute(
        select(*columns).where(RosterCell.roster_id == roster.id).order_by(RosterCell.employee_id, RosterCell.date)
    )
    limits = [column for column in table_of(RosterLimit).c if column.name != "roster_id"]
    sums = session.execute(
        select(*limits).where(RosterLimit.roster_id == roster.id).order_by(RosterLimit.limit_id, RosterLimit.date)
    )
    content: dict[str, Any] = {
        "roster_id": str(roster.id),
        "agency_id": roster.agency_id,
        "month": f"{roster.month:%Y-%m}",
        "version": roster.version,
        "amends_id": str(roster.amends_id) if roster.amends_id else None,
        "policy_id": roster.policy_id,
        **({"basis": roster.basis} if roster.basis else {}),  # rosters frozen before it was kept have another hash else
        "cells": [[_plain(value) for value in row] for row in cells],
        "limits": [[_plain(value) for value in row] for row in sums],
    }
    body = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return body, sha256(body)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int | str) else str(value)

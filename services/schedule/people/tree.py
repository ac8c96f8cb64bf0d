"""Who leads whom on a day: the tree of units, those who act for a leader, and superiors that people decided on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.schedule.models import Employee, Posting, SuperiorOverride, Unit
from services.schedule.people.postings import ACTING
from services.schedule.people.rules import UnitNode, superior_of, with_overrides


def acting_on(session: Session, day: date) -> dict[str, Posting]:
    """Per unit the acting posting by which somebody leads it on *day*; the one that began last."""
    rows = session.scalars(
        select(Posting)
        .join(Employee, Employee.id == Posting.employee_id)
        .where(
            Posting.kind == ACTING, Posting.starts <= day, or_(Posting.ends.is_(None), Posting.ends >= day),
            Employee.active,
        )
        .order_by(Posting.starts, Posting.id)
    )  # fmt: skip
    return {row.unit_id: row for row in rows}


def leader_on(session: Session, unit: Unit, day: date) -> tuple[Employee, str] | None:
    """Who leads *unit* on *day*, with the post by which they do: the acting one before the leader, if active."""
    acting = acting_on(session, day).get(unit.id)
    if acting is not None:
        return session.get_one(Employee, acting.employee_id), acting.post
    leader = session.get(Employee, unit.leader_id) if unit.leader_id else None
    return (leader, leader.post) if leader is not None and leader.active else None


def nodes_of(
    units: Iterable[Unit], away: Collection[str] = (), acting: Mapping[str, str] | None = None
) -> dict[str, UnitNode]:
    acts = acting or {}
    return {
        unit.id: UnitNode(
            unit.id, unit.parent_id, None if unit.leader_id in away else unit.leader_id, acts.get(unit.id)
        )
        for unit in units
    }


def nodes_on(session: Session, units: Iterable[Unit], day: date) -> dict[str, UnitNode]:
    """The tree as it is on *day*. Leaders who are away for good or for long count as none; the leader above stands in
    for them, unless somebody acts."""
    led = select(Unit.leader_id).where(Unit.leader_id.is_not(None))
    away = set(session.scalars(select(Employee.id).where(~Employee.active, Employee.id.in_(led))))
    return nodes_of(units, away, {unit_id: row.employee_id for unit_id, row in acting_on(session, day).items()})


def superiors_in(
    session: Session, people: Collection[Employee], nodes: Mapping[str, UnitNode]
) -> dict[str, str | None]:
    """Everyone's superior: by the tree, then by what people decided."""
    by_tree = {row.id: superior_of(row.id, row.unit_id, nodes) for row in people}
    rows = session.execute(
        select(SuperiorOverride.employee_id, SuperiorOverride.superior_id).order_by(
            SuperiorOverride.set_at, SuperiorOverride.employee_id
        )
    )
    decided = [(employee_id, superior_id) for employee_id, superior_id in rows]
    return with_overrides(by_tree, decided, {row.id for row in people if row.active})

"""How long the work days of a unit take in a city whose rosters have been in force for a year, and in how many
statements they are read."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import event, insert, text

from deploy.embedded.postgres import Cluster
from services.schedule.models import Base, Letter, LetterStatus, Roster, RosterStatus, Unit
from services.schedule.rosters.question import Cell
from services.schedule.rosters.save import copy_cells
from services.schedule.workdays.queries import workdays
from shared.db import Database, new_id, table_of

AGENCIES, STAFF = 40, 100
NOW = datetime(2026, 11, 2, tzinfo=UTC)
MONTHS = [date(2025, 11, 1), date(2025, 12, 1), *(date(2026, month, 1) for month in range(1, 11))]


def person(agency: int, number: int) -> str:
    return f"E{agency:03d}-{number:04d}"


def fill(db: Database, agencies: int) -> int:
    """A year of rosters in force for *agencies* of 100 people each; returns the cells."""
    cells = 0
    with db.transaction() as session:
        for agency in range(agencies):
            id_ = f"A{agency:03d}"
            values = {"id": id_, "agency_id": id_, "name": id_, "code": id_, "leader_post": "", "changed_at": NOW}
            session.execute(insert(table_of(Unit)), {**values, "exempt_by_hand": False, "active": True})
            for month in MONTHS:
                cells += _roster(session, agency, month)
        session.execute(text("analyze"))
    return cells


def _roster(session: Any, agency: int, month: date) -> int:
    days = [month + timedelta(days=n) for n in range(28) if (month + timedelta(days=n)).weekday() < 5]
    roster = Roster(
        id=new_id(), agency_id=f"A{agency:03d}", month=month, version=1, status=RosterStatus.IN_FORCE,
        policy_id="bench", starts=days[0], ends=days[-1], created_by="bench", created_at=NOW, in_force_at=NOW,
        clashes=[], optimal=True, gap=0, method="",
    )  # fmt: skip
    session.add(roster)
    session.flush()
    letter = Letter(
        roster_id=roster.id, agency_id=roster.agency_id, kind="assignment_letter", status=LetterStatus.SIGNED,
        content={}, signer_id="bench", number=f"{agency}/{month}", created_at=NOW,
    )  # fmt: skip
    session.add(letter)
    session.flush()
    cells = [
        Cell(person(agency, number), roster.agency_id, day, "wfh" if day.weekday() == 4 else "wfo", "1.b.1", "pattern")
        for number in range(STAFF)
        for day in days
    ]
    copy_cells(session.connection(), roster.id, cells)
    return len(cells)


def asked(db: Database, people: Sequence[str], times: int) -> tuple[float, int]:
    """(median seconds, statements that read rosters) of one question about October."""
    sent: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: sent.append(args[2]))
    taken = []
    with db.transaction() as session:
        for _ in range(times):
            began = time.monotonic()
            found = workdays(session, people, date(2026, 10, 1), date(2026, 10, 31))
            taken.append(time.monotonic() - began)
            assert sum(map(len, found.values())) == 20 * len(people)
    return median(taken), sum("roster_cell" in statement for statement in sent) // times


def measure(cluster: Cluster) -> tuple[tuple[float, int], float, int]:
    """A unit of 100 in a city of 4,000: (seconds, statements); seconds in one of 400; cells of the large one."""
    found = {}
    for agencies in (AGENCIES // 10, AGENCIES):
        name = f"days_{agencies}"
        cluster.create(f"luwes_{name}", name)
        db = Database(cluster.url(name, f"luwes_{name}"))
        try:
            Base.metadata.create_all(db.engine)
            cells = fill(db, agencies)
            found[agencies] = (*asked(db, [person(1, number) for number in range(STAFF)], 20), cells)
        finally:
            db.close()
    seconds, statements, cells = found[AGENCIES]
    return (seconds, statements), found[AGENCIES // 10][0], cells

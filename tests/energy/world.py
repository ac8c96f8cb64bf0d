"""A small city: agencies A1 and A2, their people, rooms and rosters, and one of each object in both."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from services.energy.models import Checklist, CorrectiveAction, MonthClosure, Reading
from shared.contracts.schedule import (
    Assignment,
    DayCount,
    EmployeeChangedV1,
    HolidayChangedV1,
    LetterRef,
    RosterInForceV1,
    Signer,
    UnitChangedV1,
)
from shared.roles import Person, Role
from shared.testing.bench import Bench
from shared.testing.city import a_person

APRIL = date(2026, 4, 1)
FRIDAYS = [date(2026, 4, 10), date(2026, 4, 17), date(2026, 4, 24)]
HEADER = "kode,nama,unorId,gedung,lantai,perangkat,petugasNip,nipPenghuni"
CODES = ("computers", "ac", "lamps", "plugs", "other_devices", "locks", "documents", "water")


def nip(number: int) -> str:
    """An 18-digit NIP that ends in *number*."""
    return f"198501012010011{number:03d}"


def a_unit(unit_id: str = "U1", agency_id: str = "A1", **overrides: Any) -> UnitChangedV1:
    values: dict[str, Any] = {
        "id": unit_id, "agency_id": agency_id, "parent_id": None, "name": f"Unit {unit_id}", "code": unit_id,
        "leader_id": None, "exempt_clause": None,
    }  # fmt: skip
    return UnitChangedV1(**{**values, **overrides})


def an_employee(number: int, agency_id: str = "A1", **overrides: Any) -> EmployeeChangedV1:
    """Employee ``E<number>`` of the agency's unit, led by E0 (A1) or E20 (A2)."""
    superior = {"A1": "E0", "A2": "E20"}.get(agency_id)
    values: dict[str, Any] = {
        "id": f"E{number}", "nip": nip(number), "name": f"Pegawai {number}", "agency_id": agency_id,
        "unit_id": agency_id.replace("A", "U"), "superior_id": None if f"E{number}" == superior else superior,
        "post": "Pranata", "rank": "Penata (III/c)", "email": None, "active": True,
    }  # fmt: skip
    return EmployeeChangedV1(**{**values, **overrides})


def a_roster(
    home: dict[str, Sequence[date]], agency_id: str = "A1", *, version: int = 1, month: date = APRIL, **overrides: Any
) -> RosterInForceV1:
    """A roster in force. home: employee id → WFH dates."""
    signer = Signer("E0", "Kepala", nip(0), "Kepala Dinas")
    values: dict[str, Any] = {
        "roster_id": f"R-{agency_id}-{month:%Y-%m}-{version}",
        "agency_id": agency_id,
        "month": month,
        "version": version,
        "starts": month,
        "ends": date(month.year, month.month, 30),
        "letter": LetterRef(
            str(uuid4()), "800.1.11.1/1/A1/IV/2026", month, "0" * 64, "http://x/letter.pdf",
            datetime(month.year, month.month, 1, 3, tzinfo=UTC), signer,
        ),
        "assignments": [Assignment(who, "U1", list(days)) for who, days in home.items()],
        "days": [DayCount(day, 1, 1, 0) for day in FRIDAYS],
    }  # fmt: skip
    return RosterInForceV1(**{**values, **overrides})


def a_room(code: str = "R-01", people: Iterable[int] = (1, 2), *, unit: str = "U1", officer: int | None = 1) -> str:
    """One line of a room list."""
    officer_nip = nip(officer) if officer is not None else ""
    return f"{code},Ruang {code},{unit},GD-1,1,ac:1;lampu:4,{officer_nip},{';'.join(map(nip, people))}"


def upload(text: str, name: str = "data.csv") -> dict[str, Any]:
    """Options of a multipart request that carries *text* as a file."""
    return {"data": {"file": (io.BytesIO(text.encode()), name)}, "content_type": "multipart/form-data"}


def import_rooms(bench: Bench, *lines: str, by: Person | None = None, apply: bool = True) -> Any:
    """The answer to a room list of *lines*."""
    user = by or a_person("IT", Role.IT, agency_id="A0")
    return bench.client(user).post(f"/api/imports/rooms?apply={apply}", **upload("\n".join([HEADER, *lines])))


def answers(**failed: str) -> dict[str, Any]:
    """A complete form; failed: item code → note."""
    return {"items": [{"code": c, "ok": c not in failed, "note": failed.get(c, "")} for c in CODES]}


def operator(agency_id: str = "A1", employee_id: str = "E7") -> Person:
    return a_person(employee_id, Role.OPERATOR, agency_id=agency_id, name="Operator")


def superior() -> Person:
    return a_person("E0", Role.SUPERIOR, name="Atasan")


def settle(bench: Bench) -> None:
    """Units and people of both agencies, one of them with nothing to do with any room."""
    bench.receive(a_unit("A1"), a_unit("A2", "A2"), a_unit("U1"), a_unit("U2", "A2"))
    bench.receive(*(an_employee(n) for n in (0, 1, 2, 3)), *(an_employee(n, "A2") for n in (20, 21, 22)))


def runs(bench: Bench) -> list[tuple[str, date]]:
    """(room, date) of every run."""
    with bench.db.transaction() as session:
        found = session.scalars(select(Checklist)).all()
        return sorted((run.room.code, run.date) for run in found)


def run_id(bench: Bench, code: str = "R-01", day: date = FRIDAYS[0]) -> str:
    with bench.db.transaction() as session:
        found = session.scalars(select(Checklist).where(Checklist.date == day)).all()
        return next(str(run.id) for run in found if run.room.code == code)


def fill(bench: Bench) -> tuple[dict[str, str], dict[str, str]]:
    """One of each object in agency A1 (employee E1, superior E0) and in A2; values of the addresses' arguments."""
    settle(bench)
    import_rooms(bench, a_room("R-01"), a_room("R-02", (21, 22), unit="U2", officer=21))
    bench.receive(a_roster({"E1": FRIDAYS}), a_roster({"E21": FRIDAYS}, "A2"))
    bench.receive(HolidayChangedV1(date(2026, 4, 30), "Hari berkabung daerah"))
    found = []
    for agency_id, code, owner in (("A1", "R-01", "E1"), ("A2", "R-02", "E21")):
        checklist_id = run_id(bench, code)
        with bench.db.transaction() as session:
            run = session.scalars(select(Checklist).where(Checklist.id == checklist_id)).one()
            action = CorrectiveAction(
                checklist_id=run.id, code="ac", clause="1.k.1", agency_id=agency_id, description="AC menyala",
                owner_id=owner, opened_at=bench.clock.at, deadline=date(2026, 4, 13),
            )  # fmt: skip
            session.add(action)
            session.add(Reading(building=f"GD-{agency_id}", agency_id=agency_id, date=date(2026, 4, 9),
                                kwh=Decimal("310.5"), source="uji"))  # fmt: skip
            session.add(
                MonthClosure(agency_id=agency_id, month=date(2026, 3, 1), version=1, figures={}, detail={},
                             closed_at=bench.clock.at, closed_by="uji", reason="uji")
            )  # fmt: skip
            session.flush()
            found.append(
                {"checklist_id": checklist_id, "action_id": str(action.id), "agency_id": agency_id, "month": "2026-03"}
            )
    return found[0], found[1]

"""Copies of units and people, as events tell of them."""

from __future__ import annotations

from sqlalchemy import select

from services.reporting.models import Employee, Unit
from shared.testing.bench import Bench
from tests.reporting.factories import a_unit, an_agency, an_employee


def test_units_and_people_are_kept_as_last_told(bench: Bench) -> None:
    bench.receive(an_agency("A1"), a_unit("U1"), an_employee("E1"), an_employee("E2"))
    bench.receive(a_unit("U1", name="Bidang Baru", exempt_clause="1.l.12"), an_employee("E1", superior_id="E7"))
    with bench.db.transaction() as session:
        units = {unit.id: (unit.name, unit.exempt_clause) for unit in session.scalars(select(Unit))}
        superiors = {employee.id: employee.superior_id for employee in session.scalars(select(Employee))}
    assert units == {"A1": ("Dinas A1", None), "U1": ("Bidang Baru", "1.l.12")}
    assert superiors == {"E1": "E7", "E2": "E0"}
    assert bench.unfinished() == []


def test_an_older_state_that_comes_late_changes_nothing(bench: Bench) -> None:
    bench.receive(an_employee("E1", post="Kepala Seksi"), sequence=9)
    bench.receive(an_employee("E1", post="Staf"), sequence=4)
    with bench.db.transaction() as session:
        assert session.get_one(Employee, "E1").post == "Kepala Seksi"

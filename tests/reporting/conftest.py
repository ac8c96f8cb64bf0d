"""The reporting service on its bench, with a city of two agencies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from services.reporting.people.actions import keep_employee, keep_unit
from shared.contracts.envelope import Received
from shared.contracts.schedule import EmployeeChangedV1, UnitChangedV1
from shared.roles import Person, Role
from shared.testing.bench import Bench
from shared.testing.city import NOON, Client, a_person
from tests.reporting.factories import NIPS, a_unit, an_agency, an_employee
from tests.reporting.servers import Inbox, mail_server
from tests.servers import free_port


@pytest.fixture
def bench(reporting_bench: Bench) -> Iterator[Bench]:
    """The service with an empty database, at noon of Friday 10 April 2026."""
    reporting_bench.clock.at = NOON
    context = reporting_bench.context
    yield reporting_bench
    reporting_bench.context = context
    reporting_bench.empty()


@pytest.fixture
def city(bench: Bench) -> Bench:
    """Agency A1: head E9, superior E0, employees E1–E3; agency A2: head F9, superior F0, employee F1.

    The handlers are called directly, which is quicker; test_people.py has them called by events.
    """
    know(
        bench,
        an_agency("A1", leader_id="E9"),
        a_unit("U1", leader_id="E0"),
        a_unit("U2", name="Puskesmas Melati", exempt_clause="1.l.9"),
        an_employee("E9", superior_id=None, unit_id="A1", post="Kepala Dinas", name="Dra. Rina Wijaya, M.Si."),
        an_employee("E0", superior_id="E9", post="Kepala Bidang"),
        an_employee("E1"),
        an_employee("E2"),
        an_employee("E3"),
        an_agency("A2", leader_id="F9"),
        a_unit("V1", agency_id="A2", parent_id="A2", leader_id="F0"),
        an_employee("F9", agency_id="A2", unit_id="A2", superior_id=None, post="Plt. Kepala Dinas"),
        an_employee("F0", agency_id="A2", unit_id="V1", superior_id="F9"),
        an_employee("F1", agency_id="A2", unit_id="V1", superior_id="F0"),
    )
    return bench


@pytest.fixture
def reachable(city: Bench) -> Bench:
    """E1 and E2 have addresses, E3 has none, F1 of the other agency has one."""
    with_settings(city, smtp_host="127.0.0.1", smtp_port=free_port())
    know(
        city,
        an_employee("E1", email="e1@metrokota.example"),
        an_employee("E2", email="e2@metrokota.example"),
        an_employee("F1", agency_id="A2", unit_id="V1", superior_id="F0", email="f1@metrokota.example"),
    )
    return city


@pytest.fixture
def inbox(reachable: Bench) -> Iterator[Inbox]:
    with mail_server(port(reachable), Inbox()) as server:
        yield server


def port(bench: Bench) -> int:
    found: int = bench.context.settings.smtp_port  # type: ignore[attr-defined]
    return found


def know(bench: Bench, *events: UnitChangedV1 | EmployeeChangedV1) -> None:
    with bench.db.transaction() as session:
        for event in events:
            received: Received[Any] = Received("", "", event.TYPE, event.subject, None, bench.clock.at, event)
            keep = keep_unit if isinstance(event, UnitChangedV1) else keep_employee
            keep(session, received, bench.context)


def someone(employee_id: str, *roles: Role, **overrides: Any) -> Person:
    """A signed-in person of the city fixture."""
    agency = "A2" if employee_id.startswith("F") else "A1"
    values = {"nip": NIPS.get(employee_id, "1"), "name": f"Pegawai {employee_id}", "agency_id": agency}
    return a_person(employee_id, *roles, **{**values, **overrides})


def as_asn(bench: Bench, employee_id: str = "E1") -> Client:
    return bench.client(someone(employee_id))


def as_superior(bench: Bench, employee_id: str = "E0") -> Client:
    return bench.client(someone(employee_id, Role.SUPERIOR))


def as_head(bench: Bench, employee_id: str = "E9") -> Client:
    return bench.client(someone(employee_id, Role.HEAD, Role.SUPERIOR))


def with_settings(bench: Bench, **changes: Any) -> None:
    """Let the worker run with other settings until the test ends."""
    bench.context = replace(bench.context, settings=replace(bench.settings, **changes))

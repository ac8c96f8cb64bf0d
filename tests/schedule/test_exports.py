"""A roster as a file: what is in it, and that no name of a person can do anything there."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import select

from services.schedule.models import RosterCell, RosterLimit
from shared.apikeys import create_api_key
from shared.roles import Role
from shared.testing.bench import Bench
from shared.testing.city import a_person
from shared.web.reply import csv_text
from tests.schedule.factories import an_employee, head, operator, settle, two_agencies
from tests.schedule.paper import pages

NASTY = ["=cmd|'/c calc'!A0", "+62", "-1+1", "@SUM(A1)", "\t=1", "Budi;=1+1", "Siti\n=1+1", "＝1+1"]


def drafted(bench: Bench, *names: str, agency: str = "A1") -> str:
    """A draft of *agency* with a noise draft beside; E1, E2 … have *names*."""
    two_agencies(bench)
    settle(bench, [], [an_employee(f"E{n}", n, name=name) for n, name in enumerate(names, start=1)])
    made = [
        bench.client(operator(a)).post("/api/rosters", json={"agency_id": a, "month": "2026-04-01"}).json
        for a in ("A1", "A2")
    ]
    return str(made[0 if agency == "A1" else 1]["id"])


def export(bench: Bench, roster_id: str, form: str) -> Any:
    answer = bench.client(head()).get(f"/api/rosters/{roster_id}/export?format={form}")
    assert answer.status_code == 200, answer.text
    return answer


def sheet(answer: Any, name: str) -> Worksheet:
    page = load_workbook(io.BytesIO(answer.data))[name]
    assert isinstance(page, Worksheet)
    return page


def rows(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def test_the_grid_has_each_person_with_their_mode_on_each_wfh_date(bench: Bench) -> None:
    roster_id = drafted(bench)
    header, *people = rows(export(bench, roster_id, "csv"))
    assert header == ["Unit kerja", "NIP", "Nama", "2026-04-10", "2026-04-17", "2026-04-24"]
    with bench.db.transaction() as session:
        cells = session.execute(select(RosterCell.employee_id, RosterCell.date).where(
            RosterCell.roster_id == roster_id, RosterCell.mode == "wfh")).all()  # fmt: skip
    at_home = {(person[2], day) for person in people for day, mark in zip(header[3:], person[3:], strict=True)
               if mark == "WFH"}  # fmt: skip
    assert at_home == {(f"Pegawai {employee_id}", day.isoformat()) for employee_id, day in cells}
    assert at_home
    assert len(people) == 8
    assert ["Bidang U1", "198501012010011001", "Pegawai E1"] in [person[:3] for person in people]
    assert not [person for person in people if person[0] == "Bidang U2"]


def test_xlsx_has_a_fixed_header_and_the_arithmetic_on_its_second_sheet(bench: Bench) -> None:
    roster_id = drafted(bench)
    answer = export(bench, roster_id, "xlsx")
    assert load_workbook(io.BytesIO(answer.data)).sheetnames == ["Jadwal", "Perhitungan", "Keterangan"]
    grid, sums = sheet(answer, "Jadwal"), sheet(answer, "Perhitungan")
    assert (grid.freeze_panes, sums.freeze_panes) == ("D2", "C2")
    assert grid["B2"].data_type == "s"  # a NIP is no number
    header = [cell.value for cell in sums[1]]
    told = [dict(zip(header, row, strict=True)) for row in sums.iter_rows(min_row=2, values_only=True)]
    with bench.db.transaction() as session:
        limits = session.scalars(
            select(RosterLimit)
            .where(RosterLimit.roster_id == roster_id)
            .order_by(RosterLimit.date, RosterLimit.unit_id, RosterLimit.limit_id)
        ).all()
    assert [(row["Tanggal"], row["Hadir"], row["Dapat WFH"], row["Paling banyak di rumah"], row["Di rumah"])
            for row in told] == [
        (limit.date.isoformat(), limit.present, limit.eligible, limit.room, limit.at_home) for limit in limits
    ]  # fmt: skip
    assert told


def test_files_are_named_after_agency_month_and_version(bench: Bench) -> None:
    roster_id = drafted(bench)
    for form, mime in (
        ("xlsx", "application/vnd.openxml"),
        ("csv", "text/csv; charset=utf-8"),
        ("pdf", "application/pdf"),
    ):
        answer = export(bench, roster_id, form)
        assert answer.headers["Content-Type"].startswith(mime)
        assert answer.headers["Content-Disposition"] == f'attachment; filename="jadwal-A1-2026-04-v1.{form}"'


@pytest.mark.parametrize("name", NASTY)
def test_a_name_is_never_a_formula_in_xlsx(bench: Bench, name: str) -> None:
    answer = export(bench, drafted(bench, name), "xlsx")
    for page in ("Jadwal", "Perhitungan", "Keterangan"):
        assert {cell.data_type for row in sheet(answer, page).iter_rows() for cell in row} <= {"s", "n"}
    [cell] = [row[2] for row in sheet(answer, "Jadwal").iter_rows(min_row=2) if row[1].value == "198501012010011001"]
    assert cell.value == name.strip("\n")


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_cell_of_the_csv_starts_like_a_formula_whatever_parts_the_columns(
    bench: Bench, name: str, separator: str
) -> None:
    text = export(bench, drafted(bench, name), "csv").data.decode("utf-8-sig")
    assert name[-2:] in text
    for line in text.splitlines():
        for cell in line.split(separator):
            assert not cell.strip(' "').startswith(("=", "+", "-", "@", "＝", "\t")), cell


def test_ordinary_words_and_numbers_stay_as_they_are() -> None:
    cells = ["Dr. Siti Aminah, S.Kom., M.T.", "Seksi A - B", "–", "", "a;b", -5, 0.5]
    [row] = list(csv.reader(io.StringIO(csv_text(["a"], [cells]).decode("utf-8-sig"))))[1:]
    assert row == [str(cell) for cell in cells]


def test_the_pdf_shows_names_as_text_and_says_that_it_is_a_draft(bench: Bench) -> None:
    name = '#panic("x") *tebal* $x$ [=cmd]'
    pdf = export(bench, drafted(bench, name), "pdf").data
    assert pdf.startswith(b"%PDF")
    text = " ".join(pages(pdf))
    for part in ("Badan A1", "April 2026", "Pegawai E2", "198501012010011001", "Status: rancangan", "Jum 10/4"):
        assert part in text, part
    flat = "".join(text.split())
    for word in ('#panic("x")', "*tebal*", "$x$", "[=cmd]"):
        assert word in flat


def test_an_unknown_format_is_refused(bench: Bench) -> None:
    answer = bench.client(head()).get(f"/api/rosters/{drafted(bench)}/export?format=docx")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/format")


def test_only_who_may_read_the_letter_takes_the_nips_along(bench: Bench) -> None:
    roster_id = drafted(bench)
    address, page = f"/api/rosters/{roster_id}/export?format=csv", f"/rosters/{roster_id}"
    assert bench.client(a_person("E1")).get(address).status_code == 403
    assert bench.client(head("A2")).get(address).status_code == 403
    assert bench.client(a_person("X", Role.AUDITOR, agency_id="A9")).get(address).status_code == 200
    assert "/export?format=xlsx" in bench.client(operator()).get(page, page=True).text
    assert "/export?" not in bench.client(a_person("E1")).get(page, page=True).text
    with bench.db.transaction() as session:
        keys = {scope: create_api_key(session, scope, [scope], bench.clock.now())
                for scope in ("rosters:read", "workdays:read")}  # fmt: skip
    for scope, status in (("rosters:read", 200), ("workdays:read", 403)):
        headers = {"Authorization": f"Bearer {keys[scope]}"}
        assert bench.client().get(address, headers=headers).status_code == status

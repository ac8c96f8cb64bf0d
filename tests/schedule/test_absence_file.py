"""SIMPEG's file of leave, duty travel and training: each kind reaches the roster, each fault is told by line."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from services.schedule.models import Absence
from shared.testing.bench import Bench
from tests.schedule.factories import FRIDAYS, an_employee, two_agencies
from tests.schedule.test_clauses import cells, draft
from tests.schedule.test_people import upload

HEADER = "nipBaru,jenis,mulai,selesai,keterangan"
E1, E2 = (an_employee(f"E{n}", n).nip for n in (1, 2))
FIRST, SECOND, THIRD = FRIDAYS


def sent(bench: Bench, *rows: str) -> Any:
    return upload(bench, "absences", "\n".join([HEADER, *rows]).encode()).json


@pytest.mark.parametrize(("word", "kind"), [("cuti", "leave"), ("dinas_luar", "travel"), ("diklat", "training")])
@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d-%m-%Y"])
def test_each_kind_takes_the_person_out_of_a_draft_on_those_days_only(
    bench: Bench, word: str, kind: str, form: str
) -> None:
    two_agencies(bench)
    told = sent(bench, f"{E1},{word},{SECOND:{form}},{SECOND:{form}},SK 7")
    assert (told["seen"], told["changed"], told["rejected"]) == (1, 1, [])
    modes = {cell.date: (cell.mode, cell.rule) for cell in cells(bench, draft(bench), employee_id="E1")}
    assert modes[SECOND] == (kind, "absent")
    assert {modes[day][0] for day in (FIRST, THIRD)} <= {"wfo", "wfh"}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"{E1},izin,2026-04-17,2026-04-17,", f"NIP {E1}: jenis “izin” tidak dikenal (cuti, dinas_luar, diklat)"),
        (f"{E1},,2026-04-17,2026-04-17,", f"NIP {E1}: jenis “” tidak dikenal (cuti, dinas_luar, diklat)"),
        (f"{E1},cuti,17 April,2026-04-17,", f"NIP {E1}: tanggal harus berbentuk TTTT-BB-HH atau HH-BB-TTTT"),
        (f"{E1},cuti,2026-04-17,,", f"NIP {E1}: tanggal harus berbentuk TTTT-BB-HH atau HH-BB-TTTT"),
        (f"{E1},cuti,2026-02-30,2026-03-02,", f"NIP {E1}: tanggal harus berbentuk TTTT-BB-HH atau HH-BB-TTTT"),
        (f"{E1},cuti,2026-04-17,2026-04-16,", f"NIP {E1}: tanggal selesai mendahului tanggal mulai"),
        ("198501012010011555,cuti,2026-04-17,2026-04-17,", "NIP 198501012010011555 tidak dikenal"),
    ],
)
def test_a_row_that_cannot_be_is_told_with_its_line_and_the_others_are_taken(
    bench: Bench, row: str, reason: str
) -> None:
    two_agencies(bench)
    told = sent(bench, f"{E2},cuti,2026-04-16,2026-04-17,", row)
    assert (told["changed"], told["rejected"]) == (1, [{"line": 3, "reason": reason}])
    with bench.db.transaction() as session:
        rows = session.execute(select(Absence.employee_id, Absence.starts, Absence.ends)).all()
    assert [tuple(each) for each in rows] == [("E2", date(2026, 4, 16), date(2026, 4, 17))]


def test_a_file_without_one_of_the_columns_is_refused_as_a_whole(bench: Bench) -> None:
    two_agencies(bench)
    answer = upload(bench, "absences", f"nipBaru,jenis,mulai\n{E1},cuti,2026-04-17\n".encode())
    assert (answer.status_code, "selesai" in answer.text) == (422, True)

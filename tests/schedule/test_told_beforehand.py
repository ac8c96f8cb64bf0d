"""What SIMPEG tells before its day: who retires or goes on long leave, and who is in two units from one day on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.schedule.integrations.simpeg import leaver_in
from services.schedule.models import Employee, Posting
from shared.inbox import InboxRow
from shared.testing.bench import Bench
from tests.schedule.factories import FRIDAYS, a_unit, operator, settle, two_agencies
from tests.schedule.test_clauses import cells, draft
from tests.schedule.test_history import TODAY, e1, nights, rows, tell
from tests.schedule.test_life_of_a_roster import send_webhook

RETIRES = date(2026, 4, 20)
SINCE = date(2020, 1, 1)


def leaves(bench: Bench, number: int = 1, **overrides: str) -> None:
    body = {"id": "E1", "nipBaru": e1().nip, "kedudukanPnsId": "99", "tmtPensiun": "20-04-2026", **overrides}
    send_webhook(bench, "simpeg", "pegawai.berhenti", body, f"leaves{number}")
    bench.work()


def employee(bench: Bench) -> tuple[bool, str]:
    with bench.db.transaction() as session:
        row = session.get_one(Employee, "E1")
        return row.active, row.standing


def served(bench: Bench) -> list[tuple[date, date | None, bool]]:
    with bench.db.transaction() as session:
        query = select(Posting.starts, Posting.ends, Posting.active).where(Posting.employee_id == "E1")
        return [tuple(row) for row in session.execute(query.order_by(Posting.starts))]  # type: ignore[misc]


def test_who_retires_on_a_day_to_come_serves_until_the_day_before(bench: Bench) -> None:
    two_agencies(bench)
    tell(bench, e1(since=SINCE))
    leaves(bench)
    assert employee(bench) == (True, "01")
    assert served(bench) == [(SINCE, RETIRES - timedelta(days=1), True), (RETIRES, None, False)]
    days = [cell.date for cell in cells(bench, draft(bench), employee_id="E1")]
    assert days
    assert max(days) == date(2026, 4, 17)
    nights(bench, RETIRES - timedelta(days=1))
    assert employee(bench) == (True, "01")
    nights(bench, RETIRES)
    assert employee(bench) == (False, "99")


def test_the_day_that_was_told_holds_though_simpeg_writes_the_standing_at_once(bench: Bench) -> None:
    two_agencies(bench)
    tell(bench, e1(since=SINCE))
    leaves(bench)
    tell(bench, e1(since=SINCE, standing="99"))
    assert served(bench)[-1] == (RETIRES, None, False)
    assert employee(bench)[0], "until the day"
    nights(bench, RETIRES)
    assert employee(bench) == (False, "99")


def test_another_day_replaces_the_first_and_the_same_again_changes_nothing(bench: Bench) -> None:
    two_agencies(bench)
    tell(bench, e1(since=SINCE))
    for number, day in enumerate(("20-04-2026", "20-04-2026", "01-06-2026", "2026-05-01")):
        leaves(bench, number, tmtPensiun=day)
    assert served(bench) == [(SINCE, date(2026, 4, 30), True), (date(2026, 5, 1), None, False)]


def test_a_move_before_the_last_day_stays_and_one_after_it_falls_away(bench: Bench) -> None:
    two_agencies(bench)
    tell(bench, e1(since=SINCE), e1(unit_id="U2", since=date(2026, 4, 15)))
    leaves(bench)
    assert [(row[0], row[1]) for row in rows(bench, "E1")] == [
        ("U1", SINCE),
        ("U2", date(2026, 4, 15)),
        ("U2", RETIRES),
    ]
    tell(bench, e1(unit_id="U1", since=date(2026, 4, 17)))
    assert served(bench)[-1] == (RETIRES, None, False), "leaving stays whatever is told about the days before it"
    leaves(bench, 2, tmtPensiun="16-04-2026")
    assert served(bench)[-1] == (date(2026, 4, 16), None, False)
    assert rows(bench, "E1")[-1][0] == "U2"


def test_a_leader_who_is_to_leave_leads_until_then(bench: Bench) -> None:
    two_agencies(bench)
    send_webhook(bench, "simpeg", "pegawai.berhenti", {"id": "E0", "kedudukanPnsId": "02", "tmtBerhenti": "20-04-2026"})
    bench.work()

    def superior() -> str | None:
        with bench.db.transaction() as session:
            return session.get_one(Employee, "E1").superior_id

    assert superior() == "E0"
    nights(bench, RETIRES)
    assert superior() == "A1-head"


def test_a_day_that_is_past_or_not_told_means_today(bench: Bench) -> None:
    two_agencies(bench)
    tell(bench, e1(since=SINCE))
    leaves(bench, tmtPensiun="01-02-2026")
    assert served(bench) == [(SINCE, TODAY - timedelta(days=1), True), (TODAY, None, False)]
    assert employee(bench) == (False, "99")


@pytest.mark.parametrize("wrong", [{"tmtPensiun": "31-02-2026"}, {"tmtPensiun": "", "tmtBerhenti": "besok"}])
def test_a_day_that_cannot_be_read_puts_nobody_out_and_stays_for_it_to_see(bench: Bench, wrong: dict[str, str]) -> None:
    two_agencies(bench)
    leaves(bench, 1, **wrong)
    assert employee(bench) == (True, "01")
    with bench.db.transaction() as session:
        row = session.scalars(select(InboxRow)).one()
        assert "tidak terbaca" in (row.error or "")


def test_long_leave_has_a_day_of_its_own_name() -> None:
    assert leaver_in({"id": "E1", "kedudukanPnsId": "2", "tmtBerhenti": "2026-05-04"}).since == date(2026, 5, 4)
    assert leaver_in({"id": "E1", "kedudukanPnsId": "2"}).standing == "02"


def gaps_of(bench: Bench) -> list[dict[str, Any]]:
    page: dict[str, Any] = bench.client(operator()).get("/api/people-gaps?kind=two_units").json
    return [row for row in page["rows"] if row["employee_id"] == "E1"]


def test_of_two_units_of_one_agency_from_the_same_day_the_later_word_is_used_and_the_other_is_a_gap(
    bench: Bench,
) -> None:
    two_agencies(bench)
    settle(bench, [a_unit("U3", parent_id="A1", agency_id="A1", name="Bidang Tiga")], [])
    tell(bench, e1(since=SINCE))
    assert gaps_of(bench) == []
    tell(bench, e1(unit_id="U3", since=SINCE))
    assert rows(bench, "E1") == [("U1", SINCE, TODAY - timedelta(days=1)), ("U3", TODAY, None)]
    (gap,) = gaps_of(bench)
    assert gap["unit_id"] == "U3"
    assert "01-01-2020" in gap["text"]
    assert "Bidang Tiga dan " in gap["text"]
    tell(bench, e1(unit_id="U3", since=SINCE))
    assert len(gaps_of(bench)) == 1, "the same word again does not mend it"
    tell(bench, e1(unit_id="U3", since=date(2026, 4, 8)))
    assert gaps_of(bench) == [], "a TMT of its own does"


def test_a_roster_counts_who_is_in_two_units_once(bench: Bench) -> None:
    two_agencies(bench)
    settle(bench, [a_unit("U3", parent_id="A1", agency_id="A1", name="Bidang Tiga")], [])
    tell(bench, e1(since=SINCE))
    tell(bench, e1(unit_id="U3", since=SINCE))
    found = [cell for cell in cells(bench, draft(bench), employee_id="E1") if cell.date in FRIDAYS]
    assert [(cell.date, cell.unit_id) for cell in found] == [(day, "U3") for day in FRIDAYS]

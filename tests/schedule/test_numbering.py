"""Letters numbered by Luwes itself: per agency and year, no gaps, no doubles, whoever signs at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from services.schedule.letters.numbering import take_number
from services.schedule.models import Letter
from services.schedule.settings import NUMBER_FORMAT, ScheduleSettings, _numbers_letters
from shared.testing.bench import Bench
from tests.benches import PASSPHRASE
from tests.schedule.factories import head, operator, two_agencies
from tests.schedule.test_life_of_a_roster import Eoffice, eoffice

__all__ = ["eoffice"]
DAY = date(2026, 4, 8)


class Undone(Exception):
    pass


def take(bench: Bench, agency: str = "A1", *, fails: bool = False, day: date = DAY) -> str | None:
    try:
        with bench.db.transaction() as session:
            number = take_number(session, agency, agency, day, NUMBER_FORMAT)
            if fails:
                raise Undone
    except Undone:
        return None
    return number


def test_many_who_sign_at_once_get_each_number_once_and_failures_leave_no_gap(bench: Bench) -> None:
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda n: take(bench, fails=n % 3 == 0), range(48)))
    got = sorted(int(number.split("/")[1]) for number in numbers if number)
    assert got == list(range(1, 33))


def test_each_agency_and_year_begins_at_one(bench: Bench) -> None:
    assert take(bench) == "800.1.11.1/1/A1/IV/2026"
    assert take(bench, "A2") == "800.1.11.1/1/A2/IV/2026"
    assert take(bench, day=date(2026, 12, 31)) == "800.1.11.1/2/A1/XII/2026"
    assert take(bench, day=date(2027, 1, 4)) == "800.1.11.1/1/A1/I/2027"


def test_a_letter_is_numbered_when_it_is_signed_and_not_before(bench: Bench, eoffice: Eoffice) -> None:
    assert isinstance(bench.settings, ScheduleSettings)
    object.__setattr__(bench.context, "settings", replace(bench.settings, letters_numbered_here=True))
    try:
        two_agencies(bench)
        client = bench.client(operator())
        made = client.post("/api/rosters", json={"agency_id": "A1", "month": "2026-04-01"}).json
        client.post(f"/api/rosters/{made['id']}/submit")
        bench.client(head()).post(f"/api/rosters/{made['id']}/approve")
        bench.work()
        assert eoffice.pushed == []
        letter = the_letter(bench)
        assert (letter.status, letter.number) == ("numbered", None)
        wrong = sign(bench, letter, "salah")
        assert wrong.json["code"] == "wrong_passphrase"
        assert the_letter(bench).number is None
        assert sign(bench, letter, PASSPHRASE).status_code == 200
        assert the_letter(bench).number == "800.1.11.1/1/A1/IV/2026"
        bench.work()
        assert [push.get("nomorsurat") for push in eoffice.pushed] == [None, "800.1.11.1/1/A1/IV/2026"]
    finally:
        object.__setattr__(bench.context, "settings", bench.settings)


def sign(bench: Bench, letter: Letter, passphrase: str) -> Any:
    return bench.client(head()).post(f"/api/letters/{letter.id}/sign", json={"passphrase": passphrase})


def the_letter(bench: Bench) -> Letter:
    with bench.db.transaction() as session:
        return session.scalars(select(Letter)).one()


@pytest.mark.parametrize("form", ["800/{number}", "{number}/{agency}/{year}/{city}", "{number", "{agency}/{year}"])
def test_a_format_that_would_give_a_number_twice_is_refused_at_the_start(form: str) -> None:
    with pytest.raises(Exception, match=r"format|numbers would come twice"):
        _numbers_letters(form)

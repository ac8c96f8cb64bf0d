"""The rating of a person's WFH reports: the median of the newest judgements of 90 days, told when it changes (1.g)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from itertools import product
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, text

from services.reporting.duties.rules import RATINGS
from services.reporting.models import Assessment, DailyReport, Duty, DutyStatus
from services.reporting.standing.actions import tell_all, tell_standing
from services.reporting.standing.rules import RATING_NEEDS, rating_of
from shared.clock import wib_moment
from shared.contracts.reporting import StandingChangedV1
from shared.db import new_id
from shared.testing.bench import Bench
from tests.reporting.conftest import as_asn, as_superior
from tests.reporting.factories import a_picture, a_roster, report_form

WORTH = {"below": -1, "as": 0, "above": 1}
ratings = st.lists(st.sampled_from(RATINGS), min_size=RATING_NEEDS, max_size=40)
DAYS = [date(2026, 4, day) for day in (6, 7, 8, 9, 10)]


def rated(decisions: Iterable[str]) -> str:
    return rating_of(Counter(decisions))


@pytest.mark.parametrize(
    ("decisions", "rating"),
    [
        ([], ""),
        (["below"] * (RATING_NEEDS - 1), ""),
        (["below", "below", "above"], "below"),
        (["below", "as", "above"], "as"),
        (["above", "above", "as", "as"], "as"),  # half is not more than half
        (["below", "below", "above", "above"], "as"),
        (["above", "above", "above", "below"], "above"),
    ],
)
def test_more_than_half_make_a_rating_and_a_tie_goes_to_the_middle(decisions: list[str], rating: str) -> None:
    assert rated(decisions) == rating


@given(ratings)
def test_it_is_the_median_whatever_the_order(decisions: list[str]) -> None:
    values = [WORTH[decision] for decision in decisions]
    assert WORTH[rated(decisions)] == int(median(values))  # int: half a step is cut off towards the middle
    assert rated(reversed(decisions)) == rated(sorted(decisions)) == rated(decisions)
    assert min(values) <= WORTH[rated(decisions)] <= max(values)


@given(ratings, st.data())
def test_a_better_judgement_never_lowers_it(decisions: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(decisions) - 1))
    better = data.draw(st.sampled_from([each for each in RATINGS if WORTH[each] >= WORTH[decisions[place]]]))
    raised = [*decisions[:place], better, *decisions[place + 1 :]]
    assert WORTH[rated(raised)] >= WORTH[rated(decisions)]


@pytest.fixture
def judged(city: Bench) -> Bench:
    """Noon of Friday 10 April 2026; E1 and E2 have a duty on each day of the week."""
    city.clock.at = wib_moment(DAYS[0], 9)
    city.receive(a_roster({"E1": DAYS, "E2": DAYS}))
    return city


def file(bench: Bench, day: date, who: str = "E1", *, again: int = 0) -> str:
    """File the report of *day*, on that day; returns its id."""
    bench.clock.at = max(bench.clock.at, wib_moment(day, 12))
    photo = a_picture(shade=day.day * 10 + again + (100 if who == "E2" else 0))
    answer = as_asn(bench, who).post("/api/reports", **report_form(photo=photo, date=day.isoformat()))
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])


def assess(bench: Bench, report: str, decision: str, note: str = "") -> None:
    answer = as_superior(bench).post(f"/api/reports/{report}/assessment", json={"decision": decision, "note": note})
    assert answer.status_code == 201, answer.text


def told(bench: Bench) -> list[tuple[str, str]]:
    """(who, rating) as told, oldest first."""
    return [(told["employee_id"], told["rating"]) for told in bench.emitted(StandingChangedV1)]


def test_1_g_the_third_judgement_makes_a_rating_and_each_change_of_it_is_told_once(judged: Bench) -> None:
    for day, decision in zip(DAYS[:2], ("below", "below"), strict=True):
        assess(judged, file(judged, day), decision)
    assert told(judged) == []
    assess(judged, file(judged, DAYS[2]), "below")
    assert told(judged) == [("E1", "below")]
    assess(judged, file(judged, DAYS[3]), "above")  # three of four: still below
    assert told(judged) == [("E1", "below")]


def test_many_judged_at_once_are_told_together_and_refused_ones_do_not_count(judged: Bench) -> None:
    reports = [file(judged, day, who) for day in DAYS[:3] for who in ("E1", "E2")]
    assess(judged, reports[-1], "above")  # of E2; refused below, so E2 has above and twice as
    answer = as_superior(judged).post("/api/assessments", json={"report_ids": reports, "decision": "as"})
    assert len(answer.json["refused"]) == 1
    assert sorted(told(judged)) == [("E1", "as"), ("E2", "as")]


def test_only_the_newest_revision_counts_and_sent_back_is_no_rating(judged: Bench) -> None:
    for day in DAYS[:2]:
        assess(judged, file(judged, day), "above")
    assess(judged, file(judged, DAYS[2]), "sent_back", "Lengkapi hasilnya")
    assert told(judged) == []
    assess(judged, file(judged, DAYS[2], again=1), "above")
    assert told(judged) == [("E1", "above")]


def test_old_judgements_fall_out_by_night(judged: Bench) -> None:
    for day in DAYS[:3]:
        for who in ("E1", "E2"):
            assess(judged, file(judged, day, who), "below")
    assess(judged, file(judged, DAYS[3], "E2"), "below")
    first = len(told(judged))
    judged.clock.at = wib_moment(DAYS[0] + timedelta(days=90), 8)
    judged.work()
    assert [each for each in told(judged)[first:] if not each[1]] == []
    judged.clock.at = wib_moment(DAYS[0] + timedelta(days=91), 8)
    judged.work()
    # Two are left of E1, three of E2; neither may be mistaken for the reports they missed.
    assert told(judged)[-1] == ("E1", "")
    assert ("E2", "") not in told(judged)


def test_a_standing_told_before_there_were_ratings_is_completed_by_night(judged: Bench) -> None:
    for day in DAYS[:3]:
        assess(judged, file(judged, day), "below")
    with judged.db.transaction() as session:
        assert tell_all(session, now=judged.clock.now()) == []
        session.execute(text("update standing set rating = default, sanction = default"))
    with judged.db.transaction() as session:
        assert tell_all(session, now=judged.clock.now()) == ["E1"]
    assert told(judged) == [("E1", "below")] * 2


def test_late_filings_and_judgements_at_once_never_lock_up(judged: Bench) -> None:
    """Both write the audit log and tell standings, where writers take turns."""
    reports = [file(judged, day, "E2") for day in DAYS[:4]]
    judged.clock.at = wib_moment(DAYS[4], 8)
    judged.work()  # four of E1 are missing
    work: list[Callable[[], object]] = [
        *(partial(file, judged, day) for day in DAYS[:4]), *(partial(assess, judged, id_, "as") for id_ in reports)
    ]  # fmt: skip
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(do) for do in work[::4] + work[1::4] + work[2::4] + work[3::4]]:
            done.result()
    last = {each["employee_id"]: each for each in judged.emitted(StandingChangedV1)}
    assert (last["E1"]["overdue_reports"], last["E2"]["rating"]) == (0, "as")


def test_the_number_of_people_asked_does_not_change_the_number_of_statements(judged: Bench) -> None:
    ids = [f"P{n}" for n in range(60)]
    now = judged.clock.now()
    with judged.db.transaction() as session:
        for id_, day in product(ids, DAYS[:3]):
            report = DailyReport(id=new_id(), duty_id=new_id(), revision=1, filed_at=now, late=False)
            duty = Duty(
                id=report.duty_id, employee_id=id_, date=day, agency_id="A1", unit_id="U1", roster_id="R", due_at=now,
                status=DutyStatus.ASSESSED, report_id=report.id,
            )  # fmt: skip
            session.add(duty)
            session.flush()
            session.add(report)
            session.flush()
            session.add(Assessment(report_id=report.id, by="E0", by_name="-", at=now, decision="as", note=""))
    seen: list[str] = []

    def note(*args: Any) -> None:
        seen.append(args[2])

    event.listen(judged.db.engine, "before_cursor_execute", note)
    with judged.db.transaction() as session:
        assert tell_standing(session, ids[:1], now=now) == ids[:1]
    one = len(seen)
    with judged.db.transaction() as session:
        assert set(tell_standing(session, ids, now=now)) == set(ids[1:])
    event.remove(judged.db.engine, "before_cursor_execute", note)
    assert len(seen) == 2 * one

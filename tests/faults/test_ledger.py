"""The count sees a planted loss and a planted double, in plain numbers and in a real table."""

from __future__ import annotations

from pathlib import Path

import psycopg

from deploy.embedded.postgres import Cluster
from shared.db import Database
from tests.faults.bells.services import ECHO, HEARER, RING
from tests.faults.ledger import SEEN, Tally, seen_in, tally
from tests.faults.scenarios import Row


def test_all_well() -> None:
    assert tally({1, 2, 3}, {1: 1, 2: 1, 3: 1}) == Tally(expected=3, lost=0, doubled=0)


def test_a_number_without_effect_is_lost() -> None:
    assert tally({1, 2, 3}, {1: 1, 3: 1}) == Tally(expected=3, lost=1, doubled=0)


def test_effects_beyond_the_first_are_doubled() -> None:
    assert tally({1, 2}, {1: 3, 2: 1}) == Tally(expected=2, lost=0, doubled=2)


def test_an_effect_of_what_was_never_confirmed_is_no_loss_but_may_be_doubled() -> None:
    assert tally({1}, {1: 1, 2: 1, 3: 2}) == Tally(expected=1, lost=0, doubled=1)


def test_a_loss_does_not_make_up_for_a_double() -> None:
    assert tally({1, 2}, {1: 2}) + tally({1}, {1: 1}) == Tally(expected=3, lost=1, doubled=1)


def test_planted_rows_are_counted_from_the_table(cluster: Cluster, scratch: Path) -> None:
    cluster.create("luwes_ledger", "ledger")
    db = Database(cluster.url("ledger", "luwes_ledger"))
    HEARER.migrate(db)
    assert HEARER.differences(db) == []
    db.close()
    with psycopg.connect(cluster.dsn("ledger", "luwes_ledger")) as connection:
        numbers = [n for n in range(1, 101) if n != 40] + [60]  # 40 is lost, 60 twice
        connection.cursor().executemany(
            "insert into effect (kind, number) values (%s, %s)", [(RING, n) for n in numbers]
        )
        connection.execute("insert into effect (kind, number) values (%s, 40)", [ECHO])  # of another kind
        seen = seen_in(connection.execute(SEEN.encode(), [RING]).fetchall())
    assert tally(range(1, 101), seen) == Tally(expected=100, lost=1, doubled=1)


def run(*, control: bool = False, lost: int = 0, doubled: int = 0) -> Row:
    return Row("run", "pgmq", control, 1, 9, 9, {}, lost, doubled, 1.0, 1.0, {}, None, 1.0)


def test_a_run_is_good_when_nothing_is_lost_or_doubled_and_the_control_when_something_is_lost() -> None:
    assert run().good
    assert not run(lost=1).good
    assert not run(doubled=1).good
    assert run(control=True, lost=1).good
    assert not run(control=True).good

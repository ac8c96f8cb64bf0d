"""Signed letters are fetched with the key, checked by their hash, and never taken on trust."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.reporting.letters import actions
from services.reporting.models import Letter
from shared.testing.bench import Bench
from tests.benches import SCHEDULE_KEY
from tests.reporting.conftest import with_settings
from tests.reporting.factories import LETTER_PDF, a_letter, a_roster
from tests.reporting.servers import Letters, letter_server


@pytest.fixture
def letters() -> Iterator[Letters]:
    with letter_server(LETTER_PDF) as server:
        yield server


def receive(bench: Bench, letters: Letters, **overrides: Any) -> None:
    bench.receive(a_roster({"E1": []}, letter=a_letter(url=letters.url, **overrides)))


def stored(bench: Bench) -> Letter:
    with bench.db.transaction() as session:
        return session.scalars(select(Letter)).one()


def test_2_a_the_signed_letter_is_fetched_with_the_key_and_kept_unchanged(city: Bench, letters: Letters) -> None:
    receive(city, letters)
    letter = stored(city)
    assert letters.keys == [f"Bearer {SCHEDULE_KEY}"]
    assert letter.storage_key is not None
    assert city.context.storage.get(letter.storage_key) == LETTER_PDF
    assert letter.fetched_at == city.clock.at
    assert city.unfinished() == []


def test_a_letter_whose_hash_differs_is_not_kept_and_is_tried_again(city: Bench, letters: Letters) -> None:
    letters.content = LETTER_PDF + b"x"
    receive(city, letters)
    [(kind, _, error)] = city.unfinished()
    assert kind == "fetch_letter"
    assert error is not None
    assert "SHA-256" in error
    assert stored(city).storage_key is None
    letters.content = LETTER_PDF
    city.clock.at += timedelta(seconds=30)
    city.work()
    assert stored(city).storage_key is not None
    assert city.unfinished() == []


def test_a_letter_signed_anew_is_fetched_anew_and_one_told_twice_is_not(city: Bench, letters: Letters) -> None:
    receive(city, letters)
    receive(city, letters)
    assert len(letters.keys) == 1
    letters.content = LETTER_PDF + b"signed again"
    receive(city, letters, content=letters.content)
    letter = stored(city)
    assert city.context.storage.get(str(letter.storage_key)) == letters.content
    assert len(letters.keys) == 2


def test_inside_a_network_the_letter_is_read_from_the_address_in_the_settings(city: Bench, letters: Letters) -> None:
    inside, path = letters.url.split("/schedule/")
    with_settings(city, schedule_url=inside)
    letters.url = f"https://luwes.example.go.id/schedule/{path}"
    receive(city, letters)
    assert stored(city).storage_key is not None
    assert city.unfinished() == []


@pytest.mark.parametrize("status", [301, 403, 500])
def test_an_answer_that_is_not_200_is_no_letter_and_redirects_are_not_followed(
    city: Bench, letters: Letters, status: int
) -> None:
    letters.status = status
    receive(city, letters)
    [(_, _, error)] = city.unfinished()
    assert f"answered {status}" in str(error)
    assert len(letters.keys) == 1


def test_a_letter_without_end_is_cut_off(city: Bench, letters: Letters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "SIZE_LIMIT", 5_000)
    receive(city, letters)
    [(_, _, error)] = city.unfinished()
    assert "larger than 5000 bytes" in str(error)

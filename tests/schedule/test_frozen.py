"""What the head approved is what comes into force and is shown: the hash printed in the letter says so."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from services.schedule.integrations.signer import LocalSigner
from services.schedule.models import Letter, Roster, RosterCell, RosterStatus
from shared.contracts.schedule import RosterInForceV1
from shared.storage import sha256
from shared.testing.bench import Bench
from tests.benches import PASSPHRASE
from tests.schedule.factories import head
from tests.schedule.test_life_of_a_roster import Eoffice, eoffice, numbered, the_letter

__all__ = ["eoffice"]


def alter_a_cell(bench: Bench) -> None:
    with bench.db.transaction() as session:
        cell = session.scalars(select(RosterCell).where(RosterCell.mode == "wfh").limit(1)).one()
        cell.mode = "wfo"


def alter_the_file(bench: Bench) -> None:
    with bench.db.transaction() as session:
        roster = session.scalars(select(Roster)).one()
    bench.context.storage.put(f"rosters/{roster.id}/{roster.sha256}.json", b"{}")


def alter_the_hash_too(bench: Bench) -> None:
    """Row, file and hash fit each other, but not the letter."""
    alter_a_cell(bench)
    with bench.db.transaction() as session:
        roster = session.scalars(select(Roster)).one()
        body = b"{}"
        roster.sha256 = sha256(body)
    bench.context.storage.put(f"rosters/{roster.id}/{sha256(body)}.json", body)


def sign(bench: Bench) -> Any:
    return bench.client(head()).post(f"/api/letters/{the_letter(bench).id}/sign", json={"passphrase": PASSPHRASE})


def shown(bench: Bench) -> list[tuple[int, str | None]]:
    """Status and code of the roster's snapshot and of its exports."""
    path = f"/api/rosters/{the_letter(bench).roster_id}"
    answers = [
        bench.client(head()).get(f"{path}/snapshot"),
        *(bench.client(head()).get(f"{path}/export", query_string={"format": form}) for form in ("xlsx", "csv", "pdf")),
    ]
    return [(answer.status_code, answer.json["code"] if answer.status_code != 200 else None) for answer in answers]


@pytest.mark.parametrize("alter", [alter_a_cell, alter_the_file, alter_the_hash_too])
def test_an_altered_roster_is_neither_signed_nor_shown(
    bench: Bench, eoffice: Eoffice, alter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbered(bench, eoffice)
    assert shown(bench) == [(200, None)] * 4
    alter(bench)
    monkeypatch.setattr(LocalSigner, "sign", asked_in_vain)
    answer = sign(bench)
    assert (answer.status_code, answer.json["code"]) == (409, "roster_snapshot_differs")
    assert the_letter(bench).status == "numbered"
    assert bench.emitted(RosterInForceV1) == []
    assert shown(bench) == [(409, "roster_snapshot_differs")] * 4


def asked_in_vain(*_arguments: Any, **_options: Any) -> bytes:
    raise AssertionError("the signer was asked, though the letter cannot be in force")


def test_a_roster_in_force_is_still_the_one_approved(bench: Bench, eoffice: Eoffice) -> None:
    numbered(bench, eoffice)
    assert sign(bench).status_code == 200
    assert shown(bench) == [(200, None)] * 4
    alter_a_cell(bench)
    assert {code for _, code in shown(bench)} == {"roster_snapshot_differs"}


def test_a_letter_too_late_is_not_signed(bench: Bench, eoffice: Eoffice, monkeypatch: pytest.MonkeyPatch) -> None:
    numbered(bench, eoffice)
    monkeypatch.setattr(LocalSigner, "sign", asked_in_vain)
    bench.clock.at = bench.clock.at.replace(month=6)
    answer = sign(bench)
    assert (answer.status_code, answer.json["code"]) == (409, "letter_too_late")
    assert the_letter(bench).status == "numbered"


def test_an_addendum_to_a_roster_no_longer_in_force_is_not_signed(
    bench: Bench, eoffice: Eoffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbered(bench, eoffice)
    assert sign(bench).status_code == 200
    base = the_letter(bench).roster_id
    recall = {"date": "2026-04-24", "reason": "Kunjungan pimpinan"}
    made = bench.client(head()).post(f"/api/rosters/{base}/recall", json=recall)
    assert made.status_code == 201, made.text
    with bench.db.transaction() as session:
        addendum = session.scalars(select(Letter).where(Letter.roster_id == made.json["id"])).one()
        addendum.status, addendum.number = "numbered", "N/2"
        session.execute(update(Roster).where(Roster.id == base).values(status=RosterStatus.SUPERSEDED))
    monkeypatch.setattr(LocalSigner, "sign", asked_in_vain)
    answer = bench.client(head()).post(f"/api/letters/{addendum.id}/sign", json={"passphrase": PASSPHRASE})
    assert (answer.status_code, answer.json["code"]) == (409, "letter_state")

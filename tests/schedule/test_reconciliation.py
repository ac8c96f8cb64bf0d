"""What a missed webhook would have told is found by asking: SIMPEG every night, e-office about each open letter."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select

from deploy.embedded.fakes import eoffice as fake_eoffice
from deploy.embedded.fakes import simpeg as fake_simpeg
from deploy.embedded.fakes.letters import LetterBook
from deploy.embedded.fakes.webhooks import Target
from services.schedule.integrations.siasn import SiasnClient, SiasnUnavailable
from services.schedule.models import Employee, Letter, Reconciliation, Unit
from services.schedule.people import reconciliation
from services.schedule.settings import SiasnAccess, schedule_settings
from shared.durable import Context
from shared.jobs import JobRow
from shared.roles import Role
from shared.testing.bench import Bench
from shared.testing.city import a_person
from shared.worker import Worker
from tests.schedule.factories import a_unit, an_employee, head, operator, settle, two_agencies
from tests.servers import served

NOWHERE = Target("http://127.0.0.1:9/", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
IT = a_person("IT1", Role.IT)


def unit_row(unit_id: str, name: str, *, parent: str = "A1", leader: str = "", agency: str = "A1") -> dict[str, str]:
    return {
        "Id": unit_id, "DiatasanId": parent, "IndukUnorId": agency, "NamaUnor": name, "CepatKode": unit_id,
        "NamaJabatan": f"Kepala Bidang {unit_id}", "PemimpinPnsId": leader,
    }  # fmt: skip


def person_row(person_id: str, number: int, **overrides: str) -> dict[str, str]:
    row = {
        "id": person_id, "nipBaru": f"198501012010011{number:03d}", "nama": f"Pegawai {person_id}", "gelarDepan": "",
        "gelarBelakang": "", "emailGov": "", "email": "", "unorId": "U1", "jenisPegawaiNama": "PNS",
        "jabatanNama": "Analis Kebijakan Ahli Muda", "eselonId": "99", "pangkatAkhir": "Penata",
        "golRuangAkhir": "III/c", "kedudukanPnsId": "01",
    }  # fmt: skip
    return {**row, **overrides}


def write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0].keys())
        table.writeheader()
        table.writerows(rows)


@pytest.fixture
def simpeg(tmp_path: Path) -> Iterator[str]:
    """SIMPEG, where E2 has another post and E3 another unit than ours know, E4 is unknown and U3 is new."""
    units = [unit_row("A1", "Badan A1", parent=""), unit_row("U1", "Bidang U1"), unit_row("U3", "Bidang Baru")]
    people = [
        person_row("E1", 1),
        person_row("E2", 2, jabatanNama="Kepala Subbagian Umum", eselonId="41"),
        person_row("E3", 3, unorId="U3"),
        person_row("E5", 5, unorId="U9"),
    ]
    write(tmp_path / "ref-unor.csv", units)
    write(tmp_path / "data-utama.csv", people)
    with served(fake_simpeg.create_app(tmp_path, NOWHERE)) as url:
        yield url


def asking(bench: Bench, url: str) -> Bench:
    """The bench with SIMPEG's address configured."""
    access = SiasnAccess(url, url, "luwes", "rahasia", "luwes", "luwes", "rahasia")
    settings = replace(schedule_settings(bench.settings), siasn=access, reconcile_nightly=True)
    context = Context(settings, bench.clock, bench.context.storage)
    return replace(bench, settings=settings, context=context, app=bench.service.create_app(context, bench.db))


def ours(bench: Bench) -> None:
    agency = a_unit("A1", parent_id=None, name="Badan A1")
    people = [an_employee(f"E{n}", n) for n in (1, 2, 3, 4, 5)]
    settle(bench, [agency, a_unit("U1")], people)
    bench.clock.at += timedelta(hours=1)


def compared(bench: Bench) -> Reconciliation:
    with bench.db.transaction() as session:
        reconciliation.ask_for_run(session, schedule_settings(bench.settings), now=bench.clock.now())
    bench.work()
    with bench.db.transaction() as session:
        return session.scalars(select(Reconciliation)).one()


def test_what_webhooks_missed_is_mended_and_named(bench: Bench, simpeg: str) -> None:
    ours(bench)
    run = compared(asking(bench, simpeg))
    assert run.finished_at is not None
    assert (run.units, run.people, run.applied, run.rejected, run.gone) == (3, 5, 3, 1, 1)
    found = {each["subject"]: each for each in run.differences}
    assert found["unit/U3"]["outcome"] == "applied"
    assert found["employee/E2"]["fields"]["post"] == ["Analis Kebijakan Ahli Muda", "Kepala Subbagian Umum"]
    assert found["employee/E3"]["fields"]["unit_id"] == ["U1", "U3"]
    assert found["employee/E4"]["outcome"] == "gone"
    assert (found["employee/E5"]["outcome"], "U9" in found["employee/E5"]["reason"]) == ("rejected", True)
    assert "employee/E1" not in found
    with bench.db.transaction() as session:
        assert session.get_one(Employee, "E3").unit_id == "U3"
        assert session.get_one(Unit, "U3").name == "Bidang Baru"
        assert session.get_one(Employee, "E4").active, "a person decides about someone SIMPEG does not know"


def test_a_tmt_that_was_corrected_is_a_difference_once(bench: Bench, tmp_path: Path) -> None:
    ours(bench)
    settle(bench, [], [an_employee("E1", 1, since=date(2020, 2, 1))])
    bench.clock.at += timedelta(hours=1)
    write(tmp_path / "ref-unor.csv", [unit_row("A1", "Badan A1", parent=""), unit_row("U1", "Bidang U1")])
    people = [person_row(f"E{n}", n, tmtJabatan="01-02-2020") for n in (1, 2, 3, 4, 5)]
    for told, found in (("01-02-2020", 0), ("01-03-2021", 1), ("01-03-2021", 0)):
        people[0]["tmtJabatan"] = told
        write(tmp_path / "data-utama.csv", people)
        with served(fake_simpeg.create_app(tmp_path, NOWHERE)) as url, bench.db.transaction() as session:
            session.query(Reconciliation).delete()
            session.commit()
            run = compared(asking(bench, url))
        assert (run.applied, run.rejected) == (found, 0), told
        if found == 1:
            assert run.differences[0]["fields"] == {"since": ["2020-02-01", "2021-03-01"]}
        bench.clock.at += timedelta(hours=1)


def test_a_second_comparison_finds_only_what_nobody_has_mended(bench: Bench, simpeg: str) -> None:
    ours(bench)
    asked = asking(bench, simpeg)
    compared(asked)
    with bench.db.transaction() as session:
        session.query(Reconciliation).delete()
    bench.clock.at += timedelta(hours=1)
    run = compared(asked)
    assert (run.applied, run.rejected, run.gone) == (0, 1, 1)


def test_a_move_to_come_is_noted_once_and_is_no_difference_afterwards(bench: Bench, tmp_path: Path) -> None:
    ours(bench)
    write(tmp_path / "ref-unor.csv", [unit_row("A1", "Badan A1", parent=""), unit_row("U1", "Bidang U1")])
    people = [person_row(f"E{n}", n, tmtJabatan="01-02-2020") for n in (1, 2, 3, 4, 5)]
    people[0] |= {"jabatanNama": "Analis Kebijakan Ahli Madya", "tmtJabatan": "04-05-2026"}
    write(tmp_path / "data-utama.csv", people)
    with served(fake_simpeg.create_app(tmp_path, NOWHERE)) as url:
        asked = asking(bench, url)
        assert compared(asked).applied == 1
        with bench.db.transaction() as session:
            assert session.get_one(Employee, "E1").post == "Analis Kebijakan Ahli Muda"
            session.query(Reconciliation).delete()
        bench.clock.at += timedelta(hours=1)
        assert compared(asked).applied == 0


def test_a_place_with_an_earlier_tmt_than_ours_is_named_and_not_taken(bench: Bench, tmp_path: Path) -> None:
    ours(bench)
    other = [a_unit("B1", parent_id=None, agency_id="B1", name="Badan B1")]
    settle(bench, other, [an_employee("E1", 1, since=date(2026, 4, 1))])
    bench.clock.at += timedelta(hours=1)
    write(tmp_path / "ref-unor.csv", [unit_row("A1", "Badan A1", parent="")])
    write(tmp_path / "data-utama.csv", [person_row("E1", 1, unorId="B1", tmtJabatan="02-03-2026")])
    with served(fake_simpeg.create_app(tmp_path, NOWHERE)) as url:
        run = compared(asking(bench, url))
    [found] = [each for each in run.differences if each["subject"] == "employee/E1"]
    assert (found["outcome"], "01-04-2026" in found["reason"]) == ("rejected", True)
    with bench.db.transaction() as session:
        assert session.get_one(Employee, "E1").unit_id == "U1"


def test_it_goes_on_in_steps(bench: Bench, simpeg: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciliation, "PEOPLE_A_STEP", 2)
    ours(bench)
    run = compared(asking(bench, simpeg))
    with bench.db.transaction() as session:
        steps = session.scalars(select(JobRow).where(JobRow.kind == reconciliation.STEP)).all()
    assert (run.people, len(steps)) == (5, 1 + 3)
    assert run.finished_at is not None


def test_tokens_that_end_between_two_calls_are_fetched_anew_both_and_once(
    bench: Bench, simpeg: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = schedule_settings(asking(bench, simpeg).settings).siasn
    assert access is not None
    client, calls = SiasnClient(access, 5.0), list[str]()
    send = client._send

    def noted(method: str, url: str, **arguments: Any) -> requests.Response:
        calls.append(method)
        return send(method, url, **arguments)

    monkeypatch.setattr(client, "_send", noted)
    nips = [person_row("E1", 1)["nipBaru"], person_row("E2", 2)["nipBaru"]]
    assert client.employee(nips[0]) is not None
    assert calls == ["POST", "POST", "GET"]
    assert client.employee(nips[1]) is not None
    assert calls[3:] == ["GET"], "the tokens are used again"
    requests.post(f"{simpeg}/_fake/expire-tokens", timeout=5)
    found = client.employee(nips[1])
    assert (found.id if found else None) == "E2"
    assert calls[4:] == ["GET", "POST", "POST", "GET"]
    client.close()


@pytest.mark.parametrize("header", ["Authorization", "Auth"])
def test_one_of_the_two_tokens_that_ends_alone_is_fetched_anew(bench: Bench, simpeg: str, header: str) -> None:
    """They end at different times: SIMPEG's own lasts an hour, the single sign-on's half a day."""
    access = schedule_settings(asking(bench, simpeg).settings).siasn
    assert access is not None
    client = SiasnClient(access, 5.0)
    one, other = (person_row(f"E{n}", n)["nipBaru"] for n in (1, 2))
    assert client.employee(one) is not None
    client._tokens[header] = "bearer kedaluwarsa"
    stale = requests.get(f"{simpeg}/apisiasn/1.0/pns/data-utama/{other}", headers=client._tokens, timeout=5)
    assert stale.status_code == 401
    found = client.employee(other)
    assert (found.id if found else None) == "E2"
    assert client._tokens[header] != "bearer kedaluwarsa"
    client.close()


def test_a_simpeg_that_takes_no_token_is_an_error_to_try_again_and_not_an_unknown_person(
    bench: Bench, simpeg: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = schedule_settings(asking(bench, simpeg).settings).siasn
    assert access is not None
    client = SiasnClient(access, 5.0)
    monkeypatch.setattr(client, "_user_token", lambda: "salah")
    with pytest.raises(SiasnUnavailable, match="401"):
        client.employee(person_row("E1", 1)["nipBaru"])
    client.close()


def test_a_step_that_takes_long_leaves_the_rest_to_the_next(
    bench: Bench, simpeg: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation, "STEP_SECONDS", -1.0)
    ours(bench)
    run = compared(asking(bench, simpeg))
    assert (run.people, run.applied, run.rejected, run.gone) == (5, 3, 1, 1)
    with bench.db.transaction() as session:
        steps = session.scalars(select(JobRow).where(JobRow.kind == reconciliation.STEP)).all()
    assert len(steps) == 1 + 5, "units, and each person by themselves"


def test_while_simpeg_is_down_the_comparison_waits(bench: Bench) -> None:
    ours(bench)
    run = compared(asking(bench, "http://127.0.0.1:9"))
    assert (run.finished_at, run.people, run.applied) == (None, 0, 0)
    [(kind, status, error)] = bench.unfinished()
    assert (kind, status) == (reconciliation.STEP, "pending")
    assert "SIMPEG" in (error or "")


def test_each_night_is_planned_once_and_catches_up(bench: Bench, simpeg: str) -> None:
    ours(bench)
    asked = asking(bench, simpeg)
    for _ in range(2):  # two workers, or one that was started anew
        asked.worker.plan_night()
    worker: Worker = asked.worker
    bench.clock.at += timedelta(days=3)
    while worker.work():
        pass
    with bench.db.transaction() as session:
        nights = session.scalars(
            select(JobRow.key).where(JobRow.kind == reconciliation.START).order_by(JobRow.key)
        ).all()
        runs = session.scalars(select(Reconciliation)).all()
    assert nights == ["2026-04-11", "2026-04-14"], "the missed one, and the coming one"
    assert len(runs) == 1


def test_it_begins_a_comparison_and_reads_its_report(bench: Bench, simpeg: str) -> None:
    ours(bench)
    asked = asking(bench, simpeg)
    begun: Any = asked.client(IT).post("/api/reconciliations")
    assert begun.status_code == 202
    asked.work()
    [listed] = asked.client(IT).get("/api/reconciliations").json["rows"]
    assert listed["gone"] == 1
    detail = asked.client(IT).get(f"/api/reconciliations/{begun.json['id']}").json
    assert {each["subject"]: each["fields"] for each in detail["differences"]}["employee/E3"]["unit_id"] == ["U1", "U3"]
    for outsider in (operator(), head()):
        assert asked.client(outsider).post("/api/reconciliations").status_code == 403


def test_without_an_address_of_simpeg_the_answer_says_so(bench: Bench) -> None:
    answer = bench.client(IT).post("/api/reconciliations")
    assert (answer.status_code, answer.json["code"]) == (503, "simpeg_not_configured")


@pytest.fixture
def eoffice(tmp_path: Path) -> Iterator[tuple[str, LetterBook]]:
    """e-office whose webhooks reach nobody."""
    book = LetterBook(tmp_path / "letters", delay=0.0)
    with served(fake_eoffice.create_app(book, NOWHERE)) as url:
        yield url, book


def pushed(bench: Bench, url: str) -> Bench:
    """An approved roster whose letter e-office has."""
    settings = replace(schedule_settings(bench.settings), eoffice_url=url)
    context = Context(settings, bench.clock, bench.context.storage)
    asked = replace(bench, settings=settings, context=context, app=bench.service.create_app(context, bench.db))
    two_agencies(asked)
    roster = asked.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-04-15"}).json["id"]
    assert asked.client(operator()).post(f"/api/rosters/{roster}/submit").status_code < 300
    assert asked.client(head()).post(f"/api/rosters/{roster}/approve").status_code < 300
    asked.work()
    return asked


def letter_in(bench: Bench) -> Letter:
    with bench.db.transaction() as session:
        return session.scalars(select(Letter)).one()


def test_a_number_whose_webhook_was_lost_is_asked_for(bench: Bench, eoffice: tuple[str, LetterBook]) -> None:
    url, book = eoffice
    asked = pushed(bench, url)
    assert letter_in(asked).status == "pushed"
    bench.clock.at += timedelta(hours=1)
    asked.work()
    assert letter_in(asked).status == "pushed", "e-office has not numbered it yet"
    book.number_due(float("inf"))
    bench.clock.at += timedelta(hours=2)
    asked.work()
    letter = letter_in(asked)
    assert (letter.status, bool(letter.number)) == ("numbered", True)
    assert asked.unfinished() == []


def test_a_returned_letter_whose_webhook_was_lost_is_noticed(bench: Bench, eoffice: tuple[str, LetterBook]) -> None:
    url, book = eoffice
    asked = pushed(bench, url)
    book.send_back(str(letter_in(asked).eoffice_id), "Perbaiki tanggal")
    bench.clock.at += timedelta(hours=2)
    asked.work()
    letter = letter_in(asked)
    assert (letter.status, letter.note) == ("returned", "Perbaiki tanggal")

"""Of SIMPEG's and e-office's records only what Luwes reads stays, on every way in and in every table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import select, text

from deploy.embedded.fakes import simpeg as fake_simpeg
from deploy.embedded.postgres import Cluster
from services.schedule.app import SERVICE as SCHEDULE
from services.schedule.integrations import eoffice, simpeg
from shared.db import Database, SharedBase
from shared.inbox import InboxRow
from shared.testing.bench import Bench
from tests.schedule.factories import two_agencies
from tests.schedule.test_life_of_a_roster import send_webhook
from tests.schedule.test_people import upload
from tests.schedule.test_reconciliation import NOWHERE, asking, compared, person_row, unit_row, write
from tests.servers import served

PRIVATE = {
    "nik": "1872014455667788", "noHp": "081279001122", "tempatLahir": "Kotagajah", "alamat": "Jalan Kenanga 17",
    "namaIbu": "Ratnasari", "noRekening": "4455009911",
}  # fmt: skip


def hoard(bench: Bench) -> str:
    """All rows of all tables as text."""
    tables = [table for base in (bench.service.metadata, SharedBase.metadata) for table in base.sorted_tables]
    with bench.db.transaction() as session:
        return "\n".join(
            row for table in tables for row in session.scalars(text(f'select "{table.name}"::text from "{table.name}"'))
        )


def assert_nothing_private(bench: Bench) -> None:
    found = hoard(bench)
    assert "Pegawai P1" in found, "the person themselves is kept"
    assert [name for name, value in PRIVATE.items() if name in found or value in found] == []


def someone(**overrides: str) -> dict[str, str]:
    return person_row("P1", 77) | PRIVATE | overrides


def test_a_webhook_leaves_nothing_private_behind_whether_it_is_handled_parked_or_of_an_unknown_type(
    bench: Bench,
) -> None:
    two_agencies(bench, staff=1)
    told = [
        ("pegawai.diubah", someone()), ("pegawai.mutasi", someone(id="P2", nipBaru="12", nama="Pegawai P2")),
        ("pegawai.berhenti", someone()), ("pegawai.cuti_besar", someone()), ("gaji.dibayar", someone()),
        ("unor.diubah", {**unit_row("U1", "Bidang U1"), **PRIVATE}),
    ]  # fmt: skip
    for number, (type_, data) in enumerate(told):
        assert send_webhook(bench, "simpeg", type_, data, f"w{number}").status_code == 202
        bench.work()
    with bench.db.transaction() as session:
        assert len(session.scalars(select(InboxRow)).all()) == len(told)
    assert_nothing_private(bench)


def test_a_webhook_that_is_sent_again_with_other_private_data_is_the_same(bench: Bench) -> None:
    two_agencies(bench, staff=1)
    states = [
        send_webhook(bench, "simpeg", "pegawai.diubah", someone(noHp=number)).json["status"] for number in ("1", "2")
    ]
    assert states == ["accepted", "duplicate"]


def test_a_file_leaves_nothing_private_behind(bench: Bench, tmp_path: Path) -> None:
    two_agencies(bench, staff=1)
    path = tmp_path / "data-utama.csv"
    write(path, [someone(), someone(id="P2", nipBaru="12", nama="Pegawai Ditolak")])
    answer = upload(bench, "people", path.read_bytes())
    assert (answer.json["changed"], len(answer.json["rejected"])) == (1, 1)
    assert not any(value in answer.text for value in PRIVATE.values())
    assert_nothing_private(bench)


@pytest.fixture
def register(tmp_path: Path) -> Iterator[str]:
    units = [  # as two_agencies has them: nobody's superior changes by the comparison
        unit_row("A1", "Badan A1", parent="ROOT", leader="A1-head"), unit_row("U1", "Bidang U1", leader="E0"),
    ]  # fmt: skip
    write(tmp_path / "ref-unor.csv", units)
    write(tmp_path / "data-utama.csv", [someone(jabatanNama="Analis Hukum")])
    with served(fake_simpeg.create_app(tmp_path, NOWHERE)) as url:
        yield url


def test_a_comparison_with_simpeg_leaves_nothing_private_behind_nor_in_its_report(bench: Bench, register: str) -> None:
    two_agencies(bench, staff=1)
    send_webhook(bench, "simpeg", "pegawai.diubah", someone())
    bench.work()
    bench.clock.at += timedelta(hours=1)
    run = compared(asking(bench, register))
    assert [each["fields"] for each in run.differences if each["subject"] == "employee/P1"] == [
        {"post": ["Analis Kebijakan Ahli Muda", "Analis Hukum"]}
    ]
    assert_nothing_private(bench)


def test_a_trip_keeps_of_its_travellers_the_nip_alone(bench: Bench) -> None:
    two_agencies(bench, staff=1)
    traveller = {"nip": "198501012010011001", "nama": "Pegawai P1", **PRIVATE}
    trip = {
        "id": "9", "pelaksana": [traveller], "tanggal_berangkat": "2026-04-16", "tanggal_kembali": "2026-04-17",
        "tujuan": "Pegawai P1", **PRIVATE,
    }  # fmt: skip
    send_webhook(bench, "eoffice", "perjalanan_dinas.disetujui", trip)
    bench.work()
    with bench.db.transaction() as session:
        assert session.scalars(select(InboxRow)).one().payload["pelaksana"] == [{"nip": traveller["nip"]}]
    assert_nothing_private(bench)


class Read(dict[str, Any]):
    """Notes which fields are asked for."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> Any:
        self.names.add(name)
        return super().__getitem__(name)


def test_all_that_is_read_is_kept_and_no_more() -> None:
    person, unit = Read(someone()), Read(unit_row("U1", "Bidang U1"))
    simpeg.employee_in(person)
    simpeg.leaver_in(person)
    simpeg.unit_in(unit)
    assert (person.names, unit.names) == (set(simpeg.KEPT["pegawai"]), set(simpeg.KEPT["unor"]))
    letter = Read({"referensi": "0" * 32, "idsurat": "1", "nomor": "2", "tanggal": "2026-04-01", "catatan": "-"})
    eoffice.numbered_in(letter)
    eoffice.returned_in(letter)
    letter |= {"filepath": "/surat/1.pdf"}
    eoffice.signed_in(letter)
    assert letter.names == set(eoffice.LETTER_FIELDS)
    trip = Read(
        {"id": "9", "pelaksana": [{"nip": ""}], "tanggal_berangkat": "2026-04-16", "tanggal_kembali": "2026-04-16"}
    )
    eoffice.trip_in(trip)
    eoffice.trip_cancelled_in(trip)
    assert trip.names == set(eoffice.TRIP_FIELDS)


def test_the_migration_empties_webhooks_that_are_done_and_leaves_the_rest(cluster: Cluster) -> None:
    role = "luwes_what_was_kept"
    cluster.create(role, "what_was_kept")
    db = Database(cluster.url("what_was_kept", role))
    with db.engine.connect() as connection:
        command.upgrade(SCHEDULE._alembic(connection), "shared_0002")
        cases = [("simpeg", "done"), ("simpeg", "pending"), ("eoffice", "unhandled"), ("reporting", "done")]
        for number, (source, status) in enumerate(cases):
            connection.execute(
                text(
                    "insert into inbox (kind, payload, status, attempts, due_at, created_at, source, event_id, type,"
                    " subject, occurred_at)"
                    " values ('k', cast(:payload as jsonb), :status, 0, now(), now(), :source, :id, 't', '', now())"
                ),
                {"payload": f'{{"nik": "{number}"}}', "status": status, "source": source, "id": f"{number}"},
            )
        connection.commit()
        command.upgrade(SCHEDULE._alembic(connection), "shared_0003")
        kept = connection.execute(text("select source, status from inbox where payload ? 'nik' order by id")).all()
    db.close()
    assert [tuple(row) for row in kept] == [("simpeg", "pending"), ("reporting", "done")]

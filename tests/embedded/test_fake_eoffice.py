"""The fake e-office: a letter's way from draft to signed, its refusals, and its memory."""

from __future__ import annotations

import hashlib
import io
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import typst
from pyhanko.pdf_utils.reader import PdfFileReader

from deploy.embedded.fakes.eoffice import PASSPHRASE, create_app, read_recipients, start_workers
from deploy.embedded.fakes.letters import LetterBook
from deploy.embedded.fakes.webhooks import Target
from tests.servers import free_port

from .conftest import Fake, Serve, Start
from .receiver import SECRET, Receiver, until

FIELDS = (
    "id tanggal nomor perihal status status_surat penandatangan opd_pembuat posisi catatan filename filepath ttd_x "
    "ttd_y ttd_hal tujuansurat logsurat"
)
PDF = b"%PDF-1.7\n% surat tugas contoh\n%%EOF\n"
SIGNED = PDF + b"/ByteRange % ditandatangani\n"


@pytest.fixture
def eoffice(serve: Serve, receiver: Receiver, tmp_path: Path, small_dir: Path) -> Iterator[Fake]:
    book, target = LetterBook(tmp_path, delay=0.1), Target(receiver.url, SECRET)
    stop = start_workers(book, target)
    yield serve(create_app(book, target, read_recipients(small_dir)))
    stop()


def push(eoffice: Fake, pdf: bytes = PDF, **fields: str) -> requests.Response:
    """Push a draft, or with `idsurat` alone a file of a known letter."""
    form = fields if "idsurat" in fields else _draft() | fields
    return requests.post(f"{eoffice.url}/suratnew/kirim", data=form, files={"file": ("surat.pdf", pdf)}, timeout=5)


def _draft() -> dict[str, str]:
    return {
        "nip": "198001012005011001",
        "perihal": "Surat Tugas WFH Mei 2026",
        "penandatangan": "197001011995011001",
        "ringkasan": "Mohon nomor",
        "kirim": "197501012000011001",
        "referensi": "ref-1",
        "opd_pembuat": "BAPPEDA",
        "tanggal": "2026-04-09",
    }


def test_a_letter_is_numbered_then_signed_each_told_once(eoffice: Fake, receiver: Receiver) -> None:
    first = push(eoffice).json()
    assert first["status"] == "success"
    letter_id = first["data"]["idsurat"]
    assert push(eoffice).json()["data"]["idsurat"] == letter_id

    numbered = receiver.wait_for("surat.dinomori").body
    assert numbered["data"] == {
        "idsurat": letter_id,
        "referensi": "ref-1",
        "nomor": "800.1.11.1/1/BAPPEDA/IV/2026",
        "tanggal": "2026-04-09",
    }
    assert set(numbered) == {"type", "timestamp", "data"}

    assert push(eoffice, SIGNED, idsurat=letter_id).json()["data"]["status"] == "ditandatangani"
    signed = receiver.wait_for("surat.ditandatangani").body["data"]
    assert signed == {
        "idsurat": letter_id,
        "referensi": "ref-1",
        "nomor": numbered["data"]["nomor"],
        "tanggal": "2026-04-09",
        "sha256": hashlib.sha256(SIGNED).hexdigest(),
        "filepath": f"/suratnew/berkas/{letter_id}",
    }
    assert push(eoffice, SIGNED, idsurat=letter_id).status_code == 200
    assert push(eoffice, PDF, idsurat=letter_id).status_code == 409
    assert eoffice.get(f"/suratnew/berkas/{letter_id}").content == SIGNED
    time.sleep(0.3)
    assert [each.body["type"] for each in receiver.received] == ["surat.dinomori", "surat.ditandatangani"]
    assert receiver.refused == 0


def test_a_letter_can_be_signed_there_once_its_numbered_file_has_come(eoffice: Fake, receiver: Receiver) -> None:
    pdf = pdf_of("Surat Tugas")
    letter_id = push(eoffice, pdf).json()["data"]["idsurat"]
    receiver.wait_for("surat.dinomori")
    form = {"nip": "1", "nama": "Kepala Badan", "idsurat": letter_id, "passphrase": PASSPHRASE}

    def sign(**changes: str) -> requests.Response:
        return requests.post(f"{eoffice.url}/suratnew/tandatangan", data=form | changes, timeout=5)

    assert sign().status_code == 409
    push(eoffice, pdf, idsurat=letter_id)
    assert sign(passphrase="salah").status_code == 422
    assert sign().json()["data"]["status"] == "ditandatangani"
    told = receiver.wait_for("surat.ditandatangani").body["data"]
    signed = eoffice.get(told["filepath"]).content
    assert hashlib.sha256(signed).hexdigest() == told["sha256"]
    [signature] = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    assert signature.signer_cert.subject.native["common_name"] == "Kepala Badan"
    assert sign().status_code == 409


def pdf_of(text: str) -> bytes:
    return bytes(typst.compile(text.encode()))


def test_numbers_count_per_agency_and_year(eoffice: Fake, receiver: Receiver) -> None:
    wanted = {
        "a": ("BAPPEDA", "2026-04-09", "800.1.11.1/1/BAPPEDA/IV/2026"),
        "b": ("BAPPEDA", "28-12-2026", "800.1.11.1/2/BAPPEDA/XII/2026"),
        "c": ("KOMINFO", "2026-05-01", "800.1.11.1/1/KOMINFO/V/2026"),
        "d": ("BAPPEDA", "2027-01-04", "800.1.11.1/1/BAPPEDA/I/2027"),
    }
    for reference, (agency, day, number) in wanted.items():
        push(eoffice, referensi=reference, opd_pembuat=agency, tanggal=day)
        assert receiver.wait_for("surat.dinomori", referensi=reference).body["data"]["nomor"] == number


def test_what_is_no_letter_is_refused(eoffice: Fake) -> None:
    for answer, word in [
        (push(eoffice, b"PK\x03\x04 bukan pdf"), "PDF"),
        (push(eoffice, perihal=" "), "perihal"),
        (push(eoffice, tanggal="2026-02-30"), "Tanggal"),
    ]:
        assert answer.status_code == 422
        assert answer.json()["status"] == "error"
        assert word in answer.json()["message"]
    assert eoffice.get("/suratnew/99999").status_code == 404
    assert push(eoffice, idsurat="99999").status_code == 404
    letter_id = push(eoffice, referensi="cepat").json()["data"]["idsurat"]
    assert push(eoffice, SIGNED, idsurat=letter_id).status_code == 409  # not numbered yet


def test_a_letter_can_be_returned_and_handed_in_again(eoffice: Fake, receiver: Receiver) -> None:
    letter_id = push(eoffice).json()["data"]["idsurat"]
    receiver.wait_for("surat.dinomori")
    form = {"nip": "1", "idsurat": letter_id, "ringkasan": "Lampiran kurang", "kembalikan": "1"}
    answer = requests.post(f"{eoffice.url}/suratnew/kirim", data=form, timeout=5)
    assert answer.json()["data"]["status"] == "dikembalikan"
    returned = receiver.wait_for("surat.dikembalikan").body["data"]
    assert returned == {"idsurat": letter_id, "referensi": "ref-1", "catatan": "Lampiran kurang"}
    push(eoffice, PDF + b"% diperbaiki", idsurat=letter_id)
    until(lambda: len(receiver.of("surat.dinomori")) == 2 or None)
    assert len({each.body["data"]["nomor"] for each in receiver.of("surat.dinomori")}) == 1


def test_the_control_returns_instead_of_numbering(eoffice: Fake, receiver: Receiver) -> None:
    order = {"referensi": "ref-9", "catatan": "Salah dasar hukum"}
    assert eoffice.post("/_fake/return", order).json()["idsurat"] is None
    push(eoffice, referensi="ref-9")
    assert receiver.wait_for("surat.dikembalikan").body["data"]["catatan"] == "Salah dasar hukum"
    assert receiver.of("surat.dinomori") == []


def test_lists_show_letters_where_they_are(eoffice: Fake, receiver: Receiver) -> None:
    draft = _draft()
    letter_id = push(eoffice).json()["data"]["idsurat"]
    receiver.wait_for("surat.dinomori")

    def ids(box: str, **params: str) -> list[str]:
        return [row["id"] for row in eoffice.get(f"/suratnew/{box}", **params).json()["data"]]

    assert ids("draf", nip=draft["nip"]) == ids("masuk", nip=draft["kirim"]) == [letter_id]
    assert ids("keluar", nip=draft["nip"]) == ids("masuk", nip=draft["nip"]) == []
    push(eoffice, SIGNED, idsurat=letter_id)
    assert ids("keluar", nip=draft["nip"], unit_kerja="BAPPEDA") == [letter_id]
    assert ids("keluar", unit_kerja="KOMINFO") == []
    assert eoffice.get("/suratnew/draf").status_code == 422
    letter = eoffice.get(f"/suratnew/{letter_id}").json()["data"]
    assert set(FIELDS.split()) <= set(letter)
    assert [entry["idlogsurat"] for entry in letter["logsurat"]] == [f"{letter_id}-{n}" for n in (1, 2, 3)]

    camat = eoffice.get("/suratnew/kirim_ke", unit_kerja="KEC-METRO-PUSAT", search="camat", limit="5").json()["data"]
    assert [row["jabatan"] for row in camat if row["jabatan"].startswith("Camat")] == ["Camat Metro Pusat"]
    assert len(eoffice.get("/suratnew/kirim_ke", limit="3", offset="1").json()["data"]) == 3


def test_an_untaken_webhook_keeps_its_id_and_order_over_retries(eoffice: Fake, receiver: Receiver) -> None:
    receiver.answers = [500, 301]
    push(eoffice)
    receiver.wait_for("surat.dinomori")
    tries = receiver.of("surat.dinomori")
    assert [each.status for each in tries] == [500, 301, 202]
    assert len({each.webhook_id for each in tries}) == 1
    assert tries[-1].timestamp > tries[0].timestamp
    assert tries[0].body == tries[-1].body
    assert until(lambda: eoffice.get("/_fake/pending").json() == [] or None)


def test_letters_and_untaken_webhooks_survive_a_kill(start: Start, receiver: Receiver, tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/"
    first = start(
        "eoffice", FAKE_EOFFICE_DIR=tmp_path, FAKE_EOFFICE_WEBHOOK_URL=nobody, FAKE_EOFFICE_DELAY=0.1,
    )  # fmt: skip
    letter_id = push(first).json()["data"]["idsurat"]
    waiting = until(lambda: first.get("/_fake/pending").json() or None)
    first.stop(signal.SIGKILL)
    second = start(
        "eoffice", FAKE_EOFFICE_DIR=tmp_path, FAKE_EOFFICE_WEBHOOK_URL=receiver.url, FAKE_EOFFICE_DELAY=0.1,
    )  # fmt: skip
    assert receiver.wait_for("surat.dinomori").webhook_id == waiting[0]["id"]
    assert push(second).json()["data"]["idsurat"] == letter_id
    push(second, referensi="ref-2")
    number = receiver.wait_for("surat.dinomori", referensi="ref-2").body["data"]["nomor"]
    assert number == "800.1.11.1/2/BAPPEDA/IV/2026"
    assert second.stop() == 0


def test_other_events_of_eoffice_can_be_sent(eoffice: Fake, receiver: Receiver) -> None:
    meeting = {"type": "rapat.dijadwalkan", "data": {"idrapat": "7", "judul": "Rapat koordinasi"}}
    assert eoffice.post("/_fake/events", meeting).json()["status"] == 202
    assert receiver.received[-1].body["data"]["idrapat"] == "7"
    eoffice.post("/_fake/faults", {"mode": "down", "count": 1})
    assert push(eoffice).status_code == 503
    assert push(eoffice).status_code == 200


def test_a_trip_is_told_whole_and_a_later_event_may_name_only_what_changed(eoffice: Fake, receiver: Receiver) -> None:
    trip = {
        "pelaksana": [{"nip": "198001012005011001"}], "tanggal_berangkat": "2026-04-16", "tanggal_kembali": "2026-04-17"
    }  # fmt: skip
    first = eoffice.post("/_fake/events", {"type": "perjalanan_dinas.disetujui", "data": trip}).json()["data"]
    other = eoffice.post("/_fake/events", {"type": "perjalanan_dinas.diajukan", "data": trip}).json()["data"]
    assert first["id"] != other["id"]
    changed = {"id": first["id"], "tanggal_kembali": "2026-04-18"}
    eoffice.post("/_fake/events", {"type": "perjalanan_dinas.selesai", "data": changed})
    assert receiver.received[-1].body["data"] == {**first, "tanggal_kembali": "2026-04-18"}
    assert receiver.refused == 0
    nobody = {"tanggal_berangkat": "2026-04-16", "tanggal_kembali": "2026-04-17"}
    assert eoffice.post("/_fake/events", {"type": "perjalanan_dinas.disetujui", "data": nobody}).status_code == 400

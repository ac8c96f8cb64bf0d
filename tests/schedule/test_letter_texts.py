"""What a letter says, read from the signed PDF itself; and the agency's letterhead on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from environs import Env
from sqlalchemy import select

from services.schedule.letters.actions import unsigned_pdf, verification_url
from services.schedule.letters.rules import LetterheadFacts, office_note
from services.schedule.models import Letter, Roster
from services.schedule.policy.reading import read_policy
from services.schedule.settings import LetterWording, read_wording, schedule_settings
from services.schedule.verification.rules import grouped
from shared.testing.bench import Bench
from shared.testing.city import a_person
from tests.benches import PASSPHRASE
from tests.schedule.bsre import configured
from tests.schedule.factories import head, operator, two_agencies
from tests.schedule.paper import pages, qr_codes
from tests.schedule.test_clauses import draft
from tests.schedule.test_life_of_a_roster import Eoffice, eoffice, numbered, send_webhook, the_letter
from tests.schedule.test_policies import example, organisation

__all__ = ["eoffice"]

LETTERHEAD = {
    "address": "Jalan A.H. Nasution Nomor 3", "postal_code": "34111", "phone": "(0725) 41000",
    "email": "a1@metro.example", "website": "a1.metro.example",
}  # fmt: skip
HEAD = "Kepala Badan A1, Pegawai A1-head Penata (III/c) NIP 198501012010011900"


def signed_pdf(bench: Bench, letter: Letter) -> bytes:
    answer = bench.client(head()).post(f"/api/letters/{letter.id}/sign", json={"passphrase": PASSPHRASE})
    assert answer.status_code == 200, answer.text
    found: bytes = bench.client(head()).get(f"/api/letters/{letter.id}/pdf").data
    return found


def put(bench: Bench, body: dict[str, str], agency: str = "A1") -> Any:
    return bench.client(operator()).put(f"/api/agencies/{agency}/letterhead", json=body)


def letter_of(bench: Bench, roster_id: str) -> Letter:
    with bench.db.transaction() as session:
        return session.scalars(select(Letter).where(Letter.roster_id == roster_id)).one()


def test_the_signed_letter_has_all_parts_of_an_assignment_letter(bench: Bench, eoffice: Eoffice) -> None:
    two_agencies(bench)
    assert put(bench, LETTERHEAD).json == {**LETTERHEAD, "missing": []}
    letter = numbered(bench, eoffice)
    first, *attachment = pages(signed_pdf(bench, letter))
    for words in (
        "PEMERINTAH KOTA METRO BADAN A1 Jalan A.H. Nasution Nomor 3, Kota Metro, Lampung 34111 "
        "Telepon (0725) 41000 Pos-el a1@metro.example Laman a1.metro.example",
        "SURAT TUGAS Nomor: 800.1.11.1/1/A1/IV/2026",
        "Menimbang: a. bahwa dalam rangka transformasi budaya kerja",
        "Dasar: 1. ",
        "Nomor 3 Tahun 2026 tentang Pelaksanaan Tugas Kedinasan",
        "MEMBERI TUGAS Kepada: Nama-nama sebagaimana terlampir. Untuk: 1. Melaksanakan tugas kedinasan di kantor",
        f"Ditetapkan di Metro pada tanggal 8 April 2026 {HEAD}",
        "Tembusan: 1. Wali Kota Metro 2. Sekretaris Daerah Kota Metro u.p. Kepala Bagian Organisasi",
        "bukan dokumen sah dan tidak berkekuatan hukum. 1/2",
        grouped(letter.verification_code),
    ):
        assert words in first, words
    table = " ".join(attachment)
    assert "Lampiran Surat Tugas Nomor 800.1.11.1/1/A1/IV/2026 JADWAL WFO DAN WFH APRIL 2026" in table
    assert "No. Nama NIP Pangkat/Gol. Jabatan Unit kerja Jum 10/4 Jum 17/4 Jum 24/4" in table
    for number, row in enumerate(letter.content["rows"], start=1):
        assert " ".join([str(number), *row]) in table
    assert len(letter.content["rows"]) == 8
    with bench.db.transaction() as session:
        assert f"Sidik data jadwal (SHA-256): {session.scalars(select(Roster.sha256)).one()}" in table


def test_an_addendum_names_its_reason_the_former_letter_and_each_difference(bench: Bench, eoffice: Eoffice) -> None:
    signed_pdf(bench, numbered(bench, eoffice))
    with bench.db.transaction() as session:
        base = session.scalars(select(Roster)).one()
    body = {"date": "2026-04-24", "reason": "Kunjungan kerja pimpinan"}
    made = bench.client(head()).post(f"/api/rosters/{base.id}/recall", json=body)
    assert made.status_code == 201, made.text
    addendum = letter_of(bench, made.json["id"])
    news = {"idsurat": "S2", "referensi": str(addendum.id), "nomor": "N/2", "tanggal": "2026-04-10"}
    send_webhook(bench, "eoffice", "surat.dinomori", news, webhook_id="w2")
    bench.work()
    first, *attachment = pages(signed_pdf(bench, addendum))
    former = "Surat Tugas Nomor 800.1.11.1/1/A1/IV/2026 tanggal 8 April 2026"
    for words in (
        "ADENDUM SURAT TUGAS Nomor: N/2",
        "bahwa perlu menarik pegawai untuk bertugas di kantor karena: Kunjungan kerja pimpinan;",
        f"Dasar: 1. {former};",
        f"Hal lain dalam {former} tetap berlaku.",
        HEAD,
        "Tembusan: 1. Wali Kota Metro",
    ):
        assert words in first, words
    table = " ".join(attachment)
    assert "PERUBAHAN JADWAL WFO DAN WFH APRIL 2026" in table
    assert "Unit kerja Tanggal Semula Menjadi" in table
    assert addendum.content["rows"]
    for number, row in enumerate(addendum.content["rows"], start=1):
        assert row[-3:] == ["24 April 2026", "WFH", "WFO"]
        assert " ".join([str(number), *row]) in table
    assert f"Mengubah lampiran {former}." in table
    assert f"Sidik data jadwal (SHA-256): {made.json['sha256']}" in table


def test_the_qr_code_on_the_page_leads_to_the_letters_own_page(bench: Bench, eoffice: Eoffice) -> None:
    letter = numbered(bench, eoffice)
    url = verification_url(schedule_settings(bench.settings), letter.verification_code)
    assert qr_codes(signed_pdf(bench, letter)) == [url]


def test_another_government_has_its_own_words(bench: Bench, eoffice: Eoffice) -> None:
    wording = LetterWording(
        government="PEMERINTAH KOTA CONTOH", region="Kota Contoh, Jawa", place="Contoh", copies=("Wali Kota Contoh",),
        footer="Ditandatangani secara elektronik.",
    )  # fmt: skip
    with configured(bench, letter_wording=wording):
        letter = numbered(bench, eoffice)
    real = replace(schedule_settings(bench.settings), profile="production")
    first, *_ = pages(unsigned_pdf(letter, real))
    for words in ("PEMERINTAH KOTA CONTOH BADAN A1 Kota Contoh, Jawa SURAT", "Ditetapkan di Contoh",
                  "Tembusan: 1. Wali Kota Contoh", "Ditandatangani secara elektronik. 1/2"):  # fmt: skip
        assert words in first, words
    assert "Metro" not in first.split("Menimbang")[0]
    assert "Sekretaris Daerah Kota Metro" not in first


def test_wording_comes_from_the_settings_and_what_is_empty_is_as_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("GOVERNMENT", "REGION", "PLACE", "COPIES", "FOOTER"):
        monkeypatch.setenv(f"SCHEDULE_LETTER_{variable}", "")  # as docker-compose passes what is not set
    assert read_wording(Env()) == LetterWording()
    monkeypatch.setenv("SCHEDULE_LETTER_COPIES", " Wali Kota Contoh; ;Sekretaris Daerah ")
    monkeypatch.setenv("SCHEDULE_LETTER_PLACE", "Contoh")
    expected = LetterWording(place="Contoh", copies=("Wali Kota Contoh", "Sekretaris Daerah"))
    assert read_wording(Env()) == expected


def days(*numbers: int, clause: str = "1.b.1") -> dict[date, str]:
    """Days of the week of Monday 6 April 2026, and of the next."""
    return {date(2026, 4, 6 + number + 7 * week): clause for number in numbers for week in (0, 1)}


@pytest.mark.parametrize(
    ("office", "home", "note"),
    [
        (days(0, 1, 2, 3), [4], "Senin–Kamis seluruh pegawai WFO (1.b.1). "),
        (days(0, 1, 3, clause="3.a"), [2, 4], "Senin, Selasa, dan Kamis seluruh pegawai WFO (3.a). "),
        (days(0, 1), [2], "Senin dan Selasa seluruh pegawai WFO (1.b.1). "),
        (days(0, 1, 2, 3), [3, 4], "Senin–Rabu seluruh pegawai WFO (1.b.1). "),
        (days(0) | days(1, clause="3.a"), [4],
         "Senin seluruh pegawai WFO (1.b.1). Selasa seluruh pegawai WFO (3.a). "),
        ({}, [0, 4], ""),
    ],
)  # fmt: skip
def test_the_note_names_the_weekdays_that_are_at_the_office_for_all(
    office: dict[date, str], home: list[int], note: str
) -> None:
    assert office_note(office, list(days(*home))) == note


def test_the_letter_of_another_citys_policy_cites_that_and_its_days(bench: Bench, eoffice: Eoffice) -> None:
    two_agencies(bench)
    tiers = example("tiers-25-50-100")
    first = next(line for line in tiers.splitlines() if line.startswith("valid_from"))
    policy = tiers.replace(first, "valid_from = 2026-05-01")
    for step in ("", f"/{read_policy(policy.encode()).id}/activate"):
        body = {} if step else {"json": {"content": policy}}
        assert bench.client(organisation()).post(f"/api/policies{step}", **body).status_code in (200, 201)
    made = bench.client(operator()).post("/api/rosters", json={"agency_id": "A1", "month": "2026-05-01"})
    bench.client(operator()).post(f"/api/rosters/{made.json['id']}/submit")
    assert bench.client(head()).post(f"/api/rosters/{made.json['id']}/approve").status_code == 200
    content = the_letter(bench).content
    assert content["basis"][0] == f"{read_policy(policy.encode()).title};"
    assert content["note"].startswith("Senin, Selasa, dan Kamis seluruh pegawai WFO (")
    assert "1.b.1" not in content["note"]


def test_absent_lines_of_the_kop_are_left_out() -> None:
    assert LetterheadFacts().lines("") == []
    assert LetterheadFacts().lines("Kota Metro, Lampung") == ["Kota Metro, Lampung"]
    assert LetterheadFacts(phone="0725").lines("Kota Metro") == ["Kota Metro", "Telepon 0725"]
    assert LetterheadFacts(address="Jalan A", postal_code="34111").lines("Metro") == ["Jalan A, Metro 34111"]


def test_the_rosters_page_says_what_the_kop_misses_while_it_can_still_be_completed(
    bench: Bench, eoffice: Eoffice
) -> None:
    two_agencies(bench)
    roster_id = draft(bench)
    page, said = f"/rosters/{roster_id}", "Kop surat belum memuat: alamat, kode pos, telepon, pos-el, laman."
    assert said in bench.client(operator()).get(page, page=True).text
    assert said not in bench.client(a_person("E2")).get(page, page=True).text
    bench.client(operator()).post(f"/api/rosters/{roster_id}/submit")
    assert said in bench.client(head()).get(page, page=True).text
    assert bench.client(operator()).post("/agencies/A1/letterhead", data=LETTERHEAD, page=True).status_code == 302
    assert "Kop surat belum memuat" not in bench.client(head()).get(page, page=True).text


def test_the_letters_page_says_what_the_kop_misses_and_a_later_one_does_not_touch_the_letter(
    bench: Bench, eoffice: Eoffice
) -> None:
    letter = numbered(bench, eoffice)
    client, page = bench.client(operator()), f"/letters/{letter.id}"
    wanted = "Kop surat ini belum memuat: alamat, kode pos, telepon, pos-el, laman."
    assert wanted in client.get(page, page=True).text
    assert "Lengkapi kop surat" in client.get("/letters", page=True).text
    form = client.post("/agencies/A1/letterhead", data=LETTERHEAD, page=True)
    assert (form.status_code, form.headers["Location"]) == (302, "/schedule/letters")
    assert LETTERHEAD["address"] in client.get("/agencies/A1/letterhead", page=True).text
    assert "Ubah kop surat" in client.get("/letters", page=True).text
    assert wanted in client.get(page, page=True).text  # frozen when the roster was approved
    assert the_letter(bench).content == letter.content


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("postal_code", "3411"),
        ("postal_code", "３４１１１"),
        ("phone", "nol tujuh"),
        ("email", "a1"),
        ("website", "laman kami"),
        ("address", "Jalan\nDua baris"),
        ("address", "x" * 201),
        ("telepon", "x"),
    ],
)
def test_a_letterhead_that_cannot_be_printed_is_refused_by_field(bench: Bench, name: str, value: str) -> None:
    two_agencies(bench)
    answer = put(bench, LETTERHEAD | {name: value})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, f"/{name}")
    assert bench.client(operator()).get("/api/agencies/A1/letterhead").json["address"] == ""
    if name in LETTERHEAD:
        page = bench.client(operator()).post("/agencies/A1/letterhead", data=LETTERHEAD | {name: value}, page=True)
        assert (page.status_code, "invalid-feedback" in page.text) == (422, True)


def test_only_an_agencys_own_operator_and_head_set_its_letterhead(bench: Bench) -> None:
    two_agencies(bench)
    assert put(bench, LETTERHEAD, agency="A2").status_code == 403
    path = "/api/agencies/A1/letterhead"
    assert bench.client(head()).put(path, json={"address": "Jalan B"}).json["address"] == "Jalan B"
    assert bench.client(head()).get(path).json["missing"] == ["postal_code", "phone", "email", "website"]
    assert bench.client(operator("A2")).get(path).status_code == 403

"""The public page of a letter: found by its code alone, honest about what the letter is worth, telling of no people."""

from __future__ import annotations

import importlib
import io
import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa
import typst
from pyhanko.pdf_utils.reader import PdfFileReader
from sqlalchemy import select

from deploy.embedded.postgres import Cluster
from services.schedule.app import SERVICE
from services.schedule.letters.render import qr_code
from services.schedule.models import Letter, Roster
from services.schedule.models.letters import new_code
from services.schedule.verification.actions import FILE_LIMIT
from services.schedule.verification.rules import CODE, Standing, grouped, read_code, standing_of
from shared.db import Database
from shared.storage import sha256
from shared.testing.bench import Bench
from tests.benches import PASSPHRASE
from tests.schedule.factories import head, operator
from tests.schedule.paper import pages, qr_codes
from tests.schedule.test_life_of_a_roster import Eoffice, approved, eoffice, numbered, send_webhook, the_letter

__all__ = ["eoffice"]

CODE_SAMPLE = "ABCDEFGHIJKLMNOPQRSTUVWX"


def signed(bench: Bench, fake: Eoffice) -> tuple[Letter, bytes]:
    letter = numbered(bench, fake)
    answer = bench.client(head()).post(f"/api/letters/{letter.id}/sign", json={"passphrase": PASSPHRASE})
    assert answer.status_code == 200, answer.text
    return the_letter(bench), bench.client(head()).get(f"/api/letters/{letter.id}/pdf").data


def check(bench: Bench, code: str, content: bytes, *, page: bool = False) -> Any:
    """Send a file as someone who is not signed in."""
    path = f"/verify/{code}/check" if page else f"/api/verify/{code}/check"
    form = requests.Request("POST", "http://localhost", files={"file": ("surat.pdf", content)}).prepare()
    return bench.client().post(path, data=form.body, headers={"Content-Type": form.headers["Content-Type"]}, page=page)


def test_codes_are_long_random_and_typed_from_paper_in_any_way() -> None:
    codes = {new_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert all(CODE.fullmatch(code) for code in codes)
    code = "OB2I" + CODE_SAMPLE[4:]
    by_looks = "0821" + code[4:]
    for typed in (grouped(code), code.lower(), f" {grouped(code).lower()} ", by_looks, code.replace("I", "1")):
        assert read_code(typed) == code, typed


@pytest.mark.parametrize("typed", ["", "ABC", CODE_SAMPLE + "A", "!" * 24, "é" * 24])
def test_what_is_no_code_is_not_looked_for(typed: str) -> None:
    assert read_code(typed) is None


@pytest.mark.parametrize(
    ("letter", "roster", "standing"),
    [
        ("drafted", "approved", Standing.UNSIGNED),
        ("pushed", "approved", Standing.UNSIGNED),
        ("numbered", "approved", Standing.UNSIGNED),
        ("signed", "in_force", Standing.VALID),
        ("signed", "superseded", Standing.SUPERSEDED),
        ("returned", "rejected", Standing.WITHDRAWN),
    ],
)
def test_what_a_letter_is_worth(letter: str, roster: str, standing: Standing) -> None:
    assert standing_of(letter, roster) == standing


def test_everyone_sees_what_a_signed_letters_head_says_and_nobody_in_it(bench: Bench, eoffice: Eoffice) -> None:
    letter, pdf = signed(bench, eoffice)
    told = bench.client().get(f"/api/verify/{letter.verification_code}")
    assert told.status_code == 200
    assert told.json == {
        "code": letter.verification_code, "standing": "valid", "development": True,
        "number": "800.1.11.1/1/A1/IV/2026", "letter_date": "2026-04-08", "agency": "BADAN A1",
        "subject": "SURAT TUGAS: JADWAL WFO DAN WFH APRIL 2026", "month": "2026-04-01",
        "signer_name": "Pegawai A1-head", "signer_post": "Kepala Badan A1", "signed_at": told.json["signed_at"],
        "certificate_name": "Luwes development signer (bukan dokumen sah)", "sha256": sha256(pdf),
        "changed_by": None,
    }  # fmt: skip
    page = bench.client().get(f"/verify/{grouped(letter.verification_code).lower()}", page=True)
    for words in ("sah: sudah ditandatangani", "800.1.11.1/1/A1/IV/2026", "8 April 2026", "BADAN A1", "Pegawai A1-head",
                  "Kepala Badan A1", "April 2026", sha256(pdf), "bukan dokumen sah"):  # fmt: skip
        assert words in page.text, words
    for name, nip in ((row[0], row[1]) for row in letter.content["rows"]):
        if name != "Pegawai A1-head":
            assert name not in page.text + told.text
        assert nip not in page.text + told.text
    assert page.headers["Cache-Control"] == "no-store"


def test_a_letter_that_is_not_signed_says_so(bench: Bench, eoffice: Eoffice) -> None:
    letter = numbered(bench, eoffice)
    page = bench.client().get(f"/verify/{letter.verification_code}", page=True).text
    assert "belum ditandatangani" in page
    draft = bench.client(head()).get(f"/api/letters/{letter.id}/draft").data
    assert check(bench, letter.verification_code, draft).json["result"] == "nothing_signed"
    assert "bukan Surat Tugas yang sah" in check(bench, letter.verification_code, draft, page=True).text


def test_a_letter_that_was_sent_back_is_not_valid(bench: Bench, eoffice: Eoffice) -> None:
    approved(bench)
    bench.work()
    letter = the_letter(bench)
    send_webhook(bench, "eoffice", "surat.dikembalikan", {"referensi": str(letter.id), "catatan": "Perbaiki"})
    bench.work()
    assert bench.client().get(f"/api/verify/{letter.verification_code}").json["standing"] == "withdrawn"
    page = bench.client().get(f"/verify/{letter.verification_code}", page=True).text
    assert "ditarik atau dikembalikan" in page
    assert "Perbaiki" not in page  # what officials write to each other is not for everyone


def test_a_letter_whose_roster_was_replaced_says_so_and_is_still_the_same_file(bench: Bench, eoffice: Eoffice) -> None:
    letter, pdf = signed(bench, eoffice)
    with bench.db.transaction() as session:
        session.get_one(Roster, letter.roster_id).status = "superseded"
    answer = check(bench, letter.verification_code, pdf)
    assert (answer.json["result"], answer.json["letter"]["standing"]) == ("same", "superseded")
    assert "diubah oleh surat yang lebih baru" in check(bench, letter.verification_code, pdf, page=True).text


def test_exactly_the_signed_file_is_recognised_and_any_changed_byte_makes_another(
    bench: Bench, eoffice: Eoffice, tmp_path: Path
) -> None:
    letter, pdf = signed(bench, eoffice)
    code = letter.verification_code
    same = check(bench, code, pdf)
    assert (same.status_code, same.json["result"], same.json["sha256"]) == (200, "same", sha256(pdf))
    assert "Berkas ini asli" in check(bench, code, pdf, page=True).text
    for place in (len(pdf) // 3, len(pdf) - 1):
        changed = bytearray(pdf)
        changed[place] ^= 1
        assert check(bench, code, bytes(changed)).json["result"] == "different"
    page = check(bench, code, bytes(changed), page=True)
    assert (page.status_code, "Berkas ini berbeda" in page.text) == (200, True)
    changed = bytearray(pdf)
    changed[len(pdf) // 3] ^= 1
    assert "Signature is Valid" in pdfsig(pdf, tmp_path)
    assert "Digest Mismatch" in pdfsig(bytes(changed), tmp_path)


def pdfsig(pdf: bytes, folder: Path) -> str:
    (folder / "surat.pdf").write_bytes(pdf)
    return subprocess.run(
        ["pdfsig", str(folder / "surat.pdf")], capture_output=True, text=True, check=False, cwd=folder
    ).stdout


def test_a_file_that_was_checked_is_kept_nowhere(bench: Bench, eoffice: Eoffice) -> None:
    letter, _ = signed(bench, eoffice)
    folder = bench.settings.storage_dir
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    check(bench, letter.verification_code, b"%PDF-1.7 lain" * 1000)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


@pytest.mark.parametrize(
    ("content", "status", "code", "words"),
    [
        (b"", 422, "invalid_input", "Pilih berkas PDF"),
        (b"x" * (FILE_LIMIT + 1), 413, "file_too_large", "lebih besar dari 10 MB"),
    ],
    ids=["empty", "too large"],
)
def test_files_that_cannot_be_the_letter_are_refused_in_words(
    bench: Bench, eoffice: Eoffice, content: bytes, status: int, code: str, words: str
) -> None:
    letter = numbered(bench, eoffice)
    refused = check(bench, letter.verification_code, content)
    assert (refused.status_code, refused.json["code"], words in refused.json["detail"]) == (status, code, True)
    page = check(bench, letter.verification_code, content, page=True)
    assert (page.status_code, words in page.text) == (status, True)


def test_a_body_far_too_large_is_refused_before_it_is_read(bench: Bench, eoffice: Eoffice) -> None:
    letter = numbered(bench, eoffice)
    answer = check(bench, letter.verification_code, b"x" * (FILE_LIMIT + 1_000_000))
    assert (answer.status_code, answer.json["detail"]) == (413, "Berkas terlalu besar.")


@pytest.mark.parametrize("code", [CODE_SAMPLE, "abc", "' or 1=1 --", "x" * 500])
def test_an_unknown_code_is_answered_in_plain_words(bench: Bench, code: str) -> None:
    api, page = bench.client().get(f"/api/verify/{code}"), bench.client().get(f"/verify/{code}", page=True)
    assert (api.status_code, api.json["code"]) == (404, "not_found")
    assert (page.status_code, "tidak dikenal" in page.text) == (404, True)
    assert check(bench, code, b"x").status_code == 404
    assert check(bench, code, b"x", page=True).status_code == 404


def test_a_code_typed_by_hand_leads_to_the_letter(bench: Bench, eoffice: Eoffice) -> None:
    letter = numbered(bench, eoffice)
    assert "Kode verifikasi" in bench.client().get("/verify", page=True).text
    found = bench.client().get("/verify", query_string={"code": grouped(letter.verification_code)}, page=True)
    assert (found.status_code, found.headers["Location"]) == (302, f"/verify/{letter.verification_code}")
    wrong = bench.client().get("/verify", query_string={"code": "<b>123"}, page=True)
    assert (wrong.status_code, "24 huruf dan angka" in wrong.text, "<b>123" in wrong.text) == (422, True, False)


def test_the_letter_carries_the_way_to_its_page_and_is_still_pdf_a(bench: Bench, eoffice: Eoffice) -> None:
    letter, pdf = signed(bench, eoffice)
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in pdf
    first = PdfFileReader(io.BytesIO(pdf)).root["/Pages"]["/Kids"][0]
    annotations = [first["/Annots"][place] for place in range(len(first["/Annots"]))]
    links = [annotation["/A"]["/URI"] for annotation in annotations if "/A" in annotation]
    assert "http://localhost/schedule/verify" in links
    assert grouped(letter.verification_code) in pages(pdf)[0]


def test_the_qr_code_is_readable_from_a_stained_paper() -> None:
    url = f"https://luwes.metro.go.id/schedule/verify/{CODE_SAMPLE}"
    pdf = bytes(typst.compile(STAINED, sys_inputs={"svg": qr_code(url)}))
    assert qr_codes(pdf) == [url]


STAINED = b"""#set page(width: 4cm, height: 4cm, margin: 0.5cm)
#image(bytes(sys.inputs.svg), format: "svg", width: 3cm)
#place(center + horizon, circle(radius: 0.25cm, fill: black))
"""


def test_operators_and_heads_find_the_page_from_the_letter(bench: Bench, eoffice: Eoffice) -> None:
    letter = numbered(bench, eoffice)
    page = bench.client(operator()).get(f"/letters/{letter.id}", page=True).text
    assert f"http://localhost/schedule/verify/{letter.verification_code}" in page


def test_letters_from_before_get_codes_of_the_same_form(cluster: Cluster) -> None:
    cluster.create("luwes_codes", "codes")
    db = Database(cluster.url("codes", "luwes_codes"))
    SERVICE.migrate(db)
    made = importlib.import_module("services.schedule.migrations.versions.0003_letter_verification").CODE
    with db.transaction() as session:
        codes = set(session.scalars(sa.text(f"select {made} from generate_series(1, 1000)")))
        default = session.scalar(
            sa.text("select column_default from information_schema.columns where column_name = 'verification_code'")
        )
    db.close()
    assert len(codes) == 1000
    assert all(CODE.fullmatch(code) for code in codes)
    assert "gen_random_uuid" in str(default)


def test_each_letter_has_a_code_of_its_own(bench: Bench, eoffice: Eoffice) -> None:
    approved(bench)
    with bench.db.transaction() as session:
        codes = session.scalars(select(Letter.verification_code)).all()
    assert len(codes) == 1
    assert CODE.fullmatch(codes[0])

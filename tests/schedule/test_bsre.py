"""Signing through BSrE, both APIs, against the fake over HTTP: who may sign, what goes wrong, what is given back."""

from __future__ import annotations

import io
import logging
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import CliRunner, Result
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore
from sqlalchemy import text

from deploy.embedded.fakes.bsre import PASSPHRASE, PEOPLE
from deploy.embedded.fakes.pdf_signing import TAMPERING
from services.schedule import __main__ as command_line
from services.schedule.integrations.bsre import (
    BsreAccountRefused,
    BsreAnswerUnreadable,
    BsreRefused,
    BsreUnavailable,
    CertificateNotActive,
    CertificateState,
    NikRequired,
    NotRegistered,
    Verification,
    bsre_of,
)
from services.schedule.integrations.signer import LocalSigner, Signatory, SigningError, WrongPassphrase
from services.schedule.letters.signing import SignedPdfDiffers, SignerNotConfigured, checked, signer_of
from services.schedule.settings import LetterWording, ScheduleSettings
from shared.contracts.schedule import RosterInForceV1
from shared.db import SharedBase
from shared.storage import sha256
from shared.testing.bench import Bench
from tests.schedule.bsre import FakeBsre, configured, fake_bsre, give_email, text_of
from tests.schedule.factories import head
from tests.schedule.test_life_of_a_roster import Eoffice, eoffice, numbered, the_letter

__all__ = ["eoffice"]

APIS = ("v1", "v2")
BY_STATE = {person.status: person for person in PEOPLE}
SIGNER = BY_STATE["ISSUE"]
FAULTS = {
    "changed_byte": "not what was sent",
    "broken_signature": "signature is broken",
    "saved_anew": "not what was sent",
    "painted_over": "/Contents changed",
    "painted_after": "/Contents changed",
    "unsigned": "0 signatures",
    "appended": "signature leaves something out",
}
UNKNOWN_NIK = "1872010101809999"


@pytest.fixture(scope="module")
def server() -> Iterator[FakeBsre]:
    with fake_bsre() as fake:
        yield fake


@pytest.fixture
def bsre(server: FakeBsre) -> Iterator[FakeBsre]:
    yield server
    server.fail("none")


@pytest.fixture
def pdf(bench: Bench, eoffice: Eoffice) -> bytes:
    letter = numbered(bench, eoffice)
    found: bytes = bench.client(head()).get(f"/api/letters/{letter.id}/draft").data
    return found


def signatory(nik: str | None = SIGNER.nik, email: str | None = None, passphrase: str = PASSPHRASE) -> Signatory:
    return Signatory("Kepala", passphrase, nik=nik, email=email)


def sign(bsre: FakeBsre, api: str, pdf: bytes, by: Signatory, timeout: float = 5.0) -> bytes:
    return bsre_of(bsre.access(api), timeout).sign(pdf, by, reason="Surat Tugas", location="Metro")


@pytest.mark.parametrize("api", APIS)
def test_bsre_signs_in_the_name_of_the_person_with_this_nik(bsre: FakeBsre, pdf: bytes, api: str) -> None:
    signed = sign(bsre, api, pdf, signatory())
    assert signed.startswith(pdf)
    [signature] = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    assert signature.signer_cert.subject.native["common_name"] == SIGNER.name
    assert bsre_of(bsre.access(api), 5.0).verify(signed) == Verification(True, 1, (SIGNER.name,))
    assert bsre_of(bsre.access(api), 5.0).verify(pdf) == Verification(False, 0, ())
    spoilt = bytearray(signed)
    spoilt[len(pdf) // 2] ^= 1
    assert not bsre_of(bsre.access(api), 5.0).verify(bytes(spoilt)).valid


def test_v2_is_told_for_what_and_where_the_letter_is_signed(bench: Bench, eoffice: Eoffice, bsre: FakeBsre) -> None:
    letter = numbered(bench, eoffice)
    body = {"passphrase": PASSPHRASE, "nik": SIGNER.nik}
    with configured(bench, bsre=bsre.access("v2"), letter_wording=LetterWording(place="Contoh")):
        answer = bench.client(head()).post(f"/api/letters/{letter.id}/sign", json=body)
    assert answer.status_code == 200, answer.text
    signed = bench.client(head()).get(f"/api/letters/{letter.id}/pdf").data
    told = PdfFileReader(io.BytesIO(signed)).embedded_signatures[0].sig_object
    assert (told["/Reason"], told["/Location"]) == ("Surat Tugas", "Contoh")


def test_v2_knows_people_by_their_email_where_no_nik_is_typed(bsre: FakeBsre, pdf: bytes) -> None:
    assert sign(bsre, "v2", pdf, signatory(nik=None, email=SIGNER.email)).startswith(pdf)
    with pytest.raises(NotRegistered):
        sign(bsre, "v2", pdf, signatory(nik=None, email="lain@metro.example"))


@pytest.mark.parametrize(("api", "email"), [("v1", None), ("v1", SIGNER.email), ("v2", None)])
def test_a_person_whom_bsre_cannot_know_is_asked_for_the_nik(
    bsre: FakeBsre, pdf: bytes, api: str, email: str | None
) -> None:
    with pytest.raises(NikRequired) as refusal:
        sign(bsre, api, pdf, signatory(nik=None, email=email))
    assert refusal.value.pointers == {"/nik": "Wajib diisi."}


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("EXPIRED", "kedaluwarsa"),
        ("RENEW", "diperbarui"),
        ("WAITING_FOR_VERIFICATION", "menunggu verifikasi"),
        ("NEW", "aktivasi"),
        ("NO_CERTIFICATE", "belum memiliki sertifikat"),
        ("SUSPEND", "ditangguhkan"),
        ("REVOKE", "dicabut"),
    ],
)
def test_only_a_certificate_in_state_issue_signs_and_each_other_state_is_explained(
    bsre: FakeBsre, pdf: bytes, state: str, words: str
) -> None:
    by = signatory(nik=BY_STATE[state].nik)
    assert bsre_of(bsre.access("v2"), 5.0).certificate_state(by) == CertificateState(state)
    with pytest.raises(CertificateNotActive) as refusal:
        sign(bsre, "v2", pdf, by)
    assert words in refusal.value.detail
    assert "belum ditandatangani" in refusal.value.detail
    with pytest.raises(CertificateNotActive, match="1112"):  # v1 has one code for all of these
        sign(bsre, "v1", pdf, by)


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(
    ("by", "error"),
    [
        (signatory(passphrase="salah"), WrongPassphrase),
        (signatory(nik=UNKNOWN_NIK), NotRegistered),
    ],
    ids=["wrong passphrase", "not registered"],
)
def test_what_the_signer_can_mend_is_told_as_such(
    bsre: FakeBsre, pdf: bytes, api: str, by: Signatory, error: type[SigningError]
) -> None:
    with pytest.raises(error):
        sign(bsre, api, pdf, by)
    assert error.status == 422


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(
    ("mode", "error", "status"),
    [("down", BsreUnavailable, 503), ("slow", BsreUnavailable, 503), ("wrong", BsreAnswerUnreadable, 502)],
)
def test_a_bsre_that_is_away_slow_or_odd_is_told_apart(
    bsre: FakeBsre, pdf: bytes, api: str, mode: str, error: type[SigningError], status: int
) -> None:
    bsre.fail(mode, seconds=1.0)
    with pytest.raises(error):
        sign(bsre, api, pdf, signatory(), timeout=0.3)
    assert error.status == status


@pytest.mark.parametrize("api", APIS)
def test_an_account_that_bsre_does_not_know_and_codes_without_a_word_of_ours(
    bsre: FakeBsre, pdf: bytes, api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BsreAccountRefused):
        bsre_of(bsre.access(api, password="salah"), 5.0).sign(pdf, signatory(), reason="", location="")
    client = bsre_of(bsre.access(api), 5.0)
    with pytest.raises(BsreRefused, match="2041"):  # as when a certificate ends between the two calls
        client._sign(pdf, signatory(nik=BY_STATE["EXPIRED"].nik), "", "")


def test_a_bsre_that_cannot_be_reached_is_unavailable(pdf: bytes) -> None:
    with pytest.raises(BsreUnavailable):
        sign(FakeBsre("http://127.0.0.1:9"), "v1", pdf, signatory())


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(
    ("mode", "nik"), [("none", SIGNER.nik), ("none", UNKNOWN_NIK), ("down", SIGNER.nik), ("slow", SIGNER.nik)]
)
def test_neither_passphrase_nor_nik_is_in_any_log_or_error(
    bsre: FakeBsre, pdf: bytes, api: str, mode: str, nik: str, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "rahasia-sekali-42"
    caplog.set_level(logging.INFO)  # as logs.configure sets it
    by = signatory(nik=nik, passphrase=secret)
    bsre.fail(mode, seconds=1.0)
    with structlog.testing.capture_logs() as logged, pytest.raises(SigningError) as error:
        sign(bsre, api, pdf, by, timeout=0.3)
    ours = [record.getMessage() for record in caplog.records if record.name != "werkzeug"]  # that is the fake's
    seen, cause = [str(logged), str(ours), repr(by)], error.value
    while cause is not None:
        seen += [*traceback.format_exception(cause), repr(cause)]
        cause = cause.__context__  # type: ignore[assignment]
    for told in seen:
        assert secret not in told
        assert nik not in told


@pytest.mark.parametrize("api", APIS)
def test_a_letter_signed_by_bsre_is_in_force_and_neither_passphrase_nor_nik_is_kept(
    bench: Bench,
    eoffice: Eoffice,
    bsre: FakeBsre,
    api: str,
) -> None:
    letter = numbered(bench, eoffice)
    body = {"passphrase": PASSPHRASE, "nik": SIGNER.nik}
    with configured(bench, bsre=bsre.access(api)) as settings:
        answer = bench.client(head()).post(f"/api/letters/{letter.id}/sign", json=body)
        assert (answer.status_code, answer.json["status"]) == (200, "signed")
        bench.work()
    assert answer.json["certificate_name"] == SIGNER.name
    [event] = bench.emitted(RosterInForceV1)
    signed = bench.client(head()).get(f"/api/letters/{letter.id}/pdf").data
    assert event["letter"]["sha256"] == sha256(signed)
    kept = everything_in(bench) + text_of(settings.storage_dir)
    assert SIGNER.name.encode() in kept
    for secret in (PASSPHRASE, SIGNER.nik):
        assert secret.encode() not in kept


def everything_in(bench: Bench) -> bytes:
    """All rows of all tables, as text."""
    tables = [*bench.service.metadata.sorted_tables, *SharedBase.metadata.sorted_tables]
    with bench.db.transaction() as session:
        rows = [session.scalars(text(f'select t::text from "{table.name}" t')).all() for table in tables]
    return str(rows).encode()


def test_v2_takes_the_email_that_simpeg_has(bench: Bench, eoffice: Eoffice, bsre: FakeBsre) -> None:
    letter = numbered(bench, eoffice)
    give_email(bench, letter.signer_id, SIGNER.email)
    with configured(bench, bsre=bsre.access("v2")):
        answer = bench.client(head()).post(f"/api/letters/{letter.id}/sign", json={"passphrase": PASSPHRASE})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("nik", ["187201010180001", "18720101018000011", "187201010180000x", "１" * 16])
def test_a_nik_has_sixteen_digits(bench: Bench, eoffice: Eoffice, nik: str) -> None:
    letter = numbered(bench, eoffice)
    body = {"passphrase": "x", "nik": nik}
    answer = bench.client(head()).post(f"/api/letters/{letter.id}/sign", json=body)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/nik")


def test_while_bsre_is_away_nothing_is_lost_and_the_letter_is_signed_later(
    bench: Bench,
    eoffice: Eoffice,
    bsre: FakeBsre,
) -> None:
    letter = numbered(bench, eoffice)
    path, body = f"/api/letters/{letter.id}/sign", {"passphrase": PASSPHRASE, "nik": SIGNER.nik}
    with configured(bench, bsre=bsre.access("v2")):
        bsre.fail("down")
        away = bench.client(head()).post(path, json=body)
        assert (away.status_code, away.json["code"]) == (503, "signing_unavailable")
        assert int(away.headers["Retry-After"]) > 0
        assert the_letter(bench).status == "numbered"
        bsre.fail("none")
        assert bench.client(head()).post(path, json=body).status_code == 200
    assert len(bench.emitted(RosterInForceV1)) == 1


@pytest.mark.parametrize("tampering", TAMPERING)
@pytest.mark.parametrize("api", APIS)
def test_a_signed_pdf_that_differs_from_what_was_sent_is_refused(
    bench: Bench,
    eoffice: Eoffice,
    bsre: FakeBsre,
    api: str,
    tampering: str,
) -> None:
    letter = numbered(bench, eoffice)
    bsre.fail(tampering)
    with configured(bench, bsre=bsre.access(api)), structlog.testing.capture_logs() as logged:
        body = {"passphrase": PASSPHRASE, "nik": SIGNER.nik}
        answer = bench.client(head()).post(f"/api/letters/{letter.id}/sign", json=body)
    assert (answer.status_code, answer.json["code"]) == (502, "signed_pdf_differs")
    assert [entry["fault"] for entry in logged if "fault" in entry] == [FAULTS[tampering]]
    kept = the_letter(bench)
    assert (kept.status, kept.signed_sha256, kept.signed_key) == ("numbered", None, None)
    assert bench.emitted(RosterInForceV1) == []


def test_what_keeps_a_signature_verifiable_for_long_may_follow_it(bsre: FakeBsre, pdf: bytes) -> None:
    signed = sign(bsre, "v2", pdf, signatory())
    out = io.BytesIO(signed)
    signature = PdfFileReader(out).embedded_signatures[0]
    DocumentSecurityStore.add_dss(out, signature.pkcs7_content, certs=[signature.signer_cert])
    assert len(out.getvalue()) > len(signed)
    assert checked(pdf, out.getvalue()) == SIGNER.name
    with pytest.raises(SignedPdfDiffers):
        checked(pdf, signed + signed[len(pdf) :])


def test_the_page_asks_for_the_nik_where_it_is_needed_and_shows_what_was_wrong(
    bench: Bench,
    eoffice: Eoffice,
    bsre: FakeBsre,
) -> None:
    letter = numbered(bench, eoffice)
    client, page = bench.client(head()), f"/letters/{letter.id}"
    assert 'name="nik"' not in client.get(page, page=True).text  # the local signer does not ask
    with configured(bench, bsre=bsre.access("v1")):
        assert 'name="nik"' in client.get(page, page=True).text

        def post(**form: str) -> Any:
            return client.post(f"{page}/sign", data=form, page=True)

        for form, status, words in [
            ({"passphrase": PASSPHRASE}, 422, "Isi NIK Anda"),
            ({"passphrase": PASSPHRASE, "nik": "123"}, 422, "NIK terdiri dari 16 angka"),
            ({"nik": SIGNER.nik}, 422, "Wajib diisi"),
            ({"passphrase": "salah", "nik": SIGNER.nik}, 422, "Passphrase salah"),
            ({"passphrase": PASSPHRASE, "nik": BY_STATE["REVOKE"].nik}, 422, "1112"),
        ]:
            answer = post(**form)
            assert (answer.status_code, words in answer.text) == (status, True), form
            assert SIGNER.nik not in answer.text
        assert post(passphrase=PASSPHRASE, nik=SIGNER.nik).status_code == 302
    assert the_letter(bench).status == "signed"


def test_it_asks_bsre_on_the_command_line(
    bench: Bench, bsre: FakeBsre, pdf: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "surat.pdf").write_bytes(sign(bsre, "v1", pdf, signatory()))

    def run(*arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(command_line.main, list(arguments), input=typed)

    with configured(bench, bsre=bsre.access("v1")) as settings:
        monkeypatch.setattr(command_line, "load_settings", lambda: settings)
        assert run("bsre-verify", str(tmp_path / "surat.pdf")).output == f"valid: 1 signature(s) {SIGNER.name}\n"
        asked = run("bsre-status", typed=SIGNER.nik)
        assert asked.output.endswith("ISSUE\n")
        assert SIGNER.nik not in asked.output
        assert "Isi NIK" in run("bsre-status", "--email", SIGNER.email).output
    monkeypatch.setattr(command_line, "load_settings", lambda: bench.settings)
    assert run("bsre-status", "--email", "x").output == "Error: SCHEDULE_BSRE_URL is not set\n"


def test_configuration_chooses_the_signer(bench: Bench) -> None:
    access = FakeBsre("http://bsre.example").access("v1")
    with configured(bench, bsre=access) as settings:
        assert type(signer_of(settings)).__name__ == "BsreV1"
    with configured(bench, bsre=FakeBsre("http://bsre.example").access("v2")) as settings:
        assert type(signer_of(settings)).__name__ == "BsreV2"
    assert isinstance(bench.settings, ScheduleSettings)
    assert isinstance(signer_of(bench.settings), LocalSigner)
    with configured(bench, signing_key=None) as settings, pytest.raises(SignerNotConfigured):
        signer_of(settings)

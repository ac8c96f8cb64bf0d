"""BSrE's eSign Client Service, API v1 and v2: the only module that knows its field names and its codes.

Neither passphrase, one-time code nor NIK leaves a call in any other way than to BSrE: what it answers is told on by its
code alone, and errors of the connection, whose text may hold the address with a NIK, by their kind.
"""

from __future__ import annotations

import base64
import binascii
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn
from urllib.parse import quote

import requests
import structlog
from requests.auth import HTTPBasicAuth

from services.schedule.integrations.signer import (
    PassphraseRequired,
    Signatory,
    SigningError,
    WrongPassphrase,
    WrongTotp,
)
from services.schedule.settings import BsreAccess

log = structlog.get_logger()

WRONG_PASSPHRASE, NOT_REGISTERED_V2, MAY_SIGN_V1, NOT_REGISTERED_V1 = 2031, 2011, 1111, 1110
VALID = "VALID"
"""The one conclusion of a verification that means a good signature."""
NOTHING_LOST = "Surat belum ditandatangani dan tidak ada yang hilang."


class NikRequired(SigningError):
    """BSrE can't be told who signs."""

    status, code = 422, "nik_required"

    def __init__(self) -> None:
        text = "Isi NIK Anda (16 angka): BSrE mengenali penanda tangan dari NIK. NIK tidak disimpan oleh Luwes."
        super().__init__(text, pointers={"/nik": "Wajib diisi."})


class NotRegistered(SigningError):
    status, code = 422, "signer_not_registered"

    def __init__(self) -> None:
        super().__init__(
            "Anda belum terdaftar di BSrE dengan NIK atau surel ini. Periksa isiannya, atau ajukan pendaftaran kepada "
            "petugas TI (verifikator BSrE)."
        )


class CertificateNotActive(SigningError):
    """The signer is known to BSrE, but their certificate may not sign now."""

    status, code = 422, "certificate_not_active"


class BsreUnavailable(SigningError):
    status, code = 503, "signing_unavailable"
    retry_after = 60

    def __init__(self) -> None:
        super().__init__(f"Layanan tanda tangan BSrE sedang tidak menjawab. {NOTHING_LOST} Coba lagi sebentar lagi.")


class BsreAccountRefused(SigningError):
    """BSrE does not know Luwes: user name or password of the installation is wrong."""

    status, code = 502, "signing_account_refused"

    def __init__(self) -> None:
        super().__init__(f"BSrE menolak akun sistem ini. {NOTHING_LOST} Hubungi petugas TI.")


class BsreRefused(SigningError):
    """BSrE refused for another reason; the message names its code."""

    status, code = 502, "signing_refused"


class BsreAnswerUnreadable(SigningError):
    status, code = 502, "signing_answer_unreadable"

    def __init__(self) -> None:
        super().__init__(f"Jawaban BSrE tidak dapat dibaca. {NOTHING_LOST} Hubungi petugas TI bila berulang.")


class CertificateState(StrEnum):
    """Where a signer stands at BSrE; only ISSUE may sign. The words are those of API v2."""

    ISSUE = "ISSUE"
    EXPIRED = "EXPIRED"
    RENEW = "RENEW"
    WAITING_FOR_VERIFICATION = "WAITING_FOR_VERIFICATION"
    NEW = "NEW"
    NO_CERTIFICATE = "NO_CERTIFICATE"
    NOT_REGISTERED = "NOT_REGISTERED"
    SUSPEND = "SUSPEND"
    REVOKE = "REVOKE"


WHY_NOT = {
    CertificateState.EXPIRED: "Sertifikat elektronik Anda sudah kedaluwarsa. Ajukan penerbitan baru di portal BSrE.",
    CertificateState.RENEW: "Sertifikat elektronik Anda sedang diperbarui. Selesaikan dahulu di portal BSrE.",
    CertificateState.WAITING_FOR_VERIFICATION: "Pendaftaran Anda di BSrE masih menunggu verifikasi. Hubungi "
    "verifikator BSrE di pemerintah daerah.",
    CertificateState.NEW: "Akun BSrE Anda baru dibuat. Ikuti tautan aktivasi dari BSrE dan buat passphrase dahulu.",
    CertificateState.NO_CERTIFICATE: "Anda terdaftar di BSrE tetapi belum memiliki sertifikat elektronik. Ajukan "
    "penerbitannya di portal BSrE.",
    CertificateState.SUSPEND: "Sertifikat elektronik Anda sedang ditangguhkan oleh BSrE. Hubungi verifikator BSrE di "
    "pemerintah daerah.",
    CertificateState.REVOKE: "Sertifikat elektronik Anda sudah dicabut. Ajukan penerbitan baru di portal BSrE.",
}


@dataclass(frozen=True)
class Verification:
    """What BSrE says of a PDF: signers are the names in its signatures' certificates."""

    valid: bool
    signatures: int
    signers: tuple[str, ...]


class Bsre(ABC):
    """One eSign Client Service. Every call has a time-out (seconds); a call that fails raises SigningError."""

    def __init__(self, access: BsreAccess, timeout: float) -> None:
        self._url, self._timeout = access.url, timeout
        self._account = HTTPBasicAuth(access.username.encode(), access.password.encode())

    def sign(self, pdf: bytes, by: Signatory, *, reason: str, location: str) -> bytes:
        """*pdf* signed by BSrE in the name of the person known there by NIK or e-mail.

        The certificate is asked for first, so that a passphrase is sent only where it can sign.
        """
        state = self.certificate_state(by)
        if state == CertificateState.NOT_REGISTERED:
            raise NotRegistered
        if state in WHY_NOT:
            raise CertificateNotActive(f"{WHY_NOT[state]} {NOTHING_LOST}")
        return self._sign(pdf, by, reason, location)

    @abstractmethod
    def certificate_state(self, of: Signatory) -> CertificateState:
        """Where a person's certificate stands; raises CertificateNotActive when BSrE names a state unknown to us."""

    @abstractmethod
    def verify(self, pdf: bytes) -> Verification:
        """What BSrE says of the signatures in *pdf*."""

    @abstractmethod
    def _sign(self, pdf: bytes, by: Signatory, reason: str, location: str) -> bytes: ...

    def _ask(self, purpose: str, method: str, path: str, **options: Any) -> requests.Response:
        """BSrE's answer when it is 200. *purpose* goes into the log in place of the path, which may hold a NIK."""
        fault = ""
        try:
            answer = requests.request(
                method, self._url + path, auth=self._account, timeout=self._timeout, allow_redirects=False, **options
            )
        except requests.RequestException as error:
            fault = type(error).__name__
        if fault:  # raised out here, so that the error with the address in it is no part of ours
            log.warning("bsre_unavailable", purpose=purpose, error=fault)
            raise BsreUnavailable
        if answer.status_code != 200:
            _refuse(purpose, answer)
        return answer


class BsreV1(Bsre):
    """API v1: forms; people are known by their NIK only."""

    def certificate_state(self, of: Signatory) -> CertificateState:
        path = f"/api/user/status/{quote(_nik(of), safe='')}"
        code = _number(_object(self._ask("status", "GET", path)).get("status_code"))
        if code == MAY_SIGN_V1:
            return CertificateState.ISSUE
        if code == NOT_REGISTERED_V1:
            return CertificateState.NOT_REGISTERED
        if code is None:
            raise BsreAnswerUnreadable
        raise _unknown_state(str(code))

    def verify(self, pdf: bytes) -> Verification:
        files = {"signed_file": ("surat-tugas.pdf", pdf, "application/pdf")}
        body = _object(self._ask("verify", "POST", "/api/sign/verify", files=files))
        details = [row for row in body.get("details") or [] if isinstance(row, dict)]
        signers = [str((row.get("info_signer") or {}).get("signer_name", "")) for row in details]
        return _verification(body.get("summary"), body.get("jumlah_signature"), signers)

    def _sign(self, pdf: bytes, by: Signatory, _reason: str, _location: str) -> bytes:
        if by.passphrase is None:
            raise PassphraseRequired
        answer = self._ask(
            "sign", "POST", "/api/sign/pdf",
            data={"nik": _nik(by), "passphrase": by.passphrase, "tampilan": "invisible"},
            files={"file": ("surat-tugas.pdf", pdf, "application/pdf")},
        )  # fmt: skip
        log.info("bsre_signed", document=answer.headers.get("id_dokumen"))
        return _pdf(answer.content)


class BsreV2(Bsre):
    """API v2: JSON; people are known by NIK or e-mail."""

    def certificate_state(self, of: Signatory) -> CertificateState:
        body = _object(self._ask("status", "POST", "/api/v2/user/check/status", json=_identity(of)))
        if not isinstance(body.get("status"), str):
            raise BsreAnswerUnreadable
        try:
            return CertificateState(body["status"])
        except ValueError:
            raise _unknown_state(body["status"]) from None

    def verify(self, pdf: bytes) -> Verification:
        body = _object(self._ask("verify", "POST", "/api/v2/verify/pdf", json={"file": _text(pdf)}))
        rows = [row for row in body.get("signatureInformations") or [] if isinstance(row, dict)]
        signers = [str(row.get("signerName", "")) for row in rows]
        return _verification(body.get("conclusion"), body.get("signatureCount"), signers)

    def _sign(self, pdf: bytes, by: Signatory, reason: str, location: str) -> bytes:
        properties = {"tampilan": "INVISIBLE", "location": location, "reason": reason}
        body = {
            **_identity(by), **_opened_by(by), "signatureProperties": [properties], "file": [_text(pdf)],
        }  # fmt: skip
        try:
            files = _object(self._ask("sign", "POST", "/api/v2/sign/pdf", json=body)).get("file")
        except WrongPassphrase:
            if by.totp is None:
                raise
            raise WrongTotp from None
        if not isinstance(files, list) or len(files) != 1:
            raise BsreAnswerUnreadable
        try:
            return _pdf(base64.b64decode(files[0], validate=True))
        except (binascii.Error, ValueError, TypeError):
            raise BsreAnswerUnreadable from None


def bsre_of(access: BsreAccess, timeout: float) -> Bsre:
    """The client of the API that *access* names."""
    return BsreV1(access, timeout) if access.api == "v1" else BsreV2(access, timeout)


def nik_needed(access: BsreAccess, email: str | None) -> bool:
    """Whether the signer must type their NIK, since BSrE can't know them otherwise."""
    return access.api == "v1" or not email


def _nik(of: Signatory) -> str:
    if not of.nik:
        raise NikRequired
    return of.nik


def _identity(of: Signatory) -> dict[str, str]:
    """A NIK that was typed goes before the e-mail, which may be another one than BSrE has."""
    if of.nik or not of.email:
        return {"nik": _nik(of)}
    return {"email": of.email}


def _opened_by(of: Signatory) -> dict[str, str | None]:
    return {"totp": of.totp} if of.totp is not None else {"passphrase": of.passphrase}


def _refuse(purpose: str, answer: requests.Response) -> NoReturn:
    """Raise what an answer other than 200 means. Its text is told to nobody: it could repeat what was sent."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    code = _number(body.get("status_code")) if isinstance(body, dict) else None
    log.warning("bsre_refused", purpose=purpose, status=answer.status_code, code=code)
    if code == WRONG_PASSPHRASE:
        raise WrongPassphrase
    if code in (NOT_REGISTERED_V1, NOT_REGISTERED_V2):
        raise NotRegistered
    if answer.status_code in (401, 403):
        raise BsreAccountRefused
    if answer.status_code == 429 or answer.status_code >= 500:
        raise BsreUnavailable
    if code is None:
        raise BsreAnswerUnreadable
    raise BsreRefused(f"BSrE menolak permintaan ini (kode {code}). {NOTHING_LOST} Sampaikan kode ini kepada TI.")


def _unknown_state(state: str) -> CertificateNotActive:
    return CertificateNotActive(
        f"Sertifikat elektronik Anda belum dapat dipakai (BSrE: {state[:40]}). {NOTHING_LOST} Hubungi petugas TI."
    )


def _object(answer: requests.Response) -> Mapping[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise BsreAnswerUnreadable
    return body


def _verification(conclusion: object, count: object, signers: list[str]) -> Verification:
    signatures = _number(count)
    if not isinstance(conclusion, str) or signatures is None:
        raise BsreAnswerUnreadable
    valid = conclusion.strip().upper() == VALID and signatures > 0
    return Verification(valid, signatures, tuple(name for name in signers if name))


def _number(value: object) -> int | None:
    """Codes come as numbers and, from some versions, as text."""
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() else None


def _pdf(content: bytes) -> bytes:
    if not content.startswith(b"%PDF-"):
        raise BsreAnswerUnreadable
    return content


def _text(pdf: bytes) -> str:
    return base64.b64encode(pdf).decode("ascii")

"""What every signer is asked, and the local signer. The latter is for development: its certificate
proves nothing in law.

A passphrase opens the key for one signature; it is never stored, logged or queued.
"""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter

from shared.errors import DomainError

VALID_DAYS = 3650
ONE_AT_A_TIME = threading.Lock()
"""asn1crypto, under pyHanko, sets its classes up at first use and not safely among threads: two heads who sign in the
same moment in a fresh process broke each other's signature."""


class SigningError(DomainError):
    """A letter was not signed; nothing has changed, and it can be signed again."""


class WrongPassphrase(SigningError):
    """The passphrase does not open the signer's key (BSrE answers such a case with its code 2031)."""

    status, code = 422, "wrong_passphrase"

    def __init__(self) -> None:
        super().__init__("Passphrase salah. Dokumen belum ditandatangani; periksa lalu coba lagi.")


class WrongTotp(SigningError):
    """The one-time code is wrong or no longer good."""

    status, code = 422, "wrong_totp"

    def __init__(self) -> None:
        text = "Kode sekali pakai salah atau sudah lewat. Dokumen belum ditandatangani; ketik kode yang baru."
        super().__init__(text, pointers={"/totp": "Salah atau sudah lewat."})


class PassphraseRequired(SigningError):
    """This signer takes no one-time code."""

    status, code = 422, "passphrase_required"

    def __init__(self) -> None:
        text = "Isi passphrase: layanan tanda tangan ini tidak mengenal kode sekali pakai."
        super().__init__(text, pointers={"/passphrase": "Wajib diisi."})


@dataclass(frozen=True)
class Signatory:
    """Who signs, and what they typed for this one signature: passphrase or totp, a one-time code. nik: 16 digits, if
    typed; email: as SIMPEG knows it."""

    name: str
    passphrase: str | None = field(default=None, repr=False)
    totp: str | None = field(default=None, repr=False, kw_only=True)
    nik: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)


class PdfSigner(Protocol):
    """Signs PDFs in somebody's name."""

    def sign(self, pdf: bytes, by: Signatory, *, reason: str, location: str) -> bytes:
        """*pdf* and a signature over all of it; raises SigningError."""
        ...


@dataclass(frozen=True)
class LocalSigner:
    """Signs with the key in *key_file* (PKCS#12), whoever asks."""

    key_file: Path

    def sign(self, pdf: bytes, by: Signatory, *, reason: str, location: str) -> bytes:
        if by.passphrase is None:
            raise PassphraseRequired
        return sign_locally(pdf, self.key_file, by.passphrase, name=by.name, reason=reason, location=location)


def make_development_key(path: Path, passphrase: str, *, organisation: str, now: datetime) -> None:
    """Write a self-signed certificate and its key as PKCS#12, readable by its owner only."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "ID"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, "Luwes development signer (bukan dokumen sah)"),
        ]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=VALID_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
                key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path.touch(mode=0o600)
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"luwes", key, certificate, None, BestAvailableEncryption(passphrase.encode())
        )
    )


def sign_locally(pdf: bytes, key_file: Path, passphrase: str, *, name: str, reason: str, location: str) -> bytes:
    """*pdf* with a signature field over the whole document; raises WrongPassphrase."""
    with ONE_AT_A_TIME:
        try:
            signer = signers.SimpleSigner.load_pkcs12_data(key_file.read_bytes(), [], passphrase=passphrase.encode())
        except ValueError:
            signer = None
        if signer is None:
            raise WrongPassphrase
        metadata = signers.PdfSignatureMetadata(
            field_name="Signature1", name=name, reason=reason, location=location, subfilter=SigSeedSubFilter.PADES
        )
        out = io.BytesIO()
        signers.PdfSigner(metadata, signer=signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=out)
        return out.getvalue()

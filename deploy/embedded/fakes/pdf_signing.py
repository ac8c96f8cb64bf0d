"""Real signatures by certificates made on the spot, and the ways in which a signed PDF can be another than was sent."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from io import BytesIO

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter

TAMPERING = ("changed_byte", "broken_signature", "saved_anew", "painted_over", "painted_after", "unsigned", "appended")
"""A byte of the letter changed after signing; a byte of the signature; written anew before signing; a page painted
over before signing, or after; given back as it came; something added at the end that no signature covers."""
PAINT = b"q 0 0 0 rg 100 100 300 300 re f Q"


class Pen:
    """Signs in people's names; the certificates live as long as the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # the library is not safe among threads
        self._signers: dict[str, signers.SimpleSigner] = {}

    def sign(self, pdf: bytes, name: str, reason: str, tampering: str = "none", location: str = "") -> bytes:
        with self._lock:
            if name not in self._signers:
                self._signers[name] = _signer(name)
            if tampering == "unsigned":
                return pdf
            if tampering == "saved_anew":
                pdf = _saved_anew(pdf)
            if tampering == "painted_over":
                pdf = _paint(pdf)
            metadata = signers.PdfSignatureMetadata(
                field_name="Signature1",
                name=name,
                reason=reason or None,
                location=location or None,
                subfilter=SigSeedSubFilter.PADES,
            )
            signed = signers.PdfSigner(metadata, signer=self._signers[name]).sign_pdf(
                IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
            )
            return _spoil(signed.getvalue(), len(pdf), tampering)


def _spoil(signed: bytes, sent: int, tampering: str) -> bytes:
    content = bytearray(signed)
    if tampering == "changed_byte":
        content[sent // 2] ^= 1
    elif tampering == "broken_signature":
        start = content.index(b"/Contents <", sent)
        digits = content[start : content.index(b">", start)].rstrip(b"0")  # what follows fills up the reserved space
        last = start + len(digits) - 1  # the signature's value comes last
        content[last] = ord("2" if content[last] == ord("1") else "1")
    elif tampering == "painted_after":
        return _paint(signed)
    elif tampering == "appended":
        content += b"% tambahan\n"
    return bytes(content)


def _saved_anew(pdf: bytes) -> bytes:
    """*pdf* as another program would save it: looks the same, and is another file."""
    out = BytesIO()
    copy_into_new_writer(PdfFileReader(BytesIO(pdf), strict=False)).write(out)
    return out.getvalue()


def _paint(pdf: bytes) -> bytes:
    """*pdf* with a black square over its first page, as an incremental update."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    writer.add_stream_to_page(0, writer.add_object(StreamObject(stream_data=PAINT)))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _signer(name: str) -> signers.SimpleSigner:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "ID"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "BSrE (tiruan untuk percobaan)"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    bundle = pkcs12.serialize_key_and_certificates(b"bsre", key, certificate, None, NoEncryption())
    return signers.SimpleSigner.load_pkcs12_data(bundle, [], passphrase=None)

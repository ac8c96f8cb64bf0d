"""Who signs letters in this installation, and whether what came back is the letter that was sent, signed."""

from __future__ import annotations

import structlog

from services.schedule.integrations.bsre import bsre_of
from services.schedule.integrations.signer import ONE_AT_A_TIME, LocalSigner, PdfSigner, SigningError
from services.schedule.letters.signed_pdf import Differs, certificate_name
from services.schedule.settings import ScheduleSettings

log = structlog.get_logger()


class SignerNotConfigured(SigningError):
    status, code = 503, "signer_not_configured"

    def __init__(self) -> None:
        super().__init__("Layanan tanda tangan elektronik belum dipasang. Hubungi petugas TI.")


class SignedPdfDiffers(SigningError):
    """What the signer gave back is not the PDF that was sent with a sound signature over all of it."""

    status, code = 502, "signed_pdf_differs"

    def __init__(self) -> None:
        super().__init__(
            "Berkas yang dikembalikan layanan tanda tangan berbeda dari Surat Tugas yang dikirim, sehingga ditolak. "
            "Surat belum ditandatangani; hubungi petugas TI."
        )


def signer_of(settings: ScheduleSettings) -> PdfSigner:
    """BSrE where it is configured, else the local development signer; raises SignerNotConfigured."""
    if settings.bsre:
        return bsre_of(settings.bsre, settings.http_timeout)
    if settings.signing_key:
        return LocalSigner(settings.signing_key)
    raise SignerNotConfigured


def checked(sent: bytes, signed: bytes) -> str:
    """The name in the certificate that signed *sent*; raises SignedPdfDiffers unless *signed* is just *sent*, signed.

    Whether the certificate is trusted is BSrE's to say; verifiers of the PDF know its root.
    """
    try:
        with ONE_AT_A_TIME:
            return certificate_name(sent, signed)
    except Exception as error:  # a PDF that is broken makes the library raise anything
        fault = str(error) if isinstance(error, Differs) else type(error).__name__
        log.error("signed_pdf_differs", fault=fault, sent=len(sent), signed=len(signed))
        raise SignedPdfDiffers from error

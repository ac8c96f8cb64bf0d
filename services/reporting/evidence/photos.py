"""Photo intake. A file from outside is never trusted: its kind is read from its content, its size is checked before
anything is decoded, and only pixels are kept."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from PIL import Image, ImageOps, UnidentifiedImageError

from services.reporting.evidence.rules import exif_moment
from shared.clock import WIB
from shared.errors import DomainError
from shared.storage import sha256

log = structlog.get_logger()

BYTE_LIMIT = 8_000_000
PIXEL_LIMIT = 40_000_000
LONGEST_SIDE = 1600  # pixels: a page of text held before the camera is still readable
QUALITY = 80
FORMATS = ("JPEG", "PNG", "WEBP")
EXIF_IFD, DATE_TIME_ORIGINAL, OFFSET_TIME_ORIGINAL = 0x8769, 0x9003, 0x9011


class NotAnImage(DomainError):
    status, code = 415, "not_an_image"


class ImageTooLarge(DomainError):
    status, code = 413, "image_too_large"


class ImageUnreadable(DomainError):
    status, code = 422, "image_unreadable"


@dataclass(frozen=True)
class Photo:
    """A photo as it is kept: JPEG without metadata, and what the original said about itself."""

    jpeg: bytes
    sha256: str  # of the original
    width: int
    height: int
    taken_at: datetime | None


def take_in(original: bytes) -> Photo:
    """Check and re-encode a photo; raises NotAnImage, ImageTooLarge or ImageUnreadable."""
    if len(original) > BYTE_LIMIT:
        raise ImageTooLarge(f"Foto lebih besar dari {BYTE_LIMIT // 1_000_000} MB. Perkecil lalu kirim kembali.")
    try:
        # Only the header is read here; with *formats* no other decoder of the library is ever tried.
        image: Image.Image = Image.open(io.BytesIO(original), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except UnidentifiedImageError:
        raise NotAnImage("Berkas ini bukan foto JPEG, PNG, atau WebP.") from None
    except Exception as error:  # decoders raise many kinds on broken headers; all mean: not readable
        raise _unreadable(error) from None
    if image.width * image.height > PIXEL_LIMIT:
        raise _too_many_pixels()
    # Phones store two views of one scene as multi-picture JPEG; the first is the photo. Moving pictures are none.
    if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
        raise NotAnImage("Gambar bergerak tidak dapat dipakai sebagai bukti. Kirim foto biasa.")
    taken_at = _taken_at(image)
    try:
        small = _shrink(image)
        out = io.BytesIO()
        small.save(out, "JPEG", quality=QUALITY)
    except Exception as error:  # truncated or broken pixel data, in as many kinds as there are decoders
        raise _unreadable(error) from None
    return Photo(out.getvalue(), sha256(original), small.width, small.height, taken_at)


def _shrink(image: Image.Image) -> Image.Image:
    """Upright, on white where transparent, no side longer than LONGEST_SIDE."""
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # JPEG decodes straight to a smaller size
    image.load()
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(image)
    if upright.has_transparency_data:
        layered = upright.convert("RGBA")
        white = Image.new("RGBA", layered.size, "white")
        upright = Image.alpha_composite(white, layered)
    # A fresh picture of the pixels alone: nothing that came along in the original's info goes out again.
    plain = upright.convert("RGB")
    plain.info = {}
    return plain


def _taken_at(image: Image.Image) -> datetime | None:
    try:
        details: dict[int, Any] = dict(image.getexif().get_ifd(EXIF_IFD))
    except Exception as error:  # broken metadata is no reason to refuse the photo
        log.info("exif_unreadable", error=str(error))
        return None
    return exif_moment(details.get(DATE_TIME_ORIGINAL), details.get(OFFSET_TIME_ORIGINAL), WIB)


def _too_many_pixels() -> ImageTooLarge:
    return ImageTooLarge(f"Foto lebih dari {PIXEL_LIMIT // 1_000_000} megapiksel. Perkecil lalu kirim kembali.")


def _unreadable(error: Exception) -> ImageUnreadable:
    log.info("image_unreadable", error=repr(error))
    return ImageUnreadable("Foto tidak dapat dibaca, mungkin terpotong saat dikirim. Ambil atau kirim ulang.")

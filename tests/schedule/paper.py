"""A PDF as a reader sees it: the words on its pages, and the QR code as a telephone's camera would read it."""

from __future__ import annotations

import re
from typing import Any

import pypdfium2
import zxingcpp

DOTS = 2.0  # pixels per point, 144 dpi: what a printed page shows a camera


def pages(pdf: bytes) -> list[str]:
    """The text of each page; lines and runs of blanks as single blanks."""
    return [re.sub(r"\s+", " ", page.get_textpage().get_text_bounded()) for page in _open(pdf)]


def qr_codes(pdf: bytes) -> list[str]:
    """What the QR codes on the first page say."""
    image = _open(pdf)[0].render(scale=DOTS).to_pil()
    return [found.text for found in zxingcpp.read_barcodes(image)]


def _open(pdf: bytes) -> Any:
    return pypdfium2.PdfDocument(pdf)

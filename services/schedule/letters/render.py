"""Letters as PDF/A by typst."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import segno
import typst

from services.schedule.letters.rules import DEVELOPMENT_MARK
from services.schedule.settings import LetterWording
from services.schedule.verification.rules import grouped
from shared.web.filters import long_date

TEMPLATE = Path(__file__).with_name("letter.typ")
USUAL = LetterWording()
"""Letters approved before the footer was frozen with them have this one."""
PENDING_NUMBER = "menunggu penomoran"


@dataclass(frozen=True)
class Verification:
    """By what everyone can look the letter up: its code, and the page that the printed QR code leads to."""

    code: str
    url: str


def render_letter(
    content: dict[str, Any], *, number: str | None, letter_date: date | None, development: bool,
    verification: Verification,
) -> bytes:  # fmt: skip
    """The letter as PDF/A-2b. Without a number it is the draft that goes to e-office."""
    data = {
        **content,
        "number": number or PENDING_NUMBER,
        "day": [letter_date.year, letter_date.month, letter_date.day] if letter_date else None,
        "date": long_date(letter_date) if letter_date else "–",
        "verification": {
            "page": verification.url.removesuffix(f"/{verification.code}"),
            "code": grouped(verification.code),
            "url": verification.url,
            "qr": qr_code(verification.url),
        },
        "footer": DEVELOPMENT_FOOTER if development else content.get("footer", USUAL.footer),
        **({"mark": DEVELOPMENT_MARK} if development else {}),
    }
    return bytes(
        typst.compile(
            str(TEMPLATE), sys_inputs={"letter": json.dumps(data, ensure_ascii=False)}, pdf_standards=["a-2b"]
        )
    )


def qr_code(text: str) -> str:
    """*text* as an SVG; a quarter of it may be stained or torn (error level Q)."""
    out = io.BytesIO()
    segno.make_qr(text, error="q").save(out, kind="svg", border=2, xmldecl=False, omitsize=True)
    return out.getvalue().decode()


DEVELOPMENT_FOOTER = "Ditandatangani dengan sertifikat percobaan: bukan dokumen sah dan tidak berkekuatan hukum."

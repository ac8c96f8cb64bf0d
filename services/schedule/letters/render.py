"""Letters as PDF/A by typst."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import typst

from services.schedule.letters.rules import DEVELOPMENT_MARK
from shared.web.filters import long_date

TEMPLATE = Path(__file__).with_name("letter.typ")
PENDING_NUMBER = "menunggu penomoran"


def render_letter(content: dict[str, Any], *, number: str | None, letter_date: date | None, development: bool) -> bytes:
    """The letter as PDF/A-2b. Without a number it is the draft that goes to e-office."""
    data = {
        **content,
        "number": number or PENDING_NUMBER,
        "date": long_date(letter_date) if letter_date else "–",
        "footer": DEVELOPMENT_FOOTER if development else BSRE_FOOTER,
        **({"mark": DEVELOPMENT_MARK} if development else {}),
    }
    return bytes(
        typst.compile(
            str(TEMPLATE), sys_inputs={"letter": json.dumps(data, ensure_ascii=False)}, pdf_standards=["a-2b"]
        )
    )


BSRE_FOOTER = (
    "Dokumen ini telah ditandatangani secara elektronik menggunakan sertifikat elektronik yang diterbitkan oleh "
    "Balai Sertifikasi Elektronik (BSrE), Badan Siber dan Sandi Negara."
)
DEVELOPMENT_FOOTER = "Ditandatangani dengan sertifikat percobaan: bukan dokumen sah dan tidak berkekuatan hukum."

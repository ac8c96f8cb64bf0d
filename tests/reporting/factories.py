"""Events, photos and form data for tests of the reporting service, with overrides."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from PIL import Image

from shared.contracts.energy import ChecklistFigures, MonthClosedV1, SavingFigure
from shared.contracts.schedule import (
    Assignment,
    DayCount,
    EmployeeChangedV1,
    ExemptionCount,
    LetterRef,
    RecallOrderedV1,
    RosterInForceV1,
    Signer,
    UnitChangedV1,
)
from shared.storage import sha256

APRIL = date(2026, 4, 1)
FRIDAY, NEXT_FRIDAY = date(2026, 4, 10), date(2026, 4, 17)
LETTER_PDF = b"%PDF-1.7 signed letter of A1 " + bytes(range(256)) * 40
EXIF_IFD, DATE_TIME_ORIGINAL, OFFSET_TIME_ORIGINAL = 0x8769, 0x9003, 0x9011


def a_unit(unit_id: str = "U1", **overrides: Any) -> UnitChangedV1:
    values: dict[str, Any] = {
        "id": unit_id, "agency_id": "A1", "parent_id": "A1", "name": f"Bidang {unit_id}", "code": unit_id,
        "leader_id": None, "exempt_clause": None, "active": True,
    }  # fmt: skip
    return UnitChangedV1(**{**values, **overrides})


def an_agency(agency_id: str = "A1", **overrides: Any) -> UnitChangedV1:
    values: dict[str, Any] = {
        "agency_id": agency_id, "parent_id": None, "name": f"Dinas {agency_id}", "code": f"DINAS-{agency_id}",
        "leader_id": None,
    }  # fmt: skip
    return a_unit(agency_id, **{**values, **overrides})


def an_employee(employee_id: str = "E1", **overrides: Any) -> EmployeeChangedV1:
    values: dict[str, Any] = {
        "id": employee_id, "nip": NIPS.get(employee_id, "199001012015011009"), "name": f"Pegawai {employee_id}",
        "agency_id": "A1", "unit_id": "U1", "superior_id": "E0", "post": "Analis", "rank": "Penata (III/c)",
        "email": None, "active": True,
    }  # fmt: skip
    return EmployeeChangedV1(**{**values, **overrides})


NIPS = {
    "E0": "197501012000011000", "E1": "198501012010011001", "E2": "198601012010011002", "E3": "198701012010012003",
    "E9": "197001011995011009", "F0": "197601012000011010", "F1": "198801012010011011", "F9": "197101011995011019",
}  # fmt: skip


def a_letter(agency_id: str = "A1", content: bytes = LETTER_PDF, **overrides: Any) -> LetterRef:
    values: dict[str, Any] = {
        "id": f"L-{agency_id}-1", "number": f"800.1.11.1/7/{agency_id}/IV/2026", "date": date(2026, 4, 2),
        "sha256": sha256(content), "url": "http://localhost:9/letters/1.pdf",
        "signed_at": datetime(2026, 4, 2, 3, tzinfo=UTC),
        "signer": Signer("E9", "Dra. Rina Wijaya, M.Si.", NIPS["E9"], "Kepala Dinas"),
    }  # fmt: skip
    return LetterRef(**{**values, **overrides})


def a_roster(wfh: Mapping[str, Iterable[date]] | None = None, **overrides: Any) -> RosterInForceV1:
    """A roster of A1 for April 2026; *wfh*: employee → dates."""
    agency_id = overrides.get("agency_id", "A1")
    people = wfh if wfh is not None else {"E1": [FRIDAY]}
    values: dict[str, Any] = {
        "roster_id": f"R-{agency_id}-{overrides.get('version', 1)}", "agency_id": agency_id, "month": APRIL,
        "version": 1, "starts": APRIL, "ends": date(2026, 4, 30), "letter": a_letter(agency_id),
        "assignments": [Assignment(who, "U1", list(days)) for who, days in people.items()],
        "days": [DayCount(date(2026, 4, 9), 10, 0, 0), DayCount(FRIDAY, 6, 3, 1), DayCount(NEXT_FRIDAY, 7, 3, 0)],
        "exemptions": [ExemptionCount("1.l.1", 1), ExemptionCount("1.l.9", 4)],
    }  # fmt: skip
    return RosterInForceV1(**{**values, **overrides})


def a_recall(*employee_ids: str, **overrides: Any) -> RecallOrderedV1:
    values: dict[str, Any] = {
        "roster_id": "R-2", "agency_id": "A1", "date": NEXT_FRIDAY, "reason": "Banjir di Metro Pusat",
        "ordered_by": "Dra. Rina Wijaya, M.Si. (197001011995011009)", "employee_ids": list(employee_ids),
    }  # fmt: skip
    return RecallOrderedV1(**{**values, **overrides})


def closed_month(**overrides: Any) -> MonthClosedV1:
    values: dict[str, Any] = {
        "agency_id": "A1", "month": APRIL, "checklists": ChecklistFigures(5, 20, 18, 15, 2),
        "savings": [
            SavingFigure("electricity", 1_250_000, 735.5, "kWh", 410.0, 1061.0, "A", True, "Meter gedung utama"),
            SavingFigure("water", 90_000, 12.0, "m3", -4.0, 28.0, "C", False, "Tagihan satu bulan"),
            SavingFigure("telephone", None, None, None, None, None, None, False, "Tagihan belum masuk"),
        ],
    }  # fmt: skip
    return MonthClosedV1(**{**values, **overrides})


def a_picture(
    width: int = 640, height: int = 480, form: str = "JPEG", *, taken: str | None = "2026:04:10 09:15:00",
    shade: int = 90, **save: Any,
) -> bytes:  # fmt: skip
    """A real photo file; *shade* makes one that differs, *taken* is EXIF's local time."""
    picture = Image.new("RGB", (width, height), (shade, 120, 60))
    for x in range(0, min(width, 400), 7):
        picture.putpixel((x, x % height), (255, x % 255, 0))
    if taken and form == "JPEG":
        exif = Image.Exif()
        exif[0x010F] = "Kamera Rahasia"
        exif.get_ifd(EXIF_IFD).update({DATE_TIME_ORIGINAL: taken, OFFSET_TIME_ORIGINAL: "+07:00"})
        save["exif"] = exif
    out = io.BytesIO()
    picture.save(out, form, **save)
    return out.getvalue()


def a_line(**overrides: Any) -> dict[str, Any]:
    values = {
        "activity": "Menyusun telaahan staf", "start": "08:00", "end": "11:30", "quantity": 2, "unit": "dokumen",
        "result": "Telaahan selesai",
    }  # fmt: skip
    return {**values, **overrides}


def a_sanction(who: str = "E1", **overrides: Any) -> dict[str, Any]:
    """A verbal reprimand of May 2026, as the head's form and the API send it."""
    values = {
        "nip": NIPS[who], "kind": "verbal", "reason": "Tidak dapat dihubungi pada hari WFH.", "starts": "2026-05-01",
        "ends": "2026-05-31",
    }  # fmt: skip
    return {**values, **overrides}


def report_form(
    lines: list[dict[str, Any]] | None = None, photo: bytes | None = None, name: str = "foto.jpg", **fields: Any
) -> dict[str, Any]:
    """Options of a test client's POST /api/reports."""
    data: dict[str, Any] = {"lines": json.dumps([a_line()] if lines is None else lines), **fields}
    data["photo"] = (io.BytesIO(a_picture() if photo is None else photo), name)
    return {"data": data, "content_type": "multipart/form-data"}

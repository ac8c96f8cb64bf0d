"""Room lists and meter readings as files: the only module that knows their column names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from services.energy.meters.rules import HIGHEST_DAY, ReadingIn
from services.energy.rooms.rules import RoomIn
from shared.tables import Rejection, cell, read_table

READING_COLUMNS = ("gedung", "unorId", "tanggal", "kwh")


def room_in(line: int, row: Mapping[str, Any]) -> RoomIn:
    """One room; raises ValueError naming the room and the fault."""
    code, name = cell(row, "kode"), cell(row, "nama")
    for column in ("kode", "nama", "unorId", "gedung"):
        if not cell(row, column):
            raise ValueError(f"ruangan {code or name or 'tanpa kode'}: kolom {column} kosong")
    floor = cell(row, "lantai") or "1"
    try:
        number = int(floor.removesuffix(".0"))
    except ValueError:
        raise ValueError(f"ruangan {code}: lantai “{floor}” bukan bilangan") from None
    if not -10 <= number <= 200:
        raise ValueError(f"ruangan {code}: lantai {number} tidak mungkin")
    return RoomIn(
        line=line,
        code=code,
        name=name,
        unit_id=cell(row, "unorId"),
        building=cell(row, "gedung"),
        floor=number,
        devices=_list(row, "perangkat"),
        officer_nip=cell(row, "petugasNip") or None,
        occupant_nips=_list(row, "nipPenghuni"),
    )


def reading_in(line: int, row: Mapping[str, Any]) -> ReadingIn:
    """One building's kWh of one day; raises ValueError naming the building, the date and the fault."""
    building, day, amount = cell(row, "gedung"), cell(row, "tanggal"), cell(row, "kwh")
    for column in ("gedung", "unorId"):
        if not cell(row, column):
            raise ValueError(f"gedung {building or 'tanpa nama'} {day}: kolom {column} kosong")
    try:
        read_on = date.fromisoformat(day[:10])
    except ValueError:
        raise ValueError(f"gedung {building}: tanggal “{day}” harus berbentuk TTTT-BB-HH") from None
    try:
        kwh = Decimal(_decimal(amount))
        if not kwh.is_finite():
            raise InvalidOperation
    except InvalidOperation:
        raise ValueError(f"gedung {building} {read_on}: kwh “{amount}” bukan bilangan") from None
    if abs(kwh) > HIGHEST_DAY:
        raise ValueError(f"gedung {building} {read_on}: kwh “{amount}” tidak mungkin untuk satu hari")
    return ReadingIn(line, building, cell(row, "unorId"), read_on, kwh)


def read_rooms(name: str, content: bytes) -> tuple[list[RoomIn], list[Rejection]]:
    """Rooms of a CSV or XLSX file, and every refused row with its line and reason."""
    return read_table(name, content, ("kode", "nama", "unorId", "gedung", "nipPenghuni"), room_in)


def read_readings(name: str, content: bytes) -> tuple[list[ReadingIn], list[Rejection]]:
    """Readings of a CSV or XLSX file, and every refused row with its line and reason."""
    return read_table(name, content, READING_COLUMNS, reading_in)


def _list(row: Mapping[str, Any], column: str) -> tuple[str, ...]:
    """Parts between semicolons, each once, in their order."""
    return tuple(dict.fromkeys(part.strip() for part in cell(row, column).split(";") if part.strip()))


def _decimal(text: str) -> str:
    """``1.234,5`` as people write it, or ``1234.5`` as programs do."""
    return text.replace(".", "").replace(",", ".") if "," in text else text

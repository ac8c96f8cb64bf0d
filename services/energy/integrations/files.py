"""Room lists and meter readings as files: the only module that knows their column names."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from openpyxl import load_workbook

from services.energy.meters.rules import HIGHEST_DAY, ReadingIn
from services.energy.outcomes import Rejection
from services.energy.rooms.rules import RoomIn
from shared.errors import InvalidInput

FILE_ROWS = 50_000
ROOM_COLUMNS = ("kode", "nama", "unorId", "gedung", "lantai", "perangkat", "petugasNip", "nipPenghuni")
READING_COLUMNS = ("gedung", "unorId", "tanggal", "kwh")

T = TypeVar("T")


def room_in(line: int, row: Mapping[str, Any]) -> RoomIn:
    """One room; raises ValueError naming the room and the fault."""
    code, name = _text(row, "kode"), _text(row, "nama")
    for column in ("kode", "nama", "unorId", "gedung"):
        if not _text(row, column):
            raise ValueError(f"ruangan {code or name or 'tanpa kode'}: kolom {column} kosong")
    floor = _text(row, "lantai") or "1"
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
        unit_id=_text(row, "unorId"),
        building=_text(row, "gedung"),
        floor=number,
        devices=_list(row, "perangkat"),
        officer_nip=_text(row, "petugasNip") or None,
        occupant_nips=_list(row, "nipPenghuni"),
    )


def reading_in(line: int, row: Mapping[str, Any]) -> ReadingIn:
    """One building's kWh of one day; raises ValueError naming the building, the date and the fault."""
    building, day, amount = _text(row, "gedung"), _text(row, "tanggal"), _text(row, "kwh")
    for column in ("gedung", "unorId"):
        if not _text(row, column):
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
    return ReadingIn(line, building, _text(row, "unorId"), read_on, kwh)


def read_rooms(name: str, content: bytes) -> tuple[list[RoomIn], list[Rejection]]:
    """Rooms of a CSV or XLSX file, and every refused row with its line and reason."""
    return _read(name, content, ("kode", "nama", "unorId", "gedung", "nipPenghuni"), room_in)


def read_readings(name: str, content: bytes) -> tuple[list[ReadingIn], list[Rejection]]:
    """Readings of a CSV or XLSX file, and every refused row with its line and reason."""
    return _read(name, content, READING_COLUMNS, reading_in)


def _read(
    name: str, content: bytes, required: Iterable[str], make: Callable[[int, Mapping[str, Any]], T]
) -> tuple[list[T], list[Rejection]]:
    good: list[T] = []
    refused: list[Rejection] = []
    for line, row in _rows(name, content, required):
        try:
            good.append(make(line, row))
        except ValueError as error:
            refused.append(Rejection(line, str(error)))
    return good, refused


def _rows(name: str, content: bytes, required: Iterable[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """(line in the file, record) pairs; the header is line 1."""
    lines = iter(_table(name, content))
    header = [str(cell or "").strip() for cell in next(lines, [])]
    missing = [column for column in required if column not in header]
    if missing:
        raise InvalidInput(f"Kolom wajib tidak ada: {', '.join(missing)}.", pointers={"/file": "kolom kurang"})
    for line, cells in enumerate(lines, start=2):
        if line > FILE_ROWS + 1:
            raise InvalidInput(f"Berkas melebihi {FILE_ROWS} baris. Bagi menjadi beberapa berkas.")
        record = dict(zip(header, cells, strict=False))
        if any(value not in (None, "") for value in record.values()):
            yield line, record


def _table(name: str, content: bytes) -> Iterator[Iterable[Any]]:
    try:
        if name.lower().endswith(".xlsx"):
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            yield from book.worksheets[0].iter_rows(values_only=True)
        else:
            text = content.decode("utf-8-sig")
            header = text.partition("\n")[0]
            # spreadsheets set to Indonesian write semicolons between columns
            separator = ";" if header.count(";") > header.count(",") else ","
            yield from csv.reader(io.StringIO(text), delimiter=separator)
    except Exception as error:  # the libraries raise many kinds for a file that is none
        raise InvalidInput("Berkas tidak dapat dibaca. Kirim CSV (UTF-8) atau XLSX.") from error


def _text(row: Mapping[str, Any], column: str) -> str:
    value = row.get(column)
    return "" if value is None else str(value).replace("\0", "").strip()  # PostgreSQL keeps no NUL in a text


def _list(row: Mapping[str, Any], column: str) -> tuple[str, ...]:
    """Parts between semicolons, each once, in their order."""
    return tuple(dict.fromkeys(part.strip() for part in _text(row, column).split(";") if part.strip()))


def _decimal(text: str) -> str:
    """``1.234,5`` as people write it, or ``1234.5`` as programs do."""
    return text.replace(".", "").replace(",", ".") if "," in text else text

"""CSV and XLSX files that people send: rows by column name, refused rows by line and reason."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from openpyxl import load_workbook

from shared.errors import InvalidInput

ROW_LIMIT = 50_000  # rows of one file

T = TypeVar("T")
Record = Mapping[str, Any]


@dataclass(frozen=True)
class Rejection:
    """A refused row: its line in the file and why, naming what or whom it is about."""

    line: int
    reason: str


def read_table(
    name: str, content: bytes, required: Collection[str], make: Callable[[int, Record], T]
) -> tuple[list[T], list[Rejection]]:
    """Rows as *make* (line in the file, record) builds them; a row for which it raises ValueError is refused.

    Raises InvalidInput when the file is no table, lacks a *required* column or has more than ROW_LIMIT rows.
    """
    good: list[T] = []
    refused: list[Rejection] = []
    for line, record in _records(name, content, required):
        try:
            good.append(make(line, record))
        except ValueError as error:
            refused.append(Rejection(line, str(error)))
    return good, refused


def cell(record: Record, column: str) -> str:
    """A cell as text without spaces around; NUL, which PostgreSQL keeps in no text, is dropped."""
    value = record.get(column)
    return "" if value is None else str(value).replace("\0", "").strip()


def _records(name: str, content: bytes, required: Collection[str]) -> Iterator[tuple[int, Record]]:
    """(line, record) pairs of rows that hold anything; the header is line 1."""
    lines = _lines(name, content)
    header = [str(value or "").strip() for value in next(lines, [])]
    missing = [column for column in required if column not in header]
    if missing:
        raise InvalidInput(f"Kolom wajib tidak ada: {', '.join(missing)}.", pointers={"/file": "kolom kurang"})
    for line, values in enumerate(lines, start=2):
        if line > ROW_LIMIT + 1:
            raise InvalidInput(f"Berkas melebihi {ROW_LIMIT} baris. Bagi menjadi beberapa berkas.")
        record = dict(zip(header, values, strict=False))
        if any(value not in (None, "") for value in record.values()):
            yield line, record


def _lines(name: str, content: bytes) -> Iterator[Iterable[Any]]:
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

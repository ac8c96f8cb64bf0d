"""Reading what people type into pages, where a mistake is answered beside the field and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from services.reporting.duties.rules import month_of
from services.reporting.reports.rules import Line
from services.reporting.reports.schemas import read_lines
from shared.errors import InvalidInput
from shared.web.filters import month_name
from shared.web.schemas import Month

FIELDS = ("activity", "start", "end", "quantity", "unit", "result")
ROWS = 3  # blocks offered when nothing is typed yet
MONTHS_BACK = 12


@dataclass(frozen=True)
class TypedLines:
    """Lines as typed, for showing again, and as read. errors: (line index, field) → text; the index counts *typed*."""

    typed: list[dict[str, str]]
    lines: list[Line]
    errors: dict[tuple[int, str], str]


def typed_lines(form: MultiDict[str, str]) -> TypedLines:
    """Output lines from repeated form fields; blocks left wholly empty are skipped."""
    columns = {name: form.getlist(name) for name in FIELDS}
    length = max((len(column) for column in columns.values()), default=0)
    every = [{name: column[i].strip() if i < len(column) else "" for name, column in columns.items()}
             for i in range(length)]  # fmt: skip
    typed = [row for row in every if any(row.values())] or [dict.fromkeys(FIELDS, "")]
    try:
        return TypedLines(typed, read_lines([_with_number(row) for row in typed]), {})
    except ValidationError as error:
        return TypedLines(typed, [], _errors(error.messages))


def _with_number(row: dict[str, str]) -> dict[str, Any]:
    quantity = row["quantity"]
    return {**row, "quantity": int(quantity) if quantity.isdecimal() and quantity.isascii() else quantity}


def _errors(messages: Any) -> dict[tuple[int, str], str]:
    if not isinstance(messages, Mapping):
        return {(0, "activity"): " ".join(map(str, messages))}
    return {
        (int(index), str(name)): HINTS.get(str(name), " ".join(map(str, texts)))
        for index, faults in messages.items()
        for name, texts in (faults.items() if isinstance(faults, Mapping) else [("activity", faults)])
    }


HINTS = {
    "activity": "Tulis kegiatan, 3 sampai 500 huruf.",
    "start": "Isi jam mulai, misalnya 08:00.",
    "end": "Isi jam selesai, sesudah jam mulai.",
    "quantity": "Isi jumlah hasil dengan bilangan bulat.",
    "unit": "Isi satuan, misalnya dokumen.",
    "result": "Paling banyak 1000 huruf.",
}


def asked_day(default: date) -> date:
    """The date that the address asks for; raises InvalidInput for one that does not exist."""
    text = request.args.get("date", "")
    try:
        return date.fromisoformat(text) if text else default
    except ValueError:
        raise InvalidInput("Tanggal ini tidak ada.", pointers={"/date": "TTTT-BB-HH"}) from None


def asked_month(default: date) -> date:
    text = request.args.get("month", "")
    try:
        return Month().deserialize(text) if text else default
    except ValidationError as error:
        raise InvalidInput("Bulan ini tidak ada.", pointers={"/month": str(error.messages[0])}) from None


def month_choices(today: date) -> list[tuple[str, str]]:
    """The last months for a filter, newest first."""
    first = month_of(today)
    found = []
    for back in range(MONTHS_BACK):
        number = first.year * 12 + first.month - 1 - back
        month = date(number // 12, number % 12 + 1, 1)
        found.append((f"{month:%Y-%m}", month_name(month)))
    return found

"""Small pieces that every API and page uses: the current database and context, paging of lists, downloads."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import xlsxwriter
from flask import Response, current_app, request
from sqlalchemy import Select
from sqlalchemy.orm import Session

from shared.cause import Cause, set_cause, traceparent_of
from shared.db import Database, page_of
from shared.durable import Context
from shared.errors import InvalidInput

PAGE_SIZE = 50
PAGE_LIMIT = 500
EXPORT_LIMIT = 100_000  # rows of one exported sheet

T = TypeVar("T")


def context() -> Context:
    found: Context = current_app.extensions["luwes.context"]
    return found


@contextmanager
def transaction() -> Iterator[Session]:
    """The edge's transaction on this service's database; what it emits belongs to the caller's trace."""
    db: Database = current_app.extensions["luwes.db"]
    with db.transaction() as session:
        set_cause(session, Cause(traceparent=traceparent_of(request.headers.get("traceparent"))))
        yield session


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list, 1-based."""

    rows: list[T]
    number: int
    size: int
    total: int

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))


def asked_page(session: Session, query: Select[T]) -> Page[T]:
    """The page of *query* that the address asks for by ``page`` and ``page_size``."""
    number, size = _whole("page", 1, 1_000_000), _whole("page_size", PAGE_SIZE, PAGE_LIMIT)
    rows, total = page_of(session, query, number, size)
    return Page(rows, number, size, total)


def _whole(name: str, default: int, most: int) -> int:
    text = request.args.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise InvalidInput(f"“{name}” harus bilangan bulat 1–{most}.", pointers={f"/{name}": f"1–{most}"})
    return int(text)


def sheet(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]], form: str) -> Response:
    """A download of *rows* as ``csv`` or ``xlsx``; cells that look like formulas are kept as text."""
    if form == "csv":
        content, mime = csv_text(header, rows), "text/csv; charset=utf-8"
    else:
        buffer = io.BytesIO()
        book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        page = book.add_worksheet(name[:31])
        page.write_row(0, 0, header, book.add_format({"bold": True}))
        for line, row in enumerate(rows, start=1):
            page.write_row(line, 0, [cell if isinstance(cell, int | float | str) else str(cell) for cell in row])
        page.autofit()
        book.close()
        content = buffer.getvalue()
        mime = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        form = "xlsx"
    return download(content, f"{name}.{form}", mime)


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """CSV as spreadsheets read it: UTF-8 with a byte order mark, no cell a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_harmless(cell) for cell in header])
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def download(content: bytes, name: str, mime: str, *, inline: bool = False) -> Response:
    place = "inline" if inline else "attachment"
    return Response(content, headers={"Content-Type": mime, "Content-Disposition": f'{place}; filename="{name}"'})


def revalidated(response: Response) -> Response:
    """*response* with a strong ETag of its content; who has it already gets 304 and no body. Asked anew each time."""
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


FORMULA = re.compile(r"(^|[;\t\r\n])(?=\s*[=+\-@＝＋－＠]|[\t\r\n])")
"""Where a spreadsheet may see a formula begin: at a cell's start, and after what some of them take for its end (an
Indonesian Excel parts the columns of a CSV file at semicolons)."""


def _harmless(cell: Any) -> Any:
    """Spreadsheets run text that starts like a formula; a quote before it keeps it text."""
    return FORMULA.sub(r"\1'", cell) if isinstance(cell, str) else cell

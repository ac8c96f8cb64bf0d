"""The city recap as a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flask import Blueprint, Response, render_template, request

from services.reporting.duties.rules import month_of
from services.reporting.packs.api import PACK_READERS
from services.reporting.recap.api import RECAP_READERS
from services.reporting.recap.queries import PACK_TEXT, RecapRow, recap_page, recap_rows, total
from services.reporting.reports.forms import asked_month, month_choices
from shared.auth import access, person
from shared.clock import wib_date
from shared.web.reply import context, sheet, transaction
from shared.web.schemas import CONTROL

blueprint = Blueprint("recap_pages", __name__, template_folder="templates")

HEADER = (
    "Perangkat daerah", "Wajib lapor", "Diterima", "Terlambat", "Tidak lapor", "Dinilai", "Laporan bulanan"
)  # fmt: skip


@blueprint.get("/recap")
@access(*RECAP_READERS)
def recap() -> str | Response:
    """Agencies × figures, with filter, order and export."""
    today = wib_date(context().now())
    month = asked_month(month_of(today))
    filters: dict[str, Any] = {name: request.args.get(name, "").strip() for name in ("q", "pack", "sort")}
    filters["q"] = CONTROL.sub("", filters["q"])
    with transaction() as session:
        form = request.args.get("format")
        if form in ("xlsx", "csv"):
            return sheet(f"rekap-{month:%Y-%m}", HEADER, _cells(recap_rows(session, month, today, filters)), form)
        page = recap_page(session, month, today, filters)
        city = total(session, month)
    return render_template(
        "recap.html", page=page, city=city, month=month, months=month_choices(today), pack_text=PACK_TEXT,
        readable=person().has(*PACK_READERS),
    )  # fmt: skip


def _cells(rows: Iterable[RecapRow]) -> Iterator[list[Any]]:
    for row in rows:
        f = row.figures
        yield [row.agency, f.due, f.filed, f.late, f.missing, f.assessed, PACK_TEXT[row.pack]]

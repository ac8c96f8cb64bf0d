"""Rules of duties: what a roster asks for, when a report is due, and what a month's duties add up to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

RATINGS = ("above", "as", "below")
RATING_TEXT = {
    "above": "di atas ekspektasi",
    "as": "sesuai ekspektasi",
    "below": "di bawah ekspektasi",
    "sent_back": "dikembalikan",
}
"""Words of PermenPANRB 6/2022."""

STATUS_TEXT = {
    "open": "belum lapor",
    "filed": "sudah lapor",
    "late": "lapor terlambat",
    "missing": "tidak lapor",
    "assessed": "sudah dinilai",
    "sent_back": "dikembalikan",
    "cancelled": "dibatalkan",
}


def no_longer_wanted(
    present: Mapping[tuple[str, date], str], wanted: Collection[tuple[str, date]], starts: date, ends: date
) -> set[tuple[str, date]]:
    """Which of the agency's duties, (employee, date) → status, a new roster cancels: open ones that it does not name,
    within *starts* … *ends*. What was filed or missed stays: the earlier letter was in force on that day."""
    return {
        key for key, status in present.items() if status == "open" and key not in wanted and starts <= key[1] <= ends
    }


@dataclass(frozen=True)
class Figures:
    """A set of duties in numbers. due = filed + missing + open; filed includes late, assessed and sent back ones."""

    due: int = 0
    filed: int = 0
    late: int = 0
    missing: int = 0
    open: int = 0
    assessed: int = 0
    sent_back: int = 0
    ratings: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(RATINGS, 0))


def add_up(rows: Iterable[tuple[str, bool, str | None, int]]) -> Figures:
    """Figures of *rows* (status, late, rating, count); cancelled duties do not count."""
    by_status: dict[str, int] = {}
    late = 0
    ratings = dict.fromkeys(RATINGS, 0)
    for status, was_late, rating, count in rows:
        if status == "cancelled":
            continue
        by_status[status] = by_status.get(status, 0) + count
        late += count if was_late else 0
        if status == "assessed" and rating in ratings:
            ratings[rating] += count
    due, still_open, missing = sum(by_status.values()), by_status.get("open", 0), by_status.get("missing", 0)
    return Figures(
        due=due, filed=due - still_open - missing, late=late, missing=missing, open=still_open,
        assessed=by_status.get("assessed", 0), sent_back=by_status.get("sent_back", 0), ratings=ratings,
    )  # fmt: skip


def month_of(day: date) -> date:
    """First day of the month of *day*."""
    return day.replace(day=1)


def last_day(month: date) -> date:
    return next_month(month) - timedelta(days=1)


def next_month(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def is_late(first_filed_at: datetime, due_at: datetime) -> bool:
    """Whether a duty's first filing was late. A correction asked for by the superior does not make it so (2.b asks
    for a report on the day, and there was one). The minute of the deadline, 23.59, still counts as in time."""
    return first_filed_at >= due_at + timedelta(minutes=1)

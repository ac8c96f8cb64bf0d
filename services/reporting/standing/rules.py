"""What of a person's reports counts when a gate of the policy asks (1.g): overdue ones, and their rating."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

COUNTED_DAYS = 90
"""Days, today not among them, whose reports count. Older ones are forgiven: nobody can make up for work of a year ago,
and a gate must be able to open again."""

RATING_NEEDS = 3
"""Assessments below which there is no rating: one bad day is no period. With a WFH date every other week, which is half
of the staff at home each Friday, 90 days hold six."""


def counts_since(today: date) -> date:
    """First WFH date whose report still counts *today*."""
    return today - timedelta(days=COUNTED_DAYS)


def rating_of(counts: Mapping[str, int]) -> str:
    """The median of a person's assessments (above, as, below → how many); empty when they are too few.

    A tie goes to the middle: above or below is said of who was judged so by more than half. This rates reports of WFH
    days (2.b) and is for gates only; it is not the rating of the SKP (PermenPANRB 6/2022), whose words it borrows.
    """
    total = sum(counts.values())
    if total < RATING_NEEDS:
        return ""
    return next((rating for rating, count in counts.items() if 2 * count > total), "as")

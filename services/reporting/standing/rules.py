"""Which reports count as overdue when a gate of the policy asks (1.g)."""

from __future__ import annotations

from datetime import date, timedelta

OVERDUE_DAYS = 90
"""Days, today not among them, in which a missing report counts. Older ones are forgiven: nobody can make up for work
of a year ago, and a gate must be able to open again."""


def counts_since(today: date) -> date:
    """First WFH date whose missing report still counts *today*."""
    return today - timedelta(days=OVERDUE_DAYS)

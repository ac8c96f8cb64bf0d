"""What a roster stands on (Dasar): the policies it was drafted with, in their words, frozen with it.

Kept as plain JSON in ``roster.basis``, one entry per policy, by first day:
``{"id", "title", "starts", "ends", "rules", "texts", "gates"}``; starts, ends: its first and last day in the roster,
YYYY-MM-DD; rules: SHA-256 of all it says but from when until when; texts, gates: clause → words. Rosters from before
it was kept have none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from services.schedule.calendar.actions import days_between, month_bounds
from services.schedule.policy.rules import Policy
from shared.storage import sha256

Entry = dict[str, Any]

TERM = ("valid_from", "valid_to")
"""Fields of a policy that say nothing of a day on which it holds anyway."""


def basis_of(policies: Mapping[date, Policy]) -> list[Entry]:
    """The entries of the policies that hold on each day."""
    days: dict[str, list[date]] = {}
    for day in sorted(policies):
        days.setdefault(policies[day].id, []).append(day)
    return [_entry(policies[held[0]], held[0], held[-1]) for held in days.values()]


def _entry(policy: Policy, starts: date, ends: date) -> Entry:
    rules = {name: value for name, value in asdict(policy).items() if name not in TERM}
    return {
        "id": policy.id,
        "title": f"{policy.title}, {policy.cites}" if policy.cites else policy.title,
        "starts": starts.isoformat(),
        "ends": ends.isoformat(),
        "rules": sha256(json.dumps(rules, sort_keys=True, default=str).encode()),
        "texts": dict(policy.texts),
        "gates": policy.gate_texts(),
    }


def continued(basis: Sequence[Entry], start: date, after: Sequence[Entry]) -> list[Entry]:
    """*basis* on the days before *start*, and *after* on those from it on."""
    last = start - timedelta(days=1)
    earlier = [{**entry, "ends": min(entry["ends"], last.isoformat())} for entry in basis]
    return [entry for entry in earlier if entry["starts"] <= entry["ends"]] + since(after, start)


def since(basis: Sequence[Entry], start: date) -> list[Entry]:
    """The entries of the days from *start* on."""
    later = [{**entry, "starts": max(entry["starts"], start.isoformat())} for entry in basis]
    return [entry for entry in later if entry["starts"] <= entry["ends"]]


def on(basis: Sequence[Entry], day: date) -> Entry | None:
    """The entry of *day*; None: nothing was kept of that day."""
    return next((entry for entry in basis if entry["starts"] <= day.isoformat() <= entry["ends"]), None)


def words(entry: Entry, rule: str, clause: str) -> str:
    """The words of a clause as they decided a cell; a gate has its own."""
    return str(entry["gates" if rule == "gate" else "texts"].get(clause, ""))


def titles(basis: Sequence[Entry]) -> list[str]:
    """The circulars that a letter names, oldest first, each once."""
    return list(dict.fromkeys(entry["title"] for entry in basis))


def left_out(basis: Sequence[Entry], month: date) -> list[dict[str, str]]:
    """Days of *month* on which no policy holds, and which the roster therefore leaves out: per span
    ``{"starts", "ends", "text"}``, the text for people. None are told of a roster whose basis was not kept."""
    spans: list[list[date]] = []
    for day in days_between(*month_bounds(month)) if basis else ():
        if on(basis, day):
            continue
        if spans and day - spans[-1][-1] == timedelta(days=1):
            spans[-1].append(day)
        else:
            spans.append([day])
    return [
        {"starts": span[0].isoformat(), "ends": span[-1].isoformat(), "text": _left_out_text(span[0], span[-1])}
        for span in spans
    ]


def _left_out_text(first: date, last: date) -> str:
    days = f"pada {first:%d-%m-%Y}" if first == last else f"dari {first:%d-%m-%Y} sampai {last:%d-%m-%Y}"
    return f"Tidak ada kebijakan yang berlaku {days}; hari itu tidak masuk jadwal ini."


def first_difference(basis: Sequence[Entry], other: Sequence[Entry]) -> date | None:
    """The first day on which the two have other rules, or one of them has none; None when they say the same."""
    starts = min((entry["starts"] for entry in [*basis, *other]), default="")
    ends = max((entry["ends"] for entry in [*basis, *other]), default="")
    if not starts:
        return None
    days = days_between(date.fromisoformat(starts), date.fromisoformat(ends))
    return next((day for day in days if _rules_on(basis, day) != _rules_on(other, day)), None)


def _rules_on(basis: Sequence[Entry], day: date) -> str | None:
    entry = on(basis, day)
    return entry["rules"] if entry else None

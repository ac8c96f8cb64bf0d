"""Taking in meter readings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from services.energy.meters.rules import Key, ReadingIn, medians, refusal, sort_out
from services.energy.models import MonthClosure, Reading, Unit
from shared.tables import Rejection

KEPT_DECIMALS = 3


@dataclass(frozen=True)
class ReadingOutcome:
    """What the file did. restate: closed months whose figures may change by it, as ``agency id month``."""

    seen: int
    added: int
    replaced: int
    same: int
    rejected: list[Rejection]
    restate: list[str]


def take_readings(
    session: Session, readings: Sequence[ReadingIn], *, only_agency: str | None, source: str, today: date
) -> ReadingOutcome:
    """Store readings; each refused row is named. A stored value is replaced only by a different one."""
    agency_of = dict(session.execute(select(Unit.id, Unit.agency_id)).all())
    rounded = [replace(r, kwh=round(r.kwh, KEPT_DECIMALS)) for r in readings]  # so that like is compared with like
    stored = _stored(session, {r.building for r in rounded})
    file_values = [((r.building, agency_of.get(r.unit_id, "")), r.kwh) for r in rounded]
    usual = medians([*file_values, *(((building, agency), kwh) for (building, agency, _), kwh in stored.items())])
    rejected: list[Rejection] = []
    good: list[tuple[Key, ReadingIn]] = []
    for reading in rounded:
        agency_id = agency_of.get(reading.unit_id)
        reason = refusal(
            reading,
            agency_id=agency_id,
            only_agency=only_agency,
            usual=usual.get((reading.building, agency_id or "")),
            today=today,
        )
        if reason or agency_id is None:
            rejected.append(Rejection(reading.line, reason or ""))
        else:
            good.append(((reading.building, agency_id, reading.date), reading))
    result = sort_out(good, stored)
    rejected += [
        Rejection(r.line, f"gedung {r.building} {r.date}: dua nilai berbeda untuk tanggal yang sama")
        for r in result.clashing
    ]
    _write(session, result.added, result.replaced, source)
    return ReadingOutcome(
        len(readings), len(result.added), len(result.replaced), result.same, rejected,
        _closed_months(session, [*result.added, *result.replaced]),
    )  # fmt: skip


def _stored(session: Session, buildings: set[str]) -> dict[Key, Decimal]:
    rows = session.execute(
        select(Reading.building, Reading.agency_id, Reading.date, Reading.kwh).where(Reading.building.in_(buildings))
    )
    return {(building, agency_id, day): kwh for building, agency_id, day, kwh in rows}


def _write(session: Session, added: dict[Key, Decimal], replaced: dict[Key, Decimal], source: str) -> None:
    if added:
        session.execute(insert(Reading), [_values(key, kwh, source) for key, kwh in added.items()])
    if replaced:
        session.execute(update(Reading), [_values(key, kwh, source) for key, kwh in replaced.items()])


def _values(key: Key, kwh: Decimal, source: str) -> dict[str, object]:
    building, agency_id, day = key
    return {"building": building, "agency_id": agency_id, "date": day, "kwh": kwh, "source": source}


def _closed_months(session: Session, keys: Sequence[Key]) -> list[str]:
    closed = set(session.execute(select(MonthClosure.agency_id, MonthClosure.month).distinct()).all())
    touched = {(agency_id, day.replace(day=1)) for _, agency_id, day in keys}
    return [f"{agency_id} {month:%Y-%m}" for agency_id, month in sorted(closed & touched)]

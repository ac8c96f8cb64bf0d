"""Electricity that an agency saved in a month: readings and home days from rows, the estimate from the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.energy.models import FlaggedWeek, HomeDay, Reading, Tariff
from services.energy.savings import rules
from services.energy.savings.calendar import closed_days, month_end
from shared.contracts.energy import SavingFigure
from shared.web.filters import number

ITEM = "electricity"
EVERY_AGENCY = "*"
NO_DATA = "belum ada data"


@dataclass(frozen=True)
class Series:
    """Daily readings of one building."""

    building: str
    days: list[date]
    kwh: list[float]


@dataclass(frozen=True)
class Measured:
    """The figure for the pack, and what lies under it."""

    figure: SavingFigure
    detail: dict[str, Any]


def measure_month(session: Session, agency_id: str, month: date, wfh_since: date) -> Measured:
    """kWh and rupiah of the Fridays of *month* on which the agency had people at home.

    wfh_since: from this date on no week counts as "before", whether or not a roster of it is known here.
    """
    last = month_end(month)
    at_home = set(
        session.scalars(select(HomeDay.date).where(HomeDay.agency_id == agency_id, HomeDay.date <= last).distinct())
    )
    if not at_home:
        return _without(f"{NO_DATA}: belum ada jadwal WFH yang berlaku")
    start = min(at_home)
    first = start - timedelta(weeks=rules.MOST_WEEKS_BEFORE + 1)
    series = _series(session, agency_id, first, last)
    if not series:
        return _without(f"{NO_DATA}: belum ada pembacaan meter harian")
    off = closed_days(session, first, last)
    weeks = {s.building: rules.week_differences(s.days, np.array(s.kwh), off) for s in series}
    every = {friday for found in weeks.values() for friday in found}
    flagged = _flagged(session, agency_id) | {
        friday: "tidak ada pegawai yang WFH" for friday in every if friday >= start and friday not in at_home
    }
    flagged |= {friday: "sebelum jadwal pertama tercatat" for friday in every if wfh_since <= friday < start}
    each = {b: rules.estimate(w, start, window=(month, last), flagged=flagged) for b, w in weeks.items()}
    enough = [building for building, result in each.items() if isinstance(result, rules.Savings)]
    whole = rules.estimate(
        rules.add_up([weeks[building] for building in enough]), start, window=(month, last), flagged=flagged
    )
    tariff = tariff_on(session, ITEM, month)
    detail = {
        "start": f"{start}",
        "flagged": {f"{friday}": reason for friday, reason in sorted(flagged.items()) if friday in every},
        "tariff": {"rupiah": str(tariff.rupiah), "unit": tariff.unit, "source": tariff.source} if tariff else None,
        "whole": _result(whole),
        "buildings": [
            {"building": s.building, **_result(each[s.building]), **_levels(s, start, off, last)} for s in series
        ],
    }
    left_out = [s.building for s in series if s.building not in enough]
    return Measured(_figure(whole, tariff, left_out), detail)


def tariff_on(session: Session, item: str, day: date) -> Tariff | None:
    return session.scalar(
        select(Tariff).where(Tariff.item == item, Tariff.valid_from <= day, Tariff.valid_to >= day)
    )  # fmt: skip


def _series(session: Session, agency_id: str, first: date, last: date) -> list[Series]:
    rows = session.execute(
        select(Reading.building, Reading.date, Reading.kwh)
        .where(Reading.agency_id == agency_id, Reading.date.between(first, last))
        .order_by(Reading.building, Reading.date)
    ).all()
    found = []
    for building, group in groupby(rows, key=lambda row: row.building):
        readings = list(group)
        found.append(Series(building, [r.date for r in readings], [float(r.kwh) for r in readings]))
    return found


def _flagged(session: Session, agency_id: str) -> dict[date, str]:
    rows = session.scalars(select(FlaggedWeek).where(FlaggedWeek.agency_id.in_([agency_id, EVERY_AGENCY])))
    return {row.friday: row.reason for row in rows}


def _figure(result: rules.Savings | rules.TooLittle, tariff: Tariff | None, left_out: Sequence[str]) -> SavingFigure:
    if isinstance(result, rules.TooLittle):
        return _without(
            f"{NO_DATA}: perlu sedikitnya {rules.LEAST_WEEKS_BEFORE} minggu sebelum dan {rules.LEAST_WEEKS_AFTER} "
            f"Jumat WFH yang terbaca"
        ).figure
    parts = [_verdict(result)]
    rupiah = round(Decimal(result.total) * tariff.rupiah) if tariff else None
    if tariff:
        parts.append(f"tarif Rp{number(float(tariff.rupiah), 2)}/{tariff.unit} ({tariff.source})")
    else:
        parts.append("nilai rupiah belum ada data: tarif bulan ini belum tercatat")
    if left_out:
        parts.append(f"tanpa gedung yang datanya belum cukup: {', '.join(left_out)}")
    return SavingFigure(
        item=ITEM, rupiah=rupiah, quantity=round(result.total, 1), unit="kWh", low=round(result.low, 1),
        high=round(result.high, 1), grade="A", proven=result.proven, note="; ".join(parts),
    )  # fmt: skip


def _verdict(result: rules.Savings) -> str:
    span = f"rentang 90 % {number(result.low, 1)} s.d. {number(result.high, 1)} kWh"
    if not result.proven:
        return f"belum terbukti: {span} mencakup nol"
    if result.total < 0:
        return f"pemakaian naik, bukan hemat; {span}"
    return f"Jumat dibanding Senin–Kamis, {result.n} minggu sebelum dan {result.k} Jumat WFH; {span}"


def _without(note: str) -> Measured:
    return Measured(SavingFigure(ITEM, None, None, "kWh", None, None, None, proven=False, note=note), {})


def _result(result: rules.Savings | rules.TooLittle) -> dict[str, Any]:
    weeks = {f"{friday}": round(x, 2) for friday, x in result.weeks.items()}
    if isinstance(result, rules.TooLittle):
        return {"n": result.n, "k": result.k, "weeks": weeks}
    return {
        "n": result.n, "k": result.k, "s": round(result.s, 2), "half": round(result.half, 2),
        "autocorrelation": round(result.autocorrelation, 3), "total": round(result.total, 1),
        "low": round(result.low, 1), "high": round(result.high, 1), "proven": result.proven,
        "fsu": None if result.fsu is None else round(result.fsu, 3), "weeks": weeks,
    }  # fmt: skip


def _levels(series: Series, start: date, off: set[date], until: date) -> dict[str, float | None]:
    levels = rules.other_days(series.days, np.array(series.kwh), start, off, until)
    return {
        "other_days_before": None if levels.before is None else round(levels.before, 1),
        "other_days_after": None if levels.after is None else round(levels.after, 1),
    }

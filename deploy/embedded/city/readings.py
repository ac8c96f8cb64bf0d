"""Daily electricity of office buildings, with a known effect hidden in it.

Truth that a savings method should find: from the first WFH Friday (10 April 2026, circular 1.o) each building uses
`FRIDAY_REDUCTION[code]` less of what that Friday would have used; Disdukcapil, which serves the public every day, uses
exactly as much as before. Otherwise a day's kWh is

    base · profile(weekday) · weather(day) · (1 + AR(1) noise)        on working days
    base · idle · weather(day) · (1 + AR(1) noise)                    at weekends, on holidays and joint leave

where weather is one series for the whole city (heat drives the air conditioners) and noise is each building's own.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import holidays

from .model import Agency, Reading, TrueEffect

FIRST, LAST = date(2025, 4, 1), date(2026, 4, 30)
WFH_BEGAN = date(2026, 4, 10)
FRIDAY = 4
FRIDAY_REDUCTION = {
    "SETDA": 0.15, "INSPEKTORAT": 0.21, "BAPPEDA": 0.22, "BPKAD": 0.18, "BKPSDM": 0.25, "KOMINFO": 0.16,
    "DISDIKBUD": 0.20, "PUTR": 0.17, "KEC-METRO-PUSAT": 0.19, "DISDUKCAPIL": 0.0,
}  # fmt: skip
_BASE_KWH = {
    "SETDA": 960.0, "INSPEKTORAT": 265.0, "BAPPEDA": 340.0, "BPKAD": 390.0, "BKPSDM": 310.0, "KOMINFO": 520.0,
    "DISDIKBUD": 430.0, "PUTR": 380.0, "KEC-METRO-PUSAT": 165.0, "DISDUKCAPIL": 360.0,
}  # fmt: skip
# Mon … Fri; Friday is shorter in air conditioning because of the long midday break.
_PROFILE = (1.03, 1.01, 1.0, 1.0, 0.93)
_IDLE = {5: 0.33, 6: 0.27}
_HOLIDAY_IDLE = 0.28
_NOISE_SD, _NOISE_CARRY = 0.035, 0.35
_HEAT_SD, _HEAT_CARRY = 0.9, 0.7  # °C
_HEAT_SLOPE = 0.018  # share of use per °C above the mean


def days_off() -> dict[date, str]:
    """Public holidays and joint leave of the metered years, by the joint decree."""
    years = range(FIRST.year, LAST.year + 1)
    found = holidays.country_holidays("ID", years=years, categories=("public", "government"), language="id")
    return dict(found.items())


def meter(seed: int, agencies: Sequence[Agency]) -> tuple[tuple[Reading, ...], tuple[TrueEffect, ...]]:
    """Readings of the agencies' buildings, day by day, and the effect that is in them."""
    off, heat = days_off(), list(_heat(random.Random(f"{seed}:weather")))
    readings: list[Reading] = []
    effects: list[TrueEffect] = []
    for agency in agencies:
        saved = 0.0
        for day, kwh, without in _building(random.Random(f"{seed}:{agency.building}"), agency.code, heat, off):
            readings.append(Reading(agency.building, agency.id, day, kwh))
            saved += without - kwh
        effects.append(TrueEffect(agency.building, agency.id, FRIDAY_REDUCTION[agency.code], round(saved, 1)))
    return tuple(readings), tuple(effects)


def _building(
    rng: random.Random, code: str, heat: Sequence[float], off: dict[date, str]
) -> Iterator[tuple[date, float, float]]:
    """(day, kWh used, kWh it would have been without WFH), both with one decimal."""
    noise = 0.0
    for number, warmth in enumerate(heat):
        day = FIRST + timedelta(days=number)
        noise = _NOISE_CARRY * noise + rng.gauss(0.0, _NOISE_SD)
        working = day.weekday() <= FRIDAY and day not in off
        level = _PROFILE[day.weekday()] if working else _IDLE.get(day.weekday(), _HOLIDAY_IDLE)
        slope = _HEAT_SLOPE if working else _HEAT_SLOPE / 3
        without = round(_BASE_KWH[code] * level * (1 + slope * warmth) * (1 + noise), 1)
        at_home = working and day.weekday() == FRIDAY and day >= WFH_BEGAN
        yield day, round(without * (1 - FRIDAY_REDUCTION[code]), 1) if at_home else without, without


def _heat(rng: random.Random) -> Iterator[float]:
    """°C above the yearly mean for each day: hottest in October, coolest in the wet months, with lasting spells."""
    spell = 0.0
    for number in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=number)
        season = 0.8 * math.cos(2 * math.pi * (day.timetuple().tm_yday - 288) / 365.25)
        spell = _HEAT_CARRY * spell + rng.gauss(0.0, _HEAT_SD)
        yield season + spell

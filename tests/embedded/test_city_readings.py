"""The method of savings.md finds in the readings what was put there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import NormalDist, fmean, stdev

from deploy.embedded.city import FRIDAY_REDUCTION, WFH_BEGAN, Agency, City, Reading
from deploy.embedded.city.readings import days_off, meter


def _weekly(readings: Sequence[Reading], building: str) -> tuple[list[float], list[float]]:
    """Friday − mean(Mon–Thu) per week, before and after WFH began."""
    use = {reading.day: reading.kwh for reading in readings if reading.building == building}
    off = days_off()
    before: list[float] = []
    after: list[float] = []
    friday = date(2025, 4, 4)
    while friday in use:
        others = [use[day] for n in range(1, 5) if (day := friday - timedelta(days=n)) in use and day not in off]
        if friday not in off and len(others) >= 3:
            (after if friday >= WFH_BEGAN else before).append(use[friday] - fmean(others))
        friday += timedelta(days=7)
    return before[-52:], after


def _student(df: float) -> float:
    """Student's t at 0.95 one-sided, by Cornish-Fisher from the normal; within 1 % from 4 degrees of freedom on."""
    z = NormalDist().inv_cdf(0.95)
    return z + (z**3 + z) / (4 * df) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * df**2)


def _estimate(before: list[float], after: list[float]) -> tuple[float, float]:
    """Saved kWh in all and the half-width of its 90 % interval, as savings.md writes it."""
    n, k, mean = len(before), len(after), fmean(before)
    gaps = [x - mean for x in before]
    lag = sum(a * b for a, b in pairwise(gaps)) / sum(a * a for a in gaps)
    rho = min(0.8, max(0.0, lag + 1 / n))
    f = (1 + rho) / (1 - rho)
    error = stdev(before) * math.sqrt(f * (1 / n + 1 / k))
    half = _student(max(4.0, n / f - 1)) * error
    return (mean - fmean(after)) * k, half * k


def test_every_real_saving_of_the_demo_city_is_proven_and_the_zero_one_is_not(full: City) -> None:
    for effect in full.effects:
        saved, half = _estimate(*_weekly(full.readings, effect.building))
        assert (abs(saved) > half) == (effect.share > 0), effect.building


def test_the_interval_covers_the_truth_about_nine_times_in_ten() -> None:
    agencies = [Agency(code, code, code, "", "", f"GD-{code}") for code in FRIDAY_REDUCTION]
    covered = []
    for seed in range(15):
        readings, effects = meter(seed, agencies)
        for effect in effects:
            saved, half = _estimate(*_weekly(readings, effect.building))
            covered.append(abs(saved - effect.saved_kwh) <= half)
    assert 0.85 <= sum(covered) / len(covered) <= 0.97


def test_effects_are_as_documented(full: City) -> None:
    assert len(full.effects) >= 6
    assert [effect.building for effect in full.effects if effect.share == 0] == ["GD-DISDUKCAPIL"]
    for effect in full.effects:
        agency = full.unit_by_id[effect.agency_id]
        assert effect.share == FRIDAY_REDUCTION[agency.code]
        assert (0.15 <= effect.share <= 0.25) == (effect.saved_kwh > 0)


def test_weekends_and_holidays_are_low(full: City) -> None:
    off = days_off()
    use = {reading.day: reading.kwh for reading in full.readings if reading.building == "GD-BAPPEDA"}
    working = [kwh for day, kwh in use.items() if day.weekday() < 5 and day not in off and day < WFH_BEGAN]
    idle = [kwh for day, kwh in use.items() if day.weekday() >= 5 or day in off]
    assert max(idle) < 0.6 * min(working)
    assert date(2026, 4, 3) in off
    assert use[date(2026, 4, 3)] < 0.6 * min(working)

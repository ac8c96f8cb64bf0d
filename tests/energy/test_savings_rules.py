"""The estimate itself: by hand, at its edges, and calibrated by simulation."""

from __future__ import annotations

from datetime import date, timedelta
from math import sqrt

import numpy as np
import pytest
from numpy.typing import NDArray

from services.energy.savings.calendar import days_off, month_end
from services.energy.savings.rules import (
    Savings,
    TooLittle,
    add_up,
    estimate,
    lag_one,
    measure,
    other_days,
    week_differences,
)

START = date(2026, 4, 10)
WEEK = [date(2026, 3, 2) + timedelta(days=n) for n in range(7)]  # Monday to Sunday


def fridays(before: int, after: int) -> list[date]:
    return [START + timedelta(weeks=n) for n in range(-before, after)]


def weeks(before: list[float], after: list[float]) -> dict[date, float]:
    return dict(zip(fridays(len(before), len(after)), [*before, *after], strict=True))


def array(*values: float) -> NDArray[np.float64]:
    return np.array(values, dtype=np.float64)


def test_a_week_is_friday_minus_the_mean_of_monday_to_thursday_and_weekends_do_not_count() -> None:
    found = week_differences(WEEK, array(100, 110, 120, 130, 90, 5, 5), set())
    assert found == {date(2026, 3, 6): 90 - 115}


@pytest.mark.parametrize(
    ("off", "kept"),
    [
        ({WEEK[4]}, False),  # a holiday Friday
        ({WEEK[0]}, True),  # three of the four days are enough
        ({WEEK[0], WEEK[2]}, False),
        ({WEEK[5]}, True),  # a holiday at the weekend changes nothing
    ],
)
def test_weeks_with_a_holiday_friday_or_fewer_than_three_other_days_are_left_out(off: set[date], kept: bool) -> None:
    assert bool(week_differences(WEEK, array(100, 110, 120, 130, 90, 5, 5), off)) is kept


def test_a_week_without_a_reading_on_friday_is_left_out() -> None:
    assert week_differences(WEEK[:4], array(1, 2, 3, 4), set()) == {}


def test_the_figures_of_a_small_example_are_those_worked_out_by_hand() -> None:
    """before: 1, −1 four times (mean 0, sd √(8/7)); its lag-1 autocorrelation is −7/8, so ρ = 0 and f = 1."""
    result = estimate(weeks([1.0, -1.0] * 4, [-10.0, -12.0]), START)
    assert isinstance(result, Savings)
    assert (result.n, result.k, result.autocorrelation) == (8, 2, 0.0)
    assert result.s == pytest.approx(11.0)
    error = sqrt(8 / 7) * sqrt(1 / 8 + 1 / 2)
    half = 1.894579 * error  # t(0.95) with 7 degrees of freedom, from a printed table
    assert result.half == pytest.approx(half, rel=1e-5)
    assert result.total == pytest.approx(22.0)
    assert result.low == pytest.approx(22 - 2 * half, rel=1e-5)
    assert result.high == pytest.approx(22 + 2 * half, rel=1e-5)
    assert result.fsu == pytest.approx(half / 11, rel=1e-5)
    assert result.proven


def test_autocorrelation_widens_the_interval_and_lowers_the_degrees_of_freedom() -> None:
    """before: 1,2,3,4,4,3,2,1: mean 2.5, Σd² = 10, Σd·d₊₁ = 4.75, so ρ = 0.475 + 0.125 = 0.6 and f = 4."""
    result = estimate(weeks([1.0, 2.0, 3.0, 4.0, 4.0, 3.0, 2.0, 1.0], [0.0, 0.0]), START)
    assert isinstance(result, Savings)
    assert result.autocorrelation == pytest.approx(0.6)
    half = 2.131847 * sqrt(10 / 7) * sqrt(4 * (1 / 8 + 1 / 2))  # t(0.95) with 4 degrees of freedom
    assert result.half == pytest.approx(half, rel=1e-5)
    assert not result.proven


def test_autocorrelation_stays_between_zero_and_four_fifths() -> None:
    assert lag_one(np.arange(40.0)) == 0.8
    assert lag_one(np.array([1.0, -1.0] * 10)) == 0.0
    assert lag_one(np.zeros(10)) == 0.1  # no spread: only the correction 1/n


@pytest.mark.parametrize(("before", "after"), [(7, 4), (8, 1), (0, 0)])
def test_too_few_weeks_make_no_statement(before: int, after: int) -> None:
    result = estimate(weeks([1.0] * before, [0.0] * after), START)
    assert isinstance(result, TooLittle)
    assert (result.n, result.k) == (before, after)


def test_only_a_year_before_counts() -> None:
    result = estimate(weeks([900.0] * 30 + [1.0, 2.0] * 26, [0.0] * 4), START)
    assert isinstance(result, Savings)
    assert (result.n, result.s) == (52, 1.5)


def test_a_month_takes_its_own_fridays_and_flagged_weeks_are_left_out() -> None:
    values = weeks([1.0, 3.0] * 5, [-5.0, -5.0, -5.0, -50.0, -50.0])
    april = (date(2026, 4, 1), date(2026, 4, 30))
    result = estimate(values, START, window=april, flagged={fridays(10, 0)[0]})
    assert isinstance(result, Savings)
    assert (result.n, result.k) == (9, 3)


def test_without_spread_or_effect_the_uncertainty_has_no_ratio() -> None:
    result = estimate(weeks([2.0] * 8, [2.0] * 3), START)
    assert isinstance(result, Savings)
    assert (result.total, result.half, result.fsu, result.proven) == (0.0, 0.0, None, False)


def test_buildings_are_added_week_by_week_where_all_have_one() -> None:
    first, second = fridays(1, 1)
    assert add_up([{first: 1.0, second: 2.0}, {second: 5.0}]) == {second: 7.0}
    assert add_up([]) == {}


def test_the_other_days_show_work_that_moved() -> None:
    days = [*WEEK[:5], *(day + timedelta(weeks=6) for day in WEEK[:5])]
    levels = other_days(days, array(*[100] * 5, *[140] * 4, 20), START, set(), date(2026, 4, 30))
    assert (levels.before, levels.after) == (100, 140)
    assert other_days([], array(), START, set(), START).before is None


def test_the_fridays_off_of_2026_are_those_of_the_decree() -> None:
    off = days_off(date(2026, 4, 10), date(2026, 12, 31))
    assert sorted(day for day in off if day.weekday() == 4) == [date(2026, 5, 1), date(2026, 5, 15), date(2026, 12, 25)]
    assert month_end(date(2026, 12, 1)) == date(2026, 12, 31)


# --- calibration: a synthetic office with a known effect --------------------------------------------------------

WEEKS_BEFORE = 52
TRUE_EFFECT = -90.0  # kWh a Friday
SMALL = 3.0  # kWh: a season that scales the whole week leaves about 2, since the weeks after see a part of it only


def office(rng: np.random.Generator, after: int, effect: float) -> tuple[list[date], NDArray[np.float64]]:
    """Daily kWh of an office: weekday profile, season, lasting heat, AR(1) noise, and the effect on Fridays."""
    first = START - timedelta(weeks=WEEKS_BEFORE, days=4)
    count = 7 * (WEEKS_BEFORE + after)
    days = [first + timedelta(days=n) for n in range(count)]
    level = np.tile([520.0, 515, 505, 500, 470, 160, 130], WEEKS_BEFORE + after)
    noise = rng.normal(0, 18, count)
    for n in range(1, count):
        noise[n] += 0.35 * noise[n - 1]
    season = 1 + 0.05 * np.cos(np.arange(count) * 2 * np.pi / 365.25) + 0.02 * rng.normal(0, 1, count).cumsum() / 20
    kwh = level * season + noise
    friday = np.arange(count) % 7 == 4
    kwh[friday & (np.arange(count) >= 7 * WEEKS_BEFORE)] += effect
    return days, kwh


def simulate(after: int, effect: float, runs: int) -> tuple[float, float]:
    """(share of intervals that hold the truth, mean error of s in kWh)."""
    rng = np.random.default_rng(20260410)
    held, errors = 0, []
    for _ in range(runs):
        result = measure(*office(rng, after, effect), START, set())
        assert isinstance(result, Savings)
        assert (result.n, result.k) == (WEEKS_BEFORE, after)
        held += result.low <= -effect * after <= result.high
        errors.append(result.s + effect)
    return held / runs, float(np.mean(errors))


@pytest.mark.parametrize("after", [4, 8])
def test_a_nominal_90_percent_interval_holds_the_truth_about_90_percent_of_the_time(after: int) -> None:
    coverage, bias = simulate(after, TRUE_EFFECT, runs=400)
    assert 0.86 <= coverage <= 0.96
    assert abs(bias) < SMALL


def test_a_building_without_any_effect_covers_zero_about_90_percent_of_the_time() -> None:
    coverage, bias = simulate(4, 0.0, runs=400)
    assert 0.86 <= coverage <= 0.96
    assert abs(bias) < SMALL

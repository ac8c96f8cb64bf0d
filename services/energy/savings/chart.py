"""Weekly differences as a drawing: a bar per week, the day WFH began, means before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT, MARGIN = 720.0, 240.0, 28.0


@dataclass(frozen=True)
class Bar:
    """One week, in the drawing's units; ``kind`` is before, after or out (left out of the figure)."""

    friday: date
    kwh: float
    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True)
class Drawing:
    """What a template draws. zero and the means are heights; start is where the line of WFH stands."""

    bars: list[Bar]
    zero: float
    start: float
    mean_before: float | None
    mean_after: float | None
    top: float
    bottom: float


def draw(weeks: Mapping[date, float], start: date, left_out: Mapping[date, str], window: tuple[date, date]) -> Drawing:
    """Place the weeks from left to right, with zero always in sight. window: the Fridays of the month shown."""
    ordered = sorted(weeks.items())
    top = max([0.0, *weeks.values()])
    bottom = min([0.0, *weeks.values()])
    scale = (HEIGHT - 2 * MARGIN) / ((top - bottom) or 1.0)
    step = (WIDTH - 2 * MARGIN) / max(1, len(ordered))

    def height_of(value: float) -> float:
        return round(MARGIN + (top - value) * scale, 1)

    bars: list[Bar] = []
    for place, (friday, kwh) in enumerate(ordered):
        if friday in left_out or (friday >= start and not window[0] <= friday <= window[1]):
            kind = "out"
        else:
            kind = "after" if friday >= start else "before"
        bars.append(
            Bar(friday, kwh, round(MARGIN + place * step, 1), min(height_of(kwh), height_of(0)), round(step * 0.7, 1),
                round(abs(height_of(kwh) - height_of(0)), 1), kind)
        )  # fmt: skip
    earlier = sum(bar.friday < start for bar in bars)

    def mean(kind: str) -> float | None:
        values = [bar.kwh for bar in bars if bar.kind == kind]
        return height_of(sum(values) / len(values)) if values else None

    return Drawing(
        bars, height_of(0), round(MARGIN + earlier * step - step * 0.15, 1), mean("before"), mean("after"), top, bottom
    )

"""Speed as ratios, all taken in one run on one machine: ``make bench``. Writes ``var/bench.json``.

What is compared alternates, so that both sides see the same moods of the machine; the median of the runs is told.
"""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import click
import psutil
from rich.console import Console
from rich.table import Table

from tests.bench import days, events, intake, peers, rosters
from tests.bench.stage import Stage, postgres, stage
from tests.shared.brokers import rabbitmq

OUT = Path(__file__).parents[2] / "var" / "bench.json"
CLIENTS = 2  # what pgbench gets: a relay and a worker have a connection each


@dataclass(frozen=True)
class Row:
    """One figure. ratio: value divided by the value of *against*, where there is something to divide by."""

    name: str
    value: float
    unit: str
    against: str = ""
    ratio: float | None = None
    aim: str = ""


def alternate(runs: int, *sides: Callable[[], float]) -> list[float]:
    """Median of each side over *runs* rounds."""
    found = [[side() for side in sides] for _ in range(runs)]
    return [median(values) for values in zip(*found, strict=True)]


def intake_rows(on: Stage, runs: int, requests: int) -> list[Row]:
    bare, webhook = alternate(
        runs, lambda: intake.rate(on, "bare_app", requests), lambda: intake.rate(on, "hearer_app", requests)
    )
    return [
        Row("bare route of Flask", bare, "requests/s"),
        Row("webhook intake", webhook, "requests/s", "bare route of Flask", webhook / bare, "≥ 0.6"),
    ]


def event_rows(on: Stage, name: str, runs: int, count: int, seconds: int) -> list[Row]:
    commits, way = alternate(runs, lambda: peers.commits_a_second(on, CLIENTS, seconds), lambda: events.rate(on, count))
    alone = median(events.rate(on, count // 5, together=1) for _ in range(runs))
    late = [events.latency(on, alone / 2, seconds) for _ in range(runs)]
    p50, p99 = median(each.p50 for each in late), median(each.p99 for each in late)
    return [
        Row(f"single-row commits of PostgreSQL ({name})", commits, "commits/s"),
        Row(f"events by {name}", way, "events/s", f"single-row commits of PostgreSQL ({name})", way / commits, "≥ 0.3"),
        Row(f"events by {name}, each told alone", alone, "events/s"),
        Row(f"latency by {name} at half load, p50", p50, "ms", aim="≤ 15"),
        Row(f"latency by {name} at half load, p99", p99, "ms", aim="≤ 150"),
    ]


def celery_rows(on: Stage, runs: int, count: int) -> list[Row]:
    """The better of Celery's two ways to run a worker is what counts."""
    one, forked, way = alternate(
        runs,
        lambda: peers.celery_rate(on, count, "--pool=solo"),
        lambda: peers.celery_rate(on, count, f"--concurrency={CLIENTS}"),
        lambda: events.rate(on, count),
    )
    best = max(one, forked)
    return [
        Row("Celery, one process", one, "tasks/s"),
        Row("Celery, two processes", forked, "tasks/s"),
        Row("events by RabbitMQ beside Celery", way, "events/s", "Celery, the better one", way / best, "≥ 2"),
    ]


def memory_rows(on: Stage, count: int) -> list[Row]:
    before, after = events.memory(on, count)
    return [
        Row(f"memory of a worker after {count // 10:,} events", before, "MiB"),
        Row(
            f"memory of a worker after {count:,} events", after, "MiB", "after a tenth of them", after / before, "flat"
        ),
    ]


def roster_rows() -> list[Row]:
    """100 units of 50 people over 9 Fridays: our way, one CP-SAT model for each unit, one for all; then other sizes."""
    city = rosters.city(100, 50)
    seconds, plan = rosters.ours(city)
    whole = rosters.problem(city)
    apart = rosters.by_models(whole, 5.0)
    began = time.monotonic()
    gap = rosters.model_gap(whole, 60.0)
    together = time.monotonic() - began
    name = "5,000 people, 100 units, 9 Fridays"
    rows = [
        Row(f"{name}: one CP-SAT model a unit, 5 s cap", apart.seconds, "s"),
        Row("… units proved optimal", apart.proved, f"of {apart.parts}"),
        Row("… worst gap", apart.gap * 100, "%"),
        Row(f"{name}: one CP-SAT model, 60 s cap", together, "s"),
        Row("… gap", gap * 100, "%"),
        Row(
            f"{name}: flow, exchange, search; explained",
            seconds,
            "s",
            "a model a unit",
            seconds / apart.seconds,
            "≤ 2 s",
        ),
        Row("… gap (0: all proved)", plan.gap * 100 if not plan.optimal else 0.0, "%", aim="0"),
    ]
    seconds, plan = rosters.ours(rosters.city(1, 5_000))
    rows.append(Row("one unit of 5,000, 9 Fridays", seconds, "s", aim="≤ 10 s"))
    rows.append(Row("… gap (0: proved)", plan.gap * 100 if not plan.optimal else 0.0, "%", aim="0"))
    each = {units * 50: rosters.ours(rosters.city(units, 50))[0] / units / 50 * 1000 for units in (20, 200, 2_000)}
    first = each[1_000]
    rows += [
        Row(f"a person's share of {people:,} people", each_ms, "ms", "1,000 people", each_ms / first, "constant")
        for people, each_ms in each.items()
    ]
    written, signed = rosters.letters(60, 100)
    rows.append(Row("60 letters of 100 names, written", written, "s", aim="≤ 10 s"))
    rows.append(Row("… signed by the local signer", signed, "s"))
    with postgres() as (_, cluster):
        (seconds, statements), in_small, cells = days.measure(cluster)
    name = f"work days of a unit of 100 over a month, {cells:,} cells"
    small = "the same among a tenth of the cells"
    return [
        *rows,
        Row(small, in_small * 1000, "ms"),
        Row(name, seconds * 1000, "ms", small, seconds / in_small, "constant"),
        Row("… statements that read rosters", statements, "", aim="1"),
    ]


def show(rows: list[Row]) -> None:
    table = Table(title="Luwes, measured")
    for heading in ("what", "value", "unit", "ratio", "aim"):
        table.add_column(heading, justify="left" if heading in ("what", "unit") else "right")
    for row in rows:
        ratio = f"{row.ratio:.2f}" if row.ratio is not None else ""
        table.add_row(row.name, f"{row.value:,.1f}", row.unit, ratio, row.aim)
    Console().print(table)


@click.command()
@click.option("--runs", default=5, show_default=True, help="Rounds of which the median is told.")
@click.option("--events", "count", default=10_000, show_default=True, help="Events of one round.")
@click.option("--seconds", default=5, show_default=True, help="Length of a round that is timed by the clock.")
@click.option("--part", type=click.Choice(["all", "queue", "rosters"]), default="all", show_default=True)
@click.option("--memory", default=100_000, show_default=True, help="Events over which a worker's memory is watched.")
def main(runs: int, count: int, seconds: int, memory: int, part: str) -> None:
    """Measure and write var/bench.json."""
    rows = roster_rows() if part != "queue" else []
    if part != "rosters":
        rows += queue_rows(runs, count, seconds, memory)
    machine = f"{psutil.cpu_count()} cores, {psutil.virtual_memory().total >> 30} GiB, {platform.platform()}"
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"machine": machine, "rows": [asdict(row) for row in rows]}, indent=2) + "\n")
    show(rows)


def queue_rows(runs: int, count: int, seconds: int, memory: int) -> list[Row]:
    with postgres() as (folder, cluster):
        with stage(folder / "pgmq", cluster, "pgmq://") as on:
            rows = intake_rows(on, runs, count)
            rows += event_rows(on, "PGMQ", runs, count // 2, seconds)
        with rabbitmq(folder / "rabbitmq") as url, stage(folder / "amqp", cluster, url) as on:
            rows += event_rows(on, "RabbitMQ", runs, count, seconds)
            rows += celery_rows(on, runs, count)
            rows += memory_rows(on, memory)
    return rows


if __name__ == "__main__":
    main()

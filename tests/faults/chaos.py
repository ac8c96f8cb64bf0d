"""Faults against both brokers, and the control that is known to lose: ``python -m tests.faults.chaos --events 20000``.

Prints a table, writes ``var/chaos.json``, and ends with 1 when anything was lost or done twice, or when the control
lost nothing (then the count could not have seen a loss either).
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from tests.faults.crew import ROOT
from tests.faults.mischief import main_faults
from tests.faults.scenarios import Row, Scenario, play, write
from tests.faults.stage import LOSING, PGMQ, RABBITMQ
from tests.shared.brokers import installed

RESULTS = ROOT / "var" / "chaos.json"
SMALL = 5_000  # events of a run that has few kinds of faults
CONTROL = Scenario("control", LOSING, ["kill busy worker"] * 4 + ["kill worker", "kill relay"], 500, 40, control=True)
CLUSTER = Scenario("cluster of three", RABBITMQ, ["kill node 1", "kill node 2", "kill node 3"], SMALL, nodes=3)
ALARMS = Scenario("broker alarms", RABBITMQ, ["memory alarm", "disk alarm"], SMALL)
DISK_FULL = Scenario("disk full (tmpfs)", PGMQ, ["database disk full"], 1_500, small_disk=True)


def may_mount() -> bool:
    """Whether a small disk can be made here: only root may mount one."""
    return os.geteuid() == 0


def all_scenarios(events: int) -> list[Scenario]:
    """What this machine can run; each broker goes through all main faults until *events* have been taken."""
    brokers = installed()
    found = [Scenario("all faults", broker, main_faults(broker), events, 150) for broker in brokers]
    if RABBITMQ in brokers:
        found += [CLUSTER, ALARMS]
    if may_mount():
        found += [replace(DISK_FULL, broker=broker) for broker in brokers]
    return [*(replace(scenario, probe_each=True) for scenario in found), CONTROL]


def table(rows: Sequence[Row]) -> Table:
    made = Table(title="Nothing lost, nothing twice", show_lines=True)
    for head in ("run", "broker", "faults", "events", "lost", "doubled", "recovery s", "worker ends s", "seconds"):
        made.add_column(head, justify="left" if head in ("run", "broker", "faults") else "right")
    for row in rows:
        faults = ", ".join(f"{kind} ×{times}" for kind, times in row.faults.items())
        colour = "green" if row.good else "red"
        made.add_row(
            row.name, row.broker, faults, str(row.events), f"[{colour}]{row.lost}[/]", f"[{colour}]{row.doubled}[/]",
            _seconds(row.recovery_seconds), _seconds(row.worker_end_seconds), _seconds(row.duration_seconds),
        )  # fmt: skip
    return made


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


@click.command()
@click.option("--events", default=20_000, show_default=True, help="Events of each run that goes through all faults.")
@click.option("--seed", default=1, show_default=True, help="Gives order, length and victims of the faults.")
@click.option("--only", default="", help="Only runs whose name and broker contain this.")
@click.option("--results", type=click.Path(path_type=Path, dir_okay=False), default=RESULTS, show_default=True)
def main(events: int, seed: int, only: str, results: Path) -> None:
    """Hurt Luwes in every way we know while events flow, then count."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is stopped
    console = Console()
    rows = []
    for scenario in all_scenarios(events):
        if only in f"{scenario.name} {scenario.broker}":
            console.rule(f"{scenario.name} on {scenario.broker}")
            rows.append(play(scenario, seed, console.print))
    console.print(table(rows))
    write(rows, results)
    sys.exit(not all(row.good for row in rows))


if __name__ == "__main__":
    main()

"""Starts the processes of the services and, like a supervisor, starts again whichever dies."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOOK_SECONDS = 0.1
RESTART_SECONDS = 0.5  # a process that dies at once must not be started a hundred times a second
STOP_SECONDS = 15


@dataclass
class Member:
    """One program and the process that runs it now."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    groups: list[int] = field(default_factory=list)  # of every process started, the dead ones' orphans included

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=dict(self.environment), stdout=output, stderr=output, start_new_session=True
            )
        self.groups.append(self.process.pid)


class Crew:
    """All processes of one run. What it started, and nothing else, is gone after :meth:`stop`."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._members: dict[str, Member] = {}
        self._stopping = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True, name="crew")
        logs.mkdir(parents=True, exist_ok=True)

    def add(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._members[name] = Member(name, command, environment, self._logs / f"{name}.log")

    def start(self) -> None:
        for member in self._members.values():
            member.start()
        self._watcher.start()

    def stop(self) -> None:
        """Ask all to end, and kill what has not ended, orphans of killed processes included."""
        self._stopping.set()
        if self._watcher.is_alive():
            self._watcher.join()
        running = [member.process for member in self._members.values() if member.process]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for member in self._members.values():
            for group in member.groups:
                _kill_group(group)

    def names(self, kind: str) -> list[str]:
        """Members whose name ends with *kind* (``worker``)."""
        return [name for name in self._members if name.endswith(kind)]

    def pid(self, name: str) -> int:
        process = self._members[name].process
        assert process, "start first"
        return process.pid

    def kill(self, name: str) -> None:
        """SIGKILL to the process itself; what it forked is left an orphan, as a real kill leaves it."""
        process = self._members[name].process
        assert process, "start first"
        process.kill()

    def terminate(self, name: str, within: float) -> float:
        """SIGTERM; seconds until the process ended. It is killed, and *within* returned, when that is too long."""
        process = self._members[name].process
        assert process, "start first"
        began = time.monotonic()
        process.terminate()
        while process.poll() is None and time.monotonic() - began < within:
            time.sleep(0.01)
        if process.poll() is None:
            process.kill()
        return time.monotonic() - began

    def _watch(self) -> None:
        started = dict.fromkeys(self._members, time.monotonic())
        while not self._stopping.wait(LOOK_SECONDS):
            for name, member in self._members.items():
                assert member.process
                now = time.monotonic()
                if member.process.poll() is not None and now - started[name] >= RESTART_SECONDS:
                    member.start()
                    started[name] = now


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return  # nobody is left in it

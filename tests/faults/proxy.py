"""A TCP proxy that can be unplugged: cut, refuse, swallow (black hole) or slow down what passes, then heal.

It runs in a process of its own, so that what drives a test does not hold up what passes; that process ends when its
standard input does, that is, with whoever started it.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
CHUNK = 65_536
COMMAND_SECONDS = 20
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER of no time: the other side sees RST, not an orderly end

Upstream = Path | tuple[str, int]
"""Where the proxy leads: a UNIX socket or (host, port)."""


class Proxy:
    """Listens on a port of its own on the loopback address and passes all on to *upstream*."""

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream
        self.port = 0
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        where = [str(self.upstream)] if isinstance(self.upstream, Path) else [str(part) for part in self.upstream]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.proxy", *where],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        self.port = self._do("heal")

    def cut(self) -> None:
        """Reset every connection; new ones are let through."""
        self._do("cut")

    def refuse(self) -> None:
        """Reset every connection and refuse new ones."""
        self._do("refuse")

    def swallow(self) -> None:
        """Accept, and let nothing through, not even the end of a connection; what was sent arrives after healing."""
        self._do("swallow")

    def slow(self, seconds: float) -> None:
        """Delay whatever passes, each way."""
        self._do("slow", seconds)

    def heal(self) -> None:
        """Let everything through again."""
        self._do("heal")

    def close(self) -> None:
        if self._process:
            self._process.communicate(timeout=COMMAND_SECONDS)

    def _do(self, *command: object) -> int:
        """Have the process carry out *command*; the port that it listens on."""
        assert self._process, "start first"
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


class Line:
    """The proxy itself, inside its process: an event loop in a thread."""

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream
        self.port = 0
        self._delay = 0.0
        self._way = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def do(self, command: str, *values: float) -> None:
        """Carry out one of cut, refuse, swallow, slow (seconds) and heal."""
        done: Coroutine[Any, Any, None] = getattr(self, f"_{command}")(*values)
        asyncio.run_coroutine_threadsafe(done, self._loop).result(COMMAND_SECONDS)

    async def _heal(self) -> None:
        self._delay = 0.0
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, HOST, self.port)
            self.port = int(self._server.sockets[0].getsockname()[1])
        self._way.set()

    async def _cut(self) -> None:
        for writer in list(self._writers):
            _reset(writer)

    async def _refuse(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._cut()

    async def _swallow(self) -> None:
        self._way.clear()

    async def _slow(self, seconds: float) -> None:
        self._delay = seconds

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            await self._way.wait()
            await self._join(reader, writer)
        except OSError:
            _reset(writer)  # what lies behind is away: the caller's connection breaks, as it would without a proxy
        finally:
            self._writers.discard(writer)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on, both ways, until either side ends."""
        if isinstance(self.upstream, Path):
            far_reader, far_writer = await asyncio.open_unix_connection(self.upstream)
        else:
            far_reader, far_writer = await asyncio.open_connection(*self.upstream)
        self._writers.add(far_writer)
        ways = [
            asyncio.ensure_future(self._pass(reader, far_writer)),
            asyncio.ensure_future(self._pass(far_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self._writers.discard(far_writer)
            for end in (far_writer, writer):
                end.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            data = await reader.read(CHUNK)
            await self._way.wait()
            if self._delay:
                await asyncio.sleep(self._delay)
            if not data:
                return
            writer.write(data)
            await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    raw = writer.get_extra_info("socket")
    if raw is not None and raw.family != socket.AF_UNIX and raw.fileno() >= 0:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    writer.transport.abort()


def main() -> None:
    """Obey commands, one a line, until there are no more; answer each with the port."""
    upstream: Upstream = Path(sys.argv[1]) if len(sys.argv) == 2 else (sys.argv[1], int(sys.argv[2]))
    line = Line(upstream)
    for command in sys.stdin:
        line.do(*json.loads(command))
        print(line.port, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()

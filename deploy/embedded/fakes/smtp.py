"""A mail server that keeps what it gets: one .eml per mail, byte for byte as received.

FAKE_SMTP_PORT, FAKE_SMTP_DIR. AUTH is offered and takes any login, mail goes without it too; SIZE is 25 MB; recipients
at `ditolak.example` are refused with 550, so that bounces can be shown.
"""

from __future__ import annotations

import itertools
import re
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default as modern
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from .serving import HOST, configure_logging, log, settings

SIZE_LIMIT = 25 * 1024 * 1024
REFUSED_DOMAIN = "ditolak.example"


class Sink:
    """aiosmtpd's handler; the names of its methods are aiosmtpd's."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._numbers: Iterator[int] = itertools.count(len(list(folder.glob("*.eml"))) + 1)

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.rpartition("@")[2].lower() == REFUSED_DOMAIN:
            return "550 5.1.1 Alamat tidak dikenal"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{next(self._numbers):06d}-{safe_subject(content)}.eml"
        part = self._folder / f"{name}.part"
        part.write_bytes(content)
        # Under its last name only when whole, so that a reader of the folder never sees half a mail.
        part.rename(self._folder / name)
        return f"250 OK {name.split('-')[1]}"


def safe_subject(content: bytes) -> str:
    """The decoded subject as part of a file name: ASCII letters, digits and hyphens, at most 60."""
    head = content.split(b"\r\n\r\n", 1)[0].split(b"\n\n", 1)[0]
    subject = str(message_from_bytes(head + b"\r\n\r\n", policy=modern).get("subject", ""))
    return re.sub(r"[^A-Za-z0-9]+", "-", subject).strip("-")[:60] or "tanpa-perihal"


def _accept_any(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, _data: object) -> AuthResult:
    return AuthResult(success=True)


def create_controller(folder: Path, port: int) -> Controller:
    return Controller(
        Sink(folder),
        hostname=HOST,
        port=port,
        data_size_limit=SIZE_LIMIT,
        auth_required=False,
        auth_require_tls=False,
        authenticator=_accept_any,
        ident="Luwes contoh",
    )


def main() -> None:
    env = settings(("FAKE_SMTP_PORT", "FAKE_SMTP_DIR"))
    configure_logging()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    controller = create_controller(Path(env["FAKE_SMTP_DIR"]), int(env["FAKE_SMTP_PORT"]))
    controller.start()
    log.info("smtp ready on port %s", controller.port)
    stopping.wait()
    controller.stop()


if __name__ == "__main__":
    main()

"""Real servers for tests: one that hands out letters over HTTP, one that takes mails over SMTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


@dataclass
class Letters:
    """What the letter server answers with, and what it was asked."""

    url: str
    content: bytes = b""
    status: int = 200
    keys: list[str] = field(default_factory=list)


@contextmanager
def letter_server(content: bytes) -> Iterator[Letters]:
    letters = Letters("", content)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            letters.keys.append(self.headers.get("Authorization", ""))
            self.send_response(letters.status)
            self.send_header("Content-Length", str(len(letters.content)))
            self.send_header("Location", "http://localhost:9/elsewhere")
            self.end_headers()
            self.wfile.write(letters.content)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    letters.url = f"http://127.0.0.1:{server.server_port}/schedule/api/letters/1/pdf"
    try:
        yield letters
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Inbox:
    """aiosmtpd's handler: keeps mails, refuses recipients as told."""

    def __init__(self, refuse: str = "", busy: str = "") -> None:
        self.mails: list[EmailMessage] = []
        self.logins: list[bool] = []
        self.refuse, self.busy = refuse, busy

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.busy:
            return self.busy
        content = envelope.original_content or b""
        mail = message_from_bytes(content, policy=modern)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


@contextmanager
def mail_server(port: int, inbox: Inbox, password: str = "") -> Iterator[Inbox]:
    """The server knows one user, ``luwes``, with *password*; who signed in is kept."""

    def check(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: Any) -> AuthResult:
        known = (login.login, login.password) == (b"luwes", password.encode())
        inbox.logins.append(known)
        return AuthResult(success=known, handled=known)  # unhandled: the server itself answers 535

    controller = Controller(
        inbox, hostname="127.0.0.1", port=port, data_size_limit=25_000_000, auth_require_tls=False,
        authenticator=check,
    )  # fmt: skip
    controller.start()
    try:
        yield inbox
    finally:
        controller.stop()

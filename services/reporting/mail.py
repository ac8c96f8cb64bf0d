"""E-mail: messages under the size limit, with Message-IDs that stay the same over retries."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from services.reporting.settings import ReportingSettings
from shared.clock import WIB

SIZE_LIMIT = 20_000_000  # bytes of one mail in all, as many servers allow
ENVELOPE = 20_000  # bytes left for headers and text
PERMANENT = 500  # SMTP replies from here on will not get better by trying again


ADDRESS = re.compile(r"[^\s@,;:<>()\"\\]+@[^\s@,;:<>()\"\\]+", re.ASCII)


class MailNotSet(Exception):
    """No mail server or sender is set; the job is parked so that IT sees who was not told, and can give it back."""


class MailRefused(Exception):
    """The server said no for good; the message has its words. Trying again by itself would change nothing."""


@dataclass(frozen=True)
class Attachment:
    name: str
    content: bytes
    subtype: str  # of application/…

    @property
    def encoded_size(self) -> int:
        """Size in the mail: base64 in lines of 76, with line ends."""
        return -(-len(self.content) // 57) * 78


def split(sizes: Sequence[int], limit: int) -> list[list[int]]:
    """Indexes of attachments per mail, in order, each mail within *limit*. One that is too large alone goes alone:
    whether it is taken is the server's word."""
    mails: list[list[int]] = [[]]
    room = limit
    for index, size in enumerate(sizes):
        if size > room and mails[-1]:
            mails.append([])
            room = limit
        mails[-1].append(index)
        room -= size
    return mails


def address_of(email: str | None, *, active: bool) -> str | None:
    """Where the person is written to; None for who left, who has no address, and for what is no single address."""
    written = (email or "").strip()
    return written if active and written.isascii() and ADDRESS.fullmatch(written) else None


def compose(
    settings: ReportingSettings, recipient: str, subject: str, text: str, key: str,
    attachments: Sequence[Attachment] = (), *, now: datetime,
) -> list[EmailMessage]:  # fmt: skip
    """One message, in as many mails as its attachments need. The same *key* gives the same Message-IDs."""
    parts = split([attachment.encoded_size for attachment in attachments], SIZE_LIMIT - ENVELOPE)
    domain = parseaddr(settings.mail_from)[1].partition("@")[2] or "luwes.invalid"
    mails = []
    for number, indexes in enumerate(parts, 1):
        mail = EmailMessage()
        mail["Subject"] = subject if len(parts) == 1 else f"{subject} ({number}/{len(parts)})"
        mail["From"] = settings.mail_from
        mail["To"] = recipient
        mail["Date"] = format_datetime(now.astimezone(WIB))
        mail["Message-ID"] = f"<{key}.{number}@{domain}>"
        if number > 1:
            mail["In-Reply-To"] = mail["References"] = f"<{key}.1@{domain}>"
        enclosed = "\n".join(f"- {attachments[index].name}" for index in indexes)
        body = f"{text}\n\nLampiran surel ini:\n{enclosed}\n" if enclosed else f"{text}\n"
        mail.set_content(body, cte="quoted-printable")
        for index in indexes:
            attached = attachments[index]
            mail.add_attachment(
                attached.content, maintype="application", subtype=attached.subtype, filename=attached.name
            )
        mails.append(mail)
    return mails


def send(settings: ReportingSettings, mails: Sequence[EmailMessage]) -> None:
    """Hand *mails* to the SMTP server. Raises MailRefused when it refuses for good, MailNotSet when there is none, and
    other errors when it may later take them (retried by the job that calls)."""
    if not (settings.smtp_host and settings.mail_from):
        raise MailNotSet("REPORTING_SMTP_HOST or REPORTING_MAIL_FROM is empty")
    try:
        with _connect(settings) as server:
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password)
            for mail in mails:
                server.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        _raise(error, code, words)
    except smtplib.SMTPResponseException as error:
        _raise(error, error.smtp_code, error.smtp_error)


def _connect(settings: ReportingSettings) -> smtplib.SMTP:
    trust = ssl.create_default_context()
    if settings.smtp_security == "ssl":
        return smtplib.SMTP_SSL(
            settings.smtp_host, settings.smtp_port, timeout=settings.http_timeout, context=trust
        )  # fmt: skip
    server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=settings.http_timeout)
    if settings.smtp_security == "starttls":
        try:
            server.starttls(context=trust)
        except Exception:
            server.close()
            raise
    return server


def _raise(error: Exception, code: int, words: bytes | str) -> None:
    if code < PERMANENT:
        raise error
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    raise MailRefused(f"{code} {' '.join(text.split())}") from error  # replies of several lines read as one

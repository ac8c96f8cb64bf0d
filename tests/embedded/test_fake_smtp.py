"""The mail sink keeps every byte, refuses what it must, and stops when told."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from pathlib import Path

import pytest

from .conftest import Fake, Start


@pytest.fixture
def smtp(start: Start, tmp_path: Path) -> Fake:
    return start("smtp", FAKE_SMTP_DIR=tmp_path)


def _mail(subject: str, to: str = "organisasi@metrokota.example") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "luwes@metrokota.example", to, subject
    mail["Message-ID"] = "<1@luwes.example>"
    mail.set_content("Terlampir laporan bulanan.\n.titik di awal baris\n")
    mail.add_attachment(b"%PDF-1.7 contoh", maintype="application", subtype="pdf", filename="laporan.pdf")
    return mail


def test_mails_are_kept_as_received_with_and_without_login(smtp: Fake, tmp_path: Path) -> None:
    mail = _mail("Laporan WFH: April 2026 / Bappeda")
    raw = mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))
    with smtplib.SMTP("127.0.0.1", smtp.port, timeout=5) as client:
        client.ehlo()
        assert client.esmtp_features["size"] == str(25 * 1024 * 1024)
        assert "auth" in client.esmtp_features
        client.sendmail(mail["From"], mail["To"], raw)
        client.login("siapa", "saja")
        client.send_message(_mail("Rekap: é ✓"))
    first, second = sorted(tmp_path.glob("*.eml"))
    assert first.name.endswith("-000001-Laporan-WFH-April-2026-Bappeda.eml")
    assert second.name.endswith("-000002-Rekap.eml")
    assert first.read_bytes() == raw
    assert smtp.stop() == 0


def test_unknown_recipients_and_too_big_mails_are_refused(smtp: Fake, tmp_path: Path) -> None:
    with smtplib.SMTP("127.0.0.1", smtp.port, timeout=5) as client:
        refused = client.send_message(_mail("Dua tujuan", "a@metrokota.example, b@ditolak.example"))
        assert refused["b@ditolak.example"][0] == 550
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.send_message(_mail("Ditolak", "b@ditolak.example"))
        client.ehlo()
        assert client.docmd(f"MAIL FROM:<a@metrokota.example> SIZE={26 * 1024 * 1024}")[0] == 552
    assert len(list(tmp_path.glob("*.eml"))) == 1

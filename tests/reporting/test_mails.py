"""Packs go out by e-mail (2.a) over real SMTP: attachments byte for byte, refusals visible, nothing lost when down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import select

from services.reporting import mail
from services.reporting.mail import split
from services.reporting.models import Pack
from shared.clock import wib_moment
from shared.testing.bench import Bench
from tests.reporting.conftest import as_head, with_settings
from tests.reporting.factories import LETTER_PDF, NEXT_FRIDAY, a_letter, a_roster
from tests.reporting.servers import Inbox, Letters, letter_server, mail_server
from tests.servers import free_port

ADDENDUM = b"%PDF-1.7 addendum " + b"\r\n.\r\n" * 50  # what would end a mail early if it were not encoded


@pytest.fixture
def letters() -> Iterator[Letters]:
    with letter_server(LETTER_PDF) as server:
        yield server


@pytest.fixture
def draft(city: Bench, letters: Letters) -> Bench:
    """A1's draft pack of April, with a letter and an addendum; A2 has a letter and a pack too."""
    with_settings(city, smtp_host="127.0.0.1", smtp_port=free_port())
    city.receive(
        a_roster({"E1": [NEXT_FRIDAY]}, letter=a_letter(url=letters.url)),
        a_roster({}, agency_id="A2", letter=a_letter("A2", url=letters.url)),
    )
    letters.content = ADDENDUM
    addendum = a_letter(
        content=ADDENDUM, id="L-A1-2", number="800.1.11.1/9/A1/IV/2026", date=date(2026, 4, 15), url=letters.url
    )
    city.receive(a_roster({"E2": [NEXT_FRIDAY]}, version=2, letter=addendum))
    city.clock.at = wib_moment(date(2026, 4, 30), 16, 45)
    city.work()
    assert city.unfinished() == []
    return city


def approve(bench: Bench) -> None:
    assert as_head(bench).post(f"/api/packs/{pack(bench).id}/approve", json={}).status_code == 200


def pack(bench: Bench) -> Pack:
    with bench.db.transaction() as session:
        return session.scalars(select(Pack).where(Pack.agency_id == "A1")).one()


def port(bench: Bench) -> int:
    found: int = bench.context.settings.smtp_port  # type: ignore[attr-defined]
    return found


def files(message: EmailMessage) -> dict[str, bytes]:
    return {part.get_filename() or "": part.get_content() for part in message.iter_attachments()}


def text(message: EmailMessage) -> str:
    body = message.get_body()
    assert body is not None
    return str(body.get_content())


def test_2_a_the_approved_pack_is_mailed_with_the_signed_letters_byte_for_byte(draft: Bench) -> None:
    approve(draft)
    with mail_server(port(draft), Inbox()) as inbox:
        draft.work()
    [message] = inbox.mails
    sent = pack(draft)
    storage = draft.context.storage
    assert files(message) == {
        "Laporan-WFO-WFH-2026-04-DINAS-A1.pdf": storage.get(str(sent.pdf_key)),
        "Laporan-WFO-WFH-2026-04-DINAS-A1.xlsx": storage.get(str(sent.xlsx_key)),
        "Surat-Tugas-800.1.11.1-7-A1-IV-2026.pdf": LETTER_PDF,
        "Surat-Tugas-800.1.11.1-9-A1-IV-2026.pdf": ADDENDUM,
    }
    assert message["Subject"] == "Laporan bulanan WFO dan WFH April 2026 – Dinas A1"
    assert message["To"] == "bagor@metro.example"
    assert "800.1.11.1/7/A1/IV/2026 tanggal 2 April 2026" in text(message)
    assert "800.1.11.1/9/A1/IV/2026 tanggal 15 April 2026" in text(message)
    assert message["Message-ID"] == sent.message_id == f"<pack-{sent.id}-v1.1@metro.example>"
    assert (sent.status, sent.late, sent.mails, sent.recipient) == ("sent", False, 1, "bagor@metro.example")
    assert draft.unfinished() == []


def test_a_server_that_is_down_gets_the_same_mail_once_it_is_back(draft: Bench) -> None:
    approve(draft)
    draft.work()
    assert pack(draft).status == "approved"
    assert [kind for kind, _, _ in draft.unfinished()] == ["send_pack"]
    draft.clock.at += timedelta(seconds=30)
    with mail_server(port(draft), Inbox(busy="451 try again later")) as inbox:
        draft.work()
        assert pack(draft).status == "approved"
        inbox.busy = ""
        draft.clock.at += timedelta(seconds=60)
        draft.work()
        draft.work()
    assert [message["Message-ID"] for message in inbox.mails] == [f"<pack-{pack(draft).id}-v1.1@metro.example>"]
    assert pack(draft).status == "sent"
    assert draft.unfinished() == []


def test_a_refused_recipient_is_shown_with_the_servers_words_and_can_be_sent_again(draft: Bench) -> None:
    approve(draft)
    with mail_server(port(draft), Inbox(refuse="550 5.1.1 Alamat tidak dikenal")) as inbox:
        draft.work()
        failed = pack(draft)
        assert (failed.status, inbox.mails) == ("failed", [])
        assert failed.error == "Server surel menolak: 550 5.1.1 Alamat tidak dikenal"
        page = as_head(draft).get(f"/packs/{failed.id}", page=True).text
        assert "550 5.1.1 Alamat tidak dikenal" in page
        assert "Kirim ulang" in page
        inbox.refuse = ""
        assert as_head(draft).post(f"/api/packs/{failed.id}/send").status_code == 200
        draft.work()
        assert len(inbox.mails) == 1
    assert pack(draft).status == "sent"
    assert pack(draft).error is None
    assert as_head(draft).post(f"/api/packs/{failed.id}/send").json["code"] == "pack_not_ready"


def test_a_pack_waits_for_a_letter_that_has_not_been_fetched(city: Bench, letters: Letters) -> None:
    with_settings(city, smtp_host="127.0.0.1", smtp_port=free_port())
    letters.status = 503
    city.clock.at = wib_moment(date(2026, 4, 30), 16, 45)
    city.receive(a_roster({"E1": []}, letter=a_letter(url=letters.url)))
    approve(city)
    with mail_server(port(city), Inbox()) as inbox:
        city.work()
        assert inbox.mails == []
        assert sorted(kind for kind, _, _ in city.unfinished()) == ["fetch_letter", "send_pack"]
        letters.status = 200
        city.clock.at += timedelta(seconds=60)
        city.work()
        city.clock.at += timedelta(seconds=60)
        city.work()
        assert len(inbox.mails) == 1
    assert city.unfinished() == []


def test_a_server_that_asks_for_a_login_gets_it_and_a_wrong_one_is_shown(draft: Bench) -> None:
    with_settings(draft, smtp_host="127.0.0.1", smtp_port=port(draft), smtp_user="luwes", smtp_password="keliru")
    approve(draft)
    with mail_server(port(draft), Inbox(), password="benar") as inbox:
        draft.work()
        assert (pack(draft).status, inbox.mails) == ("failed", [])
        assert "535" in str(pack(draft).error)
        assert "keliru" not in str(pack(draft).error)
        with_settings(draft, smtp_host="127.0.0.1", smtp_port=port(draft), smtp_user="luwes", smtp_password="benar")
        as_head(draft).post(f"/api/packs/{pack(draft).id}/send")
        draft.work()
    assert (pack(draft).status, len(inbox.mails)) == ("sent", 1)
    assert (inbox.logins[0], inbox.logins[-1]) == (False, True)


def test_a_server_without_tls_is_not_mailed_to_when_tls_is_asked_for(draft: Bench) -> None:
    with_settings(draft, smtp_host="127.0.0.1", smtp_port=port(draft), smtp_security="starttls")
    approve(draft)
    with mail_server(port(draft), Inbox()) as inbox:
        draft.work()
    assert (pack(draft).status, inbox.mails) == ("approved", [])
    [(kind, _, error)] = draft.unfinished()
    assert (kind, "STARTTLS" in str(error)) == ("send_pack", True)


@pytest.mark.parametrize("unset", ["smtp_host", "pack_recipient", "mail_from"])
def test_without_mail_settings_the_pack_says_why_it_was_not_sent(draft: Bench, unset: str) -> None:
    with_settings(draft, **{"smtp_host": "127.0.0.1", unset: ""})
    approve(draft)
    draft.work()
    assert pack(draft).status == "failed"
    assert "belum diatur" in str(pack(draft).error)


def test_a_pack_sent_after_the_months_end_is_late(draft: Bench) -> None:
    draft.clock.at = wib_moment(date(2026, 5, 1), 0)
    approve(draft)
    with mail_server(port(draft), Inbox()):
        draft.work()
    assert (pack(draft).status, pack(draft).late) == ("sent", True)


def test_what_is_too_much_for_one_mail_is_split_into_numbered_ones(
    draft: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "SIZE_LIMIT", mail.ENVELOPE + 40_000)
    approve(draft)
    with mail_server(port(draft), Inbox()) as inbox:
        draft.work()
    count = len(inbox.mails)
    assert count > 1
    assert [message["Subject"][-5:] for message in inbox.mails] == [f"({n}/{count})" for n in range(1, count + 1)]
    assert len({message["Message-ID"] for message in inbox.mails}) == count
    attached: dict[str, bytes] = {}
    for message in inbox.mails:
        attached |= files(message)
    assert len(attached) == 4
    assert attached["Surat-Tugas-800.1.11.1-9-A1-IV-2026.pdf"] == ADDENDUM
    assert pack(draft).mails == count


@pytest.mark.parametrize(
    ("sizes", "limit", "mails"),
    [
        ([], 10, [[]]),
        ([3, 3, 3], 10, [[0, 1, 2]]),
        ([6, 6, 4], 10, [[0], [1, 2]]),
        ([50, 1], 10, [[0], [1]]),
        ([1, 50, 1], 10, [[0], [1], [2]]),
        ([10, 10], 10, [[0], [1]]),
    ],
)
def test_attachments_keep_their_order_and_fit(sizes: list[int], limit: int, mails: list[list[int]]) -> None:
    assert split(sizes, limit) == mails


def test_a_composed_mail_stays_under_the_limit_in_all(bench: Bench) -> None:
    settings: Any = bench.settings
    big = [mail.Attachment(f"{n}.pdf", bytes(7_000_000), "pdf") for n in range(3)]
    mails = mail.compose(settings, "a@b.example", "Perihal", "Isi", "key", big, now=bench.clock.at)
    assert [len(files(message)) for message in mails] == [2, 1]
    assert all(len(message.as_bytes()) < 20_000_000 for message in mails)


def test_a_line_break_in_an_agencys_name_is_no_header(draft: Bench) -> None:
    approve(draft)
    with draft.db.transaction() as session:
        found = session.scalars(select(Pack).where(Pack.agency_id == "A1")).one()
        found.content = {**(found.content or {}), "agency": "Dinas\r\nBcc: lain@example.org"}
    with mail_server(port(draft), Inbox()) as inbox:
        draft.work()
    assert inbox.mails[0]["Bcc"] is None
    assert inbox.mails[0]["Subject"].endswith("Dinas Bcc: lain@example.org")

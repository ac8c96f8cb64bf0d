"""Who is reprimanded (1.f) learns it by e-mail, and that it was taken back; what it is about stays on the page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.testing.bench import Bench
from tests.reporting.conftest import as_asn, as_head, know, port, with_settings
from tests.reporting.factories import an_employee
from tests.reporting.servers import Inbox, mail_server
from tests.reporting.test_recalls import words
from tests.reporting.test_sanctions import OBJECTION, REVOCATION, decide


def revoke(bench: Bench, sanction_id: str) -> Any:
    return as_head(bench).post(f"/api/sanctions/{sanction_id}/revocation", json=REVOCATION)


def subjects(inbox: Inbox) -> list[tuple[str, str]]:
    return [(str(mail["To"]), str(mail["Subject"])) for mail in inbox.mails]


def test_1_f_the_person_alone_is_told_once_without_the_reason(reachable: Bench, inbox: Inbox) -> None:
    sanction = decide(reachable, kind="written").json
    for _ in range(2):
        reachable.work()
    assert subjects(inbox) == [("e1@metrokota.example", "Teguran tertulis untuk Anda")]
    text = words(inbox.mails[0])
    assert text.startswith("Yth. Pegawai E1\n")
    assert "teguran tertulis yang berlaku 10 April 2026 sampai 30 April 2026" in text
    assert f"{reachable.settings.public_url}/reporting/sanctions\n" in text
    assert "keberatan" in text
    assert sanction["reason"] not in text
    assert str(inbox.mails[0]["Message-ID"]).strip() == f"<sanction-{sanction['id']}-decided.1@metro.example>"
    assert reachable.unfinished() == []


def test_taking_it_back_is_told_and_an_objection_is_not(reachable: Bench, inbox: Inbox) -> None:
    sanction = decide(reachable).json["id"]
    reachable.work()
    assert as_asn(reachable).post(f"/api/sanctions/{sanction}/objection", json=OBJECTION).status_code == 200
    reachable.work()
    assert len(inbox.mails) == 1
    assert revoke(reachable, sanction).status_code == 200
    reachable.work()
    assert subjects(inbox)[1:] == [("e1@metrokota.example", "Teguran lisan dicabut")]
    text = words(inbox.mails[1])
    assert "mencabut teguran lisan" in text
    assert REVOCATION["reason"] not in text


def test_one_that_was_taken_back_before_it_could_be_told_is_told_as_taken_back_only(reachable: Bench) -> None:
    with mail_server(port(reachable), Inbox(busy="451 try again later")) as inbox:
        sanction = decide(reachable).json["id"]
        reachable.work()
        assert [kind for kind, _, _ in reachable.unfinished()] == ["mail_sanction"]
        assert revoke(reachable, sanction).status_code == 200
        inbox.busy = ""
        reachable.clock.at += timedelta(seconds=30)
        for _ in range(3):
            reachable.work()
        assert [subject for _, subject in subjects(inbox)] == ["Teguran lisan dicabut"]
    assert reachable.unfinished() == []


@pytest.mark.parametrize(("who", "active"), [("E3", True), ("E2", False)], ids=["no address", "left"])
def test_who_has_no_address_or_left_is_not_written_to(reachable: Bench, inbox: Inbox, who: str, active: bool) -> None:
    sanction = decide(reachable, who)
    assert sanction.status_code == 201
    if not active:
        know(reachable, an_employee(who, email="e2@metrokota.example", active=False))
    reachable.work()
    assert inbox.mails == []
    assert reachable.unfinished() == []


def test_a_refused_address_is_kept_with_the_servers_words(reachable: Bench) -> None:
    with mail_server(port(reachable), Inbox(refuse="550 5.1.1 Alamat tidak dikenal")):
        assert decide(reachable).status_code == 201
        reachable.work()
    [(kind, _, error)] = reachable.unfinished()
    assert (kind, "550 5.1.1 Alamat tidak dikenal" in str(error)) == ("mail_sanction", True)


def test_without_a_mail_server_the_mail_waits_where_it_staff_see_it(reachable: Bench) -> None:
    with_settings(reachable, smtp_host="")
    assert decide(reachable).status_code == 201
    reachable.work()
    [(kind, _, error)] = reachable.unfinished()
    assert (kind, "REPORTING_SMTP_HOST" in str(error)) == ("mail_sanction", True)

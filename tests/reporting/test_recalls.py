"""Who is called back to the office learns it by one e-mail (1.d): over real SMTP, once, and only whom it concerns."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from services.reporting.mail import address_of
from services.reporting.models import Duty
from shared.clock import wib_moment
from shared.testing.bench import Bench
from tests.reporting.conftest import know, port, with_settings
from tests.reporting.factories import FRIDAY, NEXT_FRIDAY, a_recall, a_roster, an_employee
from tests.reporting.servers import Inbox, mail_server


def words(mail: EmailMessage) -> str:
    body = mail.get_body()
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def recipients(inbox: Inbox) -> list[str]:
    return sorted(str(mail["To"]) for mail in inbox.mails)


def test_1_d_each_person_named_gets_one_mail_with_date_reason_and_who_ordered_it(
    reachable: Bench, inbox: Inbox
) -> None:
    reachable.receive(a_recall("E1", "E2"))
    assert recipients(inbox) == ["e1@metrokota.example", "e2@metrokota.example"]
    mail = next(mail for mail in inbox.mails if mail["To"] == "e1@metrokota.example")
    assert mail["Subject"] == "Bertugas di kantor pada Jumat, 17 April 2026"
    text = words(mail)
    assert text.startswith("Yth. Pegawai E1\n")
    assert "Pada Jumat, 17 April 2026, Anda bertugas di kantor." in text
    assert "Alasan: Banjir di Metro Pusat\n" in text
    assert "Diperintahkan oleh: Dra. Rina Wijaya, M.Si. (197001011995011009)\n" in text
    assert "Perangkat daerah: Dinas A1\n" in text
    assert "Lampiran" not in text
    assert mail["Message-ID"] == "<recall-R-2-E1.1@metro.example>"
    assert reachable.unfinished() == []


def test_who_is_called_back_owes_no_report_of_that_day_and_keeps_the_duties_of_others(
    reachable: Bench, inbox: Inbox
) -> None:
    reachable.receive(a_roster({"E1": [FRIDAY, NEXT_FRIDAY], "E2": [NEXT_FRIDAY]}))
    reachable.receive(a_recall("E1"))
    with reachable.db.transaction() as session:
        rows = session.execute(select(Duty.employee_id, Duty.date, Duty.status)).all()
    assert {(employee_id, day): status for employee_id, day, status in rows} == {
        ("E1", FRIDAY): "open", ("E1", NEXT_FRIDAY): "cancelled", ("E2", NEXT_FRIDAY): "open"
    }  # fmt: skip


def test_a_recall_that_is_lifted_by_a_later_roster_leaves_the_report_owed_again(reachable: Bench, inbox: Inbox) -> None:
    reachable.receive(a_roster({"E1": [NEXT_FRIDAY], "E2": [NEXT_FRIDAY]}))
    reachable.receive(a_recall("E1", "E2"))
    reachable.receive(a_roster({}, version=2, starts=NEXT_FRIDAY))
    reachable.receive(a_roster({"E1": [NEXT_FRIDAY]}, version=3, starts=NEXT_FRIDAY))  # E2 is on leave by now
    with reachable.db.transaction() as session:
        found = dict(session.execute(select(Duty.employee_id, Duty.status)).all())
    assert found == {"E1": "open", "E2": "cancelled"}


def test_who_has_no_address_or_left_the_service_gets_none(reachable: Bench, inbox: Inbox) -> None:
    know(reachable, an_employee("E2", email="e2@metrokota.example", active=False))
    reachable.receive(a_recall("E1", "E2", "E3"))
    assert recipients(inbox) == ["e1@metrokota.example"]
    assert reachable.unfinished() == []


def test_an_order_that_arrives_twice_tells_nobody_twice(reachable: Bench, inbox: Inbox) -> None:
    for event_id in ("one", "one", "two"):
        reachable.receive(a_recall("E1", "E2"), event_id=event_id)
    assert recipients(inbox) == ["e1@metrokota.example", "e2@metrokota.example"]


def test_another_order_tells_again(reachable: Bench, inbox: Inbox) -> None:
    reachable.receive(a_recall("E1"), a_recall("E1", roster_id="R-3", date=FRIDAY))
    assert sorted(str(mail["Message-ID"]) for mail in inbox.mails) == [
        "<recall-R-2-E1.1@metro.example>", "<recall-R-3-E1.1@metro.example>"
    ]  # fmt: skip


def test_a_server_that_is_busy_gets_the_same_mail_later_and_others_are_not_held_up(reachable: Bench) -> None:
    with mail_server(port(reachable), Inbox(busy="451 try again later")) as inbox:
        reachable.receive(a_recall("E1", "E2"))
        assert [kind for kind, _, _ in reachable.unfinished()] == ["mail_recall", "mail_recall"]
        inbox.busy = ""
        reachable.clock.at += timedelta(seconds=30)
        reachable.work()
        reachable.work()
        assert sorted(str(mail["Message-ID"]) for mail in inbox.mails) == [
            "<recall-R-2-E1.1@metro.example>", "<recall-R-2-E2.1@metro.example>"
        ]  # fmt: skip
    assert reachable.unfinished() == []


def test_a_refused_address_is_kept_with_the_servers_words(reachable: Bench) -> None:
    with mail_server(port(reachable), Inbox(refuse="550 5.1.1 Alamat tidak dikenal")):
        reachable.receive(a_recall("E1"))
    [(kind, _, error)] = reachable.unfinished()
    assert kind == "mail_recall"
    assert "550 5.1.1 Alamat tidak dikenal" in str(error)


def test_without_a_mail_server_the_mail_waits_where_it_staff_see_it(reachable: Bench) -> None:
    with_settings(reachable, smtp_host="")
    reachable.receive(a_recall("E1"))
    [(kind, _, error)] = reachable.unfinished()
    assert kind == "mail_recall"
    assert "REPORTING_SMTP_HOST" in str(error)


def test_a_mail_that_could_not_go_out_before_the_day_was_over_goes_no_more(reachable: Bench) -> None:
    reachable.receive(a_recall("E1", date=FRIDAY))
    assert len(reachable.unfinished()) == 1  # nobody listens on the mail server's port
    reachable.clock.at = wib_moment(FRIDAY + timedelta(days=1), 0)
    with mail_server(port(reachable), Inbox()) as inbox:
        reachable.work()
    assert inbox.mails == []
    assert [row for row in reachable.unfinished() if row[0] == "mail_recall"] == []


def test_an_order_is_waited_with_until_its_people_are_known(reachable: Bench, inbox: Inbox) -> None:
    reachable.receive(a_recall("E1", "E7"))
    assert inbox.mails == []
    reachable.receive(an_employee("E7", email="e7@metrokota.example"))
    reachable.clock.at += timedelta(seconds=30)
    reachable.work()
    assert recipients(inbox) == ["e1@metrokota.example", "e7@metrokota.example"]


@pytest.mark.parametrize(
    ("email", "found"),
    [
        (" budi@metrokota.example ", "budi@metrokota.example"),
        (None, None), ("", None), ("-", None), ("budi@", None), ("budi@a.example, ani@a.example", None),
        ("budi@a.example\nBcc: x@a.example", None), ("büdi@a.example", None),
    ],
)  # fmt: skip
def test_only_one_plain_address_is_written_to(email: str | None, found: str | None) -> None:
    assert address_of(email, active=True) == found
    assert address_of(email, active=False) is None

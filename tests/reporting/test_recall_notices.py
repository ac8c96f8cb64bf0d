"""The head learns who could not be told of a recall, and why (1.d): over real SMTP, by API and on the page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.reporting.models import RecallNotice
from services.reporting.recalls import pages as recall_pages
from services.reporting.recalls.actions import tell_recalled
from shared.clock import wib_moment
from shared.contracts.envelope import Received
from shared.jobs import JobRow
from shared.prune import KEEP_HANDLED, prune
from shared.roles import Role
from shared.testing.bench import Bench
from shared.testing.city import Client
from tests.reporting.conftest import as_asn, as_head, as_superior, know, port, someone, with_settings
from tests.reporting.factories import FRIDAY, NEXT_FRIDAY, NIPS, a_recall, an_employee
from tests.reporting.servers import Inbox, mail_server

REFUSAL = "550 5.1.1 Alamat <tidak> dikenal"
MAILED = "sudah diberi tahu lewat e-mail"


def notices(client: Client, query: str = "") -> dict[str, str]:
    """Employee → status, as far as the client sees them."""
    answer = client.get(f"/api/recall-notices{query}").json
    assert answer["total"] == len(answer["rows"])
    return {row["employee_id"]: row["status"] for row in answer["rows"]}


def the_notice(bench: Bench, who: str = "E1") -> dict[str, Any]:
    rows = as_head(bench).get("/api/recall-notices").json["rows"]
    [row] = [row for row in rows if row["employee_id"] == who]
    return dict(row)


def page(client: Client, path: str = "/recalls") -> str:
    answer = client.get(path, page=True)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def try_to_the_end(bench: Bench) -> None:
    """Every retry of what fails has been made: it is parked."""
    for seconds in bench.settings.retry_seconds:
        bench.clock.at += timedelta(seconds=2 * seconds)
        bench.work()


def parked(client: Client) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get("/api/parked?table=job").json["rows"]
    return [row for row in rows if row["kind"] == "mail_recall"]


def test_1_d_who_was_mailed_and_who_has_no_address_is_told_apart(reachable: Bench, inbox: Inbox) -> None:
    reachable.receive(a_recall("E1", "E3"))
    assert the_notice(reachable) == {
        "roster_id": "R-2", "agency_id": "A1", "date": "2026-04-17", "employee_id": "E1", "nip": NIPS["E1"],
        "employee_name": "Pegawai E1", "status": "mailed", "words": "", "outcome_at": "2026-04-10T05:00:00+00:00",
    }  # fmt: skip
    assert notices(as_head(reachable)) == {"E1": "mailed", "E3": "no_address"}
    [recall] = as_head(reachable).get("/api/recalls").json["rows"]
    assert recall == {
        "roster_id": "R-2", "agency_id": "A1", "date": "2026-04-17", "reason": "Banjir di Metro Pusat",
        "ordered_by": "Dra. Rina Wijaya, M.Si. (197001011995011009)", "ordered_at": "2026-04-10T05:00:00+00:00",
        "people": 2, "told": 1,
    }  # fmt: skip


def test_who_left_is_not_taken_for_one_without_address(reachable: Bench, inbox: Inbox) -> None:
    know(reachable, an_employee("E2", email="e2@metrokota.example", active=False))
    reachable.receive(a_recall("E2", "E3"))
    assert notices(as_head(reachable)) == {"E2": "left", "E3": "no_address"}


def test_a_refusal_is_told_at_once_with_the_servers_words_and_goes_when_it_retries(reachable: Bench) -> None:
    with mail_server(port(reachable), Inbox(refuse=REFUSAL)) as server:
        reachable.receive(a_recall("E1", date=FRIDAY + timedelta(days=30)))
        assert (the_notice(reachable)["status"], the_notice(reachable)["words"]) == ("refused", REFUSAL)
        assert notices(as_head(reachable), "?status=refused") == {"E1": "refused"}
        assert notices(as_head(reachable), "?status=waiting") == {}
        try_to_the_end(reachable)
        it_officer = reachable.client(someone("E8", Role.IT))
        [row] = parked(it_officer)
        assert REFUSAL in row["error"]
        assert (the_notice(reachable)["status"], the_notice(reachable)["outcome_at"]) == ("refused", None)
        server.refuse = ""
        assert it_officer.post(f"/api/parked/job/{row['id']}/retry").status_code == 204
        assert (the_notice(reachable)["status"], the_notice(reachable)["words"]) == ("waiting", "")
        reachable.work()
        assert (the_notice(reachable)["status"], the_notice(reachable)["words"]) == ("mailed", "")


def test_words_of_several_lines_are_kept_whole(reachable: Bench) -> None:
    with mail_server(port(reachable), Inbox(refuse="550-5.1.1 Tidak dikenal.\r\n550 Periksa ejaannya.")):
        reachable.receive(a_recall("E1"))
    assert the_notice(reachable)["words"] == "550 5.1.1 Tidak dikenal. Periksa ejaannya."


def test_what_it_gives_up_has_failed(reachable: Bench) -> None:
    reachable.receive(a_recall("E1", date=FRIDAY + timedelta(days=30)))
    assert the_notice(reachable)["status"] == "waiting"  # nobody listens on the mail server's port
    try_to_the_end(reachable)
    assert the_notice(reachable)["status"] == "failed"
    it_officer = reachable.client(someone("E8", Role.IT))
    [row] = parked(it_officer)
    assert it_officer.delete(f"/api/parked/job/{row['id']}").status_code == 204
    assert the_notice(reachable)["status"] == "failed"


def test_a_mail_that_comes_too_late_is_told_as_such(reachable: Bench) -> None:
    reachable.receive(a_recall("E1", date=FRIDAY))
    reachable.clock.at = wib_moment(FRIDAY + timedelta(days=1), 0)
    reachable.work()
    assert the_notice(reachable)["status"] == "too_late"


def test_a_missing_mail_server_is_named_while_it_is_missing(reachable: Bench) -> None:
    address = port(reachable)
    with_settings(reachable, smtp_host="")
    reachable.receive(a_recall("E1"))
    assert the_notice(reachable)["status"] == "no_server"
    assert "server e-mail belum diatur: hubungi langsung" in page(as_head(reachable))
    with_settings(reachable, smtp_host="127.0.0.1", smtp_port=address)
    with mail_server(address, Inbox()):
        reachable.clock.at += timedelta(seconds=30)
        reachable.work()
    assert the_notice(reachable)["status"] == "mailed"


def test_an_address_that_turns_up_before_the_mail_is_tried_is_written_to(reachable: Bench, inbox: Inbox) -> None:
    order = a_recall("E3")
    with reachable.db.transaction() as session:
        event = Received("one", "/schedule", order.TYPE, order.subject, None, reachable.clock.at, order)
        tell_recalled(session, event, reachable.context)
    assert the_notice(reachable, "E3")["status"] == "waiting"
    know(reachable, an_employee("E3", email="e3@metrokota.example"))
    reachable.work()
    assert the_notice(reachable, "E3")["status"] == "mailed"


def test_an_order_that_arrives_twice_is_listed_once(reachable: Bench, inbox: Inbox) -> None:
    for event_id in ("one", "one", "two"):
        reachable.receive(a_recall("E1", "E2"), event_id=event_id)
    reachable.receive(a_recall("E1", roster_id="R-3"))
    assert reachable.unfinished() == []
    with reachable.db.transaction() as session:
        rows = session.execute(select(RecallNotice.roster_id, RecallNotice.employee_id)).all()
    assert sorted(tuple(row) for row in rows) == [("R-2", "E1"), ("R-2", "E2"), ("R-3", "E1")]
    recalls = as_head(reachable).get("/api/recalls").json["rows"]
    assert {row["roster_id"]: row["people"] for row in recalls} == {"R-2": 2, "R-3": 1}


def test_a_notice_outlives_its_job(reachable: Bench, inbox: Inbox) -> None:
    reachable.receive(a_recall("E1"))
    prune(reachable.db, reachable.clock.at + KEEP_HANDLED + timedelta(days=1))
    with reachable.db.transaction() as session:
        assert session.scalars(select(JobRow).where(JobRow.kind == "mail_recall")).all() == []
    assert the_notice(reachable)["status"] == "mailed"


@pytest.fixture
def two_recalls(reachable: Bench, inbox: Inbox) -> Bench:
    """A1 calls back E1, who is mailed, and E3, who has no address; A2 calls back F1."""
    reachable.receive(
        a_recall("E1", "E3"),
        a_recall("F1", roster_id="R-9", agency_id="A2", date=FRIDAY, reason="Kunjungan gubernur"),
    )
    return reachable


def test_who_sees_which(two_recalls: Bench) -> None:
    def recalls(client: Client) -> list[str]:
        return [row["roster_id"] for row in client.get("/api/recalls").json["rows"]]

    operator = two_recalls.client(someone("E8", Role.OPERATOR))
    for client in (as_head(two_recalls), operator, two_recalls.client(someone("E8", Role.ACTING_HEAD))):
        assert (sorted(notices(client)), recalls(client)) == (["E1", "E3"], ["R-2"])
    other = as_head(two_recalls, "F9")
    assert (sorted(notices(other)), recalls(other)) == (["F1"], ["R-9"])
    assert notices(other, "?roster_id=R-2") == {}
    for role in (Role.ORGANISATION, Role.IT, Role.AUDITOR):
        client = two_recalls.client(someone("E8", role))
        assert (sorted(notices(client)), recalls(client)) == (["E1", "E3", "F1"], ["R-2", "R-9"])
    for client in (as_asn(two_recalls), as_superior(two_recalls)):
        for path in ("/api/recall-notices", "/api/recalls", "/recalls"):
            assert client.get(path).status_code == 403


def test_notices_are_found_by_status_day_and_order(two_recalls: Bench) -> None:
    auditor = two_recalls.client(someone("E8", Role.AUDITOR))
    assert notices(auditor, "?status=no_address") == {"E3": "no_address"}
    assert notices(auditor, "?status=mailed") == {"E1": "mailed", "F1": "mailed"}
    assert notices(auditor, "?status=waiting") == {}
    assert sorted(notices(auditor, f"?date={NEXT_FRIDAY}")) == ["E1", "E3"]
    assert sorted(notices(auditor, "?roster_id=R-9")) == ["F1"]
    assert auditor.get("/api/recall-notices?status=lost").status_code == 422
    assert [row["roster_id"] for row in auditor.get(f"/api/recalls?date={FRIDAY}").json["rows"]] == ["R-9"]


def test_lists_are_paged(two_recalls: Bench) -> None:
    auditor = two_recalls.client(someone("E8", Role.AUDITOR))
    for path, key, expected in (
        ("/api/recall-notices", "employee_id", ["E1", "E3", "F1"]), ("/api/recalls", "roster_id", ["R-2", "R-9"])
    ):  # fmt: skip
        pages = [auditor.get(f"{path}?page_size=1&page={number}").json for number in range(1, len(expected) + 1)]
        assert [[row[key] for row in each["rows"]] for each in pages] == [[value] for value in expected]
        assert {each["total"] for each in pages} == {len(expected)}


def test_a_page_of_many_names_those_first_who_were_not_told(
    two_recalls: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall_pages, "NAMED", 1)
    html = as_head(two_recalls).get("/recalls", page=True).text
    assert "Halaman ini menyebut 1 nama" in html
    assert f"1 dari 2 {MAILED}" in html
    assert "Pegawai E3" in html
    assert "Pegawai E1" not in html


def test_the_page_names_who_was_not_told_and_why(two_recalls: Bench) -> None:
    html = page(as_head(two_recalls))
    assert "Jumat, 17 April 2026" in html
    assert "Banjir di Metro Pusat" in html
    assert "diperintahkan oleh Dra. Rina Wijaya, M.Si." in html
    told, untold = html.split("Belum diberi tahu")
    assert f"1 dari 2 {MAILED}" in told
    assert "Pegawai E1" in told
    assert "Pegawai E1" not in untold
    assert "Pegawai E3" in untold
    assert "tidak ada alamat e-mail: hubungi langsung" in untold
    assert "Kunjungan gubernur" not in html
    city = page(two_recalls.client(someone("E8", Role.ORGANISATION)))
    assert "Dinas A2" in city
    assert f"1 dari 1 {MAILED}" in city


def test_the_page_escapes_names_reasons_and_the_servers_words(reachable: Bench) -> None:
    know(reachable, an_employee("E1", name="Budi <b>", email="e1@metrokota.example"))
    with mail_server(port(reachable), Inbox(refuse=REFUSAL)):
        reachable.receive(a_recall("E1", reason="Banjir <i>"))
    html = page(as_head(reachable))
    assert f"0 dari 1 {MAILED}" in html
    assert "ditolak server e-mail: hubungi langsung" in html
    for text in ("Budi &lt;b&gt;", "Banjir &lt;i&gt;", "550 5.1.1 Alamat &lt;tidak&gt; dikenal"):
        assert text in html
    assert [tag for tag in ("<b>", "<i>", "<tidak>") if tag in html] == []


def test_the_menu_leads_there_and_the_page_says_when_there_is_nothing(city: Bench) -> None:
    assert 'href="/reporting/recalls"' in page(as_head(city), "/team")
    assert 'href="/reporting/recalls"' not in page(as_superior(city), "/team")
    assert "Belum ada penarikan ke kantor." in page(as_head(city))


def test_many_recalls_are_parted_into_pages(city: Bench) -> None:
    days = [FRIDAY + timedelta(days=number) for number in range(21)]
    city.receive(*(a_recall("E3", roster_id=f"R-{day}", date=day) for day in days))
    first, second = page(as_head(city)), page(as_head(city), "/recalls?page=2")
    assert "Halaman 1 dari 2" in first
    assert (first.count("Belum diberi tahu"), second.count("Belum diberi tahu")) == (20, 1)

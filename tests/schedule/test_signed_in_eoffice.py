"""A head signs in e-office: its webhook, or a look, brings the signed PDF, and the roster is in force by it."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask, Response
from sqlalchemy import select

from deploy.embedded.fakes.eoffice import PASSPHRASE, create_app
from deploy.embedded.fakes.letters import LetterBook
from deploy.embedded.fakes.pdf_signing import TAMPERING, Pen
from deploy.embedded.fakes.webhooks import Target, headers_for
from services.schedule.integrations.eoffice import FILE_LIMIT, EofficeClient, EofficeUnavailable
from services.schedule.letters.actions import REFUSED, SIGNED_IN_VAIN, unsigned_pdf
from services.schedule.models import Letter, Roster
from services.schedule.settings import schedule_settings
from shared.audit import AuditRow
from shared.contracts.schedule import RosterInForceV1
from shared.durable import Context
from shared.storage import sha256
from shared.testing.bench import Bench
from tests.benches import PASSPHRASE as OWN_PASSPHRASE
from tests.benches import WEBHOOK_SECRET
from tests.schedule.factories import head, operator
from tests.schedule.test_life_of_a_roster import approved
from tests.servers import served

NOBODY = Target("http://127.0.0.1:9/", WEBHOOK_SECRET)


@dataclass
class Office:
    """e-office over HTTP; its webhooks are carried to *bench* when a test says so."""

    bench: Bench
    url: str
    book: LetterBook

    def carry(self, **changes: Any) -> None:
        """Deliver the webhooks that wait, with *changes* to their data, and do what follows from them."""
        while self.book.pending:
            delivery = self.book.pending.pop(0)
            body = json.loads(delivery.body)
            body["data"] |= changes
            self.send(json.dumps(body), delivery.id)
        self.bench.work()

    def send(self, body: str, webhook_id: str) -> str:
        headers = headers_for(WEBHOOK_SECRET, webhook_id, body, datetime.now(UTC))
        answer = self.bench.client().post("/webhooks/eoffice", data=body.encode(), headers=headers)
        assert answer.status_code == 202, answer.text
        return str(answer.json["status"])

    def sign(self, fault: str = "none") -> None:
        requests.post(f"{self.url}/_fake/faults", json={"mode": fault, "count": 1}, timeout=5)
        form = {"nip": "1", "nama": "Kepala A1", "idsurat": str(self.letter.eoffice_id), "passphrase": PASSPHRASE}
        answer = requests.post(f"{self.url}/suratnew/tandatangan", data=form, timeout=5)
        assert answer.status_code == 200, answer.text

    @property
    def letter(self) -> Letter:
        with self.bench.db.transaction() as session:
            return session.scalars(select(Letter)).one()

    @property
    def roster(self) -> Roster:
        with self.bench.db.transaction() as session:
            return session.scalars(select(Roster)).one()

    @property
    def audited(self) -> list[tuple[str, str]]:
        with self.bench.db.transaction() as session:
            rows = session.execute(select(AuditRow.actor, AuditRow.action).order_by(AuditRow.id)).all()
            return [(actor, action) for actor, action in rows if actor == "e-office"]


@pytest.fixture
def office(bench: Bench, tmp_path: Path) -> Iterator[Office]:
    """A letter that e-office has numbered and that waits for its signature, here or there."""
    book = LetterBook(tmp_path / "surat", delay=0.0)
    with served(create_app(book, NOBODY)) as url:
        settings = replace(schedule_settings(bench.settings), eoffice_url=url)
        context = Context(settings, bench.clock, bench.context.storage)
        app = bench.service.create_app(context, bench.db)
        app.extensions["luwes.keys"] = bench.app.extensions["luwes.keys"]
        own = replace(bench, settings=settings, context=context, app=app)
        approved(own)
        own.work()
        book.number_due(float("inf"))
        found = Office(own, url, book)
        found.carry()
        assert found.letter.status == "numbered"
        yield found


def test_a_letter_signed_in_eoffice_puts_its_roster_in_force(office: Office) -> None:
    bench = office.bench
    assert bench.emitted(RosterInForceV1) == []
    office.sign()
    office.carry()
    letter = office.letter
    assert (letter.status, office.roster.status, letter.certificate_name) == ("signed", "in_force", "Kepala A1")
    pdf = bench.client(head()).get(f"/api/letters/{letter.id}/pdf").data
    assert pdf == office.book.file_of(office.book.get(str(letter.eoffice_id))).read_bytes()
    [event] = bench.emitted(RosterInForceV1)
    assert (event["letter"]["sha256"], event["letter"]["number"]) == (sha256(pdf), letter.number)
    assert office.audited == [("e-office", "sign_letter")]
    assert bench.unfinished() == []


def test_the_same_file_twice_by_whatever_webhook_has_one_effect(office: Office) -> None:
    office.sign()
    body = office.book.pending[0].body
    office.carry()
    assert office.send(body, "another") == "accepted"
    office.bench.work()
    assert len(office.bench.emitted(RosterInForceV1)) == 1
    assert office.audited == [("e-office", "sign_letter")]


def test_the_pdf_may_come_along_in_base64(office: Office) -> None:
    office.sign()
    signed = office.book.file_of(office.book.get(str(office.letter.eoffice_id))).read_bytes()
    office.carry(file=base64.b64encode(signed).decode(), filepath="http://elsewhere.example/surat.pdf")
    assert (office.letter.status, office.letter.signed_sha256) == ("signed", sha256(signed))


@pytest.mark.parametrize("tampering", TAMPERING)
def test_a_signed_file_that_differs_is_refused_in_sight_and_the_letter_can_still_be_signed(
    office: Office, tampering: str
) -> None:
    office.sign(tampering)
    office.carry()
    letter = office.letter
    assert (letter.status, letter.signed_key, office.roster.status) == ("numbered", None, "approved")
    assert office.bench.emitted(RosterInForceV1) == []
    assert REFUSED in office.bench.client(operator()).get(f"/letters/{letter.id}", page=True).text
    assert office.audited == [("e-office", "refuse_signed_letter")]
    assert office.bench.unfinished() == []
    answer = office.bench.client(head()).post(f"/api/letters/{letter.id}/sign", json={"passphrase": OWN_PASSPHRASE})
    assert (answer.status_code, answer.json["note"]) == (200, None)


def test_the_draft_without_its_number_signed_is_refused(office: Office) -> None:
    draft = office.letter
    draft.number = draft.letter_date = None
    signed = Pen().sign(unsigned_pdf(draft, schedule_settings(office.bench.settings)), "Kepala A1", "")
    office.sign()
    office.carry(file=base64.b64encode(signed).decode())
    assert (office.letter.status, office.roster.status) == ("numbered", "approved")
    assert REFUSED in str(office.letter.note)


def test_what_the_head_reads_here_is_the_file_that_eoffice_has_byte_for_byte(office: Office) -> None:
    there = requests.get(f"{office.url}/suratnew/berkas/{office.letter.eoffice_id}", timeout=5).content
    office.bench.clock.at += timedelta(days=1)
    assert office.bench.client(head()).get(f"/api/letters/{office.letter.id}/draft").data == there


def test_a_withdrawn_letter_signed_nevertheless_is_kept_and_nothing_is_in_force(office: Office) -> None:
    client, roster_id = office.bench.client(head()), office.roster.id
    office.sign()
    assert client.post(f"/api/rosters/{roster_id}/reject", json={"note": "Ada mutasi."}).status_code == 200
    office.carry()
    letter = office.letter
    assert (letter.status, office.roster.status) == ("returned", "rejected")
    assert office.bench.emitted(RosterInForceV1) == []
    late = {"referensi": str(letter.id), "catatan": "Dikembalikan."}
    office.send(json.dumps({"type": "surat.dikembalikan", "timestamp": "2026-04-10T05:00:00Z", "data": late}), "late")
    office.bench.work()
    assert office.letter.note == f"Ada mutasi. {SIGNED_IN_VAIN}"
    operators = office.bench.client(operator())
    assert SIGNED_IN_VAIN in operators.get(f"/letters/{letter.id}", page=True).text
    assert SIGNED_IN_VAIN in operators.get("/letters", page=True).text
    assert sha256(operators.get(f"/api/letters/{letter.id}/pdf").data) == letter.signed_sha256
    shown = office.bench.client().get(f"/api/verify/{letter.verification_code}").json
    assert (shown["standing"], shown["sha256"]) == ("withdrawn", letter.signed_sha256)


def test_a_letter_signed_when_all_its_days_are_over_sends_the_roster_back(office: Office) -> None:
    office.sign()
    office.bench.clock.at += timedelta(days=40)
    office.carry()
    assert (office.letter.status, office.roster.status) == ("returned", "rejected")
    assert SIGNED_IN_VAIN in str(office.letter.note)
    assert "sudah lewat" in str(office.roster.note)
    assert office.letter.signed_key is not None
    assert office.bench.emitted(RosterInForceV1) == []


def test_a_signature_whose_webhook_was_lost_is_found(office: Office) -> None:
    office.sign()
    office.book.pending.clear()
    office.bench.clock.at += timedelta(hours=2)
    office.bench.work()
    assert (office.letter.status, office.roster.status) == ("signed", "in_force")
    assert office.bench.unfinished() == []


def test_a_letter_signed_here_is_looked_at_no_more_and_its_echo_changes_nothing(office: Office) -> None:
    letter = office.letter
    body = {"passphrase": OWN_PASSPHRASE}
    assert office.bench.client(head()).post(f"/api/letters/{letter.id}/sign", json=body).status_code == 200
    office.bench.work()
    assert json.loads(office.book.pending[0].body)["type"] == "surat.ditandatangani"
    office.carry()
    assert len(office.bench.emitted(RosterInForceV1)) == 1
    assert office.audited == []
    assert office.bench.unfinished() == []


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/surat.pdf",
        "https://169.254.169.254/latest/meta-data",
        "http://eoffice@127.0.0.1:1/surat.pdf",
        "file:///etc/passwd",
        "//elsewhere.example/surat.pdf\\@",
    ],
)
def test_a_file_is_fetched_from_eoffices_own_address_only(office: Office, address: str) -> None:
    office.sign()
    office.carry(filepath=address)
    assert (office.letter.status, office.roster.status) == ("numbered", "approved")
    [(kind, _status, error)] = office.bench.unfinished()
    assert kind == "letter_signed"
    assert error is not None
    assert "ValueError" in error or "BadUrl" in error


def test_what_eoffice_gives_is_bounded_in_size_and_time_and_leads_nowhere_else() -> None:
    app = Flask("endless")

    @app.get("/large")
    def large() -> Response:
        return Response(iter([b"x" * 1_000_000] * (FILE_LIMIT // 1_000_000 + 2)))

    @app.get("/slow")
    def slow() -> Response:
        def drip() -> Iterator[bytes]:
            for _ in range(100):
                yield b"x"
                time.sleep(0.05)

        return Response(drip())

    @app.get("/elsewhere")
    def elsewhere() -> Response:
        return Response(status=302, headers={"Location": "/large"})

    with served(app) as url:
        client = EofficeClient(url, 0.5)
        for path, words in (("large", "more than"), ("slow", "in time"), ("elsewhere", "302")):
            with pytest.raises(EofficeUnavailable, match=words):
                client.fetch(client.address_of(path))

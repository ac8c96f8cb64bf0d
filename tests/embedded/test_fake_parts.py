"""Parts that both fakes share, without a process."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from flask import Flask
from standardwebhooks import Webhook

from deploy.embedded.fakes.faults import Fault, Faults
from deploy.embedded.fakes.serving import settings
from deploy.embedded.fakes.smtp import safe_subject
from deploy.embedded.fakes.webhooks import Deliverer, Delivery, Target, event_body, headers_for, wait_after

from .receiver import SECRET, Receiver, until


def test_a_signature_verifies_over_the_exact_bytes() -> None:
    body = event_body("surat.dinomori", {"perihal": "Évaluasi “dua bulan”"})
    headers = headers_for(SECRET, "msg_1", body, datetime.now(UTC))
    assert Webhook(SECRET).verify(body.encode(), headers)["data"]["perihal"] == "Évaluasi “dua bulan”"


def test_a_secret_that_cannot_sign_stops_the_start() -> None:
    with pytest.raises(Exception, match="empty"):
        Target("http://127.0.0.1/", "whsec_")


def test_waits_double_up_to_ten_seconds() -> None:
    assert [wait_after(attempts) for attempts in range(1, 8)] == [0.5, 1, 2, 4, 8, 10, 10]


def test_one_letter_that_is_refused_holds_up_its_own_webhooks_only(receiver: Receiver) -> None:
    receiver.answers = [500]
    pending = [Delivery(key, event_body(key, {"n": n})) for key, n in (("a", 1), ("a", 2), ("b", 3))]
    deliverer = Deliverer(Target(receiver.url, SECRET), pending, threading.RLock(), lambda: None)
    deliverer.start()
    until(lambda: not pending or None)
    deliverer.stop()
    deliverer.join()
    assert [each.body["data"]["n"] for each in receiver.received] == [1, 3, 1, 2]


def test_a_count_of_faults_runs_out() -> None:
    faults = Faults()
    faults.set(Fault("down", count=2))
    assert [faults.take().mode for _ in range(3)] == ["down", "down", "none"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"mode": "x"},
        {"mode": "slow", "seconds": "lama"},
        {"mode": "down", "count": -1},
        {"mode": "slow", "seconds": 1e9},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(body: dict[str, object]) -> None:
    app = Flask("contoh")
    Faults().install(app)
    assert app.test_client().post("/_fake/faults", json=body).status_code == 400


def test_missing_settings_are_all_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_B", "ada")
    with pytest.raises(SystemExit, match="missing: FAKE_A, FAKE_C"):
        settings(("FAKE_A", "FAKE_B", "FAKE_C"))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"Subject: ../../etc/passwd\r\n\r\nx", "etc-passwd"),
        (b"Subject: =?utf-8?q?Laporan_=E2=80=93_April?=\r\n\r\nx", "Laporan-April"),
        (b"From: a@b.example\r\n\r\nSubject: bukan\r\n", "tanpa-perihal"),
        (b"Subject: " + b"panjang " * 40 + b"\r\n\r\n", ("panjang-" * 40)[:60]),
    ],
)
def test_a_subject_becomes_a_harmless_file_name(content: bytes, name: str) -> None:
    assert safe_subject(content) == name

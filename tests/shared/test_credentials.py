"""How callers show who they are: each kind of credential, what it refuses, and changing one without a gap."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.testing.bench import Bench
from shared.webhooks.credentials import NotVerified, check, read_credential
from shared.webhooks.gather import Gather
from shared.webhooks.rate import Window
from shared.webhooks.signing import signed_headers
from tests.benches import WEBHOOK_SECRET

OLD, NEW = WEBHOOK_SECRET, "whsec_" + "YW5vdGhlci1zZWNyZXQtZm9yLXJvdGF0aW9u"
BODY = json.dumps({"type": "pegawai.pensiun_dini", "timestamp": "2026-04-08T01:00:00Z", "data": {"id": "1"}}).encode()
KEY = Ed25519PrivateKey.generate()
PUBLIC = "whpk_" + base64.b64encode(KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
API_KEY = "kunci-milik-absensi"
FROM_NETWORK = f"whkey_{sha256(API_KEY.encode()).hexdigest()}@10.20.0.0/16+127.0.0.1/32"


def signed_by_key(body: bytes = BODY, *, at: timedelta = timedelta(), key: Ed25519PrivateKey = KEY) -> dict[str, str]:
    stamp = str(int((datetime.now(UTC) + at).timestamp()))
    signature = base64.b64encode(key.sign(f"w1.{stamp}.".encode() + body)).decode()
    return {"webhook-id": "w1", "webhook-timestamp": stamp, "webhook-signature": f"v1,AAAA v1a,{signature}"}


def test_a_public_key_accepts_what_its_private_key_signed() -> None:
    assert check([read_credential(PUBLIC)], BODY, signed_by_key(), "198.51.100.7") == "w1"


# Headers are made when the test runs: a signature is good for five minutes only, and one made early becomes good.
REFUSED: list[tuple[str, bytes, Callable[[], dict[str, str]]]] = [
    ("body changed", BODY + b" ", signed_by_key),
    ("another key", BODY, lambda: signed_by_key(key=Ed25519PrivateKey.generate())),
    ("late", BODY, lambda: signed_by_key(at=timedelta(minutes=-6))),
    ("early", BODY, lambda: signed_by_key(at=timedelta(minutes=6))),
    ("no base64", BODY, lambda: {**signed_by_key(), "webhook-signature": "v1a,***"}),
    ("no number", BODY, lambda: {**signed_by_key(), "webhook-timestamp": "soon"}),
    ("nothing signed", BODY, dict),
]


@pytest.mark.parametrize(("case", "body", "head"), REFUSED, ids=[case[0] for case in REFUSED])
def test_a_public_key_refuses_everything_else(case: str, body: bytes, head: Callable[[], dict[str, str]]) -> None:
    with pytest.raises(NotVerified):
        check([read_credential(PUBLIC)], body, head(), "198.51.100.7")


def test_a_system_that_cannot_sign_shows_its_key_from_its_network() -> None:
    credential = read_credential(FROM_NETWORK)
    assert check([credential], BODY, {"x-api-key": API_KEY, "webhook-id": "n7"}, "10.20.3.4") == "n7"
    assert check([credential], BODY, {"x-api-key": API_KEY}, "127.0.0.1") == sha256(BODY).hexdigest()


@pytest.mark.parametrize(
    ("key", "sender"), [(API_KEY, "10.21.0.1"), ("guessed", "10.20.0.1"), ("", "10.20.0.1"), (API_KEY, "")]
)
def test_a_key_is_refused_from_elsewhere_and_a_wrong_one_from_anywhere(key: str, sender: str) -> None:
    with pytest.raises(NotVerified):
        check([read_credential(FROM_NETWORK)], BODY, {"x-api-key": key}, sender)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hunter2",
        "whsec_***",
        "whsec_AAAA",
        "whpk_AAAA",
        "whkey_abc@10.0.0.0/8",
        f"whkey_{'a' * 64}",
        FROM_NETWORK + "+x",
    ],
)
def test_a_malformed_credential_is_refused_at_the_start_without_being_shown(text: str) -> None:
    with pytest.raises(ValueError, match="credential") as refusal:
        read_credential(text)
    assert "rahasia" not in str(refusal.value)


def test_a_source_changes_its_secret_without_a_gap(bench: Bench) -> None:
    """Ours accepts both first; the sender changes; ours drops the old one. At no time is a webhook refused."""
    steps = [([OLD], OLD, 202), ([NEW, OLD], OLD, 202), ([NEW, OLD], NEW, 202), ([NEW], NEW, 202), ([NEW], OLD, 401)]
    for number, (accepted, signing, status) in enumerate(steps):
        settings = replace(bench.settings, webhook_secrets={"simpeg": accepted})
        app = bench.service.create_app(replace(bench.context, settings=settings), bench.db)
        headers = signed_headers(BODY, f"w{number}", datetime.now(UTC), [signing])
        assert app.test_client().post("/webhooks/simpeg", data=BODY, headers=headers).status_code == status


def test_a_source_that_sends_too_fast_is_told_when_to_come_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.webhooks.rate.time.monotonic", lambda: 0.0)
    settings = replace(bench.settings, webhook_rate=3)
    client = bench.service.create_app(replace(bench.context, settings=settings), bench.db).test_client()
    statuses = []
    for number in range(5):
        headers = signed_headers(BODY, f"w{number}", datetime.now(UTC), [WEBHOOK_SECRET])
        answer = client.post("/webhooks/simpeg", data=BODY, headers=headers)
        statuses.append(answer.status_code)
    assert statuses == [202, 202, 202, 429, 429]
    assert answer.headers["Retry-After"].isdigit()
    assert answer.json
    assert answer.json["code"] == "too_many_requests"
    headers = signed_headers(BODY, "other", datetime.now(UTC), [WEBHOOK_SECRET])
    assert client.post("/webhooks/eoffice", data=BODY, headers=headers).status_code == 202, "each source for itself"


def test_a_forger_is_stopped_and_uses_up_nobodys_rate(bench: Bench) -> None:
    client = bench.service.create_app(bench.context, bench.db).test_client()
    statuses = [client.post("/webhooks/simpeg", data=BODY).status_code for _ in range(32)]
    assert statuses == [401] * 30 + [429] * 2
    headers = signed_headers(BODY, "w1", datetime.now(UTC), [WEBHOOK_SECRET])
    answer = client.post("/webhooks/simpeg", data=BODY, headers=headers)
    assert answer.status_code == 202, "from the same address: a proxy has one for all"


def test_the_sender_is_who_our_own_proxy_names(bench: Bench) -> None:
    """X-Forwarded-For is believed as far as our own proxies reach, and not at all when none is configured."""
    for proxies, forwarded, status in (
        (0, "10.20.0.1", 401),
        (1, "203.0.113.5, 10.20.0.1", 202),
        (1, "10.20.0.1, 203.0.113.5", 401),
    ):
        settings = replace(bench.settings, webhook_secrets={"simpeg": [FROM_NETWORK]}, trusted_proxies=proxies)
        client = bench.service.create_app(replace(bench.context, settings=settings), bench.db).test_client()
        headers = {"x-api-key": API_KEY, "X-Forwarded-For": forwarded}
        answer = client.post("/webhooks/simpeg", data=BODY, headers=headers, environ_base={"REMOTE_ADDR": "192.0.2.1"})
        assert answer.status_code == status, forwarded


def test_what_comes_while_another_is_written_is_written_together() -> None:
    started, go_on, written = threading.Event(), threading.Event(), []

    def write(items: Sequence[int]) -> list[bool]:
        written.append(sorted(items))
        started.set()
        assert go_on.wait(10)
        return [item % 2 == 0 for item in items]

    gather, outcomes = Gather(write), {}

    def keep(item: int) -> None:
        outcomes[item] = gather.keep(item)

    threads = [threading.Thread(target=keep, args=(0,))]
    threads[0].start()
    assert started.wait(10)
    threads += [threading.Thread(target=keep, args=(item,)) for item in (1, 2, 3)]
    for thread in threads[1:]:
        thread.start()
    while gather.waiting < 3:
        started.wait(0.01)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert written == [[0], [1, 2, 3]]
    assert outcomes == {0: True, 1: False, 2: True, 3: False}


def test_what_could_not_be_written_is_refused_to_everyone_it_was_written_for() -> None:
    def write(items: Sequence[int]) -> list[bool]:
        raise OSError("disk full")

    gather = Gather(write)
    for item in range(2):
        with pytest.raises(OSError, match="disk full"):
            gather.keep(item)


def test_a_window_counts_each_key_for_itself_and_begins_anew() -> None:
    now = [0.0]
    window = Window(2, 60.0, clock=lambda: now[0])
    assert [window.admits("a") for _ in range(3)] == [True, True, False]
    assert window.admits("b")
    now[0] = 60.0
    assert window.admits("a")

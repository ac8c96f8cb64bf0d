"""The fake SIMPEG demands what SIASN demands, and its webhooks are signed."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from deploy.embedded.city import City
from deploy.embedded.fakes.simpeg import create_app
from deploy.embedded.fakes.webhooks import Target

from .conftest import Fake, Serve, Start
from .receiver import SECRET, Receiver

DATA = "/apisiasn/1.0/pns/data-utama/"
UNOR = "/apisiasn/1.0/referensi/ref-unor"
SSO = "/auth/realms/public-siasn/protocol/openid-connect/token"
LOGIN = {"grant_type": "password", "client_id": "luwes", "username": "luwes", "password": "rahasia"}


@pytest.fixture
def simpeg(serve: Serve, small_dir: Path, receiver: Receiver) -> Fake:
    return serve(create_app(small_dir, Target(receiver.url, SECRET)))


def _headers(simpeg: Fake) -> dict[str, str]:
    wso2 = requests.post(
        f"{simpeg.url}/oauth2/token", auth=("luwes", "rahasia"), data={"grant_type": "client_credentials"}, timeout=5
    )
    sso = requests.post(simpeg.url + SSO, data=LOGIN, timeout=5)
    return {
        "Authorization": f"Bearer {wso2.json()['access_token']}",
        "Auth": f"bearer {sso.json()['access_token']}",
    }


def _get(simpeg: Fake, path: str, headers: dict[str, str]) -> requests.Response:
    return requests.get(simpeg.url + path, headers=headers, timeout=5)


def test_both_tokens_are_demanded_and_the_data_are_the_citys(simpeg: Fake, small: City) -> None:
    headers, nip = _headers(simpeg), small.people[0].nip
    for left_out in headers:
        some = {name: value for name, value in headers.items() if name != left_out}
        assert _get(simpeg, DATA + nip, some).status_code == 401
    swapped = {"Authorization": headers["Auth"], "Auth": headers["Authorization"]}
    assert _get(simpeg, DATA + nip, swapped).status_code == 401

    answer = _get(simpeg, DATA + nip, headers).json()
    assert answer["data"]["nipBaru"] == nip
    assert answer["data"]["jabatanNama"] == "Sekretaris Daerah"
    units = _get(simpeg, UNOR, headers).json()["data"]
    assert {unit["Id"] for unit in units} == set(small.unit_by_id)
    assert _get(simpeg, DATA + "199001012020011001", headers).status_code == 404

    assert simpeg.post("/_fake/expire-tokens", {}).status_code == 200
    assert _get(simpeg, UNOR, headers).status_code == 401


def test_wrong_credentials_get_no_token(simpeg: Fake) -> None:
    grant = {"grant_type": "client_credentials"}
    answer = requests.post(f"{simpeg.url}/oauth2/token", auth=("luwes", "salah"), data=grant, timeout=5)
    assert answer.status_code == 401
    assert requests.post(simpeg.url + SSO, data=LOGIN | {"password": "salah"}, timeout=5).status_code == 401
    assert requests.post(simpeg.url + SSO, data=LOGIN | {"grant_type": "x"}, timeout=5).status_code == 400


def test_a_change_is_sent_whole_signed_and_agrees_with_a_later_pull(
    simpeg: Fake, small: City, receiver: Receiver
) -> None:
    receiver.answers = [500, 302]
    nip = small.people[5].nip
    answer = simpeg.post("/_fake/events", {"type": "pegawai.diubah", "data": {"nipBaru": nip, "noHp": "081000000001"}})
    assert (answer.status_code, answer.json()["status"], answer.json()["attempts"]) == (200, 202, 3)
    assert len({each.webhook_id for each in receiver.received}) == 1
    sent = receiver.received[-1].body["data"]
    assert (sent["noHp"], sent["jabatanNama"]) == ("081000000001", small.people[5].post)
    assert _get(simpeg, DATA + nip, _headers(simpeg)).json()["data"]["noHp"] == "081000000001"


def test_retirement_units_raw_and_unknown_events(simpeg: Fake, small: City, receiver: Receiver) -> None:
    nip, unit = small.people[6].nip, small.units[3]
    gone = simpeg.post("/_fake/events", {"type": "pegawai.berhenti", "data": {"nipBaru": nip}}).json()
    assert gone["data"]["kedudukanPnsId"] == "99"
    renamed = {"type": "unor.diubah", "data": {"Id": unit.id, "NamaUnor": "Bagian Baru"}}
    assert simpeg.post("/_fake/events", renamed).json()["data"]["DiatasanId"] == unit.parent_id
    raw = {"type": "pegawai.aneh", "data": {"apa": "saja"}, "raw": True, "id": "msg_tetap"}
    assert simpeg.post("/_fake/events", raw).json()["id"] == "msg_tetap"
    assert receiver.received[-1].body["data"] == {"apa": "saja"}
    assert simpeg.post("/_fake/events", raw | {"raw": False}).status_code == 400
    assert simpeg.post("/_fake/events", {"type": "pegawai.diubah", "data": {"nama": "X"}}).status_code == 400


def test_a_rating_needs_all_its_fields(simpeg: Fake) -> None:
    path, headers = f"{simpeg.url}/apisiasn/1.0/kinerjaperiodik/save", _headers(simpeg)
    rating = dict.fromkeys(
        ("bulanMulaiPenilaian", "bulanSelesaiPenilaian", "tahunMulaiPenilaian", "tahunSelesaiPenilaian", "tahun",
         "periodikId", "hasilKinerjaNilai", "perilakuKerjaNilai", "kuadranKinerjaNilai", "pnsDinilaiId"), "2",
    )  # fmt: skip
    assert requests.post(path, json=rating, headers=headers, timeout=5).json()["success"] is True
    del rating["kuadranKinerjaNilai"]
    refused = requests.post(path, json=rating, headers=headers, timeout=5)
    assert refused.status_code == 400
    assert "kuadranKinerjaNilai" in refused.json()["message"]
    assert len(simpeg.get("/_fake/ratings").json()) == 1


def test_it_can_be_down_slow_or_wrong(simpeg: Fake) -> None:
    headers = _headers(simpeg)
    simpeg.post("/_fake/faults", {"mode": "down", "count": 2})
    assert [_get(simpeg, UNOR, headers).status_code for _ in range(3)] == [503, 503, 200]
    simpeg.post("/_fake/faults", {"mode": "slow", "seconds": 0.4, "count": 1})
    assert _get(simpeg, UNOR, headers).elapsed.total_seconds() >= 0.4
    simpeg.post("/_fake/faults", {"mode": "wrong"})
    for _ in range(3):
        assert "data" not in _get(simpeg, UNOR, headers).json()
    simpeg.post("/_fake/faults", {"mode": "none"})
    assert _get(simpeg, UNOR, headers).status_code == 200
    assert simpeg.post("/_fake/faults", {"mode": "kaput"}).status_code == 400


def test_as_a_process_it_starts_and_ends_cleanly(start: Start, small_dir: Path, receiver: Receiver) -> None:
    simpeg = start("simpeg", FAKE_SIMPEG_DATA=small_dir, FAKE_SIMPEG_WEBHOOK_URL=receiver.url)
    assert simpeg.get("/_fake/health").json() == {"service": "simpeg", "status": "ok"}
    assert _get(simpeg, UNOR, _headers(simpeg)).status_code == 200
    assert simpeg.stop() == 0

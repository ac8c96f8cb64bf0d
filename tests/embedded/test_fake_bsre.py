"""The fake BSrE as a process: who gets in, and its switches. Its answers: tests/schedule/test_bsre.py."""

from __future__ import annotations

import requests

from .conftest import Start


def test_it_answers_to_its_account_only_and_stops_when_told(start: Start) -> None:
    bsre = start("bsre")
    path = f"{bsre.url}/api/user/status/1872010101800001"
    assert requests.get(path, timeout=5).status_code == 401
    assert requests.get(path, auth=("luwes", "rahasia"), timeout=5).json()["status_code"] == 1111
    assert bsre.stop() == 0


def test_people_can_be_added_and_its_own_faults_are_known(start: Start) -> None:
    bsre = start("bsre")
    person = {"nik": "1872010101990001", "email": "baru@metro.example", "name": "Baru", "status": "SUSPEND"}
    assert bsre.post("/_fake/people", person).status_code == 200
    found = requests.post(
        f"{bsre.url}/api/v2/user/check/status", json={"nik": person["nik"]}, auth=("luwes", "rahasia"), timeout=5
    )
    assert found.json()["status"] == "SUSPEND"
    assert bsre.post("/_fake/faults", {"mode": "painted_over"}).status_code == 200
    assert bsre.post("/_fake/faults", {"mode": "terbakar"}).status_code == 400

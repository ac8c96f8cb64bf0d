"""A one-time code (TOTP) in place of the passphrase, where BSrE's API v2 signs."""

from __future__ import annotations

from typing import Any

import pytest
import structlog

from deploy.embedded.fakes.bsre import PASSPHRASE, TOTP
from shared.testing.bench import Bench
from tests.schedule.bsre import FakeBsre, configured, text_of
from tests.schedule.factories import head
from tests.schedule.test_bsre import SIGNER, bsre, everything_in, server
from tests.schedule.test_life_of_a_roster import Eoffice, eoffice, numbered, the_letter

__all__ = ["bsre", "eoffice", "server"]


@pytest.mark.parametrize("path", ["api", "page"])
def test_a_one_time_code_stands_in_for_the_passphrase_with_v2_and_is_kept_nowhere(
    bench: Bench, eoffice: Eoffice, bsre: FakeBsre, path: str
) -> None:
    letter = numbered(bench, eoffice)
    client = bench.client(head())

    def send(**body: str) -> Any:
        if path == "api":
            return client.post(f"/api/letters/{letter.id}/sign", json={"nik": SIGNER.nik, **body})
        return client.post(f"/letters/{letter.id}/sign", data={"nik": SIGNER.nik, **body}, page=True)

    with configured(bench, bsre=bsre.access("v2")) as settings, structlog.testing.capture_logs() as logged:
        assert 'name="totp"' in client.get(f"/letters/{letter.id}", page=True).text
        for body, words in (
            ({"totp": "135790"}, "Kode sekali pakai salah"),
            ({"totp": "24681x"}, "6 sampai 8 angka"),
            ({"totp": TOTP, "passphrase": PASSPHRASE}, "Isi salah satu saja"),
            ({}, "Wajib diisi"),
        ):
            refused = send(**body)
            assert (refused.status_code, words in refused.text) == (422, True), body
        assert send(totp=TOTP).status_code == (200 if path == "api" else 302)
        bench.work()
    assert the_letter(bench).status == "signed"
    assert TOTP.encode() not in everything_in(bench) + text_of(settings.storage_dir) + str(logged).encode()


def test_a_signer_that_knows_no_one_time_codes_asks_for_the_passphrase(
    bench: Bench, eoffice: Eoffice, bsre: FakeBsre
) -> None:
    letter = numbered(bench, eoffice)
    body = {"totp": TOTP, "nik": SIGNER.nik}
    for changes in ({"bsre": bsre.access("v1")}, {}):
        with configured(bench, **changes):
            answer = bench.client(head()).post(f"/api/letters/{letter.id}/sign", json=body)
            page = bench.client(head()).get(f"/letters/{letter.id}", page=True).text
        assert (answer.status_code, answer.json["code"]) == (422, "passphrase_required")
        assert 'name="totp"' not in page
    assert the_letter(bench).status == "numbered"

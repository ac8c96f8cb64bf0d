"""Signing by the local signer: what several heads do in the same moment."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pyhanko.sign import signers

from services.schedule.integrations.signer import WrongPassphrase, make_development_key, sign_locally
from shared.testing.city import NOON

HEADS = 4


def test_heads_who_sign_in_the_same_moment_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The signing library is not safe among threads when its classes are set up at first use."""
    inside, most = 0, 0
    count = threading.Lock()

    def slow_load(*_args: Any, **_options: Any) -> None:
        nonlocal inside, most
        with count:
            inside += 1
            most = max(most, inside)
        time.sleep(0.02)  # long enough for the others to come in, if they could
        with count:
            inside -= 1

    monkeypatch.setattr(signers.SimpleSigner, "load_pkcs12_data", slow_load)
    key = tmp_path / "key.p12"
    make_development_key(key, "x", organisation="Kota Uji", now=NOON)
    together = threading.Barrier(HEADS)

    def sign(_: int) -> bool:
        together.wait()
        with pytest.raises(WrongPassphrase):  # what a signer that could not be loaded means
            sign_locally(b"%PDF", key, "x", name="Kepala", reason="Surat Tugas", location="Metro")
        return True

    with ThreadPoolExecutor(HEADS) as pool:
        assert all(pool.map(sign, range(HEADS)))
    assert most == 1

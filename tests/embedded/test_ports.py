"""Two installations do not get in each other's way unnoticed."""

from __future__ import annotations

import socket
from pathlib import Path

import click
import pytest

from deploy.embedded.control import refuse_taken_ports, start
from tests.servers import free_home


@pytest.mark.parametrize("offset", [0, 102], ids=["origin", "e-office"])
def test_a_port_that_is_in_use_is_named_before_anything_is_made(tmp_path: Path, offset: int) -> None:
    home = free_home(tmp_path / "home")
    taken = home.port + offset
    with socket.socket() as other:
        other.bind(("127.0.0.1", taken))
        other.listen()
        with pytest.raises(click.ClickException, match=f"port {taken} is in use"):
            start(home)
        assert not home.folder.exists()
    refuse_taken_ports(home)  # free again

"""A roster as its head approved it: kept as a file, whose SHA-256 its letter prints."""

from __future__ import annotations

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.models import Letter, Roster
from services.schedule.rosters.save import snapshot
from shared.errors import DomainError, NotFound
from shared.storage import Storage, sha256

log = structlog.get_logger()


class SnapshotDiffers(DomainError):
    """What is stored of an approved roster is no longer what was approved."""

    status, code = 409, "roster_snapshot_differs"

    def __init__(self) -> None:
        super().__init__(
            "Data jadwal ini tidak lagi sama dengan yang disetujui kepala: sidik datanya (SHA-256) berbeda dari yang "
            "tercetak pada Surat Tugas. Jadwal tidak diberlakukan atau ditampilkan; hubungi petugas TI."
        )


def freeze(session: Session, storage: Storage, roster: Roster) -> None:
    """Keep the roster as it is approved, and its hash."""
    body, roster.sha256 = snapshot(session, roster)
    storage.put(_key(roster), body)


def frozen(session: Session, storage: Storage, roster: Roster) -> bytes:
    """The roster as approved, canonical JSON.

    Raises NotFound before approval, SnapshotDiffers when file, rows or the hash printed in the letter are others.
    """
    if roster.sha256 is None:
        raise NotFound("Jadwal ini belum disetujui.")
    try:
        body = storage.get(_key(roster))
    except NotFound:
        body = b""
    printed = session.scalar(
        select(Letter.content["data_sha256"].as_string()).where(Letter.roster_id == roster.id)
    )  # letters from before it was printed have none
    found = {"file": sha256(body), "rows": snapshot(session, roster)[1], "letter": printed or roster.sha256}
    differing = sorted(name for name, digest in found.items() if digest != roster.sha256)
    if differing:
        log.error("roster_snapshot_differs", roster=str(roster.id), in_=differing)
        raise SnapshotDiffers
    return body


def require_frozen(session: Session, storage: Storage, roster: Roster) -> None:
    """As :func:`frozen` for a roster that was approved; one that was not has nothing to differ from."""
    if roster.sha256 is not None:
        frozen(session, storage, roster)


def _key(roster: Roster) -> str:
    return f"rosters/{roster.id}/{roster.sha256}.json"

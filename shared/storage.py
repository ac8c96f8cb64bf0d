"""Files kept by key and by content hash: photos, letters, packs."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from shared.errors import NotFound


class Storage(Protocol):
    """Keeps bytes under a key; writing the same key again replaces it."""

    def put(self, key: str, content: bytes) -> None: ...

    def get(self, key: str) -> bytes: ...


@dataclass(frozen=True)
class FolderStorage:
    """Files below one folder; keys are relative paths made by the program, never by a user."""

    root: Path

    def put(self, key: str, content: bytes) -> None:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_name(f".{path.name}.{os.getpid()}")
        with scratch.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # a row may name this file only after it is really on disk
        scratch.replace(path)

    def get(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise NotFound("Berkas tidak ditemukan di penyimpanan.") from None

    def _path(self, key: str) -> Path:
        path = (self.root / key).resolve()
        if not path.is_relative_to(self.root.resolve()):
            raise ValueError(f"key leaves the storage folder: {key!r}")
        return path


def sha256(content: bytes) -> str:
    """Hex digest used wherever a file is named by its content."""
    return hashlib.sha256(content).hexdigest()

"""The e-office's letter book: letters, their numbers, their PDFs and the webhooks still to be taken, kept on disk.

A change and the webhook it causes are written in one file, before anybody is answered, so a restart goes on where it
was.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from .webhooks import Delivery, event_body

WAITING, NUMBERED, SIGNED, RETURNED = "menunggu_nomor", "dinomori", "ditandatangani", "dikembalikan"
LABELS = {
    WAITING: "Menunggu nomor", NUMBERED: "Sudah dinomori", SIGNED: "Sudah ditandatangani",
    RETURNED: "Dikembalikan ke konseptor",
}  # fmt: skip
CLASSIFICATION = "800.1.11.1"
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
FIRST_ID = 10001
SIGNATURE = b"/ByteRange"
"""In every signed PDF and in no other."""


class LetterError(Exception):
    """A refusal with its HTTP status; the message is for a person."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(slots=True)
class Letter:
    id: str
    referensi: str
    nip: str
    perihal: str
    penandatangan: str
    opd_pembuat: str
    tanggal: str
    ringkasan: str
    kirim: str
    number_at: float
    status: str = WAITING
    nomor: str = ""
    catatan: str = ""
    posisi: str = ""
    sha256: str = ""
    to_sign_sha256: str = ""
    signed_sha256: str = ""
    halaman: str = "1"
    x: str = ""
    y: str = ""
    logs: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter as it is pushed: all strings, `tanggal` ISO."""

    referensi: str
    nip: str
    perihal: str
    penandatangan: str
    opd_pembuat: str
    tanggal: date
    ringkasan: str = ""
    kirim: str = ""
    halaman: str = "1"
    x: str = ""
    y: str = ""


class LetterBook:
    """All letters under one lock. `delay` is the seconds between receiving and numbering."""

    def __init__(self, folder: Path, delay: float) -> None:
        self.lock = threading.RLock()
        self._folder, self._delay = folder, delay
        self._file = folder / "surat.json"
        folder.mkdir(parents=True, exist_ok=True)
        state = json.loads(self._file.read_text("utf-8")) if self._file.exists() else {}
        self.letters = {row["id"]: Letter(**row) for row in state.get("letters", [])}
        self.pending = [Delivery(**row) for row in state.get("pending", [])]
        self._counts: dict[str, int] = state.get("counts", {})
        self._to_return: dict[str, str] = state.get("to_return", {})
        for delivery in self.pending:
            delivery.due = 0.0

    def receive(self, draft: Draft, pdf: bytes) -> Letter:
        """Take a drafted letter; one with the same `referensi` is the same letter and changes nothing."""
        with self.lock:
            known = self._by_reference(draft.referensi)
            if known is not None:
                return known
            letter = Letter(
                id=str(FIRST_ID + len(self.letters)), referensi=draft.referensi, nip=draft.nip, perihal=draft.perihal,
                penandatangan=draft.penandatangan, opd_pembuat=draft.opd_pembuat, tanggal=draft.tanggal.isoformat(),
                ringkasan=draft.ringkasan, kirim=draft.kirim, posisi=draft.kirim or draft.penandatangan,
                number_at=time.time() + self._delay, sha256=self._keep(f"{FIRST_ID + len(self.letters)}-draf", pdf),
                halaman=draft.halaman, x=draft.x, y=draft.y,
            )  # fmt: skip
            self.letters[letter.id] = letter
            _log(letter, draft.ringkasan or "Surat diajukan", letter.posisi)
            self.save()
            return letter

    def receive_file(self, letter_id: str, pdf: bytes) -> Letter:
        """Take a numbered letter with its number on it, or signed, or a new draft of one that was returned."""
        with self.lock:
            letter = self.get(letter_id)
            digest = hashlib.sha256(pdf).hexdigest()
            if letter.status == SIGNED and digest == letter.signed_sha256:
                return letter
            if letter.status == RETURNED:
                letter.sha256 = self._keep(f"{letter.id}-draf", pdf)
                letter.status, letter.catatan = (NUMBERED, "") if letter.nomor else (WAITING, "")
                letter.number_at, letter.posisi = time.time() + self._delay, letter.kirim or letter.penandatangan
                _log(letter, "Surat diajukan kembali", letter.posisi)
                if letter.nomor:
                    self._announce(letter, "surat.dinomori", nomor=letter.nomor, tanggal=letter.tanggal)
            elif letter.status == NUMBERED and SIGNATURE not in pdf:
                letter.to_sign_sha256 = self._keep(f"{letter.id}-draf", pdf)
                _log(letter, "Berkas bernomor diterima", letter.posisi)
            elif letter.status == NUMBERED:
                self._signed(letter, pdf)
            else:
                said = "sudah ditandatangani" if letter.status == SIGNED else "belum bernomor"
                raise LetterError(409, f"Surat {letter.id} {said}")
            self.save()
            return letter

    def sign(self, letter_id: str, sign: Callable[[bytes], bytes]) -> Letter:
        """Sign a numbered letter here, once its file with the number on it has come."""
        with self.lock:
            letter = self.get(letter_id)
            if letter.status != NUMBERED or not letter.to_sign_sha256:
                raise LetterError(409, f"Surat {letter.id} belum dapat ditandatangani: {LABELS[letter.status].lower()}")
            self._signed(letter, sign(self.file_of(letter).read_bytes()))
            self.save()
            return letter

    def _signed(self, letter: Letter, pdf: bytes) -> None:
        letter.signed_sha256 = self._keep(f"{letter.id}-final", pdf)
        letter.status, letter.posisi = SIGNED, ""
        _log(letter, "Surat ditandatangani", letter.nip)
        self._announce(
            letter, "surat.ditandatangani", nomor=letter.nomor, tanggal=letter.tanggal, sha256=letter.signed_sha256,
            filepath=path_of(letter),
        )  # fmt: skip

    def send_back(self, letter_id: str, note: str) -> Letter:
        """Return a letter to its drafter; a signed one can't be."""
        with self.lock:
            letter = self.get(letter_id)
            if letter.status == SIGNED:
                raise LetterError(409, f"Surat {letter.id} sudah ditandatangani dan tidak dapat dikembalikan")
            if letter.status != RETURNED:
                letter.status, letter.catatan, letter.posisi = RETURNED, note, letter.nip
                _log(letter, note, letter.nip)
                self._announce(letter, "surat.dikembalikan", catatan=note)
                self.save()
            return letter

    def return_by_reference(self, reference: str, note: str) -> Letter | None:
        """Send the letter back now if it is here, else as soon as it comes instead of numbering it."""
        with self.lock:
            letter = self._by_reference(reference)
            if letter is None:
                self._to_return[reference] = note
                self.save()
                return None
            return self.send_back(letter.id, note)

    def number_due(self, now: float) -> int:
        """Number (or return, if so told) every letter whose delay is over; how many there were."""
        with self.lock:
            due = [each for each in self.letters.values() if each.status == WAITING and each.number_at <= now]
            for letter in due:
                note = self._to_return.pop(letter.referensi, None)
                if note is not None:
                    self.send_back(letter.id, note)
                else:
                    letter.nomor, letter.status = self._next_number(letter), NUMBERED
                    _log(letter, f"Diberi nomor {letter.nomor}", letter.posisi)
                    self._announce(letter, "surat.dinomori", nomor=letter.nomor, tanggal=letter.tanggal)
            if due:
                self.save()
            return len(due)

    def get(self, letter_id: str) -> Letter:
        try:
            return self.letters[letter_id]
        except KeyError:
            raise LetterError(404, f"Surat {letter_id} tidak ditemukan") from None

    def file_of(self, letter: Letter) -> Path:
        """The signed PDF, or the draft while there is none."""
        return self._folder / f"{letter.id}-{'final' if letter.signed_sha256 else 'draf'}.pdf"

    def save(self) -> None:
        """Write everything, whole or not at all."""
        with self.lock:
            state = {
                "letters": [asdict(letter) for letter in self.letters.values()],
                "pending": [asdict(delivery) for delivery in self.pending],
                "counts": self._counts,
                "to_return": self._to_return,
            }
            _write(self._file, json.dumps(state, ensure_ascii=False, indent=1).encode())

    def _by_reference(self, reference: str) -> Letter | None:
        return next((letter for letter in self.letters.values() if letter.referensi == reference), None)

    def _next_number(self, letter: Letter) -> str:
        day = date.fromisoformat(letter.tanggal)
        key = f"{letter.opd_pembuat}/{day.year}"
        self._counts[key] = self._counts.get(key, 0) + 1
        return f"{CLASSIFICATION}/{self._counts[key]}/{letter.opd_pembuat}/{ROMAN[day.month - 1]}/{day.year}"

    def _announce(self, letter: Letter, kind: str, **data: str) -> None:
        body = event_body(kind, {"idsurat": letter.id, "referensi": letter.referensi, **data})
        self.pending.append(Delivery(letter.id, body))

    def _keep(self, name: str, pdf: bytes) -> str:
        _write(self._folder / f"{name}.pdf", pdf)
        return hashlib.sha256(pdf).hexdigest()


def path_of(letter: Letter) -> str:
    """Where the letter's file is to be had."""
    return f"/suratnew/berkas/{letter.id}"


def _log(letter: Letter, note: str, to: str) -> None:
    letter.logs.append(
        {
            "idlogsurat": f"{letter.id}-{len(letter.logs) + 1}",
            "waktu": datetime.now(UTC).isoformat(timespec="seconds"),
            "catatan": note,
            "pengirim_nama": letter.nip,
            "kepada_nama": to,
            "kepada_unit_kerja": letter.opd_pembuat,
        }
    )


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)

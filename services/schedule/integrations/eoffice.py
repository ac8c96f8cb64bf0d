"""e-office (e-SIKAM and like): the only module that knows its field names and its envelope."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import UUID

import requests

from services.schedule.absences.trips import TripIn
from services.schedule.people.rules import nip_fault
from shared.tables import cell
from shared.webhooks.guard import parse

TRIP, LETTER = "perjalanan_dinas.", "surat."
TRIP_FIELDS = frozenset({"id", "pelaksana", "tanggal_berangkat", "tanggal_kembali", "tujuan", "nomor", "catatan"})
LETTER_FIELDS = frozenset({"referensi", "idsurat", "nomor", "tanggal", "catatan", "file", "filepath"})
"""What is read of a webhook's ``data``."""

RETURNED = "dikembalikan"
"""How ``status_surat`` of a letter that was sent back begins."""
SIGNED = ("ditandatangani", "sudah ditandatangani")
"""``status_surat`` of a signed letter; a longer text may say that it is not signed yet."""
FILE_LIMIT = 10_000_000  # bytes; a letter of a thousand people has about two million
CHUNK = 65_536


class EofficeUnavailable(Exception):
    """e-office did not take or give what was asked for; it is tried again."""


@dataclass(frozen=True)
class Numbered:
    """e-office gave a letter its number."""

    letter_id: UUID
    eoffice_id: str
    number: str
    date: date


@dataclass(frozen=True)
class Signed:
    """A letter was signed in e-office. The PDF came along, or is to be fetched from *path*, an address of e-office."""

    letter_id: UUID
    pdf: bytes | None = None
    path: str = ""
    numbered: Numbered | None = None  # its number, where e-office was asked


@dataclass(frozen=True)
class Returned:
    """e-office sent a letter back."""

    letter_id: UUID
    note: str


class EofficeClient:
    """Calls to e-office, each with a time-out (seconds)."""

    def __init__(self, url: str, timeout: float) -> None:
        self._url, self._timeout = url.rstrip("/"), timeout

    def push_draft(
        self, pdf: bytes, *, letter_id: UUID, agency_code: str, subject: str, signer: str, nip: str, day: date
    ) -> str:
        """Hand over an unnumbered letter; e-office's id of it. ``referensi`` makes a second push the same letter."""
        fields = {
            "nip": nip,
            "perihal": subject,
            "penandatangan": signer,
            "ringkasan": subject,
            "kirim": nip,
            "referensi": str(letter_id),
            "opd_pembuat": agency_code,
            "tanggal": day.isoformat(),
        }
        return str(self._send(fields, pdf)["idsurat"])

    def push_numbered(self, pdf: bytes, *, eoffice_id: str, nip: str, number: str) -> None:
        """Hand over the letter with its number on it, to be signed by *nip*."""
        fields = {"nip": nip, "idsurat": eoffice_id, "nomorsurat": number, "kirim": nip, "ringkasan": "bernomor"}
        self._send(fields, pdf)

    def push_signed(self, pdf: bytes, *, eoffice_id: str, nip: str, number: str) -> None:
        """Hand over the signed PDF of a letter that e-office numbered."""
        self._send({"nip": nip, "idsurat": eoffice_id, "nomorsurat": number, "ringkasan": "ditandatangani"}, pdf)

    def look(self, eoffice_id: str, *, nip: str) -> Numbered | Signed | Returned | None:
        """What has become of a letter handed over: numbered, signed, returned, or nothing yet."""
        try:
            answer = requests.get(
                f"{self._url}/suratnew/{quote(eoffice_id, safe='')}", params={"nip": nip}, timeout=self._timeout,
                allow_redirects=False,
            )  # fmt: skip
            data = answer.json()["data"]
            status = str(data["status_surat"]).strip().casefold()
            if answer.status_code == 200 and status.startswith(RETURNED):
                return returned_in(data)
            if answer.status_code == 200 and data["nomor"]:
                numbered = numbered_in({**data, "idsurat": data["id"]})
                if status in SIGNED:
                    return Signed(numbered.letter_id, path=str(data["filepath"]), numbered=numbered)
                return numbered
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            raise EofficeUnavailable(f"e-office: {type(error).__name__}") from error
        if answer.status_code != 200:
            raise EofficeUnavailable(f"e-office answered {answer.status_code}")
        return None

    def address_of(self, path: str) -> str:
        """The whole address of a file of e-office, named by it with or without scheme and host.

        Raises ValueError for any other address than its own: whoever can send us its webhooks may not have us call
        where only we can.
        """
        address = path if "://" in path else f"{self._url}/{path.lstrip('/')}"
        named, own = parse(address), parse(self._url)
        if (named.scheme, named.host, named.port) != (own.scheme, own.host, own.port):
            raise ValueError("not an address of e-office")
        return address

    def fetch(self, address: str) -> bytes:
        """The file at *address* (of :meth:`address_of`), at most FILE_LIMIT bytes, within the time-out as a whole."""
        deadline, content = time.monotonic() + self._timeout, bytearray()
        try:
            with requests.get(address, timeout=self._timeout, allow_redirects=False, stream=True) as answer:
                if answer.status_code != 200:
                    raise EofficeUnavailable(f"e-office answered {answer.status_code}")
                for chunk in answer.iter_content(CHUNK):
                    content += chunk
                    if len(content) > FILE_LIMIT:
                        raise EofficeUnavailable(f"e-office gave a file of more than {FILE_LIMIT} bytes")
                    if time.monotonic() > deadline:
                        raise EofficeUnavailable("e-office gave no whole file in time")
        except requests.RequestException as error:
            raise EofficeUnavailable(f"e-office: {type(error).__name__}") from error
        return bytes(content)

    def _send(self, fields: dict[str, str], pdf: bytes) -> dict[str, Any]:
        try:
            answer = requests.post(
                f"{self._url}/suratnew/kirim",
                data=fields,
                files={"file": ("surat-tugas.pdf", pdf, "application/pdf")},
                timeout=self._timeout,
                allow_redirects=False,
            )
            envelope = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise EofficeUnavailable(f"e-office: {error}") from error
        data = envelope.get("data") if isinstance(envelope, dict) else None
        if answer.status_code != 200 or envelope.get("status") != "success" or not isinstance(data, dict):
            raise EofficeUnavailable(f"e-office answered {answer.status_code}: {str(envelope)[:200]}")
        if not data.get("idsurat"):
            raise EofficeUnavailable("e-office took the letter but gave no idsurat")
        return data


def numbered_in(data: Mapping[str, Any]) -> Numbered:
    """The ``surat.dinomori`` webhook; raises KeyError or ValueError when it is not of that form."""
    return Numbered(
        letter_id=UUID(str(data["referensi"])),
        eoffice_id=str(data["idsurat"]),
        number=str(data["nomor"]).strip(),
        date=date.fromisoformat(str(data["tanggal"])[:10]),
    )


def returned_in(data: Mapping[str, Any]) -> Returned:
    """The ``surat.dikembalikan`` webhook."""
    return Returned(UUID(str(data["referensi"])), str(data.get("catatan") or "tanpa catatan"))


def signed_in(data: Mapping[str, Any]) -> Signed:
    """The ``surat.ditandatangani`` webhook: the PDF in base64 (``file``), or its address (``filepath``)."""
    letter_id, file = UUID(str(data["referensi"])), data.get("file")
    if file:
        return Signed(letter_id, pdf=base64.b64decode(str(file), validate=True))
    return Signed(letter_id, path=str(data["filepath"]))


def subject_of(type_: str, data: Mapping[str, Any]) -> str:
    """What a webhook is about: ``trip/<id>`` for a duty trip, whose last word holds; empty for letters."""
    return f"trip/{cell(data, 'id')}" if type_.startswith(TRIP) and cell(data, "id") else ""


def kept_of(type_: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a webhook's ``data`` that is stored; of the travellers their NIP only."""
    names = TRIP_FIELDS if type_.startswith(TRIP) else LETTER_FIELDS if type_.startswith(LETTER) else frozenset()
    kept = {name: value for name, value in data.items() if name in names}
    if isinstance(people := kept.get("pelaksana"), list):
        kept["pelaksana"] = [
            {"nip": person.get("nip")} if isinstance(person, dict) else None for person in people
        ]  # fmt: skip
    return kept


def trip_in(data: Mapping[str, Any]) -> TripIn:
    """A ``perjalanan_dinas.…`` webhook; raises ValueError naming the trip and the fault. Its fields are our proposal,
    to be confirmed with e-office's owner. A traveller without a NIP is no ASN and has no roster."""
    trip_id = _trip_id(data)
    name, people = f"perjalanan dinas {trip_id}", data.get("pelaksana")
    if not isinstance(people, list) or not people or not all(isinstance(person, dict) for person in people):
        raise ValueError(f"{name}: pelaksana harus daftar berisi paling sedikit satu orang")
    nips = list(dict.fromkeys(nip for person in people if (nip := cell(person, "nip"))))
    for nip in nips:
        if fault := nip_fault(nip):
            raise ValueError(f"{name}: NIP {nip}: {fault}")
    try:
        starts, ends = (
            date.fromisoformat(cell(data, field)[:10]) for field in ("tanggal_berangkat", "tanggal_kembali")
        )
    except ValueError:
        raise ValueError(f"{name}: tanggal_berangkat dan tanggal_kembali harus berbentuk TTTT-BB-HH") from None
    if ends < starts:
        raise ValueError(f"{name}: tanggal_kembali mendahului tanggal_berangkat")
    return TripIn(trip_id, nips, starts, ends, ", ".join(filter(None, (cell(data, "tujuan"), cell(data, "nomor")))))


def trip_cancelled_in(data: Mapping[str, Any]) -> tuple[str, str]:
    """The ``perjalanan_dinas.dibatalkan`` webhook: the trip's id and the reason."""
    return _trip_id(data), cell(data, "catatan") or "dibatalkan di e-office"


def _trip_id(data: Mapping[str, Any]) -> str:
    if not cell(data, "id"):
        raise ValueError("perjalanan dinas: kolom id kosong")
    return cell(data, "id")

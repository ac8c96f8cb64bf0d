"""Rules about a room list: which numbers can be people's, which rows may be taken in."""

from __future__ import annotations

from dataclasses import dataclass

NIP_DIGITS = 18


@dataclass(frozen=True)
class RoomIn:
    """A room as the list has it; people by NIP."""

    line: int
    code: str
    name: str
    unit_id: str
    building: str
    floor: int
    devices: tuple[str, ...]
    officer_nip: str | None
    occupant_nips: tuple[str, ...]


def is_nip(text: str) -> bool:
    return len(text) == NIP_DIGITS and text.isascii() and text.isdecimal()


def nip_faults(room: RoomIn) -> list[str]:
    """Numbers that can be nobody's, named; the room is taken in without them."""
    found = []
    if room.officer_nip and not is_nip(room.officer_nip):
        found.append(f"ruangan {room.code}: NIP petugas “{room.officer_nip}” bukan {NIP_DIGITS} angka")
    found += [
        f"ruangan {room.code}: NIP penghuni “{nip}” bukan {NIP_DIGITS} angka"
        for nip in room.occupant_nips
        if not is_nip(nip)
    ]
    return found


def refusal(
    room: RoomIn, *, seen: set[str], unit_agency: str | None, current_agency: str | None, only_agency: str | None
) -> str | None:
    """Why the whole row can't be taken in, or None. unit_agency: the agency of its unit; current_agency: of the room
    of that code, where there is one; only_agency: the sender's, when they may change no other's rooms."""
    if room.code in seen:
        return f"ruangan {room.code}: kode ini sudah ada di baris sebelumnya"
    if unit_agency is None:
        return f"ruangan {room.code}: unit kerja {room.unit_id} belum dikenal"
    if only_agency is not None and unit_agency != only_agency:
        return f"ruangan {room.code}: unit kerja {room.unit_id} milik perangkat daerah lain"
    if only_agency is not None and current_agency not in (None, only_agency):
        return f"ruangan {room.code}: kode ini dipakai ruangan perangkat daerah lain"
    return None

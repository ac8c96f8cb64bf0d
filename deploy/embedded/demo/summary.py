"""What the month came to, read back through the API; the same numbers in the table and in summary.json."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

from rich.table import Table

from deploy.embedded.city import City, Person
from deploy.embedded.demo.cast import TOLD, Cast
from deploy.embedded.demo.client import Client


def count(client: Client, cast: Cast, out: Path) -> dict[str, int]:
    """Counts by name. Mails are counted as the SMTP server received them."""
    nip = cast.organisation.nip
    duties = [duty for duty in client.rows("/reporting/api/duties", nip=nip) if duty["status"] != "cancelled"]
    runs = [run for run in client.rows("/energy/api/checklists", nip=nip) if run["status"] != "cancelled"]
    letters = Counter(letter["kind"] for letter in client.rows("/schedule/api/letters", nip=nip, status="signed"))
    packs = list(client.rows("/reporting/api/packs", nip=nip))
    by_duty = Counter(duty["status"] for duty in duties)
    by_run = Counter(run["status"] for run in runs)
    by_pack = Counter(pack["status"] for pack in packs)
    return {
        "agencies": client.total("/schedule/api/units", nip=nip, agencies_only="true") - 1,  # less the city itself
        "units": client.total("/schedule/api/units", nip=nip),
        "employees": client.total("/schedule/api/employees", nip=nip),
        "rooms": client.total("/energy/api/rooms", nip=nip),
        "readings": client.total("/energy/api/readings", nip=nip),
        "rosters_in_force": client.total("/schedule/api/rosters", nip=nip, status="in_force"),
        "letters_signed": letters["assignment_letter"],
        "addenda_signed": letters["addendum_letter"],
        "duties": len(duties),
        "reports_filed": sum(1 for duty in duties if duty["report_id"]),
        "reports_late": sum(1 for duty in duties if duty["report_id"] and duty["late"]),
        "reports_missing": by_duty["missing"],
        "reports_assessed": by_duty["assessed"],
        "reports_sent_back": by_duty["sent_back"],
        "checklists": len(runs),
        "checklists_submitted": sum(number for status, number in by_run.items() if status != "open"),
        "checklists_accepted": by_run["accepted"],
        "corrective_actions": client.total("/energy/api/corrective-actions", nip=nip),
        "packs_built": len(packs),
        "packs_sent": by_pack["sent"],
        "mails_received": len(message_ids(out / "mail", "pack")),
        "recalls_mailed": len(message_ids(out / "mail", "recall")),
    }


def message_ids(folder: Path, about: str) -> set[str]:
    """Message-IDs of the mails received *about* packs or recalls; one sent twice has the same."""
    parser = BytesHeaderParser()
    ids = {str(parser.parsebytes(path.read_bytes())["Message-ID"]) for path in folder.glob("*.eml")}
    return {id_ for id_ in ids if id_.startswith(f"<{about}-")}


WORDS = {
    "agencies": "Perangkat daerah",
    "units": "Unit kerja",
    "employees": "Pegawai",
    "rooms": "Ruangan",
    "readings": "Pembacaan meter harian",
    "rosters_in_force": "Jadwal berlaku",
    "letters_signed": "Surat Tugas ditandatangani",
    "addenda_signed": "Adendum ditandatangani (tukar giliran, penarikan)",
    "duties": "Tugas WFH (10, 17, 24 April)",
    "reports_filed": "Laporan harian masuk",
    "reports_late": "… di antaranya terlambat",
    "reports_missing": "Tugas tanpa laporan",
    "reports_assessed": "Laporan dinilai",
    "reports_sent_back": "Laporan dikembalikan",
    "checklists": "Daftar periksa ruangan",
    "checklists_submitted": "… diisi",
    "checklists_accepted": "… diperiksa dan diterima",
    "corrective_actions": "Tindak lanjut terbuka",
    "packs_built": "Laporan bulanan disusun",
    "packs_sent": "… disetujui dan terkirim",
    "mails_received": "Surel laporan diterima server SMTP",
    "recalls_mailed": "Surel penarikan diterima",
}


def table(counts: dict[str, int], title: str) -> Table:
    found = Table(title=title)
    found.add_column("Hal")
    found.add_column("Jumlah", justify="right")
    for name, number in counts.items():
        found.add_row(WORDS[name], f"{number:,}".replace(",", "."))
    return found


def clash(found: dict[str, Any]) -> Table:
    """What an operator asked of May that no roster could give: the rules that clash and the smallest way out."""
    shown = Table(title=f"Jadwal yang tidak mungkin ({found['date']}) dan penjelasannya")
    shown.add_column("Pasal")
    shown.add_column("Aturan yang bertentangan")
    for part in found["parts"]:
        shown.add_row(part["clause"], part["text"])
    shown.add_row("", "Jalan keluar terkecil: " + " ".join(found["relaxations"]))
    return shown


def logins(cast: Cast, story: Any) -> Table:
    """One NIP for each kind of person, to sign in with: those of the first agency that the story tells of."""
    agency = story.told[0]
    duty = next(
        story.client.rows(
            "/reporting/api/duties", nip=cast.organisation.nip, agency_id=agency.id, date=date(2026, 4, 24).isoformat()
        )
    )
    employee, superior = (story.city.person_by_id[duty[name]] for name in ("employee_id", "superior_id"))
    return roles(cast, story.city, [("ASN", employee), ("Atasan langsung", superior)])


def roles(cast: Cast, city: City, more: Sequence[tuple[str, Person]] = ()) -> Table:
    """NIPs of people who hold a role of their own."""
    agency = city.agency(TOLD[0])
    heads = {a.code: city.person_by_nip[a.head_nip] for a in city.agencies}
    officer = next(room.officer_nip for room in city.rooms if room.officer_nip)
    people = [
        *more,
        ("Kepala perangkat daerah", heads[agency.code]),
        ("Pelaksana tugas kepala", heads.get("KESBANGPOL", heads[agency.code])),
        ("Operator", cast.operators[agency.code]),
        ("Petugas ruangan", city.person_by_nip[officer]),
        ("Bagian Organisasi", cast.organisation),
        ("Sekda", cast.executive),
        ("TI", cast.it),
        ("Auditor", cast.auditor),
    ]
    found = Table(title="Masuk sebagai")
    for column in ("Peran", "NIP", "Nama"):
        found.add_column(column)
    for role, person in people:
        found.add_row(role, person.nip, person.full_name)
    return found

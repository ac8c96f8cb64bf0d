"""What the month came to, read back through the API; the same numbers in the table and in summary.json."""

from __future__ import annotations

from collections import Counter
from datetime import date
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

from rich.table import Table

from deploy.embedded.demo.cast import Cast
from deploy.embedded.demo.client import Client


def count(client: Client, cast: Cast, out: Path) -> dict[str, int]:
    """Counts by name. Mails are counted as the SMTP server received them."""
    nip = cast.organisation.nip
    duties = list(client.rows("/reporting/api/duties", nip=nip))
    runs = list(client.rows("/energy/api/checklists", nip=nip))
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
        "letters_signed": client.total("/schedule/api/letters", nip=nip, status="signed"),
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
        "mails_received": len(message_ids(out / "mail")),
    }


def message_ids(folder: Path) -> set[str]:
    """Message-IDs of the mails received; one mail sent twice, as after a crash, has the same one."""
    parser = BytesHeaderParser()
    return {str(parser.parsebytes(path.read_bytes())["Message-ID"]) for path in folder.glob("*.eml")}


WORDS = {
    "agencies": "Perangkat daerah",
    "units": "Unit kerja",
    "employees": "Pegawai",
    "rooms": "Ruangan",
    "readings": "Pembacaan meter harian",
    "rosters_in_force": "Jadwal berlaku",
    "letters_signed": "Surat Tugas ditandatangani",
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
    "mails_received": "Surel diterima server SMTP",
}


def table(counts: dict[str, int], title: str) -> Table:
    found = Table(title=title)
    found.add_column("Hal")
    found.add_column("Jumlah", justify="right")
    for name, number in counts.items():
        found.add_row(WORDS[name], f"{number:,}".replace(",", "."))
    return found


def logins(cast: Cast, story: Any) -> Table:
    """One NIP for each kind of person, to sign in with."""
    agency = story.told[0]
    duty = next(
        story.client.rows(
            "/reporting/api/duties", nip=cast.organisation.nip, agency_id=agency.id, date=date(2026, 4, 24).isoformat()
        )
    )
    superior = next(person for person in story.city.people if person.id == duty["superior_id"])
    head = story.city.person_by_nip[agency.head_nip]
    acting = story.city.person_by_nip[
        next((a.head_nip for a in story.city.agencies if a.code == "KESBANGPOL"), head.nip)
    ]
    officer = next(r.officer_nip for r in story.city.rooms if r.code and r.officer_nip)
    people = [
        ("ASN", duty["nip"], duty["employee_name"]), ("Atasan langsung", superior.nip, superior.full_name),
        ("Kepala perangkat daerah", head.nip, head.full_name), ("Pelaksana tugas kepala", acting.nip, acting.full_name),
        ("Operator", cast.operators[agency.code].nip, cast.operators[agency.code].full_name),
        ("Petugas ruangan", officer, story.city.person_by_nip[officer].full_name),
        ("Bagian Organisasi", cast.organisation.nip, cast.organisation.full_name),
        ("Sekda", cast.executive.nip, cast.executive.full_name), ("TI", cast.it.nip, cast.it.full_name),
        ("Auditor", cast.auditor.nip, cast.auditor.full_name),
    ]  # fmt: skip
    found = Table(title="Masuk sebagai")
    for column in ("Peran", "NIP", "Nama"):
        found.add_column(column)
    for row in people:
        found.add_row(*row)
    return found

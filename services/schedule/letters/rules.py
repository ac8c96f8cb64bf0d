"""What an assignment letter (Surat Tugas) says, by the rules of naskah dinas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.schedule.settings import LetterWording
from shared.web.filters import day_name, long_date, month_name

DEVELOPMENT_MARK = "BUKAN DOKUMEN SAH"
"""Printed across every page of a letter signed by the local development signer."""


@dataclass(frozen=True)
class LetterPerson:
    """A person in the letter's attachment. modes: date → wfo, wfh, leave …, for WFH dates only."""

    name: str
    nip: str
    rank: str
    post: str
    unit: str
    modes: Mapping[date, str]


@dataclass(frozen=True)
class LetterSigner:
    employee_id: str
    name: str
    nip: str
    rank: str
    post: str


@dataclass(frozen=True)
class LetterheadFacts:
    """Where an agency is to be found, as its letters' kop says; what is empty is left out."""

    address: str = ""
    postal_code: str = ""
    phone: str = ""
    email: str = ""
    website: str = ""

    def lines(self, region: str) -> list[str]:
        """Lines of the kop below the agency's name."""
        place = " ".join(part for part in (region, self.postal_code) if part)
        where = ", ".join(part for part in (self.address, place) if part)
        ways = ((LETTERHEAD_WORDS[name], getattr(self, name)) for name in ("phone", "email", "website"))
        return [line for line in (where, "  ".join(f"{word} {value}" for word, value in ways if value)) if line]

    def missing(self) -> list[str]:
        """Names of the fields that are empty."""
        return [name for name in LETTERHEAD_WORDS if not getattr(self, name)]

    def missing_words(self) -> str:
        """As people read it: “alamat, telepon”."""
        return words_of(self.missing())


LETTERHEAD_WORDS = {
    "address": "Alamat", "postal_code": "Kode pos", "phone": "Telepon", "email": "Pos-el", "website": "Laman",
}  # fmt: skip

MARKS = {"wfh": "WFH", "wfo": "WFO", "leave": "Cuti", "travel": "DL", "training": "Diklat"}


def words_of(fields: Iterable[str]) -> str:
    """Fields of a letterhead as people read them."""
    return ", ".join(LETTERHEAD_WORDS[field].lower() for field in fields)


@dataclass(frozen=True)
class Change:
    """What an addendum does to one person on one date: mode before and after."""

    person: LetterPerson
    date: date
    before: str
    after: str


@dataclass(frozen=True)
class FormerLetter:
    """The letter that an addendum changes or withdraws."""

    number: str
    date: date


ADDENDUM_WORDS = {
    "amendment": "mengubah jadwal tugas",
    "swap": "menukar giliran tugas",
    "recall": "menarik pegawai untuk bertugas di kantor",
    "lifting": "membatalkan penarikan pegawai ke kantor",
    "withdrawal": "mencabut penugasan di rumah (WFH)",
}


def addendum_content(base: dict[str, Any], *, change: str, reason: str, former: FormerLetter,
                     changes: Sequence[Change]) -> dict[str, Any]:  # fmt: skip
    """The addendum to a letter: *base* as :func:`letter_content` makes it, with the difference for its attachment."""
    letter = f"Surat Tugas Nomor {former.number} tanggal {long_date(former.date)}"
    people = len({entry.person.nip for entry in changes})
    last = (
        f"Dengan ditandatanganinya surat ini {letter} dicabut dan tidak berlaku lagi."
        if change == "withdrawal"
        else f"Hal lain dalam {letter} tetap berlaku."
    )
    return {
        **base,
        "title": "PENCABUTAN SURAT TUGAS" if change == "withdrawal" else "ADENDUM SURAT TUGAS",
        "weighing": [f"bahwa perlu {ADDENDUM_WORDS[change]} karena: {reason};", base["weighing"][-1]],
        "basis": [f"{letter};", *base["basis"]],
        "tasks": [
            f"Melaksanakan tugas kedinasan sesuai perubahan terlampir: {len(changes)} perubahan, {people} pegawai.",
            last,
            "Melaksanakan tugas ini dengan penuh tanggung jawab.",
        ],
        "dates": ["Tanggal", "Semula", "Menjadi"],
        "rows": [
            [
                entry.person.name, entry.person.nip, entry.person.rank, entry.person.post, entry.person.unit,
                long_date(entry.date), MARKS.get(entry.before, "–"), MARKS.get(entry.after, "–"),
            ]
            for entry in changes
        ],
        "attachment_title": base["attachment_title"].replace("JADWAL", "PERUBAHAN JADWAL", 1),
        "note": f"Mengubah lampiran {letter}.",
    }  # fmt: skip


def letter_content(
    *, agency: str, letterhead: LetterheadFacts, wording: LetterWording, policy_titles: Sequence[str],
    month: date, starts: date, ends: date,
    signer: LetterSigner, people: Sequence[LetterPerson], wfh_dates: Sequence[date], office_dates: Mapping[date, str],
) -> dict[str, Any]:  # fmt: skip
    """Everything the page prints, as plain JSON, frozen when the head approves. office_dates: days on which all are at
    the office by the pattern → clause."""
    at_home = sum(1 for person in people if "wfh" in person.modes.values())
    return {
        "kop": [wording.government, agency.upper(), *letterhead.lines(wording.region)],
        "kop_missing": letterhead.missing(),
        "title": "SURAT TUGAS",
        "weighing": [
            "bahwa dalam rangka transformasi budaya kerja aparatur sipil negara perlu diatur jadwal tugas kedinasan "
            f"di kantor (WFO) dan di rumah (WFH) pada {agency};",
            "bahwa berdasarkan pertimbangan tersebut perlu ditetapkan Surat Tugas.",
        ],
        "basis": [
            *(f"{title};" for title in policy_titles),
            "Surat Edaran Menteri PANRB Nomor 3 Tahun 2026 tentang Pelaksanaan Tugas Kedinasan Bagi Pegawai Aparatur "
            "Sipil Negara di Instansi Pemerintah;",
            "Surat Edaran Menteri Dalam Negeri Nomor 800.1.5/3349/SJ tentang Transformasi Budaya Kerja Aparatur Sipil "
            "Negara di Lingkungan Pemerintah Daerah.",
        ],
        "to": "Nama-nama sebagaimana terlampir.",
        "tasks": [
            f"Melaksanakan tugas kedinasan di kantor (WFO) dan di rumah (WFH) pada {month_name(month)} "
            f"({long_date(starts)} sampai dengan {long_date(ends)}) sesuai jadwal terlampir; "
            f"{at_home} dari {len(people)} pegawai mendapat giliran WFH.",
            "Pegawai yang melaksanakan WFH melaporkan hasil kerja harian disertai foto pada hari yang sama, dan "
            "memastikan ruang kerjanya aman dengan perangkat listrik dimatikan.",
            "Melaksanakan tugas ini dengan penuh tanggung jawab.",
        ],
        "city": wording.place,
        "signer": {"name": signer.name, "nip": signer.nip, "rank": signer.rank, "post": signer.post},
        "copies": list(wording.copies),
        "footer": wording.footer,
        "dates": [f"{day_name(day)[:3]} {day.day}/{day.month}" for day in wfh_dates],
        "rows": [
            [person.name, person.nip, person.rank, person.post, person.unit]
            + [MARKS.get(person.modes.get(day, ""), "–") for day in wfh_dates]
            for person in people
        ],
        "attachment_title": f"JADWAL WFO DAN WFH {month_name(month).upper()}",
        "note": f"{office_note(office_dates, wfh_dates)}WFH: tugas dari rumah; WFO: tugas di kantor; DL: dinas luar.",
    }


def office_note(office_dates: Mapping[date, str], wfh_dates: Sequence[date]) -> str:
    """“Senin–Kamis seluruh pegawai WFO (1.b.1). ”: per clause the weekdays that are no WFH date anywhere in the roster;
    empty when there are none."""
    shared = {day.weekday() for day in wfh_dates}
    weekdays: dict[str, dict[int, date]] = {}
    for day, clause in sorted(office_dates.items()):
        if day.weekday() not in shared:
            weekdays.setdefault(clause, {}).setdefault(day.weekday(), day)
    return "".join(
        f"{_weekdays([days[number] for number in sorted(days)])} seluruh pegawai WFO ({clause}). "
        for clause, days in weekdays.items()
    )


def _weekdays(days: Sequence[date]) -> str:
    """One date of each weekday, Monday first: “Senin–Kamis”, “Senin, Selasa, dan Kamis”, “Senin dan Selasa”."""
    *names, last = [day_name(day) for day in days]
    if len(names) > 1 and days[-1].weekday() - days[0].weekday() == len(names):
        return f"{names[0]}–{last}"
    if len(names) > 1:
        return f"{', '.join(names)}, dan {last}"
    return f"{names[0]} dan {last}" if names else last

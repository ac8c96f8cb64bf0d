"""The sections of the monthly pack (2.a), in the order of the published form for the same national rule.

A figure is shown only when somebody measured it; everything else says "belum ada data".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.reporting.duties.rules import RATING_TEXT, RATINGS, next_month
from services.reporting.packs.facts import NO_DATA, DutyFact, PackFacts, Section, Table, show

ITEMS = {
    "electricity": "Listrik",
    "fuel": "Bahan bakar minyak",
    "water": "Air",
    "telephone": "Telepon",
    "personnel": "Operasional pegawai",
    "other": "Lain-lain",
}
EXEMPTIONS = {
    "1.l.1": "Jabatan Pimpinan Tinggi Pratama",
    "1.l.2": "Jabatan Administrator (Eselon III)",
    "1.l.3": "Camat dan Lurah",
    "1.l.4": "Layanan kedaruratan dan kesiapsiagaan",
    "1.l.5": "Layanan ketenteraman, ketertiban umum, dan pelindungan masyarakat",
    "1.l.6": "Layanan kebersihan dan persampahan",
    "1.l.7": "Layanan kependudukan",
    "1.l.8": "Layanan perizinan",
    "1.l.9": "Layanan kesehatan",
    "1.l.10": "Layanan pendidikan",
    "1.l.11": "Layanan pendapatan daerah",
    "1.l.12": "Layanan publik langsung lainnya",
}


def is_overdue(month: date, day: date) -> bool:
    """Whether on *day* the report about *month* is late: it is due at the end of that month (2.a)."""
    return day >= next_month(month)


def sections(facts: PackFacts, *, car_free_day: bool = False) -> list[Section]:
    """The pack's sections. *car_free_day*: whether the city asks for that optional one."""
    makers = [
        _pattern, _digital, _supervision, _service_units, _meetings, _travel, _vehicles, _electronics, _exemptions,
        _savings, _use_of_savings, *([_car_free_day] if car_free_day else []), _obstacles, _follow_up,
    ]  # fmt: skip
    return [maker(number, facts) for number, maker in enumerate(makers, 1)]


def _pattern(number: int, facts: PackFacts) -> Section:
    """Days of the roster in force, with the share at home of those present."""
    rows = [[day["date"], day["wfo"], day["wfh"], day["absent"], _share(day)] for day in facts.days]
    wfh_days = [day for day in facts.days if day["wfh"]]
    text = (
        f"Dalam {len(facts.days)} hari kerja terdapat {len(wfh_days)} hari dengan tugas dari rumah (WFH). "
        f"Pada hari-hari itu tercatat {sum(day['wfh'] for day in wfh_days)} orang-hari WFH dan "
        f"{sum(day['wfo'] for day in wfh_days)} orang-hari di kantor (WFO)."
        if facts.days
        else f"Jadwal bulan ini: {NO_DATA}."
    )
    basis = "Dasar penetapan: " + (
        ", ".join(f"Surat Tugas Nomor {letter.number} tanggal {show(letter.date, 'date')}" for letter in facts.letters)
        or NO_DATA
    )
    header = ("Tanggal", "WFO (orang)", "WFH (orang)", "Cuti, dinas luar, diklat", "WFH dari yang bertugas (%)")
    table = Table(header, ("date", "number", "number", "number", "number"), rows)
    return Section(number, "Pola dan komposisi kerja", "1.a, 1.b, 1.d", [text, basis + "."], [table] if rows else [])


def _share(day: dict[str, Any]) -> float | None:
    present = day["wfo"] + day["wfh"]
    return round(100 * day["wfh"] / present, 1) if present else None


def _digital(number: int, facts: PackFacts) -> Section:
    """Only what this system itself saw is a yes."""
    letters = len(facts.letters)
    seen = f"{letters} Surat Tugas" if letters else None
    rows = [
        ["E-office (persuratan)", "ya" if seen else None, f"{seen} bernomor" if seen else None],
        ["Tanda tangan elektronik (TTE)", "ya" if seen else None, f"{seen} ditandatangani" if seen else None],
        ["Absensi elektronik", None, None],
        ["SIMPEG", "ya" if facts.staff else None, f"data {facts.staff} pegawai" if facts.staff else None],
        ["SPBE dan layanan digital lain", None, None],
    ]
    table = Table(("Layanan", "Digunakan", "Bukti dalam sistem ini"), ("text", "text", "text"), rows)
    infrastructure = f"Sarana pendukung (jaringan dan perangkat): {NO_DATA}."
    return Section(number, "Layanan digital", "1.e", [infrastructure], [table])


def _supervision(number: int, facts: PackFacts) -> Section:
    """Control and supervision (1.f): what was due (2.b), what came, who did not report."""
    figures = facts.figures
    if not figures.due:
        return Section(number, "Pengendalian dan pengawasan", "1.f, 2.b", [f"Tugas WFH: {NO_DATA}."])
    counts = [
        ["Laporan harian yang wajib", figures.due],
        ["Laporan diterima", figures.filed],
        ["– di antaranya terlambat", figures.late],
        ["Tidak lapor", figures.missing],
        ["Belum lewat batas waktu", figures.open],
        ["Sudah dinilai atasan", figures.assessed],
        ["Dikembalikan untuk diperbaiki", figures.sent_back],
        *([f"Dinilai {RATING_TEXT[rating]}", figures.ratings[rating]] for rating in RATINGS),
    ]
    tables = [Table(("Laporan harian pegawai WFH", "Jumlah"), ("text", "number"), counts)]
    missing = [duty for duty in facts.duties if duty.status == "missing"]
    if missing:
        header = ("Tanggal", "Nama", "NIP", "Unit kerja")
        tables.append(Table(header, ("date", "text", "text", "text"), [_missing_row(duty) for duty in missing]))
    text = (
        f"{len(missing)} laporan tidak diterima; nama pegawai tercantum di bawah."
        if missing
        else "Tidak ada pegawai yang melewatkan laporan hariannya."
        if not figures.open
        else "Sampai laporan ini disusun tidak ada laporan harian yang lewat batas waktu."
    )
    scheme = "Pegawai WFH melaporkan hasil kerja dan foto pada hari yang sama; atasan langsung menilai setiap laporan. "
    return Section(number, "Pengendalian dan pengawasan", "1.f, 2.b", [scheme + text], tables)


def _missing_row(duty: DutyFact) -> list[Any]:
    return [duty.date, duty.name, duty.nip, duty.unit]


def _service_units(number: int, facts: PackFacts) -> Section:
    """Units that serve the public directly stay at the office (1.g)."""
    rows = [[unit, fact.clause] for fact in facts.exemptions for unit in fact.units]
    if not rows:
        return Section(number, "Unit layanan", "1.g", ["Tidak ada unit layanan langsung yang tercatat."])
    text = f"{len(rows)} unit layanan langsung tetap bertugas di kantor. Mutu layanan (pengaduan, waktu tunggu): "
    table = Table(("Unit", "Ketentuan"), ("text", "text"), rows)
    return Section(number, "Unit layanan", "1.g", [f"{text}{NO_DATA}."], [table])


def _no_data(number: int, title: str, basis: str, what: str) -> Section:
    return Section(number, title, basis, [f"{what}: {NO_DATA}."])


def _meetings(number: int, _facts: PackFacts) -> Section:
    return _no_data(number, "Rapat hibrida dan daring", "1.h", "Jumlah rapat, bimbingan teknis, dan seminar")


def _travel(number: int, _facts: PackFacts) -> Section:
    return _no_data(number, "Perjalanan dinas", "1.i", "Target dan realisasi dalam dan luar negeri")


def _vehicles(number: int, _facts: PackFacts) -> Section:
    return _no_data(number, "Kendaraan dinas", "1.j", "Target dan realisasi penggunaan kendaraan dinas jabatan")


def _electronics(number: int, facts: PackFacts) -> Section:
    """Switch-off checklists (1.k), in runs: one room on one WFH date."""
    title, basis = "Pemadaman peralatan listrik dan keamanan ruangan", "1.k"
    runs = facts.checklists
    if runs is None:
        return _no_data(number, title, basis, "Daftar periksa ruangan")
    rows = [
        ["Ruangan", runs["rooms"]],
        ["Pemeriksaan yang wajib", runs["due"]],
        ["Pemeriksaan dikerjakan", runs["submitted"]],
        ["Pemeriksaan diawasi petugas lain", runs["supervised"]],
        ["Butir yang tidak sesuai", runs["failed_items"]],
    ]
    table = Table(("Daftar periksa ruangan", "Jumlah"), ("text", "number"), rows)
    return Section(number, title, basis, tables=[table])


def _exemptions(number: int, facts: PackFacts) -> Section:
    if not facts.exemptions:
        return Section(number, "Pengecualian yang diterapkan", "1.l", ["Tidak ada pengecualian yang diterapkan."])
    rows = [
        [clause, EXEMPTIONS.get(clause, clause), fact.people, ", ".join(fact.units) or "mengikuti jabatan"]
        for fact in facts.exemptions
        for clause in [fact.clause]
    ]
    table = Table(
        ("Ketentuan", "Jabatan atau unit", "Pegawai", "Unit kerja"), ("text", "text", "number", "text"), rows
    )  # fmt: skip
    return Section(number, "Pengecualian yang diterapkan", "1.l", tables=[table])


def _savings(number: int, facts: PackFacts) -> Section:
    """Savings by item (1.m), with grade and interval; what is not proven says so and is left out of the sum."""
    title = "Penghematan"
    if facts.savings is None:
        return _no_data(number, title, "1.m", "Penghematan anggaran")
    by_item = {figure["item"]: figure for figure in facts.savings}
    order = [*ITEMS, *sorted(by_item.keys() - ITEMS.keys())]
    rows = [_saving_row(item, by_item.get(item)) for item in order]
    proven = [f["rupiah"] for f in facts.savings if f["proven"] and f["rupiah"] is not None]
    rows.append(["Jumlah yang terbukti", sum(proven) if proven else None, "", "", "", ""])
    header = ("Pos", "Rupiah", "Jumlah", "Selang 90 %", "Mutu", "Keterangan")
    table = Table(header, ("text", "rupiah", "text", "text", "text", "text"), rows)
    legend = (
        "Mutu A, B, C menyatakan kekuatan pengukuran. “Belum terbukti”: selang ketidakpastian masih memuat nol, "
        "sehingga angka itu tidak ikut dijumlahkan."
    )
    return Section(number, title, "1.m", [legend], [table])


def _saving_row(item: str, figure: dict[str, Any] | None) -> list[Any]:
    name = ITEMS.get(item, item)
    if figure is None or (figure["rupiah"] is None and figure["quantity"] is None):
        return [name, None, "", "", "", (figure or {}).get("note", "")]
    unit = figure["unit"] or ""
    interval = (
        f"{show(figure['low'], 'number')} … {show(figure['high'], 'number')} {unit}".strip()
        if figure["low"] is not None and figure["high"] is not None
        else ""
    )
    quantity = f"{show(figure['quantity'], 'number')} {unit}".strip() if figure["quantity"] is not None else ""
    notes = [*([] if figure["proven"] else ["Belum terbukti."]), figure["note"]]
    return [name, figure["rupiah"], quantity, interval, figure["grade"] or "", " ".join(n for n in notes if n)]


def _use_of_savings(number: int, _facts: PackFacts) -> Section:
    what = "Program prioritas, pelayanan publik, dan belanja produktif yang dibiayai"
    return _no_data(number, "Pemanfaatan penghematan", "1.n", what)


def _car_free_day(number: int, _facts: PackFacts) -> Section:
    return _no_data(number, "Hari bebas kendaraan bermotor", "", "Pelaksanaan")


def _obstacles(number: int, facts: PackFacts) -> Section:
    return Section(number, "Hambatan", "2.a", _written(facts.obstacles))


def _follow_up(number: int, facts: PackFacts) -> Section:
    return Section(number, "Tindak lanjut", "2.a", _written(facts.follow_up))


def _written(text: str) -> Sequence[str]:
    """The operator's paragraphs."""
    return [part.strip() for part in text.splitlines() if part.strip()] or [f"Catatan perangkat daerah: {NO_DATA}."]

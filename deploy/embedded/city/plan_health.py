"""Planned units of Dinas Kesehatan: hospital, health centres and laboratory serve (1.l.9), the rest supports."""

from __future__ import annotations

from .plans import (
    FIELD,
    FINANCE,
    GENERAL,
    Mix,
    UnitPlan,
    agency,
    division,
    mix,
    secretariat,
    section,
    technical_unit,
)

NURSING = mix(
    "5 Perawat Ahli Pertama",
    "5 Perawat Terampil",
    "2 Perawat Ahli Muda",
    "2 Perawat Mahir",
    "3 Bidan Terampil",
    "1 Bidan Ahli Pertama",
)

CLINIC = mix(
    "4 Perawat Terampil",
    "3 Perawat Ahli Pertama",
    "5 Bidan Terampil",
    "3 Bidan Ahli Pertama",
    "2 Dokter Ahli Pertama",
    "1 Dokter Ahli Muda",
    "1 Dokter Gigi Ahli Pertama",
    "1 Apoteker Ahli Pertama",
    "1 Asisten Apoteker Terampil",
    "1 Nutrisionis Ahli Pertama",
    "1 Pranata Laboratorium Kesehatan Terampil",
    "1 Epidemiolog Kesehatan Ahli Pertama",
    "1 Tenaga Promosi Kesehatan dan Ilmu Perilaku Ahli Pertama",
    "2 Pengadministrasi Perkantoran",
)

DOCTORS = mix("4 Dokter Ahli Pertama", "4 Dokter Ahli Muda", "3 Dokter Ahli Madya", "1 Dokter Gigi Ahli Muda")

PHARMACY = mix("3 Apoteker Ahli Pertama", "1 Apoteker Ahli Muda", "4 Asisten Apoteker Terampil")

LABORATORY = mix("4 Pranata Laboratorium Kesehatan Terampil", "3 Pranata Laboratorium Kesehatan Ahli Pertama")

HEALTH_POLICY = mix(
    "3 Epidemiolog Kesehatan Ahli Pertama",
    "3 Penelaah Teknis Kebijakan",
    "2 Tenaga Sanitasi Lingkungan Terampil",
    "2 Administrator Kesehatan Ahli Muda",
    "2 Pengolah Data dan Informasi",
)

HEALTH_CENTRES = (
    "Yosomulyo",
    "Yosodadi",
    "Iringmulyo",
    "Tejoagung",
    "Banjarsari",
    "Purwosari",
    "Karangrejo",
    "Mulyojati",
    "Ganjaragung",
    "Margorejo",
    "Sumbersari",
)


def _ward(name: str, staff: int, titles: Mix = NURSING) -> UnitPlan:
    """An instalasi of the hospital; its head is a functional official."""
    return UnitPlan(name, f"Kepala {name}", "99", staff, titles)


HOSPITAL = UnitPlan(
    "RSUD Jenderal Ahmad Yani",
    "Direktur RSUD Jenderal Ahmad Yani",
    "31",
    clause="1.l.9",
    children=(
        UnitPlan(
            "Bagian Tata Usaha RSUD",
            "Kepala Bagian Tata Usaha RSUD",
            "32",
            6,
            GENERAL,
            children=(section("Subbagian Umum RSUD", 18, GENERAL), section("Subbagian Keuangan RSUD", 14, FINANCE)),
        ),
        division(
            "Pelayanan Medik RSUD",
            4,
            _ward("Kelompok Staf Medik", 62, DOCTORS),
            _ward("Instalasi Gawat Darurat", 48),
            _ward("Instalasi Rawat Jalan", 46),
            _ward("Instalasi Bedah Sentral", 40),
            titles=HEALTH_POLICY,
        ),
        division(
            "Keperawatan RSUD",
            4,
            _ward("Instalasi Rawat Inap Penyakit Dalam", 62),
            _ward("Instalasi Rawat Inap Anak", 48),
            _ward("Instalasi Rawat Inap Kebidanan", 50),
            _ward("Instalasi Rawat Intensif", 44),
            titles=HEALTH_POLICY,
        ),
        division(
            "Penunjang RSUD",
            4,
            _ward("Instalasi Farmasi", 32, PHARMACY),
            _ward("Instalasi Laboratorium", 28, LABORATORY),
            _ward("Instalasi Gizi dan Sanitasi", 18, FIELD),
            titles=HEALTH_POLICY,
        ),
    ),
)


HEALTH = agency(
    "DINKES",
    "Dinas Kesehatan",
    secretariat("Dinas Kesehatan", (8, 7, 6)),
    division("Kesehatan Masyarakat", 10, titles=HEALTH_POLICY),
    division("Pencegahan dan Pengendalian Penyakit", 10, titles=HEALTH_POLICY),
    division("Pelayanan dan Sumber Daya Kesehatan", 10, titles=HEALTH_POLICY),
    HOSPITAL,
    *(technical_unit(f"Puskesmas {name}", 37, titles=CLINIC, clause="1.l.9", echelon="99") for name in HEALTH_CENTRES),
    technical_unit("UPTD Laboratorium Kesehatan Daerah", 12, titles=LABORATORY, clause="1.l.9"),
)

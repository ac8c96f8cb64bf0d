"""Planned units of the agencies that serve people directly; supporting units stand beside the serving ones."""

from __future__ import annotations

from .plan_districts import DISTRICTS, schools
from .plan_health import HEALTH
from .plans import (
    FIELD,
    POLICY,
    SERVICE,
    UnitPlan,
    agency,
    division,
    mix,
    secretariat,
    section,
    technical_unit,
)

POLICING = mix(
    "5 Polisi Pamong Praja Terampil",
    "3 Polisi Pamong Praja Ahli Pertama",
    "2 Polisi Pamong Praja Mahir",
    "4 Operator Layanan Operasional",
)
WORKS = mix(
    "4 Teknik Jalan dan Jembatan Ahli Pertama",
    "2 Teknik Jalan dan Jembatan Ahli Muda",
    "2 Teknik Pengairan Ahli Pertama",
    "3 Pengelola Layanan Operasional",
    "2 Operator Layanan Operasional",
)
RECORDS = mix(
    "4 Administrator Database Kependudukan Ahli Pertama",
    "3 Operator Sistem Informasi Administrasi Kependudukan Terampil",
    "3 Pengelola Layanan Operasional",
    "2 Pengadministrasi Perkantoran",
)
ARCHIVES = mix("4 Arsiparis Ahli Pertama", "3 Arsiparis Terampil", "1 Arsiparis Ahli Muda")
LIBRARY = mix("4 Pustakawan Ahli Pertama", "3 Pustakawan Terampil", "2 Pengelola Layanan Operasional")
SOCIAL = mix("4 Pekerja Sosial Ahli Pertama", "1 Pekerja Sosial Ahli Muda", "3 Penelaah Teknis Kebijakan")


SERVICES: tuple[UnitPlan, ...] = (
    agency(
        "DISDIKBUD",
        "Dinas Pendidikan dan Kebudayaan",
        secretariat("Dinas Pendidikan dan Kebudayaan", (9, 8, 7)),
        division("Pembinaan PAUD dan Pendidikan Masyarakat", 9),
        division(
            "Pembinaan Pendidikan Dasar",
            5,
            section("Seksi Kurikulum dan Penilaian", 6),
            section("Seksi Sarana dan Prasarana", 5),
        ),
        division("Kebudayaan", 8),
        division("Pembinaan Ketenagaan", 8),
        *schools(),
    ),
    HEALTH,
    agency(
        "PUTR",
        "Dinas Pekerjaan Umum dan Tata Ruang",
        secretariat("Dinas Pekerjaan Umum dan Tata Ruang", (7, 6, 5)),
        division("Bina Marga", 11, titles=WORKS),
        division("Sumber Daya Air", 10, titles=WORKS),
        division("Cipta Karya", 10, titles=WORKS),
        division("Tata Ruang dan Pertanahan", 9, titles=WORKS),
        technical_unit("UPTD Alat Berat dan Laboratorium", 9, titles=FIELD, clause="1.l.12"),
    ),
    agency(
        "DISDAG",
        "Dinas Perdagangan",
        secretariat("Dinas Perdagangan", (5, 4, 4)),
        division(
            "Perdagangan dan Stabilisasi Harga",
            4,
            UnitPlan("Seksi Promosi Dagang", "Kepala Seksi Promosi Dagang", "41", 3, POLICY, vacant=True),
        ),
        division("Kemetrologian dan Perlindungan Konsumen", 7),
        division("Sarana Distribusi dan Pasar", 7),
        technical_unit("UPTD Pasar", 24, titles=FIELD, clause="1.l.12"),
    ),
    agency(
        "DPMPTSP",
        "Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu",
        secretariat("Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu", (5, 4, 4)),
        division("Penanaman Modal", 7),
        division("Pengendalian dan Informasi Investasi", 7),
        division("Pelayanan Perizinan", 10, titles=SERVICE, clause="1.l.8"),
        technical_unit("Mal Pelayanan Publik", 9, titles=SERVICE, clause="1.l.8"),
    ),
    agency(
        "DISNAKERTRANS",
        "Dinas Tenaga Kerja dan Transmigrasi",
        secretariat("Dinas Tenaga Kerja dan Transmigrasi", (5, 4, 4)),
        division("Penempatan Tenaga Kerja dan Transmigrasi", 7),
        division("Hubungan Industrial", 7),
        technical_unit("UPTD Balai Latihan Kerja", 12, titles=SERVICE, clause="1.l.12"),
    ),
    agency(
        "DINSOS",
        "Dinas Sosial",
        secretariat("Dinas Sosial", (5, 4, 4)),
        division("Perlindungan dan Jaminan Sosial", 8, titles=SOCIAL),
        division("Pemberdayaan Sosial", 7, titles=SOCIAL),
        division(
            "Rehabilitasi Sosial",
            4,
            section("Seksi Pelayanan Rumah Singgah", 6, SOCIAL, clause="1.l.12"),
            titles=SOCIAL,
        ),
    ),
    agency(
        "DISPUSSIP",
        "Dinas Perpustakaan dan Kearsipan",
        secretariat("Dinas Perpustakaan dan Kearsipan", (5, 4, 4)),
        division("Kearsipan", 8, titles=ARCHIVES),
        division("Pengembangan Perpustakaan", 6, titles=LIBRARY),
        technical_unit("UPTD Layanan Perpustakaan", 12, titles=LIBRARY, clause="1.l.12"),
    ),
    agency(
        "DISHUB",
        "Dinas Perhubungan",
        secretariat("Dinas Perhubungan", (6, 5, 4)),
        division("Lalu Lintas dan Angkutan", 10),
        division("Prasarana dan Keselamatan", 9),
        technical_unit("UPTD Terminal", 18, titles=FIELD, clause="1.l.12"),
        technical_unit(
            "UPTD Pengujian Kendaraan Bermotor",
            10,
            clause="1.l.12",
            titles=mix("4 Penguji Kendaraan Bermotor Terampil", "2 Operator Layanan Operasional"),
        ),
    ),
    agency(
        "DISDUKCAPIL",
        "Dinas Kependudukan dan Pencatatan Sipil",
        secretariat("Dinas Kependudukan dan Pencatatan Sipil", (5, 4, 4)),
        division("Pelayanan Pendaftaran Penduduk", 12, titles=RECORDS, clause="1.l.7"),
        division("Pelayanan Pencatatan Sipil", 9, titles=RECORDS, clause="1.l.7"),
        division("Pengelolaan Informasi Administrasi Kependudukan", 8, titles=RECORDS),
        division("Pemanfaatan Data dan Inovasi Pelayanan", 6),
    ),
    agency(
        "DLH",
        "Dinas Lingkungan Hidup",
        secretariat("Dinas Lingkungan Hidup", (6, 5, 4)),
        division("Penataan dan Peningkatan Kapasitas Lingkungan", 8),
        division("Pengendalian Pencemaran dan Kerusakan Lingkungan", 8),
        division(
            "Kebersihan",
            6,
            section("Seksi Pengangkutan Sampah", 34, FIELD),
            section("Seksi Pertamanan", 16, FIELD),
            titles=FIELD,
            clause="1.l.6",
        ),
        technical_unit("UPTD Persampahan", 30, titles=FIELD, clause="1.l.6"),
        technical_unit("UPTD Laboratorium Lingkungan", 6, titles=SERVICE, clause="1.l.12"),
    ),
    agency(
        "SATPOLPP",
        "Satuan Polisi Pamong Praja",
        secretariat("Satuan Polisi Pamong Praja", (7, 5, 4)),
        division("Penegakan Peraturan Perundang-undangan Daerah", 8, titles=POLICING),
        division(
            "Ketertiban Umum dan Ketenteraman Masyarakat",
            6,
            section("Seksi Operasi dan Pengendalian", 40, POLICING),
            section("Seksi Pengamanan dan Pengawalan", 16, POLICING),
            titles=POLICING,
            clause="1.l.5",
        ),
        division("Perlindungan Masyarakat", 14, titles=POLICING, clause="1.l.5"),
    ),
    agency(
        "BPBD",
        "Badan Penanggulangan Bencana Daerah",
        secretariat("Badan Penanggulangan Bencana Daerah", (5, 4, 4)),
        division("Pencegahan dan Kesiapsiagaan", 7),
        division("Kedaruratan dan Logistik", 14, titles=FIELD, clause="1.l.4"),
        division("Rehabilitasi dan Rekonstruksi", 6),
        technical_unit("Pusat Pengendalian Operasi Penanggulangan Bencana", 12, titles=FIELD, clause="1.l.4"),
        leader="Kepala Pelaksana Badan Penanggulangan Bencana Daerah",
    ),
    *DISTRICTS,
)

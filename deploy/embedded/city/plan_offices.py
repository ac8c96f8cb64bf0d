"""Planned units of the agencies that mostly support: secretariats, inspectorate, badan (names as in public news)."""

from __future__ import annotations

from .plans import (
    FIELD,
    FINANCE,
    GENERAL,
    PLANNING,
    POLICY,
    SERVICE,
    Mix,
    UnitPlan,
    agency,
    division,
    mix,
    secretariat,
    section,
    technical_unit,
)

LEGAL = mix(
    "3 Perancang Peraturan Perundang-undangan Ahli Pertama",
    "3 Penelaah Teknis Kebijakan",
    "2 Analis Hukum Ahli Pertama",
    "2 Pengadministrasi Perkantoran",
)
AUDIT = mix(
    "4 Auditor Ahli Pertama",
    "4 Auditor Ahli Muda",
    "2 Auditor Ahli Madya",
    "1 Auditor Terampil",
    "3 Pengawas Penyelenggaraan Urusan Pemerintahan Daerah Ahli Muda",
)
PROCUREMENT = mix(
    "4 Pengelola Pengadaan Barang/Jasa Ahli Pertama",
    "3 Pengelola Pengadaan Barang/Jasa Ahli Muda",
    "2 Penelaah Teknis Kebijakan",
)
PERSONNEL = mix(
    "4 Analis Sumber Daya Manusia Aparatur Ahli Pertama",
    "3 Analis Sumber Daya Manusia Aparatur Ahli Muda",
    "2 Penelaah Teknis Kebijakan",
    "2 Pranata Sumber Daya Manusia Aparatur Terampil",
)
COMPUTING = mix(
    "4 Pranata Komputer Ahli Pertama",
    "2 Pranata Komputer Ahli Muda",
    "3 Pranata Komputer Terampil",
    "2 Penata Kelola Sistem dan Teknologi Informasi",
    "1 Pengolah Data dan Informasi",
)
PUBLICITY = mix(
    "3 Pranata Hubungan Masyarakat Ahli Pertama",
    "2 Pranata Hubungan Masyarakat Terampil",
    "2 Penelaah Teknis Kebijakan",
    "1 Pengolah Data dan Informasi",
)
STATISTICS = mix(
    "3 Statistisi Ahli Pertama", "2 Statistisi Ahli Muda", "2 Sandiman Ahli Pertama", "2 Pengolah Data dan Informasi"
)
TAX = mix(
    "4 Pengelola Layanan Operasional",
    "3 Penelaah Teknis Kebijakan",
    "2 Operator Layanan Operasional",
    "2 Analis Keuangan Pusat dan Daerah Ahli Pertama",
)


def bureau(name: str, staff: int, *parts: UnitPlan, titles: Mix = POLICY) -> UnitPlan:
    """A bagian of Sekretariat Daerah or Sekretariat DPRD (III.a)."""
    return UnitPlan(f"Bagian {name}", f"Kepala Bagian {name}", "31", staff, titles, children=parts)


def assistant(name: str, *parts: UnitPlan) -> UnitPlan:
    return UnitPlan(f"Asisten {name}", f"Asisten {name}", "22", children=parts)


def adviser(field: str) -> UnitPlan:
    return UnitPlan(f"Staf Ahli Bidang {field}", f"Staf Ahli Wali Kota Bidang {field}", "22")


def inspector(number: str) -> UnitPlan:
    return UnitPlan(f"Inspektorat Pembantu {number}", f"Inspektur Pembantu {number}", "31", 7, AUDIT)


OFFICES: tuple[UnitPlan, ...] = (
    agency(
        "SETDA",
        "Sekretariat Daerah",
        assistant(
            "Pemerintahan dan Kesejahteraan Rakyat",
            bureau("Tata Pemerintahan", 9, section("Subbagian Otonomi Daerah", 3)),
            bureau("Kesejahteraan Rakyat", 9, section("Subbagian Bina Mental Spiritual", 3)),
            bureau("Hukum", 8, section("Subbagian Dokumentasi dan Informasi Hukum", 3, LEGAL), titles=LEGAL),
        ),
        assistant(
            "Perekonomian dan Pembangunan",
            bureau("Perekonomian dan Administrasi Pembangunan", 10, titles=PLANNING),
            bureau("Pengadaan Barang dan Jasa", 11, titles=PROCUREMENT),
        ),
        assistant(
            "Administrasi Umum",
            bureau(
                "Organisasi",
                7,
                section("Subbagian Kelembagaan dan Analisis Jabatan", 3),
                section("Subbagian Kinerja dan Reformasi Birokrasi", 3),
            ),
            bureau(
                "Umum",
                12,
                section("Subbagian Rumah Tangga", 10, FIELD),
                section("Subbagian Tata Usaha Pimpinan", 6, GENERAL),
                section("Subbagian Keuangan Setda", 6, FINANCE),
                titles=GENERAL,
            ),
            bureau("Protokol dan Komunikasi Pimpinan", 10, section("Subbagian Protokol", 4), titles=PUBLICITY),
        ),
        adviser("Hukum dan Politik"),
        adviser("Ekonomi dan Pembangunan"),
        adviser("Sosial dan Sumber Daya Manusia"),
        leader="Sekretaris Daerah",
        echelon="21",
    ),
    agency(
        "SETWAN",
        "Sekretariat DPRD",
        bureau(
            "Umum dan Keuangan",
            5,
            section("Subbagian Tata Usaha dan Kepegawaian", 7, GENERAL),
            section("Subbagian Program dan Keuangan", 6, FINANCE),
            titles=GENERAL,
        ),
        bureau("Persidangan dan Perundang-undangan", 6, section("Subbagian Persidangan dan Risalah", 6), titles=LEGAL),
        bureau("Fasilitasi Penganggaran dan Pengawasan", 7),
        leader="Sekretaris DPRD",
    ),
    agency(
        "INSPEKTORAT",
        "Inspektorat",
        secretariat("Inspektorat", (5, 4, 5)),
        inspector("I"),
        inspector("II"),
        inspector("III"),
        inspector("Khusus"),
        leader="Inspektur",
    ),
    agency(
        "BAPPEDA",
        "Badan Perencanaan Pembangunan Daerah",
        secretariat("Badan Perencanaan Pembangunan Daerah"),
        division("Perencanaan, Pengendalian dan Evaluasi Pembangunan Daerah", 8, titles=PLANNING),
        division("Pemerintahan dan Pembangunan Manusia", 7, titles=PLANNING),
        division("Perekonomian, Infrastruktur dan Kewilayahan", 8, titles=PLANNING),
        division("Penelitian dan Pengembangan", 7, titles=STATISTICS),
    ),
    agency(
        "BPKAD",
        "Badan Pengelolaan Keuangan dan Aset Daerah",
        secretariat("Badan Pengelolaan Keuangan dan Aset Daerah"),
        division("Anggaran", 4, section("Subbidang Penyusunan Anggaran", 5, FINANCE), titles=FINANCE),
        division("Perbendaharaan", 4, section("Subbidang Belanja dan Kas", 6, FINANCE), titles=FINANCE),
        division("Akuntansi dan Pelaporan", 9, titles=FINANCE),
        division("Pengelolaan Aset Daerah", 5, section("Subbidang Penatausahaan Aset", 6, FINANCE), titles=FINANCE),
    ),
    agency(
        "BPPRD",
        "Badan Pengelolaan Pajak dan Retribusi Daerah",
        secretariat("Badan Pengelolaan Pajak dan Retribusi Daerah", (5, 5, 4)),
        division("Pendataan dan Penetapan", 9, titles=TAX),
        division("Penagihan dan Pengendalian", 8, titles=TAX),
        division("Pengembangan Pendapatan", 7, titles=FINANCE),
        technical_unit("UPTD Pajak Daerah", 16, titles=TAX, clause="1.l.11"),
    ),
    agency(
        "BKPSDM",
        "Badan Kepegawaian dan Pengembangan Sumber Daya Manusia",
        secretariat("Badan Kepegawaian dan Pengembangan Sumber Daya Manusia", (5, 4, 4)),
        division("Pengadaan, Pemberhentian dan Informasi Kepegawaian", 8, titles=PERSONNEL),
        division("Mutasi dan Promosi", 7, titles=PERSONNEL),
        division("Pengembangan Kompetensi dan Penilaian Kinerja", 8, titles=PERSONNEL),
    ),
    agency(
        "KESBANGPOL",
        "Badan Kesatuan Bangsa dan Politik",
        secretariat("Badan Kesatuan Bangsa dan Politik", (4, 4, 3)),
        division("Ideologi, Wawasan Kebangsaan dan Ketahanan Ekonomi", 5),
        division("Politik Dalam Negeri dan Organisasi Kemasyarakatan", 5),
        division("Kewaspadaan Nasional dan Penanganan Konflik", 5),
        acting=True,
    ),
    agency(
        "KOMINFO",
        "Dinas Komunikasi dan Informatika",
        secretariat("Dinas Komunikasi dan Informatika", (6, 4, 4)),
        division("Informasi dan Komunikasi Publik", 8, titles=PUBLICITY),
        division("Aplikasi Informatika", 9, titles=COMPUTING),
        division("Infrastruktur Teknologi Informasi dan Komunikasi", 8, titles=COMPUTING),
        division("Statistik dan Persandian", 7, titles=STATISTICS),
    ),
    agency(
        "DP3AP2KB",
        "Dinas Pemberdayaan Perempuan, Perlindungan Anak, Pengendalian Penduduk dan Keluarga Berencana",
        secretariat("Dinas P3AP2KB", (5, 4, 4)),
        division("Pemberdayaan Perempuan dan Pengarusutamaan Gender", 6),
        division("Perlindungan Perempuan dan Anak", 6),
        division(
            "Pengendalian Penduduk dan Keluarga Berencana",
            14,
            titles=mix(
                "5 Penyuluh Keluarga Berencana Ahli Pertama",
                "3 Penyuluh Keluarga Berencana Terampil",
                "2 Penelaah Teknis Kebijakan",
            ),
        ),
        technical_unit("UPTD Perlindungan Perempuan dan Anak", 7, titles=SERVICE, clause="1.l.12"),
    ),
    agency(
        "DISKOPUMKMP",
        "Dinas Koperasi, Usaha Mikro, Kecil, Menengah dan Perindustrian",
        secretariat("Dinas Koperasi, UMKM dan Perindustrian", (5, 4, 4)),
        division("Koperasi", 7),
        division("Usaha Mikro, Kecil dan Menengah", 8),
        division("Perindustrian", 7),
        technical_unit("UPTD Sentra Industri Kecil", 6, titles=SERVICE, clause="1.l.12"),
    ),
)

"""Planned units that repeat over the city: five kecamatan with their 22 kelurahan, and the public schools."""

from __future__ import annotations

from dataclasses import replace

from .plans import FINANCE, GENERAL, POLICY, SERVICE, Mix, UnitPlan, agency, mix, section

KELURAHAN: dict[str, tuple[str, ...]] = {
    "Metro Pusat": ("Metro", "Hadimulyo Barat", "Hadimulyo Timur", "Yosomulyo", "Imopuro"),
    "Metro Barat": ("Mulyojati", "Mulyosari", "Ganjaragung", "Ganjarasri"),
    "Metro Timur": ("Tejosari", "Tejoagung", "Yosorejo", "Iringmulyo", "Yosodadi"),
    "Metro Utara": ("Purwoasri", "Banjarsari", "Purwosari", "Karangrejo"),
    "Metro Selatan": ("Sumbersari", "Rejomulyo", "Margodadi", "Margorejo"),
}
_TEACHERS_PRIMARY = mix("8 Guru Ahli Pertama", "5 Guru Ahli Muda", "2 Guru Ahli Madya",
                        "1 Pengadministrasi Perkantoran", "1 Pengelola Umum Operasional")  # fmt: skip
_TEACHERS_SECONDARY = mix("8 Guru Ahli Pertama", "6 Guru Ahli Muda", "4 Guru Ahli Madya",
                          "2 Pengadministrasi Perkantoran", "1 Pengelola Umum Operasional",
                          "1 Pustakawan Terampil")  # fmt: skip
_PRIMARY_PER_DISTRICT = 9
_SECONDARY = 10


def _village(name: str) -> UnitPlan:
    """A kelurahan: the lurah (IV.a), a secretary (IV.b), and a counter that serves people."""
    return UnitPlan(
        f"Kelurahan {name}", f"Lurah {name}", "41", 3, POLICY,
        children=(
            UnitPlan(f"Sekretariat Kelurahan {name}", f"Sekretaris Kelurahan {name}", "42", 1, GENERAL),
            section(f"Seksi Pelayanan Kelurahan {name}", 2, SERVICE, clause="1.l.12", echelon="42"),
        ),
    )  # fmt: skip


def _district(name: str) -> UnitPlan:
    parts = (
        UnitPlan("Sekretariat Kecamatan", f"Sekretaris Kecamatan {name}", "32", 1, GENERAL, children=(
            section("Subbagian Umum dan Kepegawaian", 4, GENERAL, echelon="42"),
            section("Subbagian Perencanaan dan Keuangan", 3, FINANCE, echelon="42"))),
        section("Seksi Tata Pemerintahan", 4),
        # One kecamatan's seksi has no head, so that a vacant post occurs in the small city too.
        replace(section("Seksi Pemberdayaan Masyarakat", 3), vacant=name == "Metro Pusat"),
        section("Seksi Ketenteraman dan Ketertiban Umum", 4, clause="1.l.5"),
        section("Seksi Pelayanan Umum", 4, SERVICE, clause="1.l.12"),
    )  # fmt: skip
    return agency(
        f"KEC-{name.upper().replace(' ', '-')}",
        f"Kecamatan {name}",
        *parts,
        *(_village(village) for village in KELURAHAN[name]),
        leader=f"Camat {name}",
        echelon="31",
    )


DISTRICTS: tuple[UnitPlan, ...] = tuple(_district(name) for name in KELURAHAN)


def _school(name: str, staff: int, titles: Mix) -> UnitPlan:
    """A public school (1.l.10); its head is a teacher with an additional duty, so without an echelon."""
    return UnitPlan(name, f"Kepala {name}", "99", staff, titles, "1.l.10")


def schools() -> tuple[UnitPlan, ...]:
    """4 PAUD/TK, 45 SD, 10 SMP, all public; sizes differ a little from school to school."""
    kindergartens = (
        "PAUD Negeri Pembina Metro", "TK Negeri Pembina Metro Pusat", "TK Negeri Pembina Metro Timur",
        "TK Negeri Pembina Metro Barat",
    )  # fmt: skip
    primary = [
        _school(f"SD Negeri {number} {district}", 13 + (number * 5) % 8, _TEACHERS_PRIMARY)
        for district in KELURAHAN
        for number in range(1, _PRIMARY_PER_DISTRICT + 1)
    ]
    secondary = [
        _school(f"SMP Negeri {number} Metro", 26 + (number * 7) % 12, _TEACHERS_SECONDARY)
        for number in range(1, _SECONDARY + 1)
    ]
    return (*(_school(name, 7, _TEACHERS_PRIMARY) for name in kindergartens), *primary, *secondary)

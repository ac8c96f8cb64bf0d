"""Posts and what they imply: kind of post, range of grades, degrees.

Functional posts (JFT) take their grade from the rung at the end of the title; general posts (JFU) are named as in
KepmenPANRB 11/2024. Grades are SIASN ids: 11–14 I/a–I/d … 41–45 IV/a–IV/e; PPPK Roman numerals.
"""

from __future__ import annotations

from dataclasses import dataclass

GRADES = (*(f"{group}{step}" for group in "1234" for step in "1234"), "45")
RANKS = dict(
    zip(
        GRADES,
        (
            "Juru Muda", "Juru Muda Tingkat I", "Juru", "Juru Tingkat I",
            "Pengatur Muda", "Pengatur Muda Tingkat I", "Pengatur", "Pengatur Tingkat I",
            "Penata Muda", "Penata Muda Tingkat I", "Penata", "Penata Tingkat I",
            "Pembina", "Pembina Tingkat I", "Pembina Utama Muda", "Pembina Utama Madya", "Pembina Utama",
        ),
        strict=True,
    )
)  # fmt: skip
ECHELONS = {"21": "II.a", "22": "II.b", "31": "III.a", "32": "III.b", "41": "IV.a", "42": "IV.b", "99": "Non Eselon"}
# Leaders by echelon: lowest and highest grade in practice. 99 is a functional official who also leads (head teacher).
LEADER_GRADES = {
    "21": ("43", "44"), "22": ("42", "43"), "31": ("41", "42"), "32": ("34", "41"),
    "41": ("33", "34"), "42": ("32", "34"), "99": ("34", "42"),
}  # fmt: skip
LEADER_DEGREES = ("S.Sos., M.M.", "S.E., M.M.", "S.IP., M.Si.", "S.H., M.H.", "S.T., M.T.", "S.STP., M.Si.", "S.Sos.")


@dataclass(frozen=True, slots=True)
class Rung:
    """Grades a post may hold; `start` is the grade at entry; `pppk` the PPPK grade, "" when none is appointed there."""

    low: str
    high: str
    start: str
    pppk: str


_RUNGS = {
    "Ahli Pertama": Rung("31", "32", "31", "IX"),
    "Ahli Muda": Rung("33", "34", "31", "XI"),
    "Ahli Madya": Rung("41", "43", "31", ""),
    "Terampil": Rung("23", "24", "23", "VII"),
    "Mahir": Rung("31", "32", "23", ""),
    "Penyelia": Rung("33", "34", "23", ""),
}
_GENERAL = {
    "Penelaah Teknis Kebijakan": Rung("31", "34", "31", "IX"),
    "Penata Layanan Operasional": Rung("31", "33", "31", "IX"),
    "Penata Kelola Sistem dan Teknologi Informasi": Rung("31", "33", "31", "IX"),
    "Pengolah Data dan Informasi": Rung("23", "32", "23", "VII"),
    "Pengelola Layanan Operasional": Rung("23", "32", "23", "VII"),
    "Pengadministrasi Perkantoran": Rung("21", "32", "21", "V"),
    "Operator Layanan Operasional": Rung("21", "31", "21", "V"),
    "Pengelola Umum Operasional": Rung("13", "23", "11", "I"),
}
# First words of a title → (front title, degrees of experts, degrees of the skilled).
_DEGREES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "Dokter Gigi": ("drg.", ("", "M.Kes."), ()),
    "Dokter": ("dr.", ("", "Sp.PD.", "Sp.A.", "Sp.OG.", "M.Kes."), ()),
    "Apoteker": ("apt.", ("S.Farm.",), ()),
    "Asisten Apoteker": ("", (), ("A.Md.Farm.",)),
    "Perawat": ("", ("S.Kep., Ns.",), ("A.Md.Kep.",)),
    "Bidan": ("", ("S.Tr.Keb.", "S.Keb., Bd."), ("A.Md.Keb.",)),
    "Pranata Laboratorium Kesehatan": ("", ("S.Tr.Kes.",), ("A.Md.A.K.",)),
    "Nutrisionis": ("", ("S.Gz.",), ("A.Md.Gz.",)),
    "Epidemiolog Kesehatan": ("", ("S.K.M.",), ()),
    "Tenaga": ("", ("S.K.M.",), ("A.Md.K.L.",)),
    "Guru": ("", ("S.Pd.", "S.Pd.", "S.Pd., M.Pd.", "S.Pd.I.", "S.Ag."), ()),
    "Pranata Komputer": ("", ("S.Kom.", "S.Kom., M.T.I.", "S.T."), ("A.Md.Kom.",)),
    "Auditor": ("", ("S.E.", "S.E., Ak., CA.", "S.H."), ("A.Md.",)),
    "Pengawas": ("", ("S.H.", "S.Sos.", "S.Pd., M.Pd."), ()),
    "Perencana": ("", ("S.T.", "S.E.", "S.E., M.Si.", "S.P."), ()),
    "Pustakawan": ("", ("S.IP.", "S.Hum."), ("A.Md.",)),
    "Arsiparis": ("", ("S.Sos.", "S.Hum."), ("A.Md.",)),
    "Statistisi": ("", ("S.Si.", "S.ST."), ("A.Md.Stat.",)),
    "Penyuluh Keluarga Berencana": ("", ("S.Sos.", "S.K.M."), ("A.Md.",)),
    "Teknik": ("", ("S.T.", "S.T., M.T."), ("A.Md.T.",)),
    "Pekerja Sosial": ("", ("S.Tr.Sos.", "S.Sos."), ()),
    "Polisi Pamong Praja": ("", ("S.Sos.", "S.IP."), ("",)),
    "Penguji Kendaraan Bermotor": ("", ("S.T.",), ("A.Md.PKB.",)),
}
_EXPERT_DEGREES = ("S.E.", "S.Sos.", "S.IP.", "S.H.", "S.A.P.", "S.E., M.M.", "S.Sos., M.M.")
_SKILLED_DEGREES = ("A.Md.", "A.Md.", "A.Md.Ak.")


def post_kind(title: str) -> str:
    """ "2" for a functional post (JFT), "4" for a general one (JFU)."""
    return "4" if title in _GENERAL else "2"


def rung_of(title: str) -> Rung:
    """Grades of a staff post; KeyError for a title that is in neither catalogue."""
    if title in _GENERAL:
        return _GENERAL[title]
    return _RUNGS[" ".join(title.split(" ")[-2:])] if " Ahli " in title else _RUNGS[title.rsplit(" ", 1)[-1]]


def degrees_of(title: str) -> tuple[str, tuple[str, ...]]:
    """Front title, and the degrees to draw from, fitting a staff post."""
    rung = rung_of(title)
    expert = rung.start >= "31"
    for words in sorted(_DEGREES, key=len, reverse=True):
        if title.startswith(words):
            front, experts, skilled = _DEGREES[words]
            return front, (experts if expert else skilled) or ("",)
    if expert:
        return "", _EXPERT_DEGREES
    return "", _SKILLED_DEGREES if rung.start == "23" else ("",)

"""The shape of an agency before anybody works in it: a tree of planned units, and short ways to write one down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

Mix = tuple[tuple[str, int], ...]


def mix(*pairs: str) -> Mix:
    """Titles with weights, written "weight title"."""
    return tuple((title, int(weight)) for weight, _, title in (pair.partition(" ") for pair in pairs))


GENERAL = mix(
    "5 Pengadministrasi Perkantoran", "3 Penelaah Teknis Kebijakan", "2 Operator Layanan Operasional",
    "2 Pengelola Umum Operasional", "1 Arsiparis Terampil", "1 Analis Sumber Daya Manusia Aparatur Ahli Pertama",
)  # fmt: skip
FINANCE = mix(
    "4 Penelaah Teknis Kebijakan", "3 Pengolah Data dan Informasi", "2 Analis Keuangan Pusat dan Daerah Ahli Pertama",
    "2 Pengadministrasi Perkantoran",
)  # fmt: skip
PLANNING = mix(
    "3 Perencana Ahli Pertama", "2 Perencana Ahli Muda", "3 Penelaah Teknis Kebijakan", "2 Pengolah Data dan Informasi",
    "1 Perencana Ahli Madya",
)  # fmt: skip
POLICY = mix(
    "3 Analis Kebijakan Ahli Muda", "3 Analis Kebijakan Ahli Pertama", "4 Penelaah Teknis Kebijakan",
    "3 Pengolah Data dan Informasi", "2 Pengadministrasi Perkantoran", "2 Penata Layanan Operasional",
)  # fmt: skip
SERVICE = mix(
    "4 Pengelola Layanan Operasional", "4 Penata Layanan Operasional", "3 Operator Layanan Operasional",
    "2 Pengadministrasi Perkantoran",
)  # fmt: skip
FIELD = mix("6 Operator Layanan Operasional", "4 Pengelola Umum Operasional", "2 Pengelola Layanan Operasional")


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """One unit to be. `staff` counts people besides the leader; `clause` ("1.l.9") holds for all units below too;
    `vacant`: nobody holds the leader's post; `acting`: it is held by the leader of the first unit below, as Plt."""

    name: str
    leader: str
    echelon: str
    staff: int = 0
    titles: Mix = POLICY
    clause: str = ""
    children: tuple[UnitPlan, ...] = ()
    vacant: bool = False
    acting: bool = False
    code: str = ""


def secretariat(agency: str, staff: tuple[int, int, int] = (6, 5, 5), echelon: str = "31") -> UnitPlan:
    """Sekretariat with its three subbagian; `staff` for general affairs, finance, planning."""
    general, finance, planning = staff
    return UnitPlan(
        "Sekretariat",
        f"Sekretaris {agency}",
        echelon,
        1,
        GENERAL,
        children=(
            section("Subbagian Umum dan Kepegawaian", general, GENERAL),
            section("Subbagian Keuangan dan Aset", finance, FINANCE),
            section("Subbagian Perencanaan, Evaluasi dan Pelaporan", planning, PLANNING),
        ),
    )


def section(name: str, staff: int, titles: Mix = POLICY, *, clause: str = "", echelon: str = "41") -> UnitPlan:
    """A subbagian or seksi."""
    return UnitPlan(name, f"Kepala {name}", echelon, staff, titles, clause)


def division(name: str, staff: int, *parts: UnitPlan, titles: Mix = POLICY, clause: str = "") -> UnitPlan:
    """A bidang under its kepala bidang (III.b)."""
    return UnitPlan(f"Bidang {name}", f"Kepala Bidang {name}", "32", staff, titles, clause, parts)


def technical_unit(
    name: str, staff: int, *parts: UnitPlan, titles: Mix = SERVICE, clause: str = "", echelon: str = "41"
) -> UnitPlan:
    """A UPTD or the like, one rung under the agency head."""
    return UnitPlan(name, f"Kepala {name}", echelon, staff, titles, clause, parts)


def agency(
    code: str, name: str, *children: UnitPlan, leader: str = "", echelon: str = "22", acting: bool = False
) -> UnitPlan:
    return UnitPlan(name, leader or f"Kepala {name}", echelon, 0, children=children, code=code, acting=acting)


def scaled(plan: UnitPlan, factor: float) -> UnitPlan:
    """The same tree with `factor` times the staff, at least one where there were any."""
    staff = max(1, round(plan.staff * factor)) if plan.staff else 0
    return replace(plan, staff=staff, children=tuple(scaled(child, factor) for child in plan.children))


def pruned(plan: UnitPlan, keep: Iterable[str]) -> UnitPlan:
    """The agency with only those branches that lead to a unit named in `keep`."""
    wanted = frozenset(keep)

    def branch(part: UnitPlan) -> UnitPlan | None:
        if part.name in wanted:
            return part
        below = tuple(found for child in part.children if (found := branch(child)) is not None)
        return replace(part, children=below) if below else None

    return branch(plan) or replace(plan, children=())

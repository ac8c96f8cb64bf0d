"""April 2026 in Metro: people from SIMPEG, rosters and letters, three WFH Fridays, packs by e-mail.

Every step goes through a webhook, the API or the queue, as it would in life.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import requests
from rich.progress import Progress

from deploy.embedded.city import Agency, City, photo
from deploy.embedded.demo import changes, letters
from deploy.embedded.demo.cast import FRIDAYS, MONTH, TOLD, Cast, chance, choose, filing, judgement
from deploy.embedded.demo.client import Client, StoryFailed, wait_for

T = TypeVar("T")
AT_ONCE = 4  # people acting at the same moment
ACTIVITIES = (
    ("Menyusun telaahan staf", "dokumen"), ("Memutakhirkan data perencanaan", "tabel"),
    ("Memeriksa surat masuk di e-office", "surat"), ("Menyusun bahan rapat daring", "berkas"),
    ("Merekap laporan kegiatan", "laporan"), ("Mengikuti rapat koordinasi daring", "rapat"),
)  # fmt: skip


@dataclass
class Story:
    """One run of the story over a running Luwes. *out* receives letters and packs."""

    client: Client
    city: City
    out: Path
    progress: Progress
    cast: Cast = field(init=False)
    rosters: dict[str, str] = field(default_factory=dict)  # agency code → roster id
    clash: dict[str, Any] = field(default_factory=dict)  # what an operator asked for that no roster could give

    def __post_init__(self) -> None:
        self.cast = choose(self.city)

    @property
    def told(self) -> list[Agency]:
        return [agency for agency in self.city.agencies if agency.code in TOLD]

    def play(self) -> None:
        """The whole month."""
        self.client.move_clock(date(2026, 4, 1), 8)
        self.load_people()
        self.load_rooms()
        self.read_meters(date(2026, 4, 1))
        self.client.move_clock(date(2026, 4, 8), 9)
        letters.set_letterheads(self)
        self.draft_and_approve()
        letters.sign(self)
        self.await_duties_and_checklists()
        for friday in FRIDAYS:
            self.work_from_home(friday)
            self.check_rooms(friday)
            self.assess(friday)
            if friday == FRIDAYS[0]:
                self.clash = changes.play(self)
        self.someone_moves()
        self.close_month()

    # --- people -------------------------------------------------------------------------------------------------

    def load_people(self) -> None:
        """SIMPEG's bulk files come in by the API; a preview first, as an operator would."""
        for kind, name in (("units", "ref-unor.csv"), ("people", "data-utama.xlsx"), ("absences", "absences.csv")):
            task = self.progress.add_task(f"SIMPEG: {name}", total=2)
            for apply in ("false", "true"):
                content = (self.client.home.city / name).read_bytes()
                outcome = self.client.post(
                    f"/schedule/api/imports/{kind}?apply={apply}",
                    key="simpeg-schedule-key",
                    files={"file": (name, content)},
                ).json()
                if outcome["rejected"]:
                    raise StoryFailed(f"{name}: {outcome['rejected'][:3]}")
                self.progress.advance(task)
        grants = [
            (self.cast.it, "it"),
            (self.cast.organisation, "organisation"),
            (self.cast.executive, "executive"),
            (self.cast.auditor, "auditor"),
            *((person, "operator") for person in self.cast.operators.values()),
        ]
        for person, role in grants:
            self.client.post("/schedule/api/roles", key="simpeg-schedule-key", json={"nip": person.nip, "role": role})

    def load_rooms(self) -> None:
        """Rooms by file; the preview is clean once energy has heard of their units."""
        content = (self.client.home.city / "rooms.csv").read_bytes()
        wait_for(
            "energy to know the rooms' units",
            lambda: not self._import_to_energy("rooms", "rooms.csv", content, apply=False)["rejected"],
        )
        self._import_to_energy("rooms", "rooms.csv", content, apply=True)

    def read_meters(self, today: date) -> None:
        """Each building's daily readings up to yesterday."""
        for path in self.bar("Pembacaan meter", sorted((self.client.home.city / "readings").glob("*.csv"))):
            header, *lines = path.read_text().splitlines()
            day = header.split(",").index("tanggal")
            past = [line for line in lines if line.split(",")[day] < today.isoformat()]
            self._import_to_energy("readings", path.name, "\n".join([header, *past]).encode(), apply=True)

    def _import_to_energy(self, kind: str, name: str, content: bytes, *, apply: bool) -> Any:
        path = f"/energy/api/imports/{kind}?apply={str(apply).lower()}"
        outcome = self.client.post(path, key="simpeg-energy-key", files={"file": (name, content)}).json()
        if apply and outcome["rejected"]:
            raise StoryFailed(f"{name}: {outcome['rejected'][:3]}")
        return outcome

    # --- rosters and letters ------------------------------------------------------------------------------------

    def draft_and_approve(self) -> None:
        """Each operator drafts and submits, each head approves (1.d)."""

        def approve(agency: Agency) -> None:
            operator = self.cast.operators[agency.code].nip
            body = {"agency_id": agency.id, "month": MONTH.isoformat()}
            roster_id = self.client.post("/schedule/api/rosters", nip=operator, json=body).json()["id"]
            self.client.post(f"/schedule/api/rosters/{roster_id}/submit", nip=operator)
            self.client.post(f"/schedule/api/rosters/{roster_id}/approve", nip=agency.head_nip)
            self.rosters[agency.code] = roster_id

        self.together("Jadwal disusun dan disetujui", approve, self.city.agencies)

    def await_duties_and_checklists(self) -> None:
        """The event opens one duty per person and WFH day, and one checklist per room and WFH day."""
        organisation = self.cast.organisation.nip
        at_home: set[tuple[str, str]] = set()
        for roster_id in self.bar("Tugas WFH dibuka", list(self.rosters.values())):
            for cell in self.client.rows(f"/schedule/api/rosters/{roster_id}/cells", nip=organisation, mode="wfh"):
                at_home.add((cell["employee_id"], cell["date"]))
        ids = {person.nip: person.id for person in self.city.people}
        runs = {
            (room.code, day)
            for room in self.city.rooms
            for nip in room.occupants
            for day in (friday.isoformat() for friday in FRIDAYS)
            if (ids[nip], day) in at_home
        }
        wait_for(
            f"{len(at_home)} duties",
            lambda: self.client.total("/reporting/api/duties", nip=organisation) == len(at_home),
        )
        wait_for(
            f"{len(runs)} checklists",
            lambda: self.client.total("/energy/api/checklists", nip=organisation) == len(runs),
        )

    # --- the day ------------------------------------------------------------------------------------------------

    def work_from_home(self, friday: date) -> None:
        """People file output and photo on the day; some only on Monday, some never (2.b)."""
        duties = list(self._duties(friday))
        moment = self.client.move_clock(friday, 15, 20)
        on_time = [duty for duty in duties if filing(duty["nip"], friday) == "on_time"]
        self.together(f"{friday:%d-%m} laporan harian", lambda duty: self._file(duty, friday, moment), on_time)

    def check_rooms(self, friday: date) -> None:
        """Rooms are switched off and checked, and somebody else looks (1.k.1, 1.k.2)."""
        self.client.move_clock(friday, 15, 40)
        officers = {room.code: room.officer_nip for room in self.city.rooms}
        for agency in self.told:
            operator = self.cast.operators[agency.code].nip
            runs = list(
                self.client.rows("/energy/api/checklists", nip=operator, date=friday.isoformat(), agency_id=agency.id)
            )
            for run in self.bar(f"{friday:%d-%m} ruangan {agency.code}", runs):
                if run["status"] == "cancelled":
                    continue
                roll = chance("room", run["room"]["code"], friday)
                if roll < 0.12:
                    continue  # forgotten: the gap stays visible
                self._check_room(run, officers[run["room"]["code"]], failed=roll > 0.86)
                if roll < 0.86:
                    nip = operator if operator != officers[run["room"]["code"]] else agency.head_nip
                    body = {"accepted": True, "note": ""}
                    self.client.post(f"/energy/api/checklists/{run['id']}/supervise", nip=nip, json=body)

    def assess(self, friday: date) -> None:
        """On Monday the latecomers file and superiors assess; what is sent back is mostly corrected and assessed."""
        monday = friday + timedelta(days=3)
        moment = self.client.move_clock(monday, 8, 30)
        late = [duty for duty in self._duties(friday) if filing(duty["nip"], friday) == "late"]
        self.together(f"{friday:%d-%m} laporan terlambat", lambda duty: self._file(duty, friday, moment), late)
        filed = [
            duty for duty in self._duties(friday) if duty["report_id"] and judgement(duty["nip"], friday) != "not_yet"
        ]
        nips = {person.id: person.nip for person in self.city.people}

        def judge(duty: dict[str, Any]) -> None:
            decision, superior = judgement(duty["nip"], friday), nips[duty["superior_id"]]
            self._judge(duty["report_id"], superior, decision)
            if decision == "sent_back" and chance("again", duty["nip"], friday) < 0.7:
                report = self._file(duty, friday, moment, again=True)
                self._judge(report["id"], superior, "as")

        self.together(f"{friday:%d-%m} penilaian atasan", judge, filed)

    def _duties(self, friday: date) -> Iterator[dict[str, Any]]:
        for agency in self.told:
            for duty in self.client.rows(
                "/reporting/api/duties", nip=self.cast.organisation.nip, date=friday.isoformat(), agency_id=agency.id
            ):
                if duty["status"] != "cancelled":
                    yield duty

    def _file(self, duty: dict[str, Any], friday: date, moment: datetime, *, again: bool = False) -> dict[str, Any]:
        nip, seed = duty["nip"], int(chance("photo", duty["nip"], friday, again) * 1e9)
        lines = []
        for number in range(2 + seed % 2):
            activity, unit = ACTIVITIES[(seed + number) % len(ACTIVITIES)]
            result = "selesai, dilengkapi sesuai catatan" if again else "selesai"
            lines.append(
                {"activity": activity, "start": f"{8 + 3 * number:02d}:00", "end": f"{10 + 3 * number:02d}:30",
                 "quantity": 1 + (seed + number) % 4, "unit": unit, "result": result}
            )  # fmt: skip
        taken = min(moment, moment.replace(year=friday.year, month=friday.month, day=friday.day)) - timedelta(hours=1)
        reply: dict[str, Any] = self.client.post(
            "/reporting/api/reports",
            nip=nip,
            data={"date": friday.isoformat(), "lines": json.dumps(lines)},
            files={"photo": ("foto.jpg", photo(seed, taken), "image/jpeg")},
        ).json()
        return reply

    def _judge(self, report_id: str, superior: str, decision: str) -> None:
        note = "Lengkapi jumlah hasil pada setiap kegiatan." if decision == "sent_back" else ""
        body = {"decision": decision, "note": note}
        self.client.post(f"/reporting/api/reports/{report_id}/assessment", nip=superior, json=body)

    def _check_room(self, run: dict[str, Any], officer: str, *, failed: bool) -> None:
        items = self.client.get(f"/energy/api/checklists/{run['id']}", nip=officer)["items"]
        answers = [{"code": item["code"], "ok": True, "note": ""} for item in items]
        if failed:
            answers[1] = {**answers[1], "ok": False, "note": "Remote AC rusak, AC dimatikan dari MCB."}
        self.client.post(f"/energy/api/checklists/{run['id']}/submit", nip=officer, json={"items": answers})

    # --- month's end --------------------------------------------------------------------------------------------

    def someone_moves(self) -> None:
        """SIMPEG tells of a move by webhook in mid-month; history stays with the old agency."""
        person = next(
            p for p in self.city.people_of(self.told[0].id, deep=True)
            if p.active and self.city.may_work_at_home(p.nip) and p.nip != self.cast.operators[self.told[0].code].nip
        )  # fmt: skip
        unit = self.city.people_of(self.told[1].id, deep=True)[-1].unit_id
        answer = requests.post(
            f"{self.client.home.fake_url('simpeg')}/_fake/events",
            json={
                "type": "pegawai.mutasi",
                "data": {"nipBaru": person.nip, "unorId": unit, "tmtJabatan": f"{FRIDAYS[-1]:%d-%m-%Y}"},
            },
            timeout=60,
        )
        if answer.status_code != 200:
            raise StoryFailed(f"SIMPEG could not deliver its webhook: {answer.text[:300]}")
        organisation, target = self.cast.organisation.nip, self.city.unit_by_id[unit].agency_id
        wait_for(
            "the move to be known",
            lambda: self.client.get(
                "/schedule/api/employees", nip=organisation, params={"q": person.nip}
            )["rows"][0]["agency_id"] == target,
        )  # fmt: skip

    def close_month(self) -> None:
        """Energy closes its figures, reporting builds the packs, heads approve, mails go out (2.a)."""
        self.client.move_clock(date(2026, 4, 30), 15)
        self.read_meters(date(2026, 4, 30))
        self.client.move_clock(date(2026, 4, 30), 16, 50)
        organisation = self.cast.organisation.nip
        every = len(self.city.agencies)
        wait_for(
            "all packs to be built",
            lambda: (
                self.client.total("/reporting/api/packs", nip=organisation, month="2026-04", status="draft") == every
            ),
        )
        packs = {pack["agency_id"]: pack for pack in self.client.rows("/reporting/api/packs", nip=organisation)}
        folder = self.out / "packs"
        folder.mkdir(parents=True, exist_ok=True)

        def approve(agency: Agency) -> None:
            path, nip = f"/reporting/api/packs/{packs[agency.id]['id']}", self.cast.operators[agency.code].nip
            wait_for("energy's figures in the pack", lambda: self._has_energy(path, nip))
            notes = {
                "obstacles": "Jaringan internet beberapa pegawai lambat.",
                "follow_up": "Pendampingan oleh Kominfo.",
            }
            version = self.client.call("PUT", f"{path}/notes", nip=nip, json=notes).json()["version"]
            self.client.post(f"{path}/approve", nip=agency.head_nip, json={"version": version})
            for form in ("pdf", "xlsx"):
                content = self.client.call("GET", f"{path}/{form}", nip=agency.head_nip).content
                (folder / f"{agency.code}-2026-04.{form}").write_bytes(content)

        self.together("Laporan bulanan disetujui", approve, self.told)
        wait_for(
            "the packs to be mailed",
            lambda: self.client.total("/reporting/api/packs", nip=organisation, status="sent") == len(self.told),
        )

    def _has_energy(self, path: str, nip: str) -> bool:
        sections = self.client.get(path, nip=nip)["content"]["sections"]
        rooms = next(section for section in sections if section["basis"].startswith("1.k"))
        return bool(rooms["tables"])

    # --- how it is told -----------------------------------------------------------------------------------------

    def bar(self, text: str, items: Sequence[T]) -> Iterator[T]:
        """The items, with a progress bar."""
        task = self.progress.add_task(text, total=len(items))
        for item in items:
            yield item
            self.progress.advance(task)

    def together(self, text: str, act: Any, items: Iterable[Any]) -> None:
        """Several people act at the same time, with a progress bar; the first failure ends the story."""
        everyone = list(items)
        task = self.progress.add_task(text, total=len(everyone))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for _ in pool.map(act, everyone):
                self.progress.advance(task)

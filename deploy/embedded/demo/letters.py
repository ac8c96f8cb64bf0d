"""Letters of the story: agencies set their letterheads, e-office numbers, heads sign, one of them in e-office."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from deploy.embedded.city import Agency
from deploy.embedded.demo.client import StoryFailed, wait_for
from deploy.embedded.fakes.eoffice import PASSPHRASE as EOFFICE_PASSPHRASE
from deploy.embedded.home import PASSPHRASE

if TYPE_CHECKING:
    from deploy.embedded.demo.story import Story

STREETS = (
    "Jalan Jenderal Sudirman", "Jalan A.H. Nasution", "Jalan Imam Bonjol", "Jalan Ahmad Yani", "Jalan Soekarno-Hatta",
    "Jalan Diponegoro", "Jalan Veteran",
)  # fmt: skip
SIGNS_IN_EOFFICE = "DISDUKCAPIL"
"""The agency whose head signs in e-office; all others sign in Luwes."""


def letterhead(agency: Agency, place: int) -> dict[str, str]:
    """What the letters of the city's *place*-th agency say of where it is; made up, but for the names of streets."""
    host = f"{agency.code.lower()}.metro.example"
    return {
        "address": f"{STREETS[place % len(STREETS)]} Nomor {3 + 2 * place}",
        "postal_code": f"3411{1 + place % 5}",
        "phone": f"(0725) 4{1000 + 37 * place}",
        "email": f"surat@{host}",
        "website": host,
    }


def set_letterheads(story: Story) -> None:
    """Each operator fills in the letterhead of their agency."""
    for place, agency in enumerate(story.bar("Kop surat", story.city.agencies)):
        path, nip = f"/schedule/api/agencies/{agency.id}/letterhead", story.cast.operators[agency.code].nip
        story.client.call("PUT", path, nip=nip, json=letterhead(agency, place))


def sign(story: Story) -> None:
    """e-office numbers the letters by webhook; each head signs theirs, and the PDF is kept."""
    folder = story.out / "letters"
    folder.mkdir(parents=True, exist_ok=True)
    organisation, every = story.cast.organisation.nip, len(story.city.agencies)
    wait_for(
        "e-office to number all letters",
        lambda: story.client.total("/schedule/api/letters", nip=organisation, status="numbered") == every,
    )
    agencies = {agency.id: agency for agency in story.city.agencies}

    def act(letter: dict[str, Any]) -> None:
        agency = agencies[letter["agency_id"]]
        if agency.code == SIGNS_IN_EOFFICE:
            _sign_in_eoffice(story, agency, letter)
        else:
            path = f"/schedule/api/letters/{letter['id']}/sign"
            story.client.post(path, nip=agency.head_nip, json={"passphrase": PASSPHRASE})
        keep(story, agency, letter, folder)

    letters = list(story.client.rows("/schedule/api/letters", nip=organisation))
    story.together("Surat Tugas ditandatangani", act, letters)


def keep(story: Story, agency: Agency, letter: dict[str, Any], folder: Path) -> None:
    """Keep the signed PDF under the agency's code."""
    pdf = story.client.call("GET", f"/schedule/api/letters/{letter['id']}/pdf", nip=agency.head_nip).content
    (folder / f"{agency.code}.pdf").write_bytes(pdf)


def _sign_in_eoffice(story: Story, agency: Agency, letter: dict[str, Any]) -> None:
    """The head signs there, as soon as the numbered file has come, and Luwes hears of it by webhook."""
    eoffice, head = story.client.home.fake_url("eoffice"), story.city.person_by_nip[agency.head_nip]
    [there] = [
        row
        for row in requests.get(f"{eoffice}/suratnew/masuk", params={"nip": head.nip}, timeout=30).json()["data"]
        if row["referensi"] == letter["id"]
    ]
    form = {"nip": head.nip, "nama": head.full_name, "idsurat": there["id"], "passphrase": EOFFICE_PASSPHRASE}

    def signed() -> bool:
        answer = requests.post(f"{eoffice}/suratnew/tandatangan", data=form, timeout=30)
        if answer.status_code not in (200, 409):  # 409: the numbered file is still on its way
            raise StoryFailed(f"e-office did not sign: {answer.text[:300]}")
        return answer.status_code == 200

    wait_for("the numbered letter to be in e-office", signed)
    wait_for(
        "Luwes to know of the signature in e-office",
        lambda: any(
            row["id"] == letter["id"]
            for row in story.client.rows("/schedule/api/letters", nip=agency.head_nip, status="signed")
        ),
    )

"""The whole product at work: the small city's April, once in peace and once while its processes are killed."""

from __future__ import annotations

import contextlib
import email
import email.policy
import random
import shutil
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path

import psutil
import pytest
import requests
from openpyxl import load_workbook
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from rich.console import Console

from deploy.embedded import control
from deploy.embedded.demo.__main__ import play
from deploy.embedded.demo.client import wait_for
from deploy.embedded.demo.letters import SIGNS_IN_EOFFICE
from deploy.embedded.home import SERVICES, Home
from tests.schedule.paper import qr_codes
from tests.servers import free_home

VICTIMS = [f"{service}-{kind}" for kind in ("worker", "relay") for service in SERVICES]
AGENCIES = {"SETDA", "BAPPEDA", "KOMINFO", "DISDUKCAPIL", "KEC-METRO-PUSAT"}
TOLD = AGENCIES - {"SETDA"}


@dataclass
class Run:
    """One play of the small story."""

    home: Home
    out: Path
    counts: dict[str, int] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)


def kill_one_after_another(run: Run, stop: threading.Event) -> None:
    """kill -9 a worker or relay every few seconds, each of the six in turn; the supervisor starts it again.

    Each is given a moment at work first: on a busy machine, one killed while it still starts would never do anything.
    """
    dice = random.Random(15)
    while not stop.wait(dice.uniform(1.5, 2.5)):
        victim = VICTIMS[sum(run.kills.values()) % len(VICTIMS)]
        if not (run.home.folder / "ready").exists() or not (process := at_work(run.home, victim)):
            continue
        with contextlib.suppress(psutil.Error):
            process.kill()
            run.kills[victim] += 1


def at_work(home: Home, program: str) -> psutil.Process | None:
    """The process of *program*, if it has come as far as its first connection to the database (by a socket)."""
    try:
        process = psutil.Process(control.process_id(home, program))
        return process if process.net_connections("unix") else None
    except (ValueError, psutil.Error):  # not started yet, or being started again just now
        return None


@pytest.fixture(scope="module")
def runs() -> Iterator[tuple[Run, Run]]:
    """(undisturbed, disturbed)."""
    folder = Path(tempfile.mkdtemp(prefix="luwes-"))
    peace, war = (Run(free_home(folder / name), folder / f"{name}-out") for name in ("p", "w"))
    console = Console(file=(folder / "output").open("w"), force_terminal=False)
    try:
        peace.counts = play(peace.home, peace.out, console, size="small")
        control.stop(peace.home)
        stop = threading.Event()
        killer = threading.Thread(target=kill_one_after_another, args=(war, stop), daemon=True)
        killer.start()
        try:
            war.counts = play(war.home, war.out, console, size="small")
        finally:
            stop.set()
            killer.join(60)
        yield peace, war
    finally:
        console.file.close()
        for run in (peace, war):
            control.clean(run.home)
        shutil.rmtree(folder, ignore_errors=True)


def test_killing_workers_and_relays_changes_no_result(runs: tuple[Run, Run]) -> None:
    peace, war = runs
    assert set(war.kills) == set(VICTIMS), war.kills
    assert war.counts == peace.counts


def test_the_month_has_all_its_parts_and_its_honest_gaps(runs: tuple[Run, Run]) -> None:
    counts = runs[0].counts
    assert counts["letters_signed"] == counts["rosters_in_force"] == counts["agencies"] == len(AGENCIES)
    assert counts["packs_built"] == len(AGENCIES)
    assert counts["packs_sent"] == counts["mails_received"] == len(TOLD)
    assert counts["duties"] == counts["reports_filed"] + counts["reports_missing"]
    assert counts["addenda_signed"] == 2
    for name in ("recalls_mailed", "reports_late", "reports_missing", "reports_sent_back", "corrective_actions"):
        assert counts[name] > 0, name
    assert counts["checklists"] > counts["checklists_submitted"] > counts["checklists_accepted"] > 0


def test_each_agencys_letter_is_signed_and_with_the_addenda_pdf_a(runs: tuple[Run, Run]) -> None:
    letters = {path.stem: path for path in (runs[1].out / "letters").glob("*.pdf")}
    assert set(letters) == AGENCIES
    for path in letters.values():
        signature = PdfFileReader(BytesIO(path.read_bytes())).embedded_signatures[0]
        status = validate_pdf_signature(
            signature, ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)
        )
        assert status.intact
        assert status.valid
        assert status.coverage.name == "ENTIRE_FILE"
    for path in signed_letters(runs[1]):
        assert b"<pdfaid:part>2</pdfaid:part>" in path.read_bytes(), path


def signed_letters(run: Run) -> list[Path]:
    """Letters and addenda of a play."""
    found = [path for folder in ("letters", "addenda") for path in sorted((run.out / folder).glob("*.pdf"))]
    assert len(found) == len(AGENCIES) + 2
    return found


def test_pdfsig_finds_every_letter_validly_signed(runs: tuple[Run, Run]) -> None:
    """Another program than the one that signed says so; it belongs to poppler (Debian: poppler-utils)."""
    for path in signed_letters(runs[1]):
        told = subprocess.run(["pdfsig", path], capture_output=True, text=True, check=False, cwd=path.parent).stdout
        assert told.count("Signature is Valid") == 1, (path.name, told)
        assert "Total document signed" in told, path.name


def test_1_d_each_letters_qr_code_opens_its_page_which_knows_the_file(runs: tuple[Run, Run]) -> None:
    """As someone does who holds the letter and is not signed in."""
    addenda = {path.stem for path in (runs[1].out / "addenda").glob("*.pdf")}
    for path in signed_letters(runs[1]):
        [url] = qr_codes(path.read_bytes())
        assert url.startswith(f"{runs[1].home.origin}/schedule/verify/")
        page = requests.get(url, headers={"Accept": "text/html"}, timeout=10)
        replaced = path.parent.name == "letters" and path.stem in addenda
        standing = "diubah oleh surat yang lebih baru" if replaced else "sah: sudah ditandatangani"
        assert (page.status_code, standing in page.text) == (200, True), path
        changed = bytearray(path.read_bytes())
        changed[len(changed) // 3] ^= 1
        for content, result in ((path.read_bytes(), "same"), (bytes(changed), "different")):
            api = url.replace("/schedule/verify/", "/schedule/api/verify/") + "/check"
            answer = requests.post(api, files={"file": ("surat.pdf", content)}, timeout=10).json()
            assert answer["result"] == result, path


def test_one_head_signed_in_eoffice(runs: tuple[Run, Run]) -> None:
    """Under their own certificate, while the others' is the local signer's."""
    names = {path.stem: _certificate_name(path) for path in (runs[1].out / "letters").glob("*.pdf")}
    assert [code for code, name in names.items() if "Luwes development signer" not in name] == [SIGNS_IN_EOFFICE]


def _certificate_name(path: Path) -> str:
    [signature] = PdfFileReader(BytesIO(path.read_bytes())).embedded_signatures
    return str(signature.signer_cert.subject.native["common_name"])


def test_a_changed_byte_breaks_the_signature(runs: tuple[Run, Run]) -> None:
    content = bytearray((runs[1].out / "letters" / "BAPPEDA.pdf").read_bytes())
    content[len(content) // 3] ^= 1
    signature = PdfFileReader(BytesIO(bytes(content))).embedded_signatures[0]
    status = validate_pdf_signature(
        signature, ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)
    )
    assert not (status.intact and status.valid)


def test_2_a_each_mail_carries_pack_and_signed_letter(runs: tuple[Run, Run]) -> None:
    out = runs[1].out
    letters = {path.read_bytes() for path in (out / "letters").glob("*.pdf")}
    packs = {path.read_bytes() for path in (out / "packs").iterdir()}
    assert len(packs) == 2 * len(TOLD)
    mails = [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in (out / "mail").glob("*.eml")
    ]
    mails = [mail for mail in mails if mail["Message-ID"].startswith("<pack-")]
    assert len({mail["Message-ID"] for mail in mails}) == len(TOLD)
    addenda = {path.read_bytes() for path in (out / "addenda").glob("*.pdf")}
    attached = {part.get_content() for mail in mails for part in mail.iter_attachments()}
    assert len(addenda & attached) == len(addenda) == 2
    for mail in mails:
        parts = [part.get_content() for part in mail.iter_attachments()]
        assert sum(part in letters for part in parts) == 1
        assert sum(part in packs for part in parts) == 2
        book = next(part for part in parts if part[:2] == b"PK")
        assert load_workbook(BytesIO(book)).sheetnames


def test_everything_is_done_and_nothing_parked(runs: tuple[Run, Run]) -> None:
    """The last process killed may still be starting when the story ends; with it everything gets done."""
    war = runs[1]
    for service in SERVICES:
        wait_for(f"{service}: nothing waits", partial(nothing_waits, war.home, service), seconds=60)
        assert nothing_waits(war.home, service)


def nothing_waits(home: Home, service: str) -> bool:
    return waiting(home, service) == NOTHING


NOTHING = dict.fromkeys(("outbox_unpublished", "inbox_due", "job_due", "inbox_parked", "job_parked"), 0.0)


def waiting(home: Home, service: str) -> dict[str, float]:
    """What a service says of its queues, in rows."""
    metrics = requests.get(f"{home.origin}/{service}/metrics", timeout=10).text
    figures = {line.split("{")[0]: float(line.split()[-1]) for line in metrics.splitlines() if line[:1] != "#"}
    return {name: figures[f"luwes_{name}"] for name in NOTHING}


def test_the_audit_logs_are_unbroken(runs: tuple[Run, Run]) -> None:
    war = runs[1]
    cluster = war.home.cluster
    cluster.attach()
    for service in SERVICES:
        assert "unbroken" in control.service_command(war.home, cluster, service, "audit")

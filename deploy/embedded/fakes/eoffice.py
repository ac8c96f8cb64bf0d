"""A letter system like e-SIKAM: takes drafted letters, numbers them, has them signed, and calls back; tells of duty
trips on demand (`/_fake/events`).

FAKE_EOFFICE_PORT, FAKE_EOFFICE_WEBHOOK_URL, FAKE_EOFFICE_WEBHOOK_SECRET, FAKE_EOFFICE_DIR (letters survive a
restart); optional FAKE_EOFFICE_DELAY (seconds until numbering, 0.2) and FAKE_EOFFICE_DATA (folder of the generated
city, for the names in `kirim_ke`). Answers are {status, message, data}.
"""

from __future__ import annotations

import csv
import threading
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from flask import Flask, Response, g, jsonify, request, send_file
from werkzeug.datastructures import FileStorage

from .faults import Faults
from .letters import LABELS, SIGNED, Draft, Letter, LetterBook, LetterError, path_of
from .pdf_signing import TAMPERING, Pen
from .serving import serve, settings
from .trips import TripBook
from .webhooks import Deliverer, Target, add_event_route

EVENTS = frozenset(
    {
        "surat.dinomori", "surat.ditandatangani", "surat.dikembalikan", "rapat.dijadwalkan", "rapat.selesai",
        "perjalanan_dinas.diajukan", "perjalanan_dinas.disetujui", "perjalanan_dinas.dibatalkan",
        "perjalanan_dinas.selesai", "kendaraan.dipinjam", "kendaraan.dikembalikan",
    }
)  # fmt: skip
PASSPHRASE = "frasa-sandi-eoffice"
"""Opens everybody's development certificate here."""
OPTIONAL = ("ringkasan", "kirim", "halaman", "x", "y")
REQUIRED = ("nip", "perihal", "penandatangan", "referensi", "opd_pembuat", "tanggal")
Answer = Response | tuple[Response, int]


class Clerk(threading.Thread):
    """Numbers letters when their time has come."""

    def __init__(self, book: LetterBook) -> None:
        super().__init__(name="clerk", daemon=True)
        self._book, self._stopping = book, threading.Event()

    def run(self) -> None:
        while not self._stopping.wait(0.05):
            self._book.number_due(time.time())

    def stop(self) -> None:
        self._stopping.set()


def create_app(book: LetterBook, target: Target, recipients: list[dict[str, str]] | None = None) -> Flask:
    app, pen = Flask("eoffice"), Pen()
    Faults(*TAMPERING).install(app)
    add_event_route(app, target, EVENTS, TripBook().complete)
    _add_lists(app, book, recipients or [])

    @app.errorhandler(LetterError)
    def refuse(error: LetterError) -> Answer:
        return jsonify(status="error", message=str(error), data=None), error.status

    @app.post("/suratnew/kirim")
    def send() -> Answer:
        form, letter_id = request.form, request.form.get("idsurat", "")
        if letter_id and form.get("kembalikan") == "1":
            letter = book.send_back(letter_id, form.get("ringkasan", ""))
        elif letter_id:
            letter = book.receive_file(letter_id, _pdf())
        else:
            letter = book.receive(_draft(), _pdf())
        return _success(f"Surat {LABELS[letter.status].lower()}", {"idsurat": letter.id, **_shape(letter)})

    @app.post("/suratnew/tandatangan")
    def sign() -> Answer:
        form = request.form
        if form.get("passphrase") != PASSPHRASE:
            raise LetterError(422, "Passphrase salah")
        letter = book.sign(
            form.get("idsurat", ""), lambda pdf: pen.sign(pdf, form.get("nama", ""), "Surat Tugas", g.fault)
        )
        return _success(f"Surat {LABELS[letter.status].lower()}", {"idsurat": letter.id, **_shape(letter)})

    @app.get("/suratnew/<letter_id>")
    def show(letter_id: str) -> Answer:
        return _success("Berhasil", _shape(book.get(letter_id)))

    @app.get("/suratnew/berkas/<letter_id>")
    def download(letter_id: str) -> Answer:
        return send_file(book.file_of(book.get(letter_id)).resolve(), mimetype="application/pdf")

    @app.post("/_fake/return")
    def send_back() -> Answer:
        body = request.get_json(force=True)
        letter = book.return_by_reference(str(body["referensi"]), str(body.get("catatan", "Perbaiki dan ajukan lagi")))
        return jsonify(status="dikembalikan" if letter else "menunggu surat", idsurat=letter.id if letter else None)

    @app.get("/_fake/pending")
    def pending() -> Answer:
        with book.lock:
            return jsonify([{"id": each.id, "attempts": each.attempts, "key": each.key} for each in book.pending])

    return app


def _add_lists(app: Flask, book: LetterBook, recipients: list[dict[str, str]]) -> None:
    @app.get("/suratnew/<any(draf, masuk, keluar):box>")
    def letters(box: str) -> Answer:
        nip, unit = request.args.get("nip", ""), request.args.get("unit_kerja", "")
        if not nip and not unit:
            raise LetterError(422, "Parameter nip atau unit_kerja wajib diisi")
        with book.lock:
            found = [_shape(letter) for letter in book.letters.values() if _in_box(letter, box, nip, unit)]
        return _success("Berhasil", found)

    @app.get("/suratnew/kirim_ke")
    def recipients_for() -> Answer:
        args = request.args
        unit, text = args.get("unit_kerja", ""), args.get("search", "").lower()
        found = [
            row
            for row in recipients
            if (not unit or unit in (row["unit_kerja"], row["opd"]))
            and text in f"{row['nama']} {row['jabatan']}".lower()
        ]
        offset, limit = args.get("offset", 0, int), args.get("limit", 20, int)
        return _success("Berhasil", found[offset : offset + limit])


def _in_box(letter: Letter, box: str, nip: str, unit: str) -> bool:
    """draf: mine and not signed yet; masuk: waiting at me; keluar: mine and signed."""
    if unit and letter.opd_pembuat != unit:
        return False
    if box == "masuk":
        return not nip or letter.posisi == nip
    return (not nip or letter.nip == nip) and (letter.status == SIGNED) == (box == "keluar")


def _draft() -> Draft:
    form = request.form
    missing = [name for name in REQUIRED if not form.get(name, "").strip()]
    if missing:
        raise LetterError(422, f"Kolom wajib belum diisi: {', '.join(missing)}")
    return Draft(
        **{name: form[name].strip() for name in REQUIRED if name != "tanggal"},
        **{name: form[name] for name in OPTIONAL if form.get(name)},
        tanggal=_day(form["tanggal"].strip()),
    )


def _day(text: str) -> date:
    """ISO as machines write it, or dd-mm-yyyy as its own forms do."""
    for pattern in ("%Y-%m-%d", "%d-%m-%Y"):
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007 (a calendar day has no zone)
        except ValueError:
            continue
    raise LetterError(422, "Tanggal tidak sah; tulis YYYY-MM-DD")


def _pdf() -> bytes:
    upload: FileStorage | None = request.files.get("file")
    content = upload.read() if upload else b""
    if not content.startswith(b"%PDF-"):
        raise LetterError(422, "Berkas surat wajib berupa PDF")
    return content


def _shape(letter: Letter) -> dict[str, object]:
    """A letter with e-SIKAM's field names."""
    return {
        "id": letter.id, "referensi": letter.referensi, "tanggal": letter.tanggal, "nomor": letter.nomor,
        "perihal": letter.perihal, "ringkasan": letter.ringkasan, "status": letter.status,
        "status_surat": LABELS[letter.status], "penandatangan": letter.penandatangan,
        "opd_pembuat": letter.opd_pembuat, "posisi": letter.posisi, "catatan": letter.catatan,
        "filename": f"surat-{letter.id}.pdf", "filepath": path_of(letter),
        "sha256": letter.signed_sha256 or letter.sha256, "ttd_x": letter.x, "ttd_y": letter.y,
        "ttd_hal": letter.halaman, "tujuansurat": [letter.kirim] if letter.kirim else [], "logsurat": letter.logs,
    }  # fmt: skip


def _success(message: str, data: object) -> Response:
    return jsonify(status="success", message=message, data=data)


def read_recipients(folder: Path) -> list[dict[str, str]]:
    """Everybody who leads a unit in the generated city, as `kirim_ke` lists them."""
    with (folder / "ref-unor.csv").open(encoding="utf-8", newline="") as file:
        units = list(csv.DictReader(file))
    with (folder / "data-utama.csv").open(encoding="utf-8", newline="") as file:
        people = {row["id"]: row for row in csv.DictReader(file)}
    codes = {unit["Id"]: unit["CepatKode"] for unit in units}
    leaders = {unit["PemimpinPnsId"]: unit for unit in units if unit["PemimpinPnsId"] in people}
    return [
        {
            "nip": people[person]["nipBaru"], "nama": people[person]["nama"], "jabatan": people[person]["jabatanNama"],
            "unit_kerja": unit["NamaUnor"], "opd": codes.get(unit["IndukUnorId"], ""),
        }
        for person, unit in leaders.items()
    ]  # fmt: skip


def start_workers(book: LetterBook, target: Target) -> Callable[[], None]:
    """Start numbering and delivering; returns what stops both and saves."""
    clerk, deliverer = Clerk(book), Deliverer(target, book.pending, book.lock, book.save)
    clerk.start()
    deliverer.start()

    def stop() -> None:
        clerk.stop()
        deliverer.stop()
        clerk.join()
        book.save()

    return stop


def main() -> None:
    env = settings(
        ("FAKE_EOFFICE_PORT", "FAKE_EOFFICE_WEBHOOK_URL", "FAKE_EOFFICE_WEBHOOK_SECRET", "FAKE_EOFFICE_DIR"),
        {"FAKE_EOFFICE_DELAY": "0.2", "FAKE_EOFFICE_DATA": ""},
    )
    target = Target(env["FAKE_EOFFICE_WEBHOOK_URL"], env["FAKE_EOFFICE_WEBHOOK_SECRET"])
    book = LetterBook(Path(env["FAKE_EOFFICE_DIR"]), float(env["FAKE_EOFFICE_DELAY"]))
    recipients = read_recipients(Path(env["FAKE_EOFFICE_DATA"])) if env["FAKE_EOFFICE_DATA"] else []
    stop = start_workers(book, target)
    serve(create_app(book, target, recipients), int(env["FAKE_EOFFICE_PORT"]), on_stop=stop)


if __name__ == "__main__":
    main()

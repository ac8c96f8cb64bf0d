"""A pack's life: built at the month's end, rebuilt while a draft, approved by the head, sent."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.reporting import mail
from services.reporting.letters.actions import letters_of
from services.reporting.models import Letter, MonthFigures, Pack, PackStatus
from services.reporting.packs.content import content_of, dated
from services.reporting.packs.pdf import render
from services.reporting.packs.queries import gather
from services.reporting.packs.rules import is_overdue
from services.reporting.packs.xlsx import workbook
from services.reporting.settings import ReportingSettings
from shared.auth import Owner
from shared.clock import wib_date
from shared.contracts.energy import MonthClosedV1
from shared.contracts.envelope import Received
from shared.durable import Context
from shared.errors import DomainError, NotFound, NotYet
from shared.jobs import enqueue
from shared.roles import Person
from shared.storage import sha256
from shared.web.filters import long_date, moment, month_name

PDF, XLSX = "pdf", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class PackNotReady(DomainError):
    status, code = 409, "pack_not_ready"


class PackAlreadyApproved(DomainError):
    status, code = 409, "pack_already_approved"


class PackChanged(DomainError):
    status, code = 409, "pack_changed"


def find_pack(session: Session, pack_id: UUID, *, lock: bool = False) -> Pack:
    pack = session.get(Pack, pack_id, with_for_update=lock or None)
    if pack is None:
        raise NotFound("Laporan bulanan ini tidak ditemukan.")
    return pack


def pack_owner(session: Session, pack_id: UUID) -> Owner:
    return Owner(find_pack(session, pack_id).agency_id)


def keep_month_figures(session: Session, event: Received[MonthClosedV1], context: Context) -> None:
    """Keep energy's figures of the month; a draft that was built without them, or with older ones, is built again."""
    closed = event.data
    values = {
        "agency_id": closed.agency_id,
        "month": closed.month,
        "figures": {
            "checklists": asdict(closed.checklists),
            "savings": [asdict(saving) for saving in closed.savings],
        },
        "received_at": context.now(),
    }
    session.execute(
        insert(MonthFigures).values(values).on_conflict_do_update(index_elements=["agency_id", "month"], set_=values)
    )
    refresh_draft(session, closed.agency_id, closed.month, context)


def refresh_draft(session: Session, agency_id: str, month: date, context: Context) -> None:
    """Build the pack again if there is a draft of it; what is approved or not yet begun stays as it is."""
    pack = _locked(session, agency_id, month)
    if pack is not None and pack.status == PackStatus.DRAFT:
        build(session, pack, context)


def build_month(session: Session, agency_id: str, month: date, context: Context) -> None:
    """First draft of an agency's pack."""
    pack = _locked(session, agency_id, month)
    if pack is not None and pack.status in (PackStatus.BUILDING, PackStatus.DRAFT):
        build(session, pack, context)


def _locked(session: Session, agency_id: str, month: date) -> Pack | None:
    query = select(Pack).where(Pack.agency_id == agency_id, Pack.month == month).with_for_update()
    return session.scalar(query.execution_options(populate_existing=True))


def build(session: Session, pack: Pack, context: Context) -> None:
    """Gather the month's facts and write the draft's PDF and XLSX as the pack's next version."""
    settings = context.settings
    assert isinstance(settings, ReportingSettings)
    session.flush()
    facts = gather(session, pack)
    pack.content = content_of(facts, city=settings.city, place=settings.place, now=context.now())
    pack.version += 1
    _store(pack, workbook(facts), context)
    pack.status, pack.built_at = PackStatus.DRAFT, context.now()


def _store(pack: Pack, book: bytes | None, context: Context, approval: dict[str, str] | None = None) -> None:
    assert pack.content is not None
    stem = f"packs/{pack.month:%Y-%m}/{pack.id}-v{pack.version}{'-approved' if approval else ''}"
    context.storage.put(f"{stem}.pdf", render(pack.content, approval))
    pack.pdf_key = f"{stem}.pdf"
    if book is not None:
        context.storage.put(f"{stem}.xlsx", book)
        pack.xlsx_key = f"{stem}.xlsx"


def write_notes(session: Session, pack_id: UUID, obstacles: str, follow_up: str, context: Context) -> Pack:
    """The operator's text for the last two sections; a draft is built again with it."""
    pack = find_pack(session, pack_id, lock=True)
    _refuse_approved(pack)
    pack.obstacles, pack.follow_up = obstacles, follow_up
    if pack.status == PackStatus.DRAFT:
        build(session, pack, context)
    return pack


def rebuild(session: Session, pack_id: UUID, context: Context) -> Pack:
    """Build a draft again from the figures of this moment."""
    pack = find_pack(session, pack_id, lock=True)
    _refuse_approved(pack)
    _refuse_unbuilt(pack)
    build(session, pack, context)
    return pack


def approve(session: Session, pack_id: UUID, version: int | None, *, by: Person, context: Context) -> Pack:
    """The head's approval. *version* is what the head has read: a draft built meanwhile must be read first."""
    pack, now = find_pack(session, pack_id, lock=True), context.now()
    _refuse_approved(pack)
    _refuse_unbuilt(pack)
    if version is not None and version != pack.version:
        raise PackChanged("Laporan ini baru saja diperbarui. Baca dahulu isinya yang terbaru, lalu setujui.")
    assert pack.content is not None
    pack.approved_by, pack.approved_at, pack.status = by.label, now, PackStatus.APPROVED
    pack.content = {**pack.content, **dated(pack.content["place"], wib_date(now))}
    _store(pack, None, context, {"by": by.name, "at": moment(now)})
    ask_to_send(session, pack, now=now)
    return pack


def send_again(session: Session, pack_id: UUID, context: Context) -> Pack:
    """Send an approved pack once more after its mail was refused."""
    pack = find_pack(session, pack_id, lock=True)
    if pack.status != PackStatus.FAILED:
        raise PackNotReady("Hanya laporan yang gagal terkirim yang dapat dikirim ulang.")
    pack.status, pack.error = PackStatus.APPROVED, None
    ask_to_send(session, pack, now=context.now())
    return pack


def ask_to_send(session: Session, pack: Pack, *, now: datetime) -> None:
    pack.send_count += 1
    key = f"{pack.id}:{pack.version}:{pack.send_count}"
    enqueue(session, "send_pack", key, {"pack_id": str(pack.id)}, due_at=now, now=now)


def send_pack(session: Session, pack_id: UUID, context: Context) -> None:
    """Mail an approved pack with its letters; raises NotYet while a letter has not been fetched."""
    pack, settings = find_pack(session, pack_id, lock=True), context.settings
    assert isinstance(settings, ReportingSettings)
    if pack.status != PackStatus.APPROVED:
        return
    if not (settings.pack_recipient and settings.smtp_host and settings.mail_from):
        pack.status = PackStatus.FAILED
        pack.error = "Server surel, pengirim, atau alamat penerima laporan belum diatur oleh petugas TI."
        return
    # A large mail on a slow line takes minutes in which the database hears nothing; it must not give up on us, or the
    # mail would be sent and not be marked so.
    session.execute(text("set local idle_in_transaction_session_timeout = '1h'"))
    letters = letters_of(session, pack.agency_id, pack.month)
    mails = mail.compose(
        settings, settings.pack_recipient, _subject(pack), _body(pack, letters), f"pack-{pack.id}-v{pack.version}",
        _attachments(pack, letters, context), now=context.now(),
    )  # fmt: skip
    pack.recipient, pack.message_id, pack.mails = settings.pack_recipient, mails[0]["Message-ID"], len(mails)
    try:
        mail.send(settings, mails)
    except mail.MailRefused as refused:
        pack.status, pack.error = PackStatus.FAILED, f"Server surel menolak: {refused}"
        return
    pack.status, pack.sent_at, pack.error = PackStatus.SENT, context.now(), None
    pack.late = is_overdue(pack.month, wib_date(pack.sent_at))


def _attachments(pack: Pack, letters: list[Letter], context: Context) -> list[mail.Attachment]:
    assert pack.content is not None
    assert pack.pdf_key is not None
    assert pack.xlsx_key is not None
    stem = f"Laporan-WFO-WFH-{pack.month:%Y-%m}-{file_part(pack.content['agency_code'])}"
    found = [
        mail.Attachment(f"{stem}.pdf", context.storage.get(pack.pdf_key), PDF),
        mail.Attachment(f"{stem}.xlsx", context.storage.get(pack.xlsx_key), XLSX),
    ]
    for letter in letters:
        if letter.storage_key is None:
            raise NotYet(f"letter {letter.number} has not been fetched yet")
        content = context.storage.get(letter.storage_key)
        if sha256(content) != letter.sha256:
            raise ValueError(f"the stored copy of letter {letter.number} is damaged")
        found.append(mail.Attachment(f"Surat-Tugas-{file_part(letter.number)}.pdf", content, PDF))
    return found


def file_part(text: str) -> str:
    """*text* as part of a file name."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-") or "tanpa-nomor"


def _subject(pack: Pack) -> str:
    assert pack.content is not None
    # A line break in a name must not become a header of its own.
    agency = " ".join(str(pack.content["agency"]).split())
    return f"Laporan bulanan WFO dan WFH {month_name(pack.month)} – {agency}"


def _body(pack: Pack, letters: list[Letter]) -> str:
    assert pack.content is not None
    named = "\n".join(f"- Surat Tugas Nomor {x.number} tanggal {long_date(x.letter_date)}" for x in letters)
    return f"""Yth. Wali Kota melalui Sekretaris Daerah
u.p. Bagian Organisasi

Bersama ini kami sampaikan laporan bulanan pelaksanaan WFO dan WFH.

Perangkat daerah: {pack.content["agency"]}
Bulan: {month_name(pack.month)}
Surat Tugas:
{named or "- belum ada data"}

Disetujui oleh {pack.approved_by} pada {moment(pack.approved_at)}.
Dasar: Surat Edaran Wali Kota Metro Nomor 15 Tahun 2026 angka 2 huruf a."""


def _refuse_approved(pack: Pack) -> None:
    if pack.status not in (PackStatus.BUILDING, PackStatus.DRAFT):
        raise PackAlreadyApproved("Laporan ini sudah disetujui dan tidak dapat diubah lagi.")


def _refuse_unbuilt(pack: Pack) -> None:
    if pack.content is None:
        raise PackNotReady("Laporan bulan ini belum disusun. Rancangannya siap pada hari terakhir bulan, 16.45 WIB.")


def pack_out(pack: Pack, agency: str) -> dict[str, Any]:
    """A pack as the API shows it."""
    names = (
        "id", "agency_id", "month", "version", "status", "built_at", "approved_by", "approved_at", "recipient",
        "message_id", "mails", "sent_at", "late", "error", "obstacles", "follow_up", "content",
    )  # fmt: skip
    return {**{name: getattr(pack, name) for name in names}, "agency": agency}

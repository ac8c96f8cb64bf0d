"""Who may judge a report, and when."""

from __future__ import annotations

from services.reporting.duties.rules import RATINGS

SENT_BACK = "sent_back"
DECISIONS = (*RATINGS, SENT_BACK)
AT_ONCE = 100  # reports judged by one request


def assessment_fault(
    decision: str, note: str, *, assessor_id: str, employee_id: str, is_current: bool, assessed: bool
) -> tuple[str, str] | None:
    """(code, text) of why an assessment is refused, or None."""
    if assessor_id == employee_id:
        return "not_allowed", "Laporan sendiri dinilai oleh atasan, bukan oleh diri sendiri."
    if not is_current:
        return "superseded", "Laporan ini sudah diganti dengan yang lebih baru. Buka yang terbaru."
    if assessed:
        return "already_assessed", "Laporan ini sudah dinilai."
    if decision == SENT_BACK and not note:
        return "note_needed", "Tulis catatan: apa yang perlu diperbaiki pegawai ini."
    return None

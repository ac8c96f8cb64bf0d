"""What the schedule service listens to: reporting, webhooks of SIMPEG and e-office, and the work that falls due."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from services.schedule.absences import trips
from services.schedule.integrations import eoffice, simpeg
from services.schedule.letters import exchange
from services.schedule.people import actions, due, reconciliation
from services.schedule.people.standing import take_standing
from services.schedule.policy.actions import classifier
from services.schedule.settings import schedule_settings
from shared.contracts.envelope import Received
from shared.contracts.reporting import StandingChangedV1
from shared.durable import Context
from shared.errors import NotYet
from shared.inbox import Handlers, WebhookHandlers, WebhookSource
from shared.jobs import Jobs
from shared.settings import Settings


def take_employee(session: Session, event: Received[dict[str, Any]], context: Context) -> None:
    """``pegawai.diubah``, ``pegawai.mutasi``: the person as they are now; an unknown unit may still arrive.

    ``pegawai.berhenti``: the person leaves the rosters. One function, so that one order holds for all three.
    """
    if event.type == "pegawai.berhenti":
        leaver = simpeg.leaver_in(event.data)
        actions.retire_employee(session, leaver.id, leaver.standing, leaver.since, now=context.now())
        return
    outcome = actions.upsert_employees(session, [simpeg.employee_in(event.data)], now=context.now())
    if outcome.rejected:
        raise NotYet(outcome.rejected[0].reason)


def take_unit(session: Session, event: Received[dict[str, Any]], context: Context) -> None:
    """``unor.diubah``: the unit as it is now."""
    unit = simpeg.unit_in(event.data)
    outcome = actions.upsert_units(
        session, [unit], classifier(session, context.settings, context.now()), now=context.now()
    )
    if outcome.rejected:
        raise NotYet(outcome.rejected[0].reason)


def take_trip(session: Session, event: Received[dict[str, Any]], context: Context) -> None:
    """``perjalanan_dinas.disetujui``: who travels when; ``.selesai``: who did, and when. ``.dibatalkan``: nobody does.

    One function, so that one order holds for all three.
    """
    if event.type == "perjalanan_dinas.dibatalkan":
        trip_id, reason = eoffice.trip_cancelled_in(event.data)
        trips.cancel_trip(session, trip_id, reason, now=context.now())
        return
    trips.take_trip(session, eoffice.trip_in(event.data), event.id, now=context.now())


def reclassify_units(session: Session, _payload: dict[str, Any], context: Context) -> None:
    """Nightly: a policy that begins to hold, or ends, may exempt other units."""
    actions.reclassify(session, classifier(session, context.settings, context.now()), now=context.now())


HANDLERS: Handlers = {StandingChangedV1: [take_standing]}

WEBHOOK_HANDLERS: WebhookHandlers = {
    "simpeg": WebhookSource(
        {
            "pegawai.diubah": [take_employee],
            "pegawai.mutasi": [take_employee],
            "pegawai.berhenti": [take_employee],
            "unor.diubah": [take_unit],
        },
        subject_of=simpeg.subject_of,
        keeps=simpeg.kept_of,
    ),
    "eoffice": WebhookSource(
        {
            "surat.dinomori": [exchange.letter_numbered],
            "surat.dikembalikan": [exchange.letter_returned],
            "surat.ditandatangani": [exchange.letter_signed],
            "perjalanan_dinas.disetujui": [take_trip],
            "perjalanan_dinas.dibatalkan": [take_trip],
            "perjalanan_dinas.selesai": [take_trip],
        },
        subject_of=eoffice.subject_of,
        keeps=eoffice.kept_of,
    ),
}

JOBS: Jobs = {
    trips.take_traveller.__name__: trips.take_traveller,
    "push_letter": exchange.push_letter,
    "push_numbered_letter": exchange.push_numbered_letter,
    "push_signed_letter": exchange.push_signed_letter,
    "look_after_letter": exchange.look_after_letter,
    "fetch_signed_letter": exchange.fetch_signed_letter,
    reclassify_units.__name__: reclassify_units,
    due.DUE: due.apply_postings,
    reconciliation.START: reconciliation.start,
    reconciliation.STEP: reconciliation.step,
}


def nightly(settings: Settings) -> list[str]:
    """Jobs to be done each night."""
    compared = [reconciliation.START] if schedule_settings(settings).reconcile_nightly else []
    return [due.DUE, reclassify_units.__name__, *compared]

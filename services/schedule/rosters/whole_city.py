"""All agencies' rosters of a month in one command, several agencies at a time."""

from __future__ import annotations

import multiprocessing
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import date, datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.models import Unit
from services.schedule.rosters import actions
from services.schedule.settings import ScheduleSettings
from shared import audit
from shared.db import Database
from shared.errors import DomainError

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Drafted:
    """What became of one agency. said: why there is no draft; clashes: sets of rules that could not hold together;
    trace: of an error that is ours, and no rule's."""

    agency_id: str
    name: str
    said: str = ""
    optimal: bool = True
    gap: float = 0.0
    clashes: int = 0
    trace: str = ""

    @property
    def told(self) -> str:
        """The outcome in words."""
        if self.trace:
            return f"FAILED: {self.said}; see the log"
        return self.said or ("proved optimal" if self.optimal else f"not proved, gap {self.gap:.1%}")


def agencies(session: Session) -> list[tuple[str, str]]:
    """(id, name) of all agencies, by name."""
    query = select(Unit.id, Unit.name).where(Unit.id == Unit.agency_id, Unit.active, Unit.parent_id.is_not(None))
    return [(id_, name) for id_, name in session.execute(query.order_by(Unit.name, Unit.id))]


def draft_all(
    settings: ScheduleSettings, found: list[tuple[str, str]], month: date, *, by: str, now: datetime, processes: int
) -> Iterator[Drafted]:
    """Draft *month* for all of *found*, each in a transaction of its own, and tell of each as it is done.

    An agency whose roster is proposed, approved or in force keeps it; an open draft is made anew. An unexpected error
    is logged, and costs no other agency its draft.
    """
    # A new interpreter each: a database connection and its threads do not survive a fork.
    pool = ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))
    with pool:
        work: Callable[..., Drafted] = _draft
        futures = [pool.submit(work, settings, id_, name, month, by, now) for id_, name in found]
        for future in as_completed(futures):
            outcome = future.result()
            if outcome.trace:
                log.error("draft failed", agency=outcome.agency_id, month=f"{month:%Y-%m}", exception=outcome.trace)
            yield outcome


def _draft(settings: ScheduleSettings, agency_id: str, name: str, month: date, by: str, now: datetime) -> Drafted:
    db = Database(settings.database_url, pool_size=1)
    try:
        with db.transaction() as session:
            roster = actions.draft_roster(session, settings, agency_id, month, by=by, now=now)
            detail = {"agency": agency_id, "month": f"{month:%Y-%m}", "version": roster.version}
            audit.record(session, by, "draft_roster", f"roster/{roster.id}", now=now, detail=detail)
            return Drafted(agency_id, name, "", roster.optimal, float(roster.gap), len(roster.clashes))
    except DomainError as refusal:
        return Drafted(agency_id, name, refusal.detail)
    except Exception as error:  # not all of them can be pickled, and one that cannot would end the whole pool
        return Drafted(agency_id, name, type(error).__name__, trace=traceback.format_exc())
    finally:
        db.close()

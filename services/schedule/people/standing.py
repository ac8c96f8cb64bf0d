"""How people stand with their reports, as reporting tells it: what gates of the policy look at (1.g)."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.schedule.models import PersonStanding
from shared.contracts.envelope import Received
from shared.contracts.reporting import StandingChangedV1
from shared.durable import Context


def take_standing(session: Session, event: Received[StandingChangedV1], _context: Context) -> None:
    """Keep the standing for rosters made from now on; those made before stay as they are."""
    told = event.data
    values = {
        "employee_id": told.employee_id,
        "overdue_reports": told.overdue_reports,
        "rating": told.rating,
        "sanction": told.sanction,
        "changed_at": event.occurred_at,
    }
    session.execute(
        insert(PersonStanding).values(values).on_conflict_do_update(index_elements=["employee_id"], set_=values)
    )

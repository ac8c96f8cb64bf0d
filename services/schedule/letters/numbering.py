"""Numbers of letters where no e-office gives them: one row of numbers per agency and year, without gaps or doubles."""

from __future__ import annotations

from datetime import date

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.schedule.models import LetterCounter
from shared.db import table_of

MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


def take_number(session: Session, agency_id: str, agency_code: str, day: date, form: str) -> str:
    """The agency's next number of the year, as *form* has it ({number}, {agency}, {month} in Roman, {year}).

    Its row stays locked until the transaction ends: who signs at the same moment waits, and a signature that fails
    gives its number back.
    """
    counter = table_of(LetterCounter)
    statement = (
        insert(counter)
        .values(agency_id=agency_id, year=day.year, last=1)
        .on_conflict_do_update(index_elements=["agency_id", "year"], set_={"last": counter.c.last + 1})
        .returning(counter.c.last)
    )
    number = session.scalar(statement)
    return form.format(number=number, agency=agency_code, month=MONTHS[day.month - 1], year=day.year)

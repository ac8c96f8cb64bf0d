"""Who served where on which day: rows beside the people, written by whatever takes people in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.models import Posting
from services.schedule.people.rules import appointed_on, sensible_start

MAIN, ACTING, DUAL = "main", "acting", "dual"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Place:
    """Where and as what a person serves."""

    agency_id: str
    unit_id: str
    post: str
    echelon: str
    rank: str
    active: bool

    def is_that_of(self, row: Posting) -> bool:
        """Rank and echelon may change without a move."""
        return (row.agency_id, row.unit_id, row.post, row.active) == (
            self.agency_id, self.unit_id, self.post, self.active
        )  # fmt: skip


class TwoPlaces(ValueError):
    """Two main postings from the same day on, in two agencies."""

    def __init__(self, row: Posting) -> None:
        super().__init__(row.unit_id)
        self.row = row


@dataclass
class History:
    """One person's postings of all kinds, as rows of *session*."""

    session: Session
    employee_id: str
    rows: list[Posting] = field(default_factory=list)
    _to_flush: bool = False

    def of(self, kind: str) -> list[Posting]:
        return sorted((row for row in self.rows if row.kind == kind), key=lambda row: row.starts)

    def on(self, day: date, kind: str = MAIN) -> Posting | None:
        return next((row for row in self.of(kind) if row.runs_on(day)), None)

    def coming(self, day: date, kind: str = MAIN) -> Posting | None:
        """The first posting that begins after *day*."""
        return next((row for row in self.of(kind) if row.starts > day), None)

    def take(self, place: Place, tmt: date | None, nip: str, *, today: date) -> None:
        """Note that the person serves at *place* from *tmt* on, or from when it can best be known.

        Of two main postings the one with the later TMT holds, and the earlier ends the day before; of two units of one
        agency with the same TMT the one told later, which keeps the other's id. A move that is still to come stays when
        something is told about today, and leaving on a day to come stays whatever is told about the days before it.
        Raises TwoPlaces for two agencies from the same day.
        """
        told = sensible_start(tmt, nip, today)
        rows = self.of(MAIN)
        here, coming = self.on(today), self.coming(today)
        for row in rows:
            known = (row.ends is None or row.ends >= today) and (place.active or row.starts <= today)
            if known and place.is_that_of(row):
                row.echelon, row.rank = place.echelon, place.rank
                if told not in (None, row.tmt):
                    row.tmt, row.rival_unit_id = told, None
                self._begin_on(row, told, today)
                return
        rival = self._rival(place, told, today)
        start = self._start(place, told, nip, today, here, first=not rows)
        if rival and start <= today:
            start = today  # what was done at the other unit until now stays in the history
        dated = start == told
        if dated:
            for row in rows:
                other = row.dated and row.agency_id != place.agency_id
                if other and row.starts == start:
                    raise TwoPlaces(row)
                if other and start < row.starts <= today:
                    self._note_past(place, start, row)
                    return
        if start > today:
            coming = self.leaving(start)
        self._clear(start, today)
        self._close(rows, start)
        row = self.add(MAIN, place, start, coming.starts - DAY if coming else None, dated=dated)
        row.tmt, row.rival_unit_id = told, rival

    def leave(self, day: date, standing: str, *, today: date, dated: bool) -> None:
        """Out of rosters from *day* on (today or later), with that kedudukan. What was told before about leaving, and
        moves from that day on, fall away."""
        for row in self.of(MAIN):
            if row.starts > day or (row.starts > today and not row.active):
                self._drop(row)
        here = next((row for row in reversed(self.of(MAIN)) if row.starts <= day), None)
        if here is None:
            return  # they were to join later
        if not here.active:
            self.session.flush()
            here.ends = None
            return
        if here.starts == day:
            self._drop(here)
        else:
            here.ends, self._to_flush = day - DAY, True
        place = Place(here.agency_id, here.unit_id, here.post, here.echelon, here.rank, False)
        self.add(MAIN, place, day, None, dated=dated).standing = standing

    def leaving(self, day: date) -> Posting | None:
        """What was told about leaving after *day*."""
        return next((row for row in self.of(MAIN) if row.starts > day and not row.active), None)

    def close(self, kind: str, last: date, *, by_hand: bool | None = None) -> bool:
        """End what runs after *last*, and drop what had not begun by then; tell whether there was any."""
        found = [
            row
            for row in self.of(kind)
            if (row.ends is None or row.ends > last) and (by_hand is None or row.by_hand == by_hand)
        ]
        for row in found:
            if row.starts > last:
                self._drop(row)
            else:
                row.ends, self._to_flush = last, True
        return bool(found)

    def cancel_coming(self, today: date) -> bool:
        """Drop moves that are still to come; tell whether there were any."""
        found = [row for row in self.of(MAIN) if row.starts > today]
        for row in found:
            self._drop(row)
        if found and (here := self.on(today)) is not None:
            self.session.flush()
            here.ends = None
        return bool(found)

    def add(
        self, kind: str, place: Place, starts: date, ends: date | None, *, dated: bool, by_hand: bool = False,
        reason: str | None = None,
    ) -> Posting:  # fmt: skip
        if self._to_flush:  # what was closed or dropped must be out of the way of the database's own checks
            self.session.flush()
            self._to_flush = False
        row = Posting(
            employee_id=self.employee_id, kind=kind, starts=starts, ends=ends, dated=dated, by_hand=by_hand,
            reason=reason, **vars(place),
        )  # fmt: skip
        self.session.add(row)
        self.rows.append(row)
        return row

    def _start(
        self, place: Place, told: date | None, nip: str, today: date, here: Posting | None, *, first: bool
    ) -> date:
        """The day of a change. A first word without a date is about someone who has served since their appointment. A
        TMT that has not moved on does not date a move within the agency, nor a change of standing (retired, on long
        leave): these happen today."""
        if first:
            return told or min(appointed_on(nip) or today, today)
        if told is None or here is None:
            return told or today
        same = (here.agency_id, here.unit_id, here.post) == (place.agency_id, place.unit_id, place.post)
        stale = here.dated and here.agency_id == place.agency_id and told <= here.starts
        return today if same or stale else told

    def _rival(self, place: Place, told: date | None, today: date) -> str | None:
        """The other unit of the agency that the person was told to be in since the same day."""
        return next(
            (
                row.unit_id
                for row in self.of(MAIN)
                if told is not None and row.tmt == told and row.active and (row.ends is None or row.ends >= today)
                if place.active and row.agency_id == place.agency_id and row.unit_id != place.unit_id
            ),
            None,
        )

    def _begin_on(self, row: Posting, told: date | None, today: date) -> None:
        """Correct the beginning of a posting that is known already."""
        if told is None or not row.active or (row.dated and row.starts == told):
            return
        before = [each for each in self.of(MAIN) if each.starts < row.starts]
        if (before and before[-1].starts >= told) or (row.ends is not None and told > row.ends):
            return
        if not before and told > today >= row.starts:
            return  # they would be nowhere until then
        if before:
            if row.starts < told:
                row.starts = told
                self.session.flush()
            before[-1].ends = told - DAY
            self.session.flush()
        row.starts, row.dated = told, True

    def _note_past(self, place: Place, start: date, winner: Posting) -> None:
        """A posting that another with a later TMT has followed: history, if there is room for it."""
        between = [row for row in self.of(MAIN) if start <= row.starts < winner.starts]
        if not between:
            self._close(self.of(MAIN), start)
            self.add(MAIN, place, start, winner.starts - DAY, dated=True)

    def _clear(self, start: date, today: date) -> None:
        """Drop what the newer word replaces: rows from *start* on, but a move to come only for another one."""
        leaving = self.leaving(max(start, today))
        for row in self.of(MAIN):
            if row is not leaving and row.starts >= start and (start > today or row.starts <= today):
                self._drop(row)

    def _close(self, rows: Iterable[Posting], start: date) -> None:
        for row in rows:
            if row.starts < start and (row.ends is None or row.ends >= start):
                row.ends, self._to_flush = start - DAY, True

    def _drop(self, row: Posting) -> None:
        self.rows.remove(row)
        self._to_flush = True
        if row in self.session.new:
            self.session.expunge(row)
        else:
            self.session.delete(row)


def histories(session: Session, ids: Collection[str]) -> dict[str, History]:
    """All postings of the people with *ids*; one without any has an empty history."""
    rows: dict[str, list[Posting]] = defaultdict(list)
    for row in session.scalars(select(Posting).where(Posting.employee_id.in_(ids))):
        rows[row.employee_id].append(row)
    return {id_: History(session, id_, rows[id_]) for id_ in ids}

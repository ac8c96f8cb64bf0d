"""The e-office's duty trips: what is told of one is remembered, so that a later event may name only what changed."""

from __future__ import annotations

import threading

from werkzeug.exceptions import BadRequest

TRIP = "perjalanan_dinas."
FIRST_ID = 501
REQUIRED = ("pelaksana", "tanggal_berangkat", "tanggal_kembali")


class TripBook:
    """Trips by id, with the fields that docs/webhooks-in.md proposes. Kept in memory only."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._trips: dict[str, dict[str, object]] = {}

    def complete(self, kind: str, data: dict[str, object]) -> dict[str, object]:
        """The whole record of a trip's event: a new trip gets an id and a number, a known one its changed fields.

        Other events are as they were given.
        """
        if not kind.startswith(TRIP):
            return data
        with self._lock:
            trip_id = str(data.get("id") or FIRST_ID + len(self._trips))
            new = {
                "id": trip_id, "nomor": f"000.1.2.3/{trip_id}/ST/2026", "jenis": "dalam_daerah",
                "tujuan": "Bandar Lampung",
            }  # fmt: skip
            trip = {**new, **self._trips.get(trip_id, {}), **data, "id": trip_id}
            missing = [field for field in REQUIRED if not trip.get(field)]
            if missing:
                raise BadRequest(f"data.{missing[0]} is required")
            self._trips[trip_id] = trip
            return dict(trip)

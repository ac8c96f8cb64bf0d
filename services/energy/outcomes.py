"""What an import of a file did, row by row where it matters."""

from __future__ import annotations

from dataclasses import dataclass

from flask_smorest.fields import Upload
from marshmallow import Schema, fields


@dataclass(frozen=True)
class Rejection:
    """A refused row: its line in the file and why, naming the room, person or building."""

    line: int
    reason: str


class RejectionOut(Schema):
    line = fields.Integer()
    reason = fields.String()


class ImportFile(Schema):
    file = Upload(required=True)


class ImportArgs(Schema):
    apply = fields.Boolean(load_default=False, metadata={"description": "false previews, true takes the rows in"})

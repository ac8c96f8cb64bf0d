"""Shapes of the public verification API."""

from __future__ import annotations

from flask_smorest.fields import Upload
from marshmallow import Schema, fields

from services.schedule.verification.actions import Comparison
from services.schedule.verification.rules import Standing


class FactsOut(Schema):
    code = fields.String()
    standing = fields.Enum(Standing, by_value=True)
    development = fields.Boolean(metadata={"description": "an installation for trying out: no letter of it is valid"})
    number = fields.String(allow_none=True)
    letter_date = fields.Date(allow_none=True)
    agency = fields.String()
    subject = fields.String()
    month = fields.Date(metadata={"description": "its first day"})
    signer_name = fields.String()
    signer_post = fields.String()
    signed_at = fields.AwareDateTime(allow_none=True)
    certificate_name = fields.String(allow_none=True, metadata={"description": "whom the certificate names"})
    sha256 = fields.String(allow_none=True, metadata={"description": "of the signed PDF"})
    changed_by = fields.String(allow_none=True, metadata={"description": "number of the letter that amended it"})


class CheckIn(Schema):
    file = Upload(required=True)


class CheckOut(Schema):
    result = fields.Enum(Comparison, by_value=True)
    sha256 = fields.String(metadata={"description": "of the file that was sent"})
    letter = fields.Nested(FactsOut, attribute="facts")

"""Shapes of the letters API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.web.schemas import PageArgs, PageOut


class LetterQuery(PageArgs):
    status = fields.String()
    month = fields.Date(metadata={"description": "any day of the month"})


class LetterOut(Schema):
    id = fields.UUID()
    roster_id = fields.UUID()
    agency_id = fields.String()
    kind = fields.String()
    status = fields.String()
    number = fields.String(allow_none=True)
    letter_date = fields.Date(allow_none=True)
    signer_id = fields.String()
    signed_sha256 = fields.String(allow_none=True)
    signed_at = fields.AwareDateTime(allow_none=True)
    certificate_name = fields.String(allow_none=True, metadata={"description": "whom the certificate names"})
    verification_code = fields.String(metadata={"description": "opens /verify/{code}, for everyone"})
    note = fields.String(allow_none=True)


class LetterPage(PageOut):
    rows = fields.List(fields.Nested(LetterOut))


class SignIn(Schema):
    passphrase = fields.String(required=True, load_only=True, validate=validate.Length(min=1, max=200))
    nik = fields.String(
        load_only=True,
        validate=validate.Regexp(r"[0-9]{16}\Z", error="NIK terdiri dari 16 angka."),
        metadata={"description": "16 digits; where BSrE knows signers by NIK. Not kept"},
    )

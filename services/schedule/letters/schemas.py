"""Shapes of the letters API."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

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
    """What the signer types: passphrase, or with BSrE's API v2 a one-time code in its place. None of it is kept."""

    passphrase = fields.String(load_only=True, validate=validate.Length(min=1, max=200))
    totp = fields.String(
        load_only=True,
        validate=validate.Regexp(r"[0-9]{6,8}\Z", error="Kode sekali pakai terdiri dari 6 sampai 8 angka."),
        metadata={"description": "one-time code in place of the passphrase; BSrE's API v2 only. Not kept"},
    )
    nik = fields.String(
        load_only=True,
        validate=validate.Regexp(r"[0-9]{16}\Z", error="NIK terdiri dari 16 angka."),
        metadata={"description": "16 digits; where BSrE knows signers by NIK. Not kept"},
    )

    @validates_schema
    def one_of_them(self, data: dict[str, Any], **_: Any) -> None:
        given = [name for name in ("passphrase", "totp") if name in data]
        if not given:
            raise ValidationError("Wajib diisi.", "passphrase")
        if len(given) > 1:
            raise ValidationError("Isi salah satu saja: passphrase atau kode sekali pakai.", "totp")


def _text(most: int, pattern: str = r"[^\x00-\x1f\x7f]*", words: str = "Isi dalam satu baris.") -> fields.String:
    """A line of at most *most* characters, or nothing."""
    rules = [validate.Length(max=most), validate.Regexp(rf"(?:{pattern})?\Z", error=words)]
    return fields.String(load_default="", validate=rules)


class LetterheadIn(Schema):
    address = _text(200)
    postal_code = _text(5, r"[0-9]{5}", "Kode pos terdiri dari 5 angka.")
    phone = _text(60, r"[0-9()+ ,./-]+", "Telepon hanya memuat angka dan tanda ( ) + - / , .")
    email = _text(100, r"[^@\s]+@[^@\s]+\.[^@\s]+", "Isi alamat surel, seperti bappeda@metrokota.go.id.")
    website = _text(100, r"[A-Za-z0-9./:_-]+\.[A-Za-z0-9./:_-]+", "Isi alamat laman, seperti bappeda.metrokota.go.id.")


class LetterheadOut(Schema):
    address = fields.String()
    postal_code = fields.String()
    phone = fields.String()
    email = fields.String()
    website = fields.String()
    missing = fields.List(fields.String(), metadata={"description": "names of the fields that are empty"})

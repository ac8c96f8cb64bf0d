"""Fields and shapes that the APIs share: pages of lists, months, text of people, files with a preview."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from flask_smorest.fields import Upload
from marshmallow import Schema, ValidationError, fields, validate

from shared.web.reply import PAGE_LIMIT, PAGE_SIZE

# C0 controls but tab and line ends, DEL, and lone surrogates: no column or page needs them.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Text(fields.String):
    """Text of a person: without spaces around, and without control characters."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **kwargs)).strip()
        if CONTROL.search(text):
            raise ValidationError("Memuat tanda yang tidak dapat dibaca.")
        return text


class Month(fields.Field[date]):
    """``YYYY-MM`` as the first day of that month."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if isinstance(value, str) and re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", value, re.ASCII):
            return date(int(value[:4]), int(value[5:]), 1)
        raise ValidationError("Bulan ditulis TTTT-BB, misalnya 2026-04.")

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return f"{value:%Y-%m}" if value else None


class PageArgs(Schema):
    """Which page of a list is asked for; ``reply.asked_page`` reads the same arguments."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, 1_000_000))
    page_size = fields.Integer(load_default=PAGE_SIZE, validate=validate.Range(1, PAGE_LIMIT))


class PageOut(Schema):
    """Base of a list's page; the list itself is ``rows``."""

    page = fields.Integer(attribute="number")
    total = fields.Integer()


class ImportArgs(Schema):
    apply = fields.Boolean(load_default=False, metadata={"description": "false previews, true takes the rows in"})


class ImportFile(Schema):
    file = Upload(required=True)


class RejectionOut(Schema):
    line = fields.Integer()
    reason = fields.String()

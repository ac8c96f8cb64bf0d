"""What the shapes of APIs say about wrong input, in Indonesian. Set once, at import."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

MESSAGES: dict[type[fields.Field[Any]], dict[str, str]] = {
    fields.Field: {
        "required": "Wajib diisi.",
        "null": "Tidak boleh kosong.",
        "validator_failed": "Nilai ini tidak diterima.",
    },
    fields.String: {"invalid": "Harus berupa teks.", "invalid_utf8": "Memuat tanda yang tidak dapat dibaca."},
    fields.Number: {"invalid": "Harus berupa bilangan.", "too_large": "Bilangan terlalu besar."},
    fields.Integer: {"invalid": "Harus berupa bilangan bulat."},
    fields.Decimal: {"invalid": "Harus berupa bilangan.", "special": "Harus berupa bilangan biasa."},
    fields.Boolean: {"invalid": "Isi ya atau tidak (true/false)."},
    fields.Date: {
        "invalid": "Tanggal harus berbentuk TTTT-BB-HH.",
        "invalid_date": "Tanggal harus berbentuk TTTT-BB-HH.",
        "format": "Tanggal tidak dapat ditulis.",
    },
    fields.DateTime: {"invalid": "Waktu tidak dapat dibaca.", "format": "Waktu tidak dapat ditulis."},
    fields.Time: {"invalid": "Jam harus berbentuk JJ:MM."},
    fields.UUID: {"invalid_uuid": "Bukan kode yang sah."},
    fields.List: {"invalid": "Harus berupa daftar."},
    fields.Nested: {"type": "Bentuk isian ini keliru."},
}
for field_type, messages in MESSAGES.items():
    field_type.default_error_messages = {**field_type.default_error_messages, **messages}

# Range fills in its signs first and the bounds after that, hence the doubled braces.
validate.Range.message_min = "Paling kecil {{min}}."
validate.Range.message_max = "Paling besar {{max}}."
validate.Range.message_all = "Harus antara {{min}} dan {{max}}."
validate.Length.message_min = "Paling sedikit {min} huruf."
validate.Length.message_max = "Paling banyak {max} huruf."
validate.Length.message_all = "Panjangnya {min} sampai {max} huruf."
validate.Length.message_equal = "Panjangnya harus {equal} huruf."
validate.OneOf.default_message = "Pilihan ini tidak dikenal."
validate.Regexp.default_message = "Bentuk isian ini keliru."

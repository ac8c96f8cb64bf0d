"""Whether a signed PDF is the PDF that was sent and one sound signature, and nothing besides."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, IndirectObject, Reference
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

SIGNING_KEYS = frozenset({"/AcroForm", "/DSS", "/Extensions", "/Metadata", "/Perms", "/Version"})
"""What signing may set in the catalog (ISO 32000-2, 12.7 and 12.8); none of it is drawn."""
HIDDEN = 0b100010  # annotation flags Hidden and NoView (ISO 32000-2, table 167)


class Differs(Exception):
    """The signed PDF is not what was sent, signed; the text says in what."""


def certificate_name(sent: bytes, signed: bytes) -> str:
    """The common name in the certificate that signed *sent*; raises Differs, or what the library finds broken.

    The bytes of *sent* come first, what follows changes nothing that is drawn, and the signature is sound and covers
    all of it. A signature alone shows only the last of these: a page painted over before signing is covered as well.
    """
    if signed[: len(sent)] != sent:
        raise Differs("not what was sent")
    reader = PdfFileReader(io.BytesIO(signed), strict=False)
    _require_same_pages(reader, PdfFileReader(io.BytesIO(sent), strict=False).xrefs.total_revisions - 1)
    signatures = reader.embedded_regular_signatures
    if len(signatures) != 1:
        raise Differs(f"{len(signatures)} signatures")
    [signature] = signatures
    intact, valid = validate_sig_integrity(
        signature.signer_info, signature.signer_cert, expected_content_type="data",
        actual_digest=signature.compute_digest(),
    )  # fmt: skip
    if not (intact and valid):
        raise Differs("signature is broken")
    if not _covers_all(signature):
        raise Differs("signature leaves something out")
    return str(signature.signer_cert.subject.native.get("common_name", ""))


def _covers_all(signature: EmbeddedPdfSignature) -> bool:
    """Whether nothing follows the signature, or only what keeps it verifiable for long (certificates, time stamps)."""
    signature.compute_integrity_info()
    after = signature.diff_result
    return signature.coverage == SignatureCoverageLevel.ENTIRE_FILE or (
        signature.coverage == SignatureCoverageLevel.ENTIRE_REVISION
        and isinstance(after, DiffResult)
        and after.modification_level == ModificationLevel.LTA_UPDATES
    )


def _require_same_pages(reader: PdfFileReader, sent: int) -> None:
    """Of the objects in revision *sent*, signing may change catalog, metadata and the pages' lists of annotations."""
    before = reader.get_historical_resolver(sent)
    if reader.root_ref != before.root_ref:
        raise Differs("another catalog")
    pages = list(_pages(before.root.raw_get("/Pages")))
    free = {_reference(reader.trailer, "/Info"), _reference(before.root, "/Metadata")}
    free |= {_reference(before.get_object(page), "/Annots") for page in pages}
    for ref in _changed(reader, sent):
        old, new = before.get_object(ref), reader.get_object(ref)
        if ref == before.root_ref:
            _require_same(old, new, SIGNING_KEYS)
        elif ref in pages:
            _require_same(old, new, frozenset({"/Annots"}))
        elif ref not in free and _written(old) != _written(new):
            raise Differs(f"object {ref.idnum} changed")
    for page in pages:
        old, new = before.get_object(page), reader.get_object(page)
        _require_same_annotations(old.get("/Annots", ArrayObject()), new.get("/Annots", ArrayObject()))


def _changed(reader: PdfFileReader, sent: int) -> set[Reference]:
    """Objects of revision *sent* that a later revision writes anew or drops."""
    touched: set[Reference] = set()
    for revision in range(sent + 1, reader.xrefs.total_revisions):
        touched |= reader.xrefs.explicit_refs_in_revision(revision)
        touched |= reader.xrefs.refs_freed_in_revision(revision)
    return {ref for ref in touched if reader.xrefs.get_historical_ref(ref, sent) is not None}


def _pages(node: IndirectObject) -> Iterator[Reference]:
    """The pages below *node* of the page tree."""
    found = node.get_object()
    if "/Kids" in found:
        for position in range(len(found["/Kids"])):
            yield from _pages(found["/Kids"].raw_get(position))
    else:
        yield node.reference


def _require_same(old: DictionaryObject, new: DictionaryObject, but: frozenset[str]) -> None:
    for key in {*old, *new} - but:
        if key not in old or key not in new or _written(old.raw_get(key)) != _written(new.raw_get(key)):
            raise Differs(f"{key} changed")


def _require_same_annotations(old: ArrayObject, new: ArrayObject) -> None:
    """Those that were there are there still, and what has come is a signature that is not drawn."""
    former = [_written(old.raw_get(position)) for position in range(len(old))]
    if [_written(new.raw_get(position)) for position in range(min(len(old), len(new)))] != former:
        raise Differs("annotation changed")
    for position in range(len(old), len(new)):
        annotation = new[position]
        left, bottom, right, top = (float(number) for number in annotation.get("/Rect", (0, 0, 0, 0)))
        drawn = left != right and bottom != top and not int(annotation.get("/F", 0)) & HIDDEN
        if annotation.get("/Subtype") != "/Widget" or drawn:
            raise Differs("annotation added")


def _reference(holder: DictionaryObject, key: str) -> Reference | None:
    value = holder.raw_get(key) if key in holder else None
    return value.reference if isinstance(value, IndirectObject) else None


def _written(found: Any) -> bytes:
    """An object as it stands in a file; references stay references."""
    out = io.BytesIO()
    found.write_to_stream(out)
    return out.getvalue()

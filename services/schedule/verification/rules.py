"""What a verification code looks like, and what a letter is worth in the words of its public page."""

from __future__ import annotations

import re
from enum import StrEnum

CODE = re.compile(r"[A-Z2-7]{24}")
GROUP = 4
LOOKALIKES = str.maketrans({"0": "O", "1": "I", "8": "B"})
"""Digits that no code has, and the letters they were read from."""


class Standing(StrEnum):
    """What a letter is worth."""

    VALID = "valid"
    UNSIGNED = "unsigned"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


def grouped(code: str) -> str:
    """``ABCD-EFGH-…``, as printed and read aloud."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def read_code(typed: str) -> str | None:
    """The code in what a person typed from paper, with or without hyphens, in small letters too; None if it is none."""
    code = re.sub(r"[\s\-–]", "", typed).upper().translate(LOOKALIKES)
    return code if CODE.fullmatch(code) else None


def standing_of(letter_status: str, roster_status: str) -> Standing:
    """A signed letter is valid until another one replaces its roster; one sent back or withdrawn never is."""
    if letter_status == "returned":
        return Standing.WITHDRAWN
    if letter_status != "signed":
        return Standing.UNSIGNED
    return {"superseded": Standing.SUPERSEDED, "withdrawn": Standing.WITHDRAWN}.get(roster_status, Standing.VALID)

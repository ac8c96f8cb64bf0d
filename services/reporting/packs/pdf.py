"""A pack as PDF/A-2b. Content goes in as JSON, so that no name or note can become markup."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import typst

TEMPLATE = Path(__file__).with_name("pack.typ")


@cache
def _template() -> bytes:
    return TEMPLATE.read_bytes()


def render(content: dict[str, Any], approval: dict[str, str] | None) -> bytes:
    """The pack's PDF. approval: {by, at} once approved; before that every page says it is a draft."""
    data = json.dumps({**content, "approval": approval}, ensure_ascii=False)
    # Fonts of the machine are left out: the same pack looks the same everywhere.
    return typst.compile(
        _template(), format="pdf", sys_inputs={"data": data}, pdf_standards="a-2b", ignore_system_fonts=True
    )

"""What every page with forms has to have, read from its HTML."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

TYPED = ("input", "select", "textarea")


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.labels: list[str] = []
        self.fields: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "label":
            self.labels.append(values.get("for", ""))
        elif tag in TYPED and values.get("type") != "hidden":
            self.fields.append(values.get("id", ""))


def faults_of_forms(html: str) -> list[str]:
    """Fields without a label, labels of no field, and ids that are given twice."""
    page = _Forms()
    page.feed(html)
    return [
        *(f"no label: {id_}" for id_ in page.fields if id_ not in page.labels),
        *(f"label of nothing: {id_}" for id_ in page.labels if id_ not in page.fields),
        *(f"twice: {id_}" for id_, count in Counter(page.ids).items() if count > 1),
    ]

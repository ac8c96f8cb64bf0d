"""Values of a policy's TOML, each read by its kind; what is wrong is told by its field, in Indonesian."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from services.schedule.policy.rules import PolicyUnreadable

T = TypeVar("T")


@dataclass(frozen=True)
class Entry:
    """A table of the file. pointer: JSON pointer of it, empty for the whole file; name: as the file writes it,
    ``[quota]``, ``[[caps]] 1``. Every reader raises PolicyUnreadable naming the field."""

    data: Mapping[str, Any]
    pointer: str = ""
    name: str = ""

    def fault(self, key: str, text: str) -> PolicyUnreadable:
        where = f"{self.name} {key}".strip()
        return PolicyUnreadable(f"{where}: {text}.", f"{self.pointer}/{key}")

    def only(self, *keys: str) -> None:
        """Refuse an entry of another name: misspelt, it would be left out without a word."""
        for key in self.data:
            if key not in keys:
                raise self.fault(key, "entri ini tidak dikenal")

    def has(self, key: str) -> bool:
        return key in self.data

    def value(self, key: str, default: Any = None) -> Any:
        """What is written; without a *default* something has to be."""
        found = self.data.get(key, default)
        if found is None:
            raise self.fault(key, "belum diisi")
        return found

    def text(self, key: str, default: str | None = None) -> str:
        value = self.value(key, default)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self.fault(key, f"harus teks, bukan {_shown(value)}")
        return str(value)

    def names(self, key: str) -> tuple[str, ...]:
        """A list of words, empty when there is none."""
        value = self.value(key, ())
        if not isinstance(value, list | tuple) or not all(isinstance(word, str) for word in value):
            raise self.fault(key, f'harus daftar teks seperti ["a", "b"], bukan {_shown(value)}')
        return tuple(value)

    def word(self, key: str, words: Sequence[str], default: str | None = None) -> str:
        value = self.value(key, default)
        if value not in words:
            raise self.fault(key, f"{_shown(value)} tidak dikenal; pilih {', '.join(words)}")
        return str(value)

    def share(self, key: str) -> Decimal:
        """0 … 1."""
        value = self.value(key)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not 0 <= value <= 1:
            raise self.fault(key, f"harus bagian dari 0 sampai 1, bukan {_shown(value)}")
        return Decimal(str(value))

    def count(self, key: str, default: int | None = None, *, least: int = 0) -> int:
        value = self.value(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise self.fault(key, f"harus bilangan bulat {least} atau lebih, bukan {_shown(value)}")
        return value

    def day(self, key: str) -> date:
        value = self.value(key)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.fault(key, f"harus tanggal TTTT-BB-HH tanpa tanda petik, bukan {_shown(value)}")
        return value

    def table(self, key: str) -> Entry:
        """A table within this one; an empty one when there is none."""
        value = self.value(key, {})
        if not isinstance(value, Mapping):
            raise self.fault(key, f"harus tabel, bukan {_shown(value)}")
        return Entry(value, f"{self.pointer}/{key}", f"{self.name} {key}" if self.name else f"[{key}]")

    def each(self, key: str, read: Callable[[Entry], T]) -> tuple[T, ...]:
        """What *read* makes of each table of a list of tables."""
        value = self.value(key, ())
        if not isinstance(value, list | tuple) or not all(isinstance(table, Mapping) for table in value):
            raise self.fault(key, f"harus tabel berulang [[{key}]]")
        return tuple(
            read(Entry(table, f"{self.pointer}/{key}/{number}", f"[[{key}]] {number + 1}"))
            for number, table in enumerate(value)
        )


def _shown(value: Any) -> str:
    return f"“{value}”"

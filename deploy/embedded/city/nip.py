"""Identity numbers by their rules: NIP of a PNS, NI of a PPPK, and the NIK.

PNS:  18 digits = birth YYYYMMDD + TMT CPNS YYYYMM + sex 1|2 + 3-digit sequence.
PPPK: 18 digits = birth YYYYMMDD + year YYYY + 2-digit agreement count + sex + 3-digit sequence.
Neither has a check digit. Sequences start high, where real ones do not reach, so that an invented number belongs to
nobody.
"""

from __future__ import annotations

from collections import Counter
from datetime import date

FIRST_SEQUENCE = 701
FIRST_AGREEMENT = 21
METRO_REGION = "1872"


class NumberIssuer:
    """Issues NIPs and NIKs that never repeat within one city."""

    def __init__(self) -> None:
        self._used: Counter[str] = Counter()

    def nip(self, born: date, started: date, *, female: bool, pppk: bool) -> str:
        career = f"{started.year}{FIRST_AGREEMENT}" if pppk else f"{started:%Y%m}"
        stem = f"{born:%Y%m%d}{career}{2 if female else 1}"
        self._used[stem] += 1
        return f"{stem}{FIRST_SEQUENCE + self._used[stem] - 1:03d}"

    def nik(self, born: date, *, female: bool, district: int) -> str:
        """16 digits: region, district 1–5, birth DDMMYY (day + 40 for a woman), sequence from 9001."""
        day = born.day + (40 if female else 0)
        stem = f"{METRO_REGION}{district:02d}{day:02d}{born:%m%y}"
        self._used[stem] += 1
        return f"{stem}{9000 + self._used[stem]:04d}"


def nip_problem(nip: str, *, pppk: bool = False) -> str:
    """What is wrong with this NIP, in Indonesian; "" when it is valid."""
    if len(nip) != 18 or not nip.isdigit():
        return "NIP harus 18 angka"
    try:
        born = date(int(nip[:4]), int(nip[4:6]), int(nip[6:8]))
    except ValueError:
        return "tanggal lahir dalam NIP tidak sah"
    year, part = int(nip[8:12]), int(nip[12:14])
    if not pppk and not 1 <= part <= 12:
        return "bulan TMT CPNS dalam NIP tidak sah"
    if not 17 <= year - born.year <= 58:
        return "tahun pengangkatan tidak cocok dengan tanggal lahir"
    if nip[14] not in "12":
        return "jenis kelamin dalam NIP harus 1 atau 2"
    return "" if nip[15:] != "000" else "nomor urut NIP tidak boleh 000"

"""`python -m deploy.embedded.city --out DIR [--size full|small]`"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import SEED, generate, write_city


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="deploy.embedded.city", description="Tulis kota contoh sebagai berkas.")
    parser.add_argument("--out", type=Path, required=True, help="folder tujuan")
    parser.add_argument("--size", choices=("full", "small"), default="full")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args(arguments)
    city = generate(options.size, options.seed)
    write_city(city, options.out)
    sys.stdout.write(
        f"{len(city.agencies)} perangkat daerah, {len(city.units)} unit, {len(city.people)} ASN, "
        f"{len(city.rooms)} ruangan, {len(city.readings)} pembacaan meter\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""A sample city the size of Metro: invented people in real kinds of posts and units.

`generate(size)` gives it as values, `write_city` as the files that SIMPEG and the meters would export, `photo` makes
evidence pictures. No wall clock, no network: the same seed gives the same city.
"""

from .files import write_city
from .generate import SEED, Size, generate
from .model import Absence, Agency, City, Person, Reading, Room, TrueEffect, Unit
from .nip import nip_problem
from .photo import photo
from .readings import FRIDAY_REDUCTION, WFH_BEGAN

__all__ = [
    "FRIDAY_REDUCTION", "SEED", "WFH_BEGAN", "Absence", "Agency", "City", "Person", "Reading", "Room", "Size",
    "TrueEffect", "Unit", "generate", "nip_problem", "photo", "write_city",
]  # fmt: skip

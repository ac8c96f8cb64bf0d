"""Settings of the energy service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from environs import Env

from shared.settings import Settings, read_common

IN_FORCE = date(2026, 4, 9)  # 1.o


@dataclass(frozen=True)
class EnergySettings(Settings):
    """wfh_since: weeks from this date on are never taken as "before"; corrective_days: days to set right what a
    checklist found wrong."""

    wfh_since: date
    corrective_days: int


def energy_settings(settings: Settings) -> EnergySettings:
    """The same settings, known to be this service's."""
    if not isinstance(settings, EnergySettings):
        raise TypeError("these are not the settings of the energy service")
    return settings


def load_settings() -> EnergySettings:
    env = Env(eager=False)
    values: dict[str, Any] = {
        **read_common(env, "energy"),
        "wfh_since": env.date("ENERGY_WFH_SINCE", IN_FORCE),
        "corrective_days": env.int("ENERGY_CORRECTIVE_DAYS", 3),
    }
    env.seal()  # names every missing or malformed variable at once
    return EnergySettings(**values)

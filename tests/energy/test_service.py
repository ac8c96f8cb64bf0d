"""The service as a whole: its tables, its routes, its world."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from services.energy.models import Base, Tariff
from services.energy.savings.electricity import tariff_on
from services.energy.settings import energy_settings, load_settings
from shared.auth import entry_of
from shared.testing.bench import Bench
from tests.energy.world import fill


def test_the_models_are_what_the_migrations_make(bench: Bench) -> None:
    assert bench.service.differences(bench.db) == []


def test_every_route_says_who_may_use_it_and_every_object_whose_it_is(bench: Bench) -> None:
    for rule in bench.app.url_map.iter_rules():
        entry = entry_of(bench.app, rule.endpoint)
        assert entry is not None, rule
        if rule.arguments and not entry.public:
            assert entry.owner is not None, rule


def test_the_world_holds_one_of_each_object_in_both_agencies(bench: Bench) -> None:
    first, second = fill(bench)
    assert first.keys() == second.keys()
    shared = ("operations.", "webhook_endpoints.")
    rules = [rule for rule in bench.app.url_map.iter_rules() if "/api/" in rule.rule]
    ours = [rule for rule in rules if not rule.endpoint.startswith(shared)]
    assert {name for rule in ours for name in rule.arguments} <= first.keys()
    with bench.db.transaction() as session:
        for table in Base.metadata.sorted_tables:
            if table.name != "flagged_week":
                assert session.scalar(select(func.count()).select_from(table)), table.name


def test_a_tariff_holds_within_its_dates(bench: Bench) -> None:
    with bench.db.transaction() as session:
        for day, known in ((date(2025, 12, 31), False), (date(2026, 1, 1), True), (date(2026, 9, 30), True),
                           (date(2026, 10, 1), False)):  # fmt: skip
            found = tariff_on(session, "electricity", day)
            assert isinstance(found, Tariff) is known


def test_settings_have_defaults_and_name_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ENERGY_DATABASE_URL", "LUWES_BROKER_URL", "LUWES_PUBLIC_URL", "LUWES_JWKS_URL", "ENERGY_STORAGE_DIR"):
        monkeypatch.setenv(name, "http://x")
    settings = load_settings()
    assert (settings.wfh_since, settings.corrective_days) == (date(2026, 4, 9), 3)
    assert energy_settings(settings) is settings
    monkeypatch.delenv("ENERGY_DATABASE_URL")
    monkeypatch.setenv("ENERGY_WFH_SINCE", "kemarin")
    with pytest.raises(Exception, match="ENERGY_DATABASE_URL") as caught:
        load_settings()
    assert "ENERGY_WFH_SINCE" in str(caught.value)

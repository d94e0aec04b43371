"""Which engines of the real table a shop uses before and after somebody chooses."""

from __future__ import annotations

from typing import Any

import pytest

from fittingroom import engines
from tests.factories import EngineConfigFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_real_table(settings: Any) -> None:
    settings.TRYON_ENGINES = "ml.tryon.registry.ENGINES"


def test_a_new_shop_dresses_with_what_needs_nothing_installed() -> None:
    assert [spec.name for spec in engines.enabled()] == ["drape"]


def test_a_student_is_used_once_somebody_switches_it_on() -> None:
    EngineConfigFactory(name="drape", position=2)
    EngineConfigFactory(name="student", position=1, regions=["upper"])
    assert [spec.name for spec in engines.enabled()] == ["student", "drape"]
    chosen = [engines.choose([region]) for region in ("upper", "dress")]
    assert [spec.name for spec in chosen if spec] == ["student", "drape"]

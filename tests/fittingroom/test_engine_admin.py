"""Engines in the admin: what may be switched on, and how long they took of late."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from fittingroom import engines, fingerprints, services, stage_times
from fittingroom.models import EngineConfig, FittingModel
from fittingroom.shopper import Shopper
from ml import weights
from ml.tryon.registry import ENGINES, get
from shop.catalogue.models import ProductImage
from tests.factories import EngineConfigFactory, TryOnFactory, UserFactory

pytestmark = pytest.mark.django_db
URL = "/en/admin/fittingroom/engineconfig/"


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


@pytest.fixture(autouse=True)
def weights_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OTBANG_HOME", str(tmp_path))
    monkeypatch.setattr("fittingroom.engines.specs", lambda: ENGINES)
    return tmp_path / "weights"


def installed(folder: Path) -> None:
    for name in get("flow_style").weight_files:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


def test_without_any_configuration_only_engines_for_shops_dress(weights_in: Path) -> None:
    installed(weights_in)
    weights.acknowledge("flow_style", by="olga")
    assert [spec.name for spec in engines.enabled()] == ["drape"]


def test_it_is_switched_on_once_installed_and_acknowledged(boss: Client, weights_in: Path) -> None:
    data = {"name": "flow_style", "enabled": "on", "position": 1}

    def refused() -> str:
        return str(boss.post(f"{URL}add/", data).context["adminform"].form.errors["enabled"])

    assert "weights are missing" in refused()
    installed(weights_in)
    assert "has not been accepted" in refused()
    weights.acknowledge("flow_style", by="olga")
    assert boss.post(f"{URL}add/", data).status_code == 302
    assert [spec.name for spec in engines.enabled()] == ["flow_style"]
    assert "CC BY-NC-SA 4.0 (not commercial)" in boss.get(URL).text


def test_the_list_switches_nothing_on_that_cannot_dress(boss: Client) -> None:
    config = EngineConfigFactory(name="flow_style", enabled=False)

    def post(**fields: Any) -> Any:
        rows = {f"form-0-{name}": value for name, value in ({"id": config.pk} | fields).items()}
        form = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "_save": "Save"}
        return boss.post(URL, rows | form)

    assert "install_checkpoint flow_style" in post(enabled="on", position=2).text
    assert not EngineConfig.objects.get().enabled
    # What is on and broke since can still be moved and switched off.
    EngineConfig.objects.update(enabled=True)
    assert post(enabled="on", position=3).status_code == 302
    assert post(position=3).status_code == 302
    assert not EngineConfig.objects.get().enabled


def test_recent_times_are_shown_by_stage(boss: Client) -> None:
    config = EngineConfigFactory(name="drape")
    for dress in range(1, 21):
        times = {"dress": dress * 10, "warp": dress, "person": 5, "store": 7}
        TryOnFactory(done=True, engine="drape", stage_ms=times)
    TryOnFactory(failed=True, engine="drape", stage_ms={"dress": 9999})
    TryOnFactory(done=True, engine="other", stage_ms={"dress": 9999})
    found = stage_times.recent("drape")
    assert [time.stage for time in found] == ["person", "warp", "dress", "store"]
    dress = found[2]
    assert (dress.median, dress.p95, dress.count) == (105, 190, 20)
    page = boss.get(f"{URL}{config.pk}/change/").text
    assert "<td>105</td><td>190</td><td>20</td>" in page
    assert "105 ms" in boss.get(URL).text


def test_times_of_an_engine_that_never_dressed(boss: Client) -> None:
    config = EngineConfigFactory(name="viton_hd")
    assert stage_times.recent("viton_hd") == []
    assert boss.get(f"{URL}{config.pk}/change/").status_code == 200


def test_memory_limits_are_read_by_the_worker(boss: Client) -> None:
    spec = get("drape")
    assert engines.memory_of(spec) is None
    data = {"name": "drape", "enabled": "on", "position": 1, "memory_mb": 6000}
    assert boss.post(f"{URL}add/", data).status_code == 302
    assert engines.memory_of(spec) == 6000


def test_an_engine_that_needs_densepose_is_passed_over_without_it(
    mia: FittingModel, visitor: Shopper, tee: ProductImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "_send", lambda tryon: None)
    for position, name in enumerate(("hr_viton", "drape")):
        EngineConfigFactory(name=name, enabled=True, position=position)

    def chosen() -> str:
        return services.request_tryon(shopper=visitor, fitting_model=mia, images=[tee]).engine

    assert chosen() == "drape"
    before = fingerprints.of_person(mia)
    mia.densepose.save("mia.png", ContentFile(b"picture"))
    assert chosen() == "hr_viton"
    assert fingerprints.of_person(mia) != before

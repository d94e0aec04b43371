"""The table of engines can be read by a web process."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from ml import weights
from ml.garment.annotation import Region
from ml.tryon import filled
from ml.tryon.engine import EngineSpec, Ready, Unusable
from ml.tryon.registry import ENGINES, check, get


def test_reading_the_table_loads_nothing_heavy() -> None:
    code = (
        "import sys; import ml.tryon.registry as r; "
        "[r.check(s) for s in r.ENGINES]; "
        "print([m for m in ('torch', 'cv2', 'scipy', 'django') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_names_are_unique_and_found() -> None:
    names = [spec.name for spec in ENGINES]
    assert len(set(names)) == len(names)
    assert all(get(name).name == name for name in names)


def test_unknown_name_says_what_there_is() -> None:
    with pytest.raises(KeyError, match="drape"):
        get("nobody")


def test_drape_dresses_everything_and_may_be_sold() -> None:
    spec = get("drape")
    assert spec.regions == frozenset(Region)
    assert spec.commercial_use
    assert spec.licence == "Apache-2.0"
    assert check(spec) == Ready()


@pytest.mark.parametrize("spec", [s for s in ENGINES if not s.commercial_use], ids=lambda s: s.name)
def test_a_published_engine_waits_for_its_files_and_for_the_operators_word(
    spec: EngineSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTBANG_HOME", str(tmp_path))
    answer = check(spec)
    assert isinstance(answer, Unusable)
    official = [checkpoint.filename for checkpoint in weights.of_engine(spec.name)]
    assert answer.hint == f"manage.py install_checkpoint {spec.name} {' '.join(official)}"
    for name in spec.weight_files:
        file = tmp_path / "weights" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    answer = check(spec)
    assert isinstance(answer, Unusable)
    assert "CC BY-NC" in answer.reason
    assert "--i-accept-non-commercial" in answer.hint
    weights.acknowledge(spec.name, by="olga")
    assert check(spec) == Ready()


def test_the_student_waits_for_weights_that_somebody_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTBANG_HOME", str(tmp_path))
    spec = get("student")
    assert ENGINES.index(spec) > ENGINES.index(get("drape"))
    answer = check(spec)
    assert isinstance(answer, Unusable)
    assert "student.safetensors" in answer.reason
    assert str(tmp_path / "weights") in answer.hint
    filled.install("student")
    assert check(spec) == Ready()


def test_missing_weights_make_an_engine_unusable() -> None:
    answer = check(dataclasses.replace(get("drape"), weight_files=("nothing.safetensors",)))
    assert isinstance(answer, Unusable)
    assert "nothing.safetensors" in answer.reason

"""Every try-on engine there is: one literal table, readable without loading anything heavy."""

from __future__ import annotations

from pathlib import Path

from ml.garment.annotation import Region
from ml.tryon.engine import EngineSpec, Ready, TryOnEngine, Unusable

MODELS = Path(__file__).resolve().parent.parent / "models"


def _load_drape(device: str) -> TryOnEngine:
    from ml.tryon.drape.engine import load

    return load(device)


ENGINES: tuple[EngineSpec, ...] = (
    EngineSpec(
        name="drape",
        version="4",
        title="Drape",
        regions=frozenset(Region),
        annotations=frozenset({"parse_atr", "keypoints"}),
        devices=("cpu",),
        licence="Apache-2.0",
        commercial_use=True,
        load=_load_drape,
    ),
)


def get(name: str) -> EngineSpec:
    """The spec of that name. Raises KeyError with the names there are."""
    for spec in ENGINES:
        if spec.name == name:
            return spec
    raise KeyError(f"no engine {name!r}; there are: {', '.join(s.name for s in ENGINES)}")


def check(spec: EngineSpec) -> Ready | Unusable:
    """Can this engine be loaded here? Looks, but loads nothing."""
    missing = [name for name in spec.weight_files if not (MODELS / name).is_file()]
    if missing:
        return Unusable(f"weights are missing: {', '.join(missing)}", f"put them into {MODELS}")
    return Ready()

"""Which engine dresses whom. Specs only: nothing here loads an engine, a network or torch."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.utils.module_loading import import_string

from fittingroom.models import EngineConfig
from ml.tryon.engine import EngineSpec

#: What every fitting model comes with (see ``FittingModel``).
PERSON_ANNOTATIONS = frozenset({"parse_atr", "keypoints"})


def specs() -> tuple[EngineSpec, ...]:
    """The table of engines, best first where nobody has configured anything."""
    table: tuple[EngineSpec, ...] = import_string(settings.TRYON_ENGINES)
    return table


def spec_of(name: str) -> EngineSpec | None:
    return next((spec for spec in specs() if spec.name == name), None)


def enabled() -> list[EngineSpec]:
    """In the order in which they are asked.

    Without any ``EngineConfig`` row every engine is enabled, so that a new shop works.
    """
    return [spec for spec, _only in _configured()]


def enabled_here() -> list[EngineSpec]:
    """Those whose try-ons come to this worker's queue."""
    mine = "gpu" if settings.TRYON_WORKER_DEVICE == "cuda" else "cpu"
    return [spec for spec in enabled() if queue_of(spec) == mine]


def choose(regions: Sequence[str], name: str | None = None) -> EngineSpec | None:
    """The first enabled engine that dresses all these regions; None where there is none.

    ``name`` asks for one engine, which must be enabled too.
    """
    for spec, only in _configured():
        dresses = {str(region) for region in spec.regions}
        if only:
            dresses &= set(only)
        fits = dresses.issuperset(regions) and spec.annotations <= PERSON_ANNOTATIONS
        if fits and name in (None, spec.name):
            return spec
    return None


def _configured() -> list[tuple[EngineSpec, list[str]]]:
    """Enabled engines with the regions they are kept to; no regions: all that they can."""
    configs = list(EngineConfig.objects.all())
    if not configs:
        return [(spec, []) for spec in specs()]
    return [
        (spec, config.regions)
        for config in configs
        if config.enabled and (spec := spec_of(config.name)) is not None
    ]


def queue_of(spec: EngineSpec) -> str:
    """The queue of the engine's best device that this installation has workers for."""
    if "cuda" in spec.devices and "cuda" in settings.TRYON_DEVICES:
        return "gpu"
    return "cpu"

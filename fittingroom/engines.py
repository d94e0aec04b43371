"""Which engine dresses whom. Specs only: nothing here loads an engine, a network or torch."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.utils.module_loading import import_string

from fittingroom.models import EngineConfig, FittingModel, PersonPhoto
from ml.tryon.engine import EngineSpec

#: What everybody who can be dressed comes with (see ``FittingModel`` and ``PersonPhoto``).
PERSON_ANNOTATIONS = frozenset({"parse_atr", "keypoints"})


def specs() -> tuple[EngineSpec, ...]:
    """The table of engines, best first where nobody has configured anything."""
    table: tuple[EngineSpec, ...] = import_string(settings.TRYON_ENGINES)
    return table


def spec_of(name: str) -> EngineSpec | None:
    return next((spec for spec in specs() if spec.name == name), None)


def enabled() -> list[EngineSpec]:
    """In the order in which they are asked.

    Without any ``EngineConfig`` row every engine that a shop may use is enabled, so that a new
    shop works; one whose licence forbids commercial use waits for somebody to switch it on.
    """
    return [spec for spec, _only in _configured()]


def enabled_here() -> list[EngineSpec]:
    """Those whose try-ons come to this worker's queue."""
    mine = "gpu" if settings.TRYON_WORKER_DEVICE == "cuda" else "cpu"
    return [spec for spec in enabled() if queue_of(spec) == mine]


def known_of(person: FittingModel | PersonPhoto) -> frozenset[str]:
    """The annotations that this person has."""
    if isinstance(person, FittingModel) and person.densepose:
        return PERSON_ANNOTATIONS | {"densepose"}
    return PERSON_ANNOTATIONS


def choose(
    regions: Sequence[str],
    name: str | None = None,
    known: frozenset[str] = PERSON_ANNOTATIONS,
) -> EngineSpec | None:
    """The first enabled engine that dresses all these regions; None where there is none.

    ``name`` asks for one engine, which must be enabled too. known: of the person; an engine that
    needs more is passed over.
    """
    for spec, only in _configured():
        dresses = {str(region) for region in spec.regions}
        if only:
            dresses &= set(only)
        fits = dresses.issuperset(regions) and spec.annotations <= known
        if fits and name in (None, spec.name):
            return spec
    return None


def _configured() -> list[tuple[EngineSpec, list[str]]]:
    """Enabled engines with the regions they are kept to; no regions: all that they can."""
    configs = list(EngineConfig.objects.all())
    if not configs:
        return [(spec, []) for spec in specs() if spec.commercial_use and not spec.weight_files]
    return [
        (spec, config.regions)
        for config in configs
        if config.enabled and (spec := spec_of(config.name)) is not None
    ]


def memory_of(spec: EngineSpec) -> int | None:
    """MB that the engine may take of its device; None: no limit."""
    return EngineConfig.objects.filter(name=spec.name).values_list("memory_mb", flat=True).first()


def queue_of(spec: EngineSpec) -> str:
    """The queue of the engine's best device that this installation has workers for."""
    if "cuda" in spec.devices and "cuda" in settings.TRYON_DEVICES:
        return "gpu"
    return "cpu"

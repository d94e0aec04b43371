"""Every try-on engine there is: one literal table, readable without loading anything heavy."""

from __future__ import annotations

from ml import weights
from ml.garment.annotation import Region
from ml.tryon.engine import EngineSpec, Ready, TryOnEngine, Unusable


def _load_drape(device: str) -> TryOnEngine:
    from ml.tryon.drape.engine import load

    return load(device)


def _load_viton_hd(device: str) -> TryOnEngine:
    from ml.tryon.viton_hd.engine import load

    return load(device, weights.folder() / "viton_hd")


def _load_hr_viton(device: str) -> TryOnEngine:
    from ml.tryon.hr_viton.engine import load

    return load(device, weights.folder() / "hr_viton")


def _load_flow_style(device: str) -> TryOnEngine:
    from ml.tryon.flow_style.engine import load

    return load(device, weights.folder() / "flow_style")


def _load_student(device: str) -> TryOnEngine:
    from ml.tryon.student.engine import load

    return load(device, weights.folder() / "student")


def _files(engine: str) -> tuple[str, ...]:
    return tuple(checkpoint.stored for checkpoint in weights.of_engine(engine))


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
    EngineSpec(
        name="viton_hd",
        version="1",
        title="VITON-HD",
        regions=frozenset({Region.UPPER}),
        annotations=frozenset({"parse_atr", "keypoints"}),
        devices=("cuda", "cpu"),
        licence=weights.LICENCES["viton_hd"].name,
        commercial_use=False,
        load=_load_viton_hd,
        weight_files=_files("viton_hd"),
        batch=8,
        megabytes=1200,
        megabytes_each=1000,
    ),
    EngineSpec(
        name="hr_viton",
        version="1",
        title="HR-VITON",
        regions=frozenset({Region.UPPER}),
        annotations=frozenset({"parse_atr", "keypoints", "densepose"}),
        devices=("cuda", "cpu"),
        licence=weights.LICENCES["hr_viton"].name,
        commercial_use=False,
        load=_load_hr_viton,
        weight_files=_files("hr_viton"),
        batch=8,
        megabytes=1000,
        megabytes_each=900,
    ),
    EngineSpec(
        name="flow_style",
        version="1",
        title="Flow-Style-VTON",
        regions=frozenset({Region.UPPER}),
        annotations=frozenset({"parse_atr", "keypoints"}),
        devices=("cuda", "cpu"),
        licence=weights.LICENCES["flow_style"].name,
        commercial_use=False,
        load=_load_flow_style,
        weight_files=_files("flow_style"),
        batch=8,
        megabytes=800,
        megabytes_each=200,
    ),
    EngineSpec(
        name="student",
        version="1",
        title="Student",
        regions=frozenset(Region),
        annotations=frozenset(),
        devices=("cuda", "cpu"),
        licence="that of what it was trained on",
        commercial_use=True,
        load=_load_student,
        weight_files=("student/student.safetensors",),
        batch=8,
        megabytes=300,
        megabytes_each=60,
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
    if not spec.weight_files:
        return Ready()
    command = f"manage.py install_checkpoint {spec.name}"
    folder = weights.folder()
    missing = [name for name in spec.weight_files if not (folder / name).is_file()]
    if missing:
        official = [
            each.filename for each in weights.of_engine(spec.name) if each.stored in missing
        ]
        return Unusable(
            f"weights are missing: {', '.join(missing)}",
            " ".join([command, *official]) if official else f"put them into {folder}",
        )
    if spec.name in weights.LICENCES and not weights.acknowledged(spec.name):
        return Unusable(
            f"its licence ({spec.licence}) has not been accepted",
            f"{command} --i-accept-non-commercial",
        )
    return Ready()

"""``drape``: our engine. Warps the garment, uncovers what the old one hid, lights and layers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ml.errors import CutOff, InputError, NoGarment, NotSupported
from ml.garment.annotation import GarmentAnnotation, Region
from ml.person.annotation import PersonAnnotation
from ml.tryon.compose import compose
from ml.tryon.drape.body import measure
from ml.tryon.drape.engine_scene import Scene, look, pack, unpack
from ml.tryon.drape.layers_outfit import outfit
from ml.tryon.drape.light import colour_cast, match_scene
from ml.tryon.drape.pieces import Worn
from ml.tryon.drape.uncover_skin import to_lab
from ml.tryon.drape.warp import drape
from ml.tryon.engine import (
    Dressed,
    DressRequest,
    OnStage,
    PreparedGarment,
    PreparedPerson,
    Refused,
    ignore_stage,
)
from ml.tryon.requests import check_photo
from ml.tryon.stages import timed

STAGES = ("prepare", "warp", "uncover", "light", "compose")
ORDER = (Region.LOWER, Region.UPPER, Region.DRESS, Region.OUTER)
UNSURE_MASK = 0.5  # a garment annotation below this confidence earns a warning


class Drape:
    """The loaded engine; it holds nothing but code."""

    def prepare_person(
        self, photo: NDArray[np.uint8], annotation: PersonAnnotation
    ) -> PreparedPerson:
        """Raises BadAnnotation, NoPerson, CutOff or BackView."""
        check_photo(photo, annotation.parse.shape)
        measure(annotation)  # its refusals name what is wrong with the photo
        return PreparedPerson(photo, annotation, pack(look(photo, annotation)))

    def prepare_garment(
        self, photo: NDArray[np.uint8], annotation: GarmentAnnotation
    ) -> PreparedGarment:
        """Raises BadAnnotation or NoGarment."""
        check_photo(photo, annotation.mask.shape)
        if int((annotation.mask > 127).sum()) < 100:
            raise NoGarment("the mask shows no garment")
        cast = colour_cast(to_lab(photo), annotation.mask > 20)
        return PreparedGarment(photo, annotation, {"cast": cast})

    def dress(
        self, batch: Sequence[DressRequest], *, seed: int = 0, on_stage: OnStage = ignore_stage
    ) -> list[Dressed | Refused]:
        """Dress each request on its own; what cannot be dressed is refused with a code."""
        results: list[Dressed | Refused] = []
        for request in batch:
            try:
                results.append(self._dress(request, seed, on_stage))
            except InputError as error:
                results.append(Refused(error.code, str(error)))
        return results

    def _dress(self, request: DressRequest, seed: int, on_stage: OnStage) -> Dressed:
        garments = _in_order(request.garments)
        person = request.person
        with timed("prepare", on_stage):
            tensors = person.tensors or pack(look(person.photo, person.annotation))
            scene = unpack(person.photo, person.annotation, tensors)
        with timed("warp", on_stage):
            part = PreparedPerson(scene.photo, scene.annotation)
            worn = [drape(part, garment) for garment in garments]
            if not any(int((one.alpha > 127).sum()) > 100 for one in worn):
                raise CutOff("the garment lies outside the photo")
        with timed("light", on_stage):
            colours = [
                _lit(scene, one, garment) for one, garment in zip(worn, garments, strict=True)
            ]
        painted = outfit(
            scene,
            worn,
            colours,
            rng=np.random.default_rng(seed),
            timed=lambda stage: timed(stage, on_stage),
        )
        with timed("compose", on_stage):
            canvas = person.photo.copy()
            canvas[scene.window] = painted
            edit = np.where((canvas != person.photo).any(2), 255, 0).astype(np.uint8)
            image = compose(person.photo, canvas, edit)
        return Dressed(image, edit, *_judge(worn, garments))


def _in_order(garments: tuple[PreparedGarment, ...]) -> tuple[PreparedGarment, ...]:
    """Innermost first. At most one garment per region, and a dress goes with nothing but outer."""
    if not garments:
        raise NotSupported("nothing to put on")
    regions = [garment.annotation.region for garment in garments]
    if len(set(regions)) < len(regions):
        raise NotSupported("two garments for one part of the body")
    if Region.DRESS in regions and {Region.UPPER, Region.LOWER} & set(regions):
        raise NotSupported("a dress cannot be combined with a top or a bottom")
    return tuple(sorted(garments, key=lambda g: ORDER.index(g.annotation.region)))


def _lit(scene: Scene, worn: Worn, garment: PreparedGarment) -> NDArray[np.float32]:
    cast = garment.tensors.get("cast")
    if cast is None:
        cast = colour_cast(to_lab(garment.photo), garment.annotation.mask > 20)
    return match_scene(worn.colour, worn.alpha > 0, np.asarray(cast, np.float32), scene.light)


def _judge(
    worn: Sequence[Worn], garments: Sequence[PreparedGarment]
) -> tuple[float, tuple[str, ...]]:
    """(confidence 0..1, warnings) of a result."""
    warnings = list(dict.fromkeys(code for one in worn for code in one.warnings))
    sure = min(garment.annotation.confidence for garment in garments)
    if sure < UNSURE_MASK:
        warnings.append("low_mask_confidence")
    stretch = max(one.stretch for one in worn)
    confidence = (
        sure * float(np.clip(1.5 - 0.2 * stretch, 0.4, 1.0)) * 0.92 ** len(worn[0].warnings)
    )
    return float(np.clip(confidence, 0.0, 1.0)), tuple(warnings)


def load(device: str) -> Drape:
    """Load the engine; it computes on the CPU whatever the device."""
    if device != "cpu":
        raise ValueError(f"drape runs on the cpu, not on {device!r}")
    return Drape()

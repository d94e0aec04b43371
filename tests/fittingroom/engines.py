"""A tiny real engine for tests: it paints the upper body in the garment's colour.

Some colours make trouble, so that a test orders it by the picture it puts in the shop:
:data:`POISON` kills the process that dresses it, :data:`REFUSED` is refused, :data:`BROKEN`
raises. ``TEST_ENGINE_SECONDS`` makes it slow, ``TEST_ENGINE_DIARY`` names a file that gets a line
for each dressing begun.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml.garment.annotation import GarmentAnnotation, Region
from ml.person.annotation import Atr, PersonAnnotation
from ml.tryon.engine import (
    Dressed,
    DressRequest,
    EngineSpec,
    OnStage,
    PreparedGarment,
    PreparedPerson,
    Refused,
    ignore_stage,
)

RED = (180, 30, 60)
BLUE = (30, 60, 180)
POISON = (250, 0, 250)
REFUSED = (240, 200, 0)
BROKEN = (0, 160, 0)


class Recolour:
    def prepare_person(
        self, photo: NDArray[np.uint8], annotation: PersonAnnotation
    ) -> PreparedPerson:
        upper = (annotation.parse == Atr.UPPER).astype(np.uint8)
        return PreparedPerson(photo=photo, annotation=annotation, tensors={"upper": upper})

    def prepare_garment(
        self, photo: NDArray[np.uint8], annotation: GarmentAnnotation
    ) -> PreparedGarment:
        colour = np.median(photo[annotation.mask > 127], axis=0).astype(np.uint8)
        return PreparedGarment(photo=photo, annotation=annotation, tensors={"colour": colour})

    def dress(
        self, batch: Sequence[DressRequest], *, seed: int = 0, on_stage: OnStage = ignore_stage
    ) -> list[Dressed | Refused]:
        return [self._one(request, on_stage) for request in batch]

    def _one(self, request: DressRequest, on_stage: OnStage) -> Dressed | Refused:
        if diary := os.environ.get("TEST_ENGINE_DIARY"):
            with Path(diary).open("a") as lines:
                lines.write(f"{os.getpid()}\n")
        until = time.monotonic() + float(os.environ.get("TEST_ENGINE_SECONDS", "0"))
        while time.monotonic() < until:
            on_stage("slow", 0.0)
            time.sleep(0.02)
        colour = request.garments[-1].tensors["colour"]
        if _like(colour, POISON):
            os.kill(os.getpid(), signal.SIGKILL)
        if _like(colour, REFUSED):
            return Refused("cut_off", "the arms are outside the picture")
        if _like(colour, BROKEN):
            raise RuntimeError("the engine has a bug")
        upper = request.person.tensors["upper"].astype(bool)
        image = request.person.photo.copy()
        image[upper] = colour
        on_stage("paint", 0.001)
        return Dressed(image=image, edit_mask=upper.astype(np.uint8) * 255, confidence=1.0)


def _like(colour: NDArray[np.generic], wanted: tuple[int, int, int]) -> bool:
    return bool(np.abs(colour.astype(int) - np.array(wanted)).max() < 16)


RECOLOUR = EngineSpec(
    name="recolour",
    version="1",
    title="Recolour (tests)",
    regions=frozenset({Region.UPPER, Region.OUTER}),
    annotations=frozenset({"parse_atr", "keypoints"}),
    devices=("cpu",),
    licence="Apache-2.0",
    commercial_use=True,
    load=lambda device: Recolour(),
)
ENGINES = (RECOLOUR,)
PATH = "tests.fittingroom.engines.ENGINES"
#: The same engine, where it takes several at once.
TOGETHER = (replace(RECOLOUR, batch=8),)
PATH_TOGETHER = "tests.fittingroom.engines.TOGETHER"

"""How the student is trained; ``train`` does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import torch
from torch import Tensor

from ml.training.loop import Plan
from ml.training.loop import train as run
from ml.training.student.evaluate import figures
from ml.training.student.lessons import Lesson
from ml.training.student.losses import flow_losses, picture_losses
from ml.training.student.samples import Mix, collate, vary
from ml.tryon.student.network import Student, channels_last, grown, load_unfused, save

WEIGHTS = "student.safetensors"
#: Lessons that a check along the way looks at.
CHECKED = 24


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the result, besides the data."""

    plan: Plan = field(
        default_factory=lambda: Plan(
            steps=16000,
            rate=2e-3,
            workers=1,
            bf16=False,
            average=0.99,
            weight_decay=0.02,
            check_every=0.25,
        )
    )
    #: First small pictures, for a third of the cost, then large ones.
    sizes: tuple[tuple[int, int], tuple[int, int]] = ((128, 96), (256, 192))
    small: float = 0.7  # share of the steps and of the time
    samples: int = 8
    #: So much of the small ones' time only the flow learns: half the cost, and all hangs on it.
    flow_only: float = 0.3
    #: Of the first rate: with large pictures, and where --init gives the weights.
    later_rate: float = 0.5
    tuning_rate: float = 0.25
    mix: Mix = field(default_factory=Mix)


def with_plan(recipe: Recipe, **changes: float | int | None) -> Recipe:
    """``recipe`` with other values in its plan."""
    return replace(recipe, plan=replace(recipe.plan, **changes))  # type: ignore[arg-type]


class Maker:
    """Makes a batch and its losses; see :mod:`ml.training.loop`."""

    def __init__(
        self, recipe: Recipe, lessons: Sequence[Lesson], device: str = "cpu", flow_only: float = 0.0
    ) -> None:
        self.recipe, self.lessons, self.device = recipe, lessons, device
        self.flow_only = flow_only

    def __call__(
        self, network: Student, step: int, worker: int, progress: float
    ) -> Mapping[str, Tensor]:
        recipe = self.recipe
        drawn = []
        for index in range(recipe.samples):
            random = np.random.default_rng((recipe.plan.seed, step, worker, index))
            lesson = self.lessons[int(random.integers(len(self.lessons)))]
            drawn.append(vary(lesson, random, recipe.mix))
        batch = collate(drawn, self.device)
        person = network.see_person(batch.person)
        flow = network.flow(person, network.see_garment(batch.garment, batch.mask, batch.region))
        losses = dict(flow_losses(flow, batch))
        if progress >= self.flow_only:
            made = network.wear(batch.person, batch.garment, batch.mask, person, flow)
            losses |= picture_losses(made, batch)
        return losses


def train(
    recipe: Recipe,
    lessons: Sequence[Lesson],
    out: Path,
    *,
    held: Sequence[Lesson] = (),
    init: Path | None = None,
    resume: bool = False,
    device: str = "cpu",
    stop_after: int | None = None,
) -> Student:
    """The averaged network; ``out/student.safetensors`` follows every check on ``held``.

    init: weights to go on from, at their own size; without, small pictures come first.
    """
    cv2.setNumThreads(1)
    torch.manual_seed(recipe.plan.seed)
    stage = partial(
        _stage, recipe, lessons, held, out, resume=resume, device=device, stop_after=stop_after
    )
    if init is not None:
        return stage(load_unfused(init), "tuned", recipe.tuning_rate)
    small = stage(Student(recipe.sizes[0]), "small", share=recipe.small, flow_only=recipe.flow_only)
    return stage(grown(small, recipe.sizes[1]), "large", recipe.later_rate, 1 - recipe.small)


def _stage(
    recipe: Recipe,
    lessons: Sequence[Lesson],
    held: Sequence[Lesson],
    out: Path,
    network: Student,
    name: str,
    rate: float = 1.0,
    share: float = 1.0,
    *,
    flow_only: float = 0.0,
    resume: bool,
    device: str,
    stop_after: int | None,
) -> Student:
    plan = replace(
        recipe.plan,
        steps=max(1, round(recipe.plan.steps * share)),
        minutes=recipe.plan.minutes and recipe.plan.minutes * share,
        rate=recipe.plan.rate * rate,
    )
    size = network.size
    shown = [each.at(size) for each in held]

    def check(average: Student, step: int, progress: float) -> Mapping[str, float]:
        save(average, out / WEIGHTS, {"stage": name, "step": str(step)})
        if not shown:
            return {}
        found = figures(average, shown[:: max(len(shown) // CHECKED, 1)], ("student",))
        means = found["all"]["student"]
        return {key.replace(" ", "_"): value for key, value in means.items()}

    maker = Maker(recipe, [each.at(size) for each in lessons], device, flow_only)
    averaged = run(
        channels_last(network),
        plan,
        maker,
        out / name,
        resume=resume,
        check=check,
        device=device,
        stop_after=stop_after,
    )
    save(cast(Student, averaged), out / WEIGHTS, {"stage": name})
    return cast(Student, averaged)

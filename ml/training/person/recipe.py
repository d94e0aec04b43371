"""How the person annotator is trained; ``train`` does it."""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import torch
from torch import Tensor

from ml.person.network import PARSE_STRIDE, PersonNetwork, channels_last, load_unfused, save
from ml.training.loop import Plan
from ml.training.loop import train as run
from ml.training.person import samples
from ml.training.person.batch import collate
from ml.training.person.evaluate import Case, evaluate
from ml.training.person.losses import class_weights, person_losses
from ml.training.person.sources import Pool

Shapes = tuple[tuple[tuple[int, int], float], ...]


@dataclass(frozen=True, slots=True)
class Phase:
    """Until ``until`` of the progress: canvases (height, width) with shares, samples per worker."""

    until: float
    shapes: Shapes
    samples: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the result, besides the data."""

    plan: Plan = field(default_factory=lambda: Plan(steps=9000, rate=2e-3, check_every=0.2))
    phases: tuple[Phase, ...] = (
        Phase(0.50, (((192, 128), 0.75), ((192, 160), 0.25)), 10),
        Phase(0.80, (((256, 192), 0.5), ((256, 160), 0.5)), 8),
        Phase(1.00, (((288, 192), 0.6), ((288, 224), 0.4)), 7),
    )
    mix: samples.Mix = field(default_factory=samples.Mix)
    #: Height of the photos in memory, relative to the canvas: half-body crops enlarge them.
    detail: float = 1.35
    height: int = 520

    def phase(self, progress: float) -> Phase:
        return next((p for p in self.phases if progress < p.until), self.phases[-1])


class Maker:
    """Makes the share of a batch that one worker works on; see :mod:`ml.training.loop`."""

    def __init__(self, recipe: Recipe, pool: Pool, device: str = "cpu") -> None:
        self.recipe, self.pool, self.device = recipe, pool, device
        self._lock = threading.Lock()
        self._pools: dict[int, Pool] = {}

    def __call__(
        self, network: PersonNetwork, step: int, worker: int, progress: float
    ) -> Mapping[str, Tensor]:
        phase = self.recipe.phase(progress)
        # All workers of a step use the same canvas, so that none waits for the other.
        chosen = np.random.default_rng((self.recipe.plan.seed, step))
        shares = [share for _, share in phase.shapes]
        shape = phase.shapes[int(chosen.choice(len(shares), p=shares))][0]
        pool = self._pool(phase)
        batch = collate(
            [
                samples.make(
                    pool,
                    shape,
                    np.random.default_rng((self.recipe.plan.seed, step, worker, index)),
                    self.recipe.mix,
                )
                for index in range(phase.samples)
            ],
            self.device,
        )
        return person_losses(network(batch.images), batch)

    def _pool(self, phase: Phase) -> Pool:
        height = max(shape[0] for shape, _ in phase.shapes)
        with self._lock:
            if height not in self._pools:
                self._pools.clear()
                self._pools[height] = self.pool.at_height(round(height * self.recipe.detail))
            return self._pools[height]


def train(
    recipe: Recipe,
    pool: Pool,
    out: Path,
    *,
    cases: list[Case] | None = None,
    init: Path | None = None,
    resume: bool = False,
    device: str = "cpu",
    stop_after: int | None = None,
) -> PersonNetwork:
    """The averaged network; ``out/average.safetensors`` follows every check on ``cases``."""
    cv2.setNumThreads(1)
    torch.manual_seed(recipe.plan.seed)
    network = channels_last(load_unfused(init) if init else PersonNetwork())

    def check(average: PersonNetwork, step: int, progress: float) -> Mapping[str, float]:
        save(average, out / "average.safetensors", {"step": str(step)})
        if not cases:
            return {}
        fused = channels_last(copy.deepcopy(average).fuse())
        figures = evaluate(fused, cases).figures
        return {
            **{k: figures[k] for k in ("pixel_accuracy", "miou_9_groups", "miou_18")},
            **{f"pck_{k}": v for k, v in figures["pck"].items()},
        }

    maker = Maker(recipe, pool, device)
    averaged = run(
        network,
        recipe.plan,
        maker,
        out,
        resume=resume,
        check=check,
        device=device,
        stop_after=stop_after,
    )
    average = cast(PersonNetwork, averaged)
    even_out(average)
    save(average, out / "average.safetensors")
    return average


@torch.no_grad()
def even_out(network: PersonNetwork, share: float = 0.7) -> None:
    """Take ``share`` of the class weights' effect back, so that borders favour no rare class."""
    change = -share * class_weights().log()
    bias = cast(Tensor, network.parse.bias)
    bias += change.repeat_interleave(PARSE_STRIDE**2).to(bias)


def with_plan(recipe: Recipe, **changes: float | int | None) -> Recipe:
    """``recipe`` with other values in its plan."""
    return replace(recipe, plan=replace(recipe.plan, **changes))  # type: ignore[arg-type]

"""Train the mask network on trusted masks, labelled photos and composed scenes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from ml.garment.category import CATEGORIES
from ml.garment.networks import MaskNetwork
from ml.images import fit as shrink
from ml.images import read
from ml.training.data import clothing
from ml.training.garment import cuts, scenes
from ml.training.garment.order import cycle
from ml.training.loop import Part


@dataclass(frozen=True, slots=True)
class Recipe:
    """Shares of a batch; the rest is composed. trust: least confidence of a mask to learn from."""

    size: int = 160
    batch: int = 32
    steps: int = 3600
    learning_rate: float = 2.5e-3
    photos: float = 0.34
    labelled: float = 0.13
    trust: float = 0.85
    cut_trust: float = 0.92
    drawn_grounds: float = 0.5
    side: int = 240
    category_weight: float = 0.15
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Material:
    """photos: trusted masks. labelled: drawn by hand. garments: to cut out; grounds: emptied."""

    photos: Sequence[scenes.Source]
    labelled: Sequence[scenes.Source]
    garments: Sequence[scenes.Source]
    grounds: Sequence[scenes.RGB]


def material(recipe: Recipe, root: Path, cache: Path, every_nth: int = 1) -> Material:
    every = clothing.photos(root, "train")[::every_nth]
    known = cuts.cut_all(every, cache)
    drawn = [labelled_source(item, recipe) for item in learned(root)]
    by_hand = {item.name.partition("_")[2] for item in clothing.labelled(root, "train")}
    photos: list[scenes.Source] = []
    garments: list[scenes.Source] = []
    grounds: list[scenes.RGB] = []
    for photo in tqdm(every, desc="photos", mininterval=10):
        cut = known.get(photo.key)
        if cut is None or cut.confidence < recipe.trust or photo.path.stem in by_hand:
            continue
        mask = cuts.mask_of(cache, photo.key)
        source = _source(read(photo.path).rgb, mask, photo.label, recipe)
        photos.append(source)
        frame = np.concatenate(
            [source.mask[0], source.mask[-1], source.mask[:, 0], source.mask[:, -1]]
        )
        if frame.mean() > 0.02:
            continue
        if cut.confidence >= recipe.cut_trust:
            garments.append(source)
        if len(grounds) < 700 and source.mask.mean() < 0.5:
            grounds.append(scenes.emptied(source))
    return Material(photos, drawn, [*garments, *drawn], grounds)


def learned(root: Path) -> list[clothing.Labelled]:
    """The labelled photos to learn from: every other one of the train half."""
    return clothing.labelled(root, "train")[::2]


def held(root: Path) -> list[clothing.Labelled]:
    """The labelled photos to measure on while working: the rest of the train half."""
    return clothing.labelled(root, "train")[1::2]


def part(recipe: Recipe, kept: Material) -> Part:
    """What one step learns from: a batch of scenes."""
    photos = cycle(len(kept.photos), recipe.batch, 100_000)
    garments = cycle(len(kept.garments), recipe.batch, 200_000)

    def losses(network: nn.Module, step: int, worker: int, progress: float) -> dict[str, Tensor]:
        rng = np.random.default_rng((recipe.seed, step, worker))
        made = [
            scene(recipe, kept, photo, garment, rng)
            for photo, garment in zip(photos(step), garments(step), strict=True)
        ]
        rgb = torch.from_numpy(np.stack([scene.rgb for scene in made])).permute(0, 3, 1, 2)
        truth = torch.from_numpy(np.stack([scene.mask for scene in made]))
        labels = torch.tensor([scene.label for scene in made])
        scores, classes = network(rgb)
        scores = scores.float()
        share = torch.sigmoid(scores)
        both = (share * truth).sum(dim=(1, 2))
        dice = 1 - (2 * both + 1) / (share.sum(dim=(1, 2)) + truth.sum(dim=(1, 2)) + 1)
        named = F.cross_entropy(classes.float(), labels, label_smoothing=0.1)
        return {
            "bce": F.binary_cross_entropy_with_logits(scores, truth),
            "dice": dice.mean(),
            "class": recipe.category_weight * named,
        }

    return losses


def scene(
    recipe: Recipe, kept: Material, photo: int, garment: int, rng: np.random.Generator
) -> scenes.Scene:
    """One training sample: a photo varied, or a garment laid elsewhere."""
    kind = rng.random()
    if kind < recipe.labelled and kept.labelled:
        source = kept.labelled[int(rng.integers(len(kept.labelled)))]
        return scenes.varied_photo(source, recipe.size, rng)
    if kind < recipe.labelled + recipe.photos:
        return scenes.varied_photo(kept.photos[photo], recipe.size, rng)
    if rng.random() < recipe.drawn_grounds:
        ground = scenes.drawn_ground(recipe.size, rng)
    else:
        empty = kept.grounds[int(rng.integers(len(kept.grounds)))]
        ground = scenes.photo_ground(empty, recipe.size, rng)
    return scenes.composed(kept.garments[garment], ground, recipe.size, rng)


def network(recipe: Recipe) -> MaskNetwork:
    torch.manual_seed(recipe.seed)
    made = MaskNetwork(len(CATEGORIES))
    made.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return made


def overlaps(trained: nn.Module, items: Sequence[clothing.Labelled], size: int) -> dict[str, float]:
    """IoU of the network's bare masks with hand-drawn ones."""
    out = {}
    for item in items:
        rgb, truth = read(item.photo).rgb, item.mask()
        small = cv2.resize(rgb, (size, size), interpolation=cv2.INTER_AREA)
        x = torch.from_numpy(small).permute(2, 0, 1)[None].float() / 255
        with torch.inference_mode():
            scores = trained(x)[0][0].float().numpy()
        mask = cv2.resize(scores, truth.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0
        out[item.name] = float((mask & truth).sum() / max((mask | truth).sum(), 1))
    return out


def labelled_source(item: clothing.Labelled, recipe: Recipe) -> scenes.Source:
    return _source(read(item.photo).rgb, item.mask(), item.label, recipe)


def _source(
    rgb: NDArray[np.uint8], mask: NDArray[np.bool_], label: str, recipe: Recipe
) -> scenes.Source:
    small = shrink(rgb, max_side=recipe.side)
    size = (small.shape[1], small.shape[0])
    grey = cv2.resize(mask.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA)
    return scenes.Source(small, np.asarray(grey > 127), CATEGORIES.index(label))

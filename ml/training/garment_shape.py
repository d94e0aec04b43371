"""Train the shape network of :mod:`ml.garment.shape`.

    python -m ml.training.garment_shape --data CLOTHING --masks CACHE --out ml/models

CLOTHING holds ``train/<class>/*`` and ``validation/<class>/*`` (clothing-dataset-small, CC0);
photos named in ``--leave-out`` (one stem per line) are not used. Masks are cut once, by our own
:func:`ml.garment.mask.cut_out`, and kept in CACHE. Two CPU cores: about ten minutes for the
masks, two for the rest. Expected: nine of ten validation photos get their cut, from shape alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tqdm import tqdm

from ml.errors import InputError
from ml.garment.annotation import Cut
from ml.garment.mask import cut_out
from ml.garment.outline import turn_upright
from ml.garment.shape import CUTS, WEIGHTS, describe
from ml.garment.templates import TEMPLATES, Sleeves, Template
from ml.images import Picture, fit, read

CLASSES = {
    "t-shirt": Cut.TOP,
    "longsleeve": Cut.TOP,
    "shirt": Cut.TOP,
    "outwear": Cut.TOP,
    "dress": Cut.DRESS,
    "pants": Cut.TROUSERS,
    "shorts": Cut.TROUSERS,
    "skirt": Cut.SKIRT,
}
TURNED = len(CUTS)
#: Walks down the wearer's left of a garment, by what its outline shows.
_TOP = ("neck", "shoulder", "cuff_outer", "cuff_inner", "armpit", "hem")
_WALKS = {
    Sleeves.APART: _TOP,
    Sleeves.ON_BODY: tuple(name for name in _TOP if name != "armpit"),
    Sleeves.NONE: ("neck", "shoulder", "armpit", "hem"),
}
Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Recipe:
    per_class: int = 220
    side: int = 256
    upright_variants: int = 8
    turned_variants: int = 3
    drawn_per_template: int = 40
    hidden: int = 48
    epochs: int = 30
    batch: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    noise: float = 0.1
    seed: int = 0


@dataclass(slots=True)
class Samples:
    values: list[NDArray[np.float32]] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)

    def add(self, mask: Bool, label: int) -> None:
        if mask.sum() > 50:
            self.values.append(describe(mask))
            self.labels.append(label)

    def tensors(self) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.from_numpy(np.stack(self.values)), torch.tensor(self.labels)


def train(recipe: Recipe, data: Path, masks: Path, out: Path, leave_out: Sequence[str]) -> float:
    """Returns the share of validation photos whose cut is right; writes the weights to ``out``."""
    rng = np.random.default_rng(recipe.seed)
    seen, held = Samples(), Samples()
    for split, samples in (("train", seen), ("validation", held)):
        for photo_mask, cut in _masks(recipe, data / split, masks / split, leave_out):
            for turns in range(4):
                upright = turn_upright(photo_mask, quarter_turns=turns).mask
                label = CUTS.index(cut) if turns == 0 else TURNED
                samples.add(upright, label)
                if samples is seen:
                    many = recipe.upright_variants if turns == 0 else recipe.turned_variants
                    for _ in range(many - 1):
                        samples.add(_varied(upright, rng), label)
    for drawn, cut in _drawn(recipe, rng):
        seen.add(drawn, CUTS.index(cut))
    network, mean, spread = _fit(recipe, *seen.tensors())
    values, labels = held.tensors()
    with torch.no_grad():
        scores = network((values - mean) / spread)
    known = labels != TURNED
    right = scores[known][:, :TURNED].argmax(1) == labels[known]
    for index, cut in enumerate(CUTS):
        sys.stderr.write(f"{cut}: {right[labels[known] == index].float().mean():.3f}\n")
    _export(network, mean, spread, out / WEIGHTS.name)
    return float(right.float().mean())


def _masks(
    recipe: Recipe, photos: Path, cache: Path, leave_out: Sequence[str]
) -> Iterator[tuple[NDArray[np.uint8], Cut]]:
    """Masks of photos, cut once; photos without a trustworthy mask are skipped."""
    for name, cut in CLASSES.items():
        found = sorted(p for p in (photos / name).iterdir() if p.stem not in leave_out)
        order = np.random.default_rng(recipe.seed).permutation(len(found))[: recipe.per_class]
        for index in tqdm(order, desc=f"{photos.name} {name}", leave=False):
            path = cache / name / f"{found[index].stem}.png"
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(path), _cut(found[index], recipe.side))
            mask = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
            if mask is not None and mask.any():
                yield np.asarray(mask, np.uint8), cut


def _cut(photo: Path, side: int) -> NDArray[np.uint8]:
    """The mask of one photo, all black where it cannot be trusted."""
    try:
        rgb = fit(read(photo).rgb, max_side=side)
        found = cut_out(Picture(rgb=rgb, alpha=None, format="raw"))
    except InputError:
        return np.zeros((8, 8), np.uint8)
    return found.mask if found.confidence > 0.55 else np.zeros((8, 8), np.uint8)


def _varied(mask: Bool, rng: np.random.Generator) -> Bool:
    """Tilted, stretched, sheared, grown or shrunk a little."""
    height, width = mask.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.normal(0, 5)), 0.7)
    stretch = np.exp(rng.normal(0, 0.07, 2))
    matrix = np.asarray(matrix, np.float64) * stretch[:, None]
    matrix[0, 1] += rng.normal(0, 0.04)
    grey = cv2.warpAffine(mask.astype(np.uint8) * 255, matrix, (width, height))
    if rng.random() < 0.3:
        size = int(rng.integers(1, 4)) * 2 + 1
        change = cv2.erode if rng.random() < 0.5 else cv2.dilate
        grey = change(grey, np.ones((size, size), np.uint8))
    return np.asarray(grey > 127)


def _drawn(recipe: Recipe, rng: np.random.Generator) -> Iterator[tuple[Bool, Cut]]:
    """Silhouettes drawn from the templates: kinds that are rare in the photos (vests, straps)."""
    for cut, templates in TEMPLATES.items():
        for template in templates:
            for _ in range(recipe.drawn_per_template):
                yield _silhouette(cut, template, rng), cut


def _silhouette(cut: Cut, template: Template, rng: np.random.Generator) -> Bool:
    if cut in (Cut.TOP, Cut.DRESS):
        walk = _WALKS[template.sleeves]
        top = (0.0, float(rng.uniform(0.02, 0.22 if cut is Cut.TOP else 0.14)))
    else:
        walk = (
            ("waist", "hem_outer", "hem_inner", "crotch")
            if cut is Cut.TROUSERS
            else (
                "waist",
                "hem",
            )
        )
        top = (0.0, float(rng.uniform(-0.02, 0.04)))
    half = [top]
    for name in walk:
        x, y = template.half[name]
        half.append((0.0 if name == "crotch" else x - 0.5, y))
    if walk[-1] == "hem":
        half.append((0.0, half[-1][1] + float(rng.uniform(0.0, 0.04))))
    points = np.array(half)
    points[1:-1] += rng.normal(0, 0.015, points[1:-1].shape)
    outline = np.concatenate([points, points[::-1] * (-1, 1)])
    width = 150.0
    height = width * template.aspect * float(np.exp(rng.normal(0, 0.12)))
    pixels = outline * (width, height) + (width / 2 + 40, 40)
    mask = np.zeros((int(height) + 80, int(width) + 80), np.uint8)
    cv2.fillPoly(mask, [np.round(pixels).astype(np.int32)], 255)
    return mask > 0


def _fit(
    recipe: Recipe, values: torch.Tensor, labels: torch.Tensor
) -> tuple[torch.nn.Sequential, torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(recipe.seed)
    torch.manual_seed(recipe.seed)  # the layers' first weights and dropout
    mean, spread = values.mean(0), values.std(0) + 0.1
    values = (values - mean) / spread
    network = torch.nn.Sequential(
        torch.nn.Dropout(0.1),
        torch.nn.Linear(values.shape[1], recipe.hidden),
        torch.nn.ReLU(),
        torch.nn.Dropout(0.3),
        torch.nn.Linear(recipe.hidden, TURNED + 1),
    )
    weight = torch.bincount(labels).float().rsqrt()
    loss = torch.nn.CrossEntropyLoss(weight / weight.mean(), label_smoothing=0.05)
    optimiser = torch.optim.AdamW(
        network.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, recipe.epochs)
    for _ in tqdm(range(recipe.epochs), desc="epochs"):
        order = torch.randperm(len(values), generator=random)
        for batch in torch.split(order, recipe.batch):
            noise = recipe.noise * torch.randn(values[batch].shape, generator=random)
            error = loss(network(values[batch] + noise), labels[batch])
            optimiser.zero_grad()
            torch.autograd.backward(error)
            optimiser.step()
        schedule.step()
    return network.eval(), mean, spread


def _export(
    network: torch.nn.Sequential, mean: torch.Tensor, spread: torch.Tensor, path: Path
) -> None:
    names = {"1": "hidden", "4": "out"}
    tensors = {"mean": mean, "spread": spread}
    for key, value in network.state_dict().items():
        layer, kind = key.split(".")
        tensors[f"{names[layer]}.{kind}"] = value
    save_file({k: v.detach().numpy().astype(np.float16) for k, v in tensors.items()}, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--masks", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--leave-out", type=Path)
    args = parser.parse_args()
    names = args.leave_out.read_text().split() if args.leave_out else []
    score = train(Recipe(), args.data, args.masks, args.out, names)
    sys.stdout.write(f"validation: {score:.3f}\n")


if __name__ == "__main__":
    main()

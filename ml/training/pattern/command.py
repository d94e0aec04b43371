"""Train the pattern classifier of :mod:`ml.garment.pattern`.

    python -m ml.training pattern --data ROOT --cache CACHE --out ml/models

ROOT holds ``clothing/{train,validation}`` and ``garment_gold`` (see docs/training.md). The photos
named in ``ml/training/data/garment_patterns.json`` were labelled by eye. Training takes the
training photos in several variations, and patterns rendered on those that are plain; validation
photos are only for the figures. About twenty minutes on two CPU cores, most of it for features,
which stay in CACHE.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tqdm import tqdm

from ml.garment import pattern
from ml.garment.pattern_features import describe
from ml.images import read
from ml.training.data.clothing import Photo
from ml.training.garment.cuts import cut_all, mask_of
from ml.training.pattern.card import write_card
from ml.training.pattern.render import printed, varied

LABELS = Path(__file__).parent.parent / "data" / "garment_patterns.json"
#: Twill is woven for trousers, skirts and jackets: denim is not printed on the rest.
_DENIM_ON = ("pants", "shorts", "skirt", "shirt", "outwear")
#: Weight of a varied photo against the photo itself.
_VARIANT = 0.4
#: Colour belongs to these patterns: variations keep it.
_KEEP_HUE = ("denim", "plain")


@dataclass(frozen=True, slots=True)
class Recipe:
    """real_variants: pictures made of each labelled photo, besides itself. rendered: pictures
    per pattern. weight: of a rendered picture against a photo. balance: 0 counts every picture
    alike, 1 every pattern."""

    rendered: Mapping[str, int]
    real_variants: int = 1
    weight: float = 0.1
    balance: float = 0.5
    members: int = 5
    hidden: int = 48
    epochs: int = 60
    batch: int = 256
    learning_rate: float = 4e-3
    weight_decay: float = 0.05
    dropout: float = 0.3
    noise: float = 0.15
    label_smoothing: float = 0.06
    seed: int = 0


RECIPE = Recipe(
    rendered={
        "plain": 80, "stripes": 150, "check": 160, "dots": 200, "floral": 120, "graphic": 120,
        "denim": 60, "knit": 160,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Samples:
    """features: (N, F). labels: (N,). weights: (N,). group: photo each was made of."""

    features: NDArray[np.float32]
    labels: NDArray[np.int64]
    weights: NDArray[np.float32]
    group: NDArray[np.str_]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="ROOT")
    parser.add_argument("--cache", type=Path, required=True, help="masks and features stay here")
    parser.add_argument("--out", type=Path, default=pattern.WEIGHTS.parent)
    parser.add_argument("--folds", type=int, default=0, help="only cross-validate on the photos")


def run(args: argparse.Namespace) -> None:
    torch.manual_seed(RECIPE.seed)
    names = json.loads(LABELS.read_text(encoding="utf-8"))
    seen = _cached(args.cache / "pattern_train.npz", args.data, args.cache, names["train"], RECIPE)
    if args.folds:
        report = cross_validate(seen, args.folds)
        sys.stdout.write(json.dumps(report) + "\n")
        return
    held = _cached(args.cache / "pattern_validation.npz", args.data, args.cache,
                   names["validation"], None)  # fmt: skip
    weights = fit(seen)
    args.out.mkdir(parents=True, exist_ok=True)
    path = args.out / pattern.WEIGHTS.name
    save_file({name: value.astype(np.float16) for name, value in weights.items()}, path)
    figures = score(pattern.answers(weights, held.features), held.labels)
    (args.out / "garment_pattern.json").write_text(json.dumps(figures, indent=1) + "\n")
    write_card(path, figures, RECIPE, photos=len(names["train"]))
    sys.stdout.write(f"validation: {figures['accuracy']:.3f} of {len(held.labels)} photos\n")


def score(shares: NDArray[np.float32], labels: NDArray[np.int64]) -> dict[str, object]:
    """accuracy, accuracy per pattern, and confusion[truth][prediction] as counts."""
    count = len(pattern.NAMES)
    confusion = np.zeros((count, count), int)
    np.add.at(confusion, (labels, shares.argmax(axis=1)), 1)
    total = confusion.sum(axis=1)
    return {
        "accuracy": round(float(np.trace(confusion) / max(1, confusion.sum())), 4),
        "photos": int(confusion.sum()),
        "per_pattern": {
            name: round(float(confusion[i, i] / total[i]), 3) if total[i] else None
            for i, name in enumerate(pattern.NAMES)
        },
        "confusion": confusion.tolist(),
    }


def cross_validate(samples: Samples, folds: int) -> dict[str, object]:
    """Figures on training photos that were left out, with all that was made of them."""
    photos = sorted(set(samples.group))
    fold = dict(zip(photos, np.random.default_rng(1).permutation(len(photos)) % folds, strict=True))
    part = np.array([fold[name] for name in samples.group])
    original = samples.weights == 1
    shares = np.zeros((len(part), len(pattern.NAMES)), np.float32)
    for number in range(folds):
        rest = part != number
        weights = fit(Samples(samples.features[rest], samples.labels[rest],
                              samples.weights[rest], samples.group[rest]))  # fmt: skip
        shares[~rest] = pattern.answers(weights, samples.features[~rest])
    return score(shares[original], samples.labels[original])


def fit(samples: Samples) -> dict[str, NDArray[np.float32]]:
    """The weights of ``RECIPE.members`` networks, stacked, and what normalises their input."""
    mean = samples.features.mean(axis=0)
    spread = samples.features.std(axis=0) + 0.05
    x = torch.from_numpy(np.clip((samples.features - mean) / spread, -4, 4))
    y = torch.from_numpy(samples.labels)
    rare = np.bincount(samples.labels, samples.weights, len(pattern.NAMES)) ** -RECIPE.balance
    weight = torch.from_numpy(
        (samples.weights * (rare / rare.mean())[samples.labels]).astype(np.float32)
    )
    networks = [_fit_one(x, y, weight, RECIPE.seed + member) for member in range(RECIPE.members)]
    stacked = {
        name: np.stack([network[index].detach().numpy() for network in networks])
        for index, name in enumerate(("hidden.weight", "hidden.bias", "out.weight", "out.bias"))
    }
    return {"mean": mean, "spread": spread, "temperature": np.ones(1, np.float32), **stacked}


def _fit_one(
    x: torch.Tensor, y: torch.Tensor, weight: torch.Tensor, seed: int
) -> list[torch.Tensor]:
    torch.manual_seed(seed)  # first weights and dropout
    random = torch.Generator().manual_seed(seed)
    network = torch.nn.Sequential(
        torch.nn.Dropout(0.1),
        torch.nn.Linear(x.shape[1], RECIPE.hidden),
        torch.nn.ReLU(),
        torch.nn.Dropout(RECIPE.dropout),
        torch.nn.Linear(RECIPE.hidden, len(pattern.NAMES)),
    )
    optimiser = torch.optim.AdamW(
        network.parameters(), RECIPE.learning_rate, weight_decay=RECIPE.weight_decay
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, RECIPE.epochs)
    loss = torch.nn.CrossEntropyLoss(reduction="none", label_smoothing=RECIPE.label_smoothing)
    for _ in range(RECIPE.epochs):
        order = torch.randperm(len(x), generator=random)
        for batch in torch.split(order, RECIPE.batch):
            noise = RECIPE.noise * torch.randn(x[batch].shape, generator=random)
            error = (loss(network(x[batch] + noise), y[batch]) * weight[batch]).mean()
            optimiser.zero_grad()
            torch.autograd.backward(error)
            optimiser.step()
        schedule.step()
    return list(network.parameters())


def _cached(
    path: Path, data: Path, masks: Path, labels: Mapping[str, str], recipe: Recipe | None
) -> Samples:
    """Samples of labelled photos; with a recipe, variations and rendered patterns too."""
    split = "validation" if recipe is None else "train"
    key = json.dumps([labels, None if recipe is None else [recipe.rendered, recipe.real_variants]])
    if path.exists():
        stored = np.load(path)
        if str(stored["key"]) == key:
            return Samples(stored["features"], stored["labels"], stored["weights"], stored["group"])
    rows = list(_samples(data, masks, labels, split, recipe))
    samples = Samples(
        np.stack([row[0] for row in rows]),
        np.array([pattern.NAMES.index(row[1]) for row in rows]),
        np.array([row[2] for row in rows], np.float32),
        np.array([row[3] for row in rows]),
    )
    np.savez_compressed(path, key=np.array(key), **asdict(samples))
    return samples


Row = tuple[NDArray[np.float32], str, float, str]


def _samples(
    data: Path, masks: Path, labels: Mapping[str, str], split: str, recipe: Recipe | None
) -> Iterator[Row]:
    photos = [_photo(data, split, name) for name in sorted(labels)]
    cuts = cut_all(photos, masks)
    known = [name for photo, name in zip(photos, sorted(labels), strict=True) if photo.key in cuts]
    rng = np.random.default_rng(0 if recipe is None else recipe.seed)
    for name in tqdm(known, desc=f"{split} photos", mininterval=10):
        rgb, mask = _load(data, masks, split, name)
        yield describe(rgb, mask), labels[name], 1.0, name
        for _ in range(0 if recipe is None else recipe.real_variants):
            other = varied(rgb, mask, rng, keep_hue=labels[name] in _KEEP_HUE)
            if int((other[1] > 127).sum()) > 400:
                yield describe(*other), labels[name], _VARIANT, name
    if recipe is None:
        return
    plain = [name for name in known if labels[name] == "plain"]
    for label, count in recipe.rendered.items():
        fitting = [n for n in plain if label != "denim" or n.split("/")[0] in _DENIM_ON]
        for index in tqdm(rng.integers(len(fitting), size=count), desc=label, mininterval=10):
            name = fitting[int(index)]
            rgb, mask = _load(data, masks, split, name)
            picture = printed(rgb, mask, label, rng)
            yield describe(picture, mask), label, recipe.weight, name


def plain_photos(
    data: Path, masks: Path, count: int, seed: int
) -> Iterator[tuple[Path, NDArray[np.uint8]]]:
    """Photos of plain garments with their masks (cut where ``masks`` lacks them), drawn anew."""
    labels = json.loads(LABELS.read_text(encoding="utf-8"))["train"]
    names = sorted(name for name, label in labels.items() if label == "plain")
    drawn = np.random.default_rng(seed).choice(len(names), count, replace=count > len(names))
    photos = [_photo(data, "train", names[int(index)]) for index in drawn]
    known = cut_all(photos, masks)
    for photo in photos:
        if photo.key in known:
            yield photo.path, mask_of(masks, photo.key).astype(np.uint8) * 255


def _photo(data: Path, split: str, name: str) -> Photo:
    path = data / "clothing" / split / f"{name}.webp"
    return Photo(path, name.split("/")[0], "train" if split == "train" else "validation")


def _load(
    data: Path, masks: Path, split: str, name: str
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    rgb = read(data / "clothing" / split / f"{name}.webp").rgb
    return rgb, mask_of(masks, f"{split}/{name}").astype(np.uint8) * 255

"""Train the category network on garments cut out and turned upright.

It begins with the mask network's encoder, which has already seen what garments look like.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from ml.garment.category import CATEGORIES, GROUP_OF, GROUPS, ROOM, SIDE, on_grey, view
from ml.garment.networks import CategoryNetwork
from ml.images import read
from ml.training.data.clothing import Photo
from ml.training.garment import cuts
from ml.training.garment.order import cycle
from ml.training.loop import Part

Float = NDArray[np.float32]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Recipe:
    """side: of the network's input, ``small_side`` in the first part of the training.

    kept_side, kept_room: of the squares kept in memory, with room to vary them.
    """

    side: int = SIDE
    small_side: int = 80
    small_until: float = 0.55
    kept_side: int = 168
    kept_room: float = 1.4
    room: float = ROOM
    batch: int = 48
    steps: int = 6000
    learning_rate: float = 2e-3
    smoothing: float = 0.1
    group_weight: float = 0.5
    mixed: float = 0.3
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """squares: (N, side, side, 4) uint8. labels: (N,) indices into CATEGORIES."""

    squares: NDArray[np.uint8]
    labels: NDArray[np.int64]


def material(recipe: Recipe, photos: Sequence[Photo], cache: Path) -> Kept:
    """Cut out and turned once; kept beside the masks."""
    ready = cache / f"{photos[0].split}.npz"
    if not ready.exists():
        kept = _material(recipe, photos, cache)
        np.savez(ready, squares=kept.squares, labels=kept.labels)
    with np.load(ready) as stored:
        return Kept(stored["squares"], stored["labels"])


def _material(recipe: Recipe, photos: Sequence[Photo], cache: Path) -> Kept:
    known = cuts.cut_all(photos, cache, cuts.by_network)
    squares, labels = [], []
    for photo in tqdm(photos, desc="garments", mininterval=10):
        cut = known.get(photo.key)
        if cut is None:
            continue
        mask = cuts.mask_of(cache, photo.key).astype(np.uint8) * 255
        to_photo = np.array(cut.to_photo)
        rgb = read(photo.path).rgb
        square = view(rgb, mask, to_photo, tuple(cut.hw), recipe.kept_side, recipe.kept_room)
        squares.append(np.round(square * 255).astype(np.uint8))
        labels.append(CATEGORIES.index(photo.label))
    return Kept(np.stack(squares), np.array(labels, np.int64))


def part(recipe: Recipe, kept: Kept) -> Part:
    """What one step learns from: a batch of varied garments, half of the batches mixed."""
    order = cycle(len(kept.labels), recipe.batch, 300_000)
    to_groups = _to_groups()

    def losses(network: nn.Module, step: int, worker: int, progress: float) -> dict[str, Tensor]:
        rng = np.random.default_rng((recipe.seed, step, worker))
        side = recipe.small_side if progress < recipe.small_until else recipe.side
        picked = order(step)
        made = [varied(kept.squares[i], recipe, side, rng) for i in picked]
        x = torch.from_numpy(np.stack(made)).permute(0, 3, 1, 2)
        names = F.one_hot(torch.from_numpy(kept.labels[picked]), len(CATEGORIES)).float()
        if rng.random() < recipe.mixed and progress < 0.93:
            x, names = _mix(x, names, rng)
        scores = network(x)
        wanted = names * (1 - recipe.smoothing) + recipe.smoothing / len(CATEGORIES)
        with torch.autocast(x.device.type, enabled=False):
            logs = torch.log_softmax(scores.float(), dim=1)
            groups = torch.log(torch.exp(logs) @ to_groups + 1e-6)
            off = ((names @ to_groups) * groups).sum(dim=1).mean()
        return {
            "names": -(wanted * logs).sum(dim=1).mean(),
            "groups": -recipe.group_weight * off,
        }

    return losses


def varied(square: Bytes, recipe: Recipe, side: int, rng: np.random.Generator) -> Float:
    """(side, side, 4): moved, tilted, stretched, mirrored, recoloured, its ground changed."""
    both = cv2.warpPerspective(
        square,
        _moving(recipe, side, rng),
        (side, side),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(128, 128, 128, 0),
    ).astype(np.float32)
    both *= np.float32(1 / 255)
    rgb, mask = both[:, :, :3], _jittered(both[:, :, 3], rng)
    rgb = _recoloured(rgb, rng)
    choice = rng.random()
    if choice < 0.45:
        rgb = rgb * mask[:, :, None] + 0.5 * (1 - mask[:, :, None])
    elif choice < 0.6:
        ground = rng.uniform(0, 1, 3).astype(np.float32)
        rgb = rgb * mask[:, :, None] + ground * (1 - mask[:, :, None])
    elif choice < 0.68:  # nothing known of the mask
        mask = np.full_like(mask, 0.5)
    if rng.random() < 0.25:
        size = rng.uniform(0.1, 0.4, 2) * side
        y, x = rng.uniform(0, side - size).astype(int)
        rgb = rgb.copy()
        rgb[y : y + int(size[0]), x : x + int(size[1])] = rng.uniform(0, 1, 3)
    if rng.random() < 0.2:
        rgb = np.asarray(cv2.GaussianBlur(rgb, (0, 0), float(rng.uniform(0.3, 1.1))), np.float32)
    if rng.random() < 0.25:
        noise = rng.standard_normal(rgb.shape, np.float32)
        rgb = rgb + np.float32(rng.uniform(0.005, 0.04)) * noise
    return np.dstack([np.clip(rgb, 0, 1), mask]).astype(np.float32, copy=False)


def network(recipe: Recipe, begin: Path | None) -> CategoryNetwork:
    """``begin``: weights of a category network, or of a mask network for its encoder (the mask's
    channel begins at random)."""
    torch.manual_seed(recipe.seed)
    made = CategoryNetwork(len(CATEGORIES))
    if begin is not None:
        own, given = made.state_dict(), load_file(begin)
        stem = "encoder.stem.0.weight"
        whole = given[stem].shape == own[stem].shape
        for name, tensor in given.items():
            if name == stem and not whole:
                own[name][:, :3] = tensor.float()
                own[name][:, 3:] *= 0.3
            elif whole or name.startswith("encoder."):
                own[name] = tensor.to(own[name].dtype).reshape(own[name].shape)
        made.load_state_dict(own)
    made.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return made


def answers(trained: nn.Module, kept: Kept, recipe: Recipe) -> NDArray[np.float64]:
    """(N, classes) probabilities as :func:`ml.garment.category.categorise` gives them."""
    edge = recipe.kept_side * (1 - recipe.room / recipe.kept_room) / 2
    scale = (recipe.kept_side - 2 * edge) / recipe.side
    matrix = np.array([[scale, 0, edge], [0, scale, edge]])
    shares = []
    for square in kept.squares:
        size, flags = (recipe.side, recipe.side), cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        plain = np.asarray(cv2.warpAffine(square, matrix, size, flags=flags), np.float32)
        plain /= np.float32(255)
        views = [plain, on_grey(plain)]
        views += [picture[:, ::-1] for picture in views]
        x = torch.from_numpy(np.stack(views)).permute(0, 3, 1, 2).contiguous()
        with torch.inference_mode():
            shares.append(torch.softmax(trained(x).float(), dim=1).mean(dim=0).numpy())
    return np.stack(shares).astype(np.float64)


def figures(shares: NDArray[np.float64], labels: NDArray[np.int64]) -> Mapping[str, float]:
    """Share of right classes, and of right groups."""
    group = _to_groups().numpy().argmax(1)
    found = shares.argmax(1)
    right, grouped = found == labels, group[found] == group[labels]
    return {"accuracy": float(right.mean()), "right_groups": float(grouped.mean())}


def _to_groups() -> Tensor:
    table = torch.zeros(len(CATEGORIES), len(GROUPS))
    for index, name in enumerate(CATEGORIES):
        table[index, GROUPS.index(GROUP_OF[name])] = 1
    return table


def _moving(recipe: Recipe, side: int, rng: np.random.Generator) -> NDArray[np.float64]:
    half = recipe.kept_side / 2 * recipe.room / recipe.kept_room
    half *= float(np.exp(rng.uniform(-0.25, 0.25)))
    stretch = float(np.exp(rng.normal(0, 0.09)))
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float64)
    corners *= (half * stretch, half / stretch)
    angle = rng.normal(0, 0.16)
    if rng.random() < 0.06:
        angle += np.pi / 2 * rng.integers(1, 4)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = corners @ turn.T + recipe.kept_side / 2 + rng.normal(0, 0.06, 2) * half
    corners += rng.normal(0, 0.06, (4, 2)) * half
    if rng.random() < 0.5:
        corners = corners[[1, 0, 3, 2]]
    target = np.array([(0, 0), (side, 0), (side, side), (0, side)], np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    return np.asarray(matrix, np.float64)


def _jittered(mask: Float, rng: np.random.Generator) -> Float:
    """Grown, shrunk, or with a piece missing, as masks sometimes are."""
    choice = rng.random()
    if choice < 0.3:
        size = 2 * int(rng.integers(1, 4)) + 1
        change = cv2.erode if choice < 0.15 else cv2.dilate
        mask = np.asarray(change(mask, np.ones((size, size), np.uint8)), np.float32)
    if choice > 0.93:
        side = len(mask)
        hole = rng.uniform(0.1, 0.35, 2) * side
        y, x = rng.uniform(0, side - hole).astype(int)
        mask = mask.copy()
        mask[y : y + int(hole[0]), x : x + int(hole[1])] = float(rng.integers(0, 2))
    return mask


def _recoloured(rgb: Float, rng: np.random.Generator) -> Float:
    choice = rng.random()
    if choice < 0.12:
        rgb = rgb[:, :, list(rng.permutation(3))]
    elif choice < 0.24:
        rgb = np.repeat(rgb.mean(axis=2, keepdims=True), 3, axis=2)
    elif choice < 0.5:
        grey = rgb.mean(axis=2, keepdims=True)
        rgb = grey + (rgb - grey) * np.float32(rng.uniform(0.2, 1.8))
    if rng.random() < 0.8:
        gains = np.exp(rng.normal(0, 0.12, 3) + rng.normal(0, 0.18)).astype(np.float32)
        shift = np.float32(rng.normal(0, 0.06))
        rgb = rgb * gains + shift
    if rng.random() < 0.3:
        power = np.float32(np.exp(rng.normal(0, 0.35)))
        rgb = np.clip(rgb, 1e-4, 1) ** power
    if rng.random() < 0.2:
        middle = rgb.mean()
        rgb = middle + (rgb - middle) * np.float32(np.exp(rng.normal(0, 0.3)))
    return np.clip(rgb, 0, 1)


def _mix(x: Tensor, names: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Mixup (Zhang et al. 2018) or CutMix (Yun et al. 2019) of the batch with itself."""
    turned = x.flip(0)
    share = float(rng.beta(0.4, 0.4)) if rng.random() < 0.5 else float(rng.beta(1.0, 1.0))
    if rng.random() < 0.5:
        x = x * share + turned * (1 - share)
    else:
        side = x.shape[2]
        size = np.sqrt(1 - share) * side
        middle = rng.uniform(0, side, 2)
        y0, x0 = (int(v) for v in np.clip(middle - size / 2, 0, side))
        y1, x1 = (int(v) for v in np.clip(middle + size / 2, 0, side))
        x = x.clone()
        x[:, :, y0:y1, x0:x1] = turned[:, :, y0:y1, x0:x1]
        share = 1 - float((y1 - y0) * (x1 - x0)) / side**2
    return x, names * share + names.flip(0) * (1 - share)

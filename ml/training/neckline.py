"""Train the network that tells necklines (``ml.tryon.drape.warp_neckline_search``).

    python -m ml.training neckline --out RUN

Learns from the studio's garments, whose necklines are known exactly, and from photos of the data
sets for which ``neckline_depths.json`` says how deep the neckline is: between its inner edge and
the outer edge of its band, in half neck widths below the middle between the sides of the neck.
One line of ``family`` is to be chosen per garment: the loss is the negative logarithm of the share
that a softmax over all lines gives to those that are right (McFadden, "Conditional logit analysis
of qualitative choice behavior", 1974). The test half of ``garment_gold`` and every fifth drawn
design are held out.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.numpy import save_file
from torch import nn
from tqdm import tqdm

from ml.errors import InputError
from ml.garment.annotate import annotate
from ml.garment.annotation import Cut, GarmentAnnotation, Landmark, Region
from ml.studio import wardrobe
from ml.studio.garment import finish
from ml.studio.paths import Warp
from ml.studio.table import Table
from ml.studio.tops import TopCut
from ml.tryon.drape.warp_flat import Flat, flatten
from ml.tryon.drape.warp_neckline import neck
from ml.tryon.drape.warp_neckline_search import (
    FEATURES,
    WEIGHTS,
    choose,
    family,
    features,
    scores,
)

DEPTHS = Path(__file__).parent / "data" / "neckline_depths.json"
HIDDEN, STEPS, RATE, DECAY, SHOWN = 8, 300, 0.04, 0.01, 600
PHOTO = 2.0  # a photo's weight / a drawing's
#: A drawn neckline is met by lines that overlap with it nearly as well as the best one does.
ENOUGH = 0.93
SLACK = 0.05  # of photos' depths
HELD_OUT = 5  # every which design


@dataclass(frozen=True)
class Case:
    """told: (lines, features) of a garment; right: (lines,) which of them are its neckline."""

    name: str
    told: NDArray[np.float32]
    right: NDArray[np.bool_]
    drawn: bool
    held_out: bool


def drawn() -> Iterator[Case]:
    """The studio's tops and dresses that show the inside of their back."""
    designs = [g for g in wardrobe.GARMENTS if isinstance(g.cut, TopCut)]
    for number, garment in enumerate(tqdm(designs, desc="drawn", unit="design")):
        for name, cloth in garment.names().items():
            warp = Warp(garment.seed, 3.5, 0.006)
            table = Table(cloth.ground, garment.seed, warp, 1)
            spots = wardrobe.lay(table, garment, cloth, garment.seed)
            marks = finish(table, garment.region, garment.kind, spots).annotation
            if marks is None or not table.inside.any():
                continue
            # as the studio marks it, and as the shop would an unknown picture
            for how in (marks, annotate(table.picture(), region=marks.region, cut=marks.cut)):
                flat = flatten(table.picture(), how, height=9999.0)
                found = neck(flat)
                if found is None:
                    continue
                overlap = _overlaps(inside_of(flat, table, how), *found)
                right = overlap > ENOUGH * overlap.max()
                yield Case(name, features(flat, *found), right, True, number % HELD_OUT == 0)


def inside_of(flat: Flat, table: Table, marks: GarmentAnnotation) -> NDArray[np.uint8]:
    """(H, W) what one sees of the inside of the back, 255, in the flat garment's pixels."""
    picture = np.repeat(table.inside[..., None], 3, axis=2)
    return flatten(picture, marks, height=9999.0).colour[..., 0] & flat.alpha


def _overlaps(inside: NDArray[np.uint8], middle: NDArray[np.float64], frame: NDArray[np.float64],
              fine: int = 24) -> NDArray[np.float64]:  # fmt: skip
    """Of each line's area with the inside, below the line between the sides of the neck: IoU."""
    lines, *_ = family()
    y, x = np.mgrid[: int(6.2 * fine), : 3 * fine] / fine
    at = np.moveaxis(np.stack([x - 1.5, y], -1) @ frame + middle, -1, 0).astype(np.float32)
    truth = cv2.remap(inside, at[0], at[1], cv2.INTER_NEAREST) > 127
    out = np.zeros(len(lines))
    for k, line in enumerate(lines):
        area = np.zeros(truth.shape, np.uint8)
        cv2.fillPoly(area, [np.round((line + np.array([1.5, 0])) * fine).astype(np.int32)], 1)
        both = truth & (area > 0)
        out[k] = both.sum() / max(int((truth | (area > 0)).sum()), 1)
    return out


def photographed(folder: Path) -> Iterator[Case]:
    depths = json.loads(DEPTHS.read_text())
    items = json.loads((folder / "garment_gold" / "landmarks.json").read_text())["items"]
    test = set(json.loads((folder / "garment_gold" / "splits.json").read_text())["test"])
    for key, span in tqdm(depths["garment_gold"].items(), desc="labelled photos", unit="photo"):
        gold = folder / "garment_gold"
        photo = np.asarray(Image.open(gold / "images" / f"{key}.jpg").convert("RGB"))
        mask = np.asarray(Image.open(gold / "masks" / f"{key}.png").convert("L"))
        dress = items[key]["cls"] == "dress"
        points = {n: Landmark(x, y, int(v)) for n, (x, y, v) in items[key]["landmarks"].items()}
        marks = GarmentAnnotation(mask, Region.DRESS if dress else Region.UPPER,
                                  Cut.DRESS if dress else Cut.TOP, points, 1.0, "gold")  # fmt: skip
        yield from _photo(key, photo, marks, span, key in test)
    for key, span in tqdm(depths["clothing"].items(), desc="other photos", unit="photo"):
        path = folder / "clothing" / "train" / f"{key}.webp"
        photo = np.asarray(Image.open(path).convert("RGB"))
        yield from _photo(key, photo, annotate(photo), span, held_out=False)


def _photo(name: str, photo: NDArray[np.uint8], marks: GarmentAnnotation, span: list[float],
           held_out: bool) -> Iterator[Case]:  # fmt: skip
    flat = flatten(photo, marks, height=9999.0)
    found = neck(flat) if "neck_left" in marks.landmarks else None
    if found is not None:
        *_, depths, _ = family()
        right = (depths > span[0] - SLACK) & (depths < span[1] + SLACK)
        yield Case(name, features(flat, *found), right, False, held_out)


def fit(cases: list[Case], seed: int) -> dict[str, NDArray[np.float16]]:
    """The network's weights, by name."""
    torch.manual_seed(seed)
    told = torch.from_numpy(np.stack([c.told for c in cases]))
    right = torch.from_numpy(np.stack([c.right for c in cases]))
    mean, deviation = told.mean((0, 1)), told.std((0, 1)).clamp(min=1e-3)
    told = (told - mean) / deviation
    first, last = nn.Linear(len(FEATURES), HIDDEN), nn.Linear(HIDDEN, 1, bias=False)
    net = nn.Sequential(first, nn.Tanh(), last)
    optimiser = torch.optim.Adam(net.parameters(), RATE)
    weight = torch.tensor([1.0 if c.drawn else PHOTO for c in cases])
    for step in range(STEPS):
        optimiser.param_groups[0]["lr"] = RATE * (1 - step / STEPS) + 1e-3
        some = torch.randperm(told.shape[1])[:SHOWN]
        seen = right[:, some].any(dim=1)
        share = torch.log_softmax(net(told[seen][:, some])[..., 0], dim=1)
        hit = torch.logsumexp(share.masked_fill(~right[seen][:, some], -1e9), dim=1)
        size = torch.stack([(p**2).sum() for p in net.parameters()]).sum()
        loss = DECAY * size - (hit * weight[seen]).sum() / weight[seen].sum()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    weights = {"mean": mean, "deviation": deviation, "hidden": first.weight,
               "hidden_bias": first.bias, "out": last.weight[0]}  # fmt: skip
    return {name: w.detach().numpy().astype(np.float16) for name, w in weights.items()}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, help="folder for neckline.safetensors")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, default=os.environ.get("OTBANG_DATASETS"))
    parser.add_argument("--evaluate", action="store_true", help="measure the shipped weights")


def run(args: argparse.Namespace) -> None:
    if not (args.out or args.evaluate):
        raise InputError("--out or --evaluate")
    if args.data is None:
        raise InputError("say where the data is: --data or OTBANG_DATASETS")
    cases = [c for c in (*photographed(args.data), *drawn()) if c.right.any()]
    path = WEIGHTS
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        path = args.out / WEIGHTS.name
        save_file(fit([c for c in cases if not c.held_out], args.seed), path)
    for title, held_out in (("held out", True), ("trained on", False)):
        for kind in (False, True):
            some = [c for c in cases if c.held_out == held_out and c.drawn == kind]
            hits = sum(bool(c.right[choose(scores(c.told, path))]) for c in some)
            what = "drawn" if kind else "photos"
            sys.stdout.write(f"{title}, {what}: {hits} of {len(some)} right\n")

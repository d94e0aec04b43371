"""Figures of the whole garment annotator on photos that nothing was trained on.

Masks and landmarks: the test half of the labelled photos. Category and region: the data set's
validation split, cut out by the annotator itself, nothing said about the photos.
"""

from __future__ import annotations

import resource
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from ml.errors import NoGarment
from ml.garment.annotate import Looked, label, look_at
from ml.garment.annotation import NEEDS_ATTENTION, Cut
from ml.garment.category import CUT_OF, GROUP_OF
from ml.garment.shape import CUTS
from ml.images import read
from ml.training.data import clothing

#: A landmark is found within this share of the longer side of the garment's box.
REACH = 0.1


def evaluate(data: Path) -> dict[str, Any]:
    """metrics.json: see the module; ``seconds`` are CPU seconds per photo, decoding included."""
    out: dict[str, Any] = {
        "labelled_test": labelled_photos(clothing.labelled(data, "test")),
        "validation": kinds(clothing.photos(data, "validation")),
    }
    out["peak_mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return out


def labelled_photos(items: list[clothing.Labelled]) -> dict[str, Any]:
    """Overlap of masks, found landmarks (the cut given) and told cuts (nothing given)."""
    overlaps: dict[str, float] = {}
    sure: dict[str, float] = {}
    hits: list[bool] = []
    told = 0
    for item in tqdm(items, desc="labelled", mininterval=10):
        cut = CUT_OF[item.label]
        truth = item.mask()
        try:
            looked = look_at(read(item.photo))
        except NoGarment:
            overlaps[item.name], sure[item.name] = 0.0, 0.0
            hits += [False for *_, seen in item.landmarks.values() if seen]
            continue
        mask = looked.cutout.mask > 127
        overlaps[item.name] = float((mask & truth).sum() / (mask | truth).sum())
        sure[item.name] = looked.cutout.confidence
        hits += _hits(looked, item, cut or Cut.TOP, truth)
        told += label(looked, None, CUTS).cut is cut if _dressable(looked) else 0
    plain = [overlaps[item.name] for item in items if not item.messy]
    messy = [overlaps[item.name] for item in items if item.messy]
    values = np.array(list(overlaps.values()))
    return {
        "photos": len(items),
        "overlap": {
            "mean": float(values.mean()),
            "median": float(np.median(values)),
            "worst": float(values.min()),
            "plain": float(np.mean(plain)),
            "messy": float(np.mean(messy)),
        },
        "pck": float(np.mean(hits)),
        "cut": told / len(items),
        "worst": sorted((round(v, 3), round(sure[k], 3), k) for k, v in overlaps.items())[:8],
    }


def _hits(looked: Looked, item: clothing.Labelled, cut: Cut, truth: Any) -> list[bool]:
    ys, xs = np.nonzero(truth)
    reach = REACH * max(np.ptp(xs), np.ptp(ys))
    found = label(looked, None, (cut,)).landmarks
    return [
        bool(np.hypot(found[name].x - x, found[name].y - y) < reach)
        for name, (x, y, seen) in item.landmarks.items()
        if seen
    ]


def _dressable(looked: Looked) -> bool:
    return looked.category.group not in ("shoes", "hat")


def kinds(photos: list[clothing.Photo]) -> dict[str, Any]:
    """Category, group, and how many photos would want a person's look."""
    right, grouped, sure, seconds = [], [], [], []
    confused: Counter[str] = Counter()
    by_class: dict[str, list[bool]] = {}
    for photo in tqdm(photos, desc="kinds", mininterval=10):
        begun = time.process_time()
        try:
            looked = look_at(read(photo.path))
        except NoGarment:
            right.append(False)
            grouped.append(False)
            sure.append(0.0)
            by_class.setdefault(photo.label, []).append(False)
            confused[f"{photo.label} not found"] += 1
            continue
        if _dressable(looked):
            label(looked, None, CUTS)
        seconds.append(time.process_time() - begun)
        category = looked.category
        right.append(category.name == photo.label)
        grouped.append(category.group == GROUP_OF[photo.label])
        sure.append(looked.cutout.confidence)
        by_class.setdefault(photo.label, []).append(right[-1])
        if not right[-1]:
            confused[f"{photo.label} as {category.name}"] += 1
    return {
        "photos": len(photos),
        "accuracy": float(np.mean(right)),
        "groups": float(np.mean(grouped)),
        "recall": {name: round(float(np.mean(hits)), 3) for name, hits in by_class.items()},
        "confused": dict(confused.most_common(12)),
        "needs_attention": float(np.mean(np.array(sure) < NEEDS_ATTENTION)),
        "seconds": {
            "median": float(np.median(seconds)),
            "p95": float(np.percentile(seconds, 95)),
        },
    }

"""Figures of the person annotator on photos that it was not trained on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.errors import NoPerson
from ml.images import read
from ml.person.annotation import Atr
from ml.person.look import look_at
from ml.person.network import CANVAS, PersonNetwork
from ml.person.store import read_folder
from ml.training import metrics
from ml.training.card import table
from ml.training.data import ccp
from ml.training.person.predict import Prediction, predict


@dataclass(slots=True)
class Case:
    """One photo with what is known of it; points None where the teacher is not to be trusted."""

    id: str
    rgb: NDArray[np.uint8]
    parse: NDArray[np.uint8] | None
    points: NDArray[np.float32] | None


@dataclass(slots=True)
class Report:
    """figures: what JSON and the model card show. scores: (id, worth 0..1) per photo."""

    figures: dict[str, Any]
    scores: dict[str, float] = field(default_factory=dict)
    counts: NDArray[np.int64] | None = None


def validation(root: Path, *, mended: bool = False) -> list[Case]:
    """The photos of the manifest at their own size; ``mended``: skirts are called skirts."""
    held = ccp.held_out()
    return [
        Case(
            photo.id,
            photo.rgb(),
            (photo.mended_parse() if mended else photo.parse()) if photo.labelled else None,
            None if photo.flagged else photo.points,
        )
        for photo in ccp.photos(root)
        if photo.id in held
    ]


#: What the annotator is meant to reach on the held-out photos.
WANTED = {
    "pixel_accuracy": 0.93,
    "miou_9_groups": 0.65,
    "miou_18": 0.50,
    "shoulders": 0.85,
    "hips": 0.85,
    "knees": 0.85,
    "elbows": 0.75,
    "ankles": 0.75,
    "wrists": 0.65,
}


def tables(figures: dict[str, Any], used: dict[str, Any], mended: dict[str, Any]) -> str:
    """Markdown for the model card: figures of the bare network, as the shop uses it, and those
    again where the skirts that CCP calls dresses count as skirts."""
    names = {
        "pixel_accuracy": "pixel accuracy",
        "miou_9_groups": "mIoU, 9 groups",
        "miou_18": "mIoU, 18 classes",
    }
    beside = ("as the shop uses it", "the same, labels mended")
    rows: list[tuple[object, ...]] = [
        (title, WANTED[name], figures[name], used[name], mended[name])
        for name, title in names.items()
    ]
    rows += [
        (f"PCK@0.2 {name}", WANTED.get(name, "-"), value, used["pck"][name], "-")
        for name, value in figures["pck"].items()
    ]
    parts = [table(("figure", "wanted", "one pass", *beside), rows)]
    for title in ("groups", "classes"):
        rows = [
            (name.replace("_", " "), value, used[title][name], mended[title][name])
            for name, value in figures[title].items()
        ]
        parts.append(table((title, "IoU, one pass", *beside), rows))
    return "\n\n".join(parts)


def annotated(folder: Path, photos: Path) -> list[Case]:
    """Photos with exact labels in the project's own format, such as drawn people."""
    cases = []
    for path in sorted(photos.iterdir()):
        known = read_folder(folder, path.stem)
        cases.append(Case(path.stem, read(path).rgb, known.parse, known.keypoints))
    return cases


def evaluate(
    network: PersonNetwork,
    cases: Sequence[Case],
    *,
    flip: bool = False,
    canvas: tuple[int, int] = CANVAS,
) -> Report:
    counts = np.zeros((len(Atr), len(Atr)), np.int64)
    truths, founds = [], []
    scores: dict[str, float] = {}
    began = time.monotonic()
    for case in cases:
        found = predict(network, case.rgb, flip=flip, canvas=canvas)
        if case.parse is not None:
            own = metrics.confusion(case.parse, found.parse, len(Atr))
            counts += own
            scores[case.id] = float(np.nanmean(metrics.ious(own)))
        if case.points is not None:
            truths.append(case.points)
            founds.append(found.points)
    spent = time.monotonic() - began
    figures = _figures(counts) | {
        "pck": metrics.pck(truths, founds),
        "photos_parse": len(scores),
        "photos_pose": len(truths),
        "seconds_per_photo": spent / max(len(cases), 1),
    }
    return Report(figures, scores, counts)


def as_used(cases: Sequence[Case]) -> dict[str, Any]:
    """Figures of what the shop makes of the same photos with the weights in ``ml/models``: found,
    looked at closely, tidied (:mod:`ml.person.look`). Where it finds nobody, all is background."""
    counts = np.zeros((len(Atr), len(Atr)), np.int64)
    truths, founds = [], []
    for case in cases:
        try:
            seen = look_at(case.rgb).annotation
            parse, points = seen.parse, seen.keypoints
        except NoPerson:
            parse, points = np.zeros(case.rgb.shape[:2], np.uint8), np.zeros((18, 3), np.float32)
        if case.parse is not None:
            counts += metrics.confusion(case.parse, parse, len(Atr))
        if case.points is not None:
            truths.append(case.points)
            founds.append(points)
    return _figures(counts) | {"pck": metrics.pck(truths, founds)}


def _figures(counts: NDArray[np.int64]) -> dict[str, Any]:
    groups, per_class = metrics.grouped(counts), metrics.ious(counts)
    return {
        "pixel_accuracy": metrics.accuracy(counts),
        "miou_9_groups": float(np.nanmean(list(groups.values()))),
        "miou_18": float(np.nanmean(per_class)),
        "groups": groups,
        "classes": {label.name.lower(): float(per_class[label]) for label in Atr},
    }


def summary(figures: dict[str, Any]) -> str:
    """A few lines to read."""
    lines = [
        f"pixel accuracy {figures['pixel_accuracy']:.4f}  mIoU 9 groups "
        f"{figures['miou_9_groups']:.4f}  mIoU 18 classes {figures['miou_18']:.4f}",
        *(
            f"{name}: " + "  ".join(f"{k} {v:.3f}" for k, v in figures[name].items())
            for name in ("groups", "classes", "pck")
        ),
    ]
    return "\n".join(lines)


def overlay(rgb: NDArray[np.uint8], found: Prediction) -> NDArray[np.uint8]:
    """The parse in colours over the photo, joints as dots: red the person's right, green left."""
    picture = (0.45 * rgb + 0.55 * PALETTE[found.parse]).astype(np.uint8)
    for joint, (x, y, height) in enumerate(found.points):
        if height > 0.15:
            right = joint in (2, 3, 4, 8, 9, 10, 14, 16)
            colour = (255, 40, 40) if right else (60, 255, 60)
            radius = max(2, rgb.shape[0] // 160)
            cv2.circle(picture, (int(x), int(y)), radius, colour, -1)
    return picture


def sheet(
    network: PersonNetwork,
    cases: Sequence[Case],
    path: Path,
    *,
    height: int = 300,
    columns: int = 8,
) -> None:
    """Write one picture: each case as photo, truth where known, and what was found."""
    tiles = []
    for case in cases:
        found = predict(network, case.rgb)
        parts = [case.rgb]
        if case.parse is not None:
            known = np.zeros((18, 3), np.float32) if case.points is None else case.points
            chances = np.eye(18, dtype=np.float32)[:, case.parse]
            parts.append(overlay(case.rgb, Prediction(chances, known, found.presence)))
        parts.append(overlay(case.rgb, found))
        tile = np.concatenate(parts, 1)
        size = (round(tile.shape[1] * height / tile.shape[0]), height)
        tile = np.asarray(cv2.resize(tile, size, interpolation=cv2.INTER_AREA), np.uint8)
        cv2.putText(tile, case.id, (3, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 0, 255), 1)
        tiles.append(tile)
    wide = max(tile.shape[1] for tile in tiles)
    tiles = [np.pad(tile, ((0, 0), (0, wide - tile.shape[1]), (0, 0))) for tile in tiles]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    rows = [np.concatenate(tiles[i : i + columns], 1) for i in range(0, len(tiles), columns)]
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.concatenate(rows)[..., ::-1])


PALETTE = np.array(
    [
        *((0, 0, 0), (128, 0, 0), (254, 0, 0), (0, 85, 0), (169, 0, 51), (254, 85, 0)),
        *((0, 0, 85), (0, 119, 220), (85, 85, 0), (0, 85, 85), (85, 51, 0), (52, 86, 128)),
        *((0, 128, 0), (0, 0, 254), (51, 169, 220), (0, 254, 254), (85, 254, 169)),
        (169, 254, 85),
    ],
    np.uint8,
)

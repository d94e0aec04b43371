"""The student against its teacher, on people and garments that it never saw.

ssim, psnr: of the whole picture. region ssim, colour (CIEDE2000): where the teacher shows the
garment. ``unchanged`` is the person as they were; ``mean colour`` paints the garment's mean colour
where the teacher changed anything, so it is told where, and only the student is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from ml.training import card
from ml.training.similarity import colour_difference, psnr, ssim_map
from ml.training.student.lessons import Lesson
from ml.training.student.samples import collate
from ml.tryon.student.network import Student

Bytes = NDArray[np.uint8]
COLUMNS = ("ssim", "psnr", "region ssim", "colour")
METHODS = ("student", "unchanged", "mean colour")
_BATCH = 8


@torch.no_grad()
def pictures(network: Student, lessons: Sequence[Lesson]) -> Iterator[Bytes]:
    """What the student makes of each lesson."""
    device = next(network.parameters()).device
    for start in range(0, len(lessons), _BATCH):
        batch = collate(lessons[start : start + _BATCH], device)
        made = network(batch.person, batch.garment, batch.mask, batch.region).dressed
        levels = (made.clamp(0, 1) * 255 + 0.5).byte().permute(0, 2, 3, 1).cpu().numpy()
        yield from levels


def mean_colour(lesson: Lesson) -> Bytes:
    """The mean is taken in CIELAB."""
    lab = cv2.cvtColor(lesson.garment.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    mean = lab[lesson.mask > 127].mean(axis=0).reshape(1, 1, 3).astype(np.float32)
    colour = np.clip(cv2.cvtColor(mean, cv2.COLOR_LAB2RGB)[0, 0] * 255 + 0.5, 0, 255)
    picture = lesson.person.copy()
    picture[lesson.edit > 127] = colour.astype(np.uint8)
    return picture


def score(lesson: Lesson, picture: Bytes) -> dict[str, float]:
    """A picture against the teacher's, by COLUMNS."""
    same = ssim_map(picture, lesson.dressed)
    region = lesson.cloth[..., 2] > 127
    if not region.any():
        region = lesson.edit > 127
    return {
        "ssim": float(same.mean()),
        "psnr": psnr(picture, lesson.dressed),
        "region ssim": float(same[region].mean()),
        "colour": colour_difference(picture, lesson.dressed, region),
    }


def figures(
    network: Student, lessons: Sequence[Lesson], methods: Sequence[str] = METHODS
) -> dict[str, Any]:
    """Means of all, by source and by region; and each lesson's own."""
    rows = []
    for lesson, made in zip(lessons, pictures(network, lessons), strict=True):
        shown = {"student": made, "unchanged": lesson.person}
        if "mean colour" in methods:
            shown["mean colour"] = mean_colour(lesson)
        about = {"source": str(lesson.about.get("source", "")), "region": str(lesson.region)}
        scores = {method: score(lesson, shown[method]) for method in methods}
        rows.append({"lesson": lesson.name, **about, **scores})
    groups = {"all": rows}
    for key in ("source", "region"):
        for name in sorted({str(row[key]) for row in rows}):
            groups[name] = [row for row in rows if row[key] == name]
    return {name: _means(those, methods) for name, those in groups.items() if name} | {"rows": rows}


def _means(rows: Sequence[Mapping[str, Any]], methods: Sequence[str]) -> dict[str, Any]:
    means: dict[str, Any] = {
        method: {c: float(np.mean([row[method][c] for row in rows])) for c in COLUMNS}
        for method in methods
    }
    return means | {"lessons": len(rows)}


def table(found: Mapping[str, Any]) -> str:
    """For people, as Markdown; higher is better but for the last figure."""
    rows = []
    for group, means in found.items():
        for method in METHODS if group != "rows" else ():
            if method in means:
                rows.append([group, means["lessons"], method, *(means[method][c] for c in COLUMNS)])
    return card.table(["", "lessons", "picture", *COLUMNS], rows)


def sheet(network: Student, lessons: Sequence[Lesson], path: Path, columns: int = 2) -> None:
    """Person, garment, teacher, student, beside one another; the worst first."""
    made = list(pictures(network, lessons))
    scores = [
        score(each, picture)["region ssim"] for each, picture in zip(lessons, made, strict=True)
    ]
    order = np.argsort(scores)
    tiles = [
        np.hstack([lessons[i].person, lessons[i].garment, lessons[i].dressed, made[i]])
        for i in order
    ]
    tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)]
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.vstack(rows)).save(path)

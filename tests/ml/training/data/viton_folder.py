"""Draws a tiny folder in the layout of VITON-HD."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
from PIL import Image

from tests import drawings

#: Our 18 classes -> the 20 labels that such folders use.
LIP_OF = np.array([0, 1, 2, 4, 5, 12, 9, 6, 0, 18, 19, 13, 16, 17, 14, 15, 0, 11], np.uint8)


def lip_labels() -> np.ndarray:
    """The drawn person's parse, (320, 240), in LIP labels."""
    return LIP_OF[np.array(Image.open(io.BytesIO(drawings.person_parse())))]


def body_25() -> list[float]:
    """The drawn person's joints as OpenPose writes 25 points in a row."""
    rows = [list(map(float, row)) for row in drawings.KEYPOINTS]
    middle = [(rows[8][i] + rows[11][i]) / 2 for i in range(3)]
    points = [*rows[:8], middle, *rows[8:18], *[[0.0, 0.0, 0.0]] * 6]
    return [value for point in points for value in point]


def write_person(folder: Path, name: str, labels: np.ndarray | None = None) -> None:
    for sub in ("image", "image-parse-v3", "openpose_json"):
        (folder / sub).mkdir(parents=True, exist_ok=True)
    (folder / "image" / f"{name}.jpg").write_bytes(drawings.person_photo())
    parse = Image.fromarray(lip_labels() if labels is None else labels)
    parse.save(folder / "image-parse-v3" / f"{name}.png")
    pose = {"version": 1.3, "people": [{"person_id": [-1], "pose_keypoints_2d": body_25()}]}
    (folder / "openpose_json" / f"{name}_keypoints.json").write_text(json.dumps(pose))


def write_cloth(folder: Path, name: str) -> None:
    for sub in ("cloth", "cloth-mask"):
        (folder / sub).mkdir(parents=True, exist_ok=True)
    (folder / "cloth" / f"{name}.jpg").write_bytes(drawings.garment_photo())
    Image.new("L", drawings.GARMENT_SIZE, 255).save(folder / "cloth-mask" / f"{name}.jpg")

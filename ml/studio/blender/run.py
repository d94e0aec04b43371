"""``python -m ml.studio.blender.run JOB``: render the figure that JOB/job.json describes.

Writes photo.png, labels.npz (parse, alpha, iuv, depth) and facts.json (openpose18, hidden, girths)
beside it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ml.studio.blender import figure, labels, scene, shape
from ml.studio.blender.spec import BUST, HIP, WAIST, Spec
from ml.studio.blender.tape import tape


def photograph(path: Path) -> None:
    settings = bpy.context.scene.render
    settings.filepath = str(path)
    image = settings.image_settings
    image.file_format, image.color_mode, image.color_depth = "PNG", "RGB", "8"
    bpy.ops.render.render(write_still=True)


def run(folder: Path) -> None:
    job: dict[str, Any] = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    scene.empty(tuple(job["size"]), job["samples"], job["look"]["seed"])
    person = figure.build(job["look"])
    scene.backdrop(job["look"]["paper"])
    scene.lights()
    scene.camera(job["look"]["spec"]["height"] / 100, job["look"]["framing"])
    photograph(folder / "photo.png")
    seen = labels.render(folder / "labels.exr")
    points, hidden = labels.keypoints(person, seen)
    np.savez_compressed(folder / "labels.npz", parse=seen.parse, alpha=seen.alpha, iuv=seen.iuv,
                        depth=seen.depth)  # fmt: skip
    spec = Spec(**job["look"]["spec"])
    facts = {"openpose18": points.tolist(), "hidden": hidden, "girths": girths(spec)}
    (folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")


def girths(spec: Spec) -> list[float]:
    """Bust (or chest), waist and hip in cm as taped around the rendered body."""
    field = shape.field(spec).only(("trunk", "left_leg", "right_leg"))
    return [tape(field, spec.height * z) for z in (BUST, WAIST, HIP)]


if __name__ == "__main__":
    run(Path(sys.argv[1]))

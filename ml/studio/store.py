"""Where drawn things go: WebP pictures, palette PNG parses, PNG masks, JSON labels."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ml.person.annotation import PersonAnnotation
from ml.studio.garment import Cloth, DrawnGarment
from ml.studio.product import Garment

#: A colour per ATR class, so that a parse can be looked at.
_PALETTE = (
    (0, 0, 0), (128, 0, 0), (90, 60, 30), (60, 60, 60), (230, 90, 60), (200, 80, 200),
    (40, 90, 200), (220, 60, 130), (120, 120, 0), (250, 200, 0), (200, 150, 0), (245, 200, 170),
    (90, 200, 120), (50, 150, 90), (120, 210, 240), (60, 150, 200), (150, 100, 50), (180, 180, 180),
)  # fmt: skip


def save_picture(path: Path, rgb: NDArray[np.uint8], quality: int = 90) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rgb).save(path, "WEBP", quality=quality, method=6)


def save_mask(path: Path, mask: NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(mask).convert("1").save(path, "PNG", optimize=True)


def save_json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def parse_png(parse: NDArray[np.uint8]) -> bytes:
    """A palette PNG whose pixel values are ATR classes."""
    image = Image.fromarray(parse)
    image.putpalette([v for colour in _PALETTE for v in colour])
    data = io.BytesIO()
    image.save(data, "PNG", optimize=True)
    return data.getvalue()


def save_annotation(folder: Path, name: str, annotation: PersonAnnotation) -> None:
    """Write ``parse_atr/NAME.png`` and this person's line of ``keypoints.jsonl``."""
    path = folder / "parse_atr" / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(parse_png(annotation.parse))
    height, width = annotation.parse.shape
    points = [[round(float(v), 2) for v in row] for row in annotation.keypoints]
    line = {"id": name, "width": width, "height": height, "openpose18": points, "flag": None}
    lines = folder / "keypoints.jsonl"
    known = {}
    if lines.exists():
        for text in lines.read_text(encoding="utf-8").splitlines():
            known[json.loads(text)["id"]] = text
    known[name] = json.dumps(line)
    lines.write_text("".join(known[k] + "\n" for k in sorted(known)), encoding="utf-8")


def save_garment(
    folder: Path, name: str, drawn: DrawnGarment, garment: Garment, cloth: Cloth
) -> None:
    """Write ``NAME.mask.png`` and ``NAME.json``: landmarks as x, y, visibility, and what it is."""
    height, width = drawn.mask.shape
    save_mask(folder / f"{name}.mask.png", drawn.mask)
    mark = drawn.annotation
    marks = {k: [p.x, p.y, p.visibility] for k, p in mark.landmarks.items()} if mark else {}
    colours = [cloth.colour]
    if cloth.pattern is not None or cloth.graphic is not None:
        colours += [cloth.second, *cloth.inks]
    save_json(folder / f"{name}.json",
              {"width": width, "height": height,
               "region": str(mark.region) if mark else "none", "cut": str(mark.cut) if mark else "",
               "category": garment.category, "pattern": garment.pattern, "colours": colours,
               "landmarks": marks})  # fmt: skip

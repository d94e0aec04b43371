"""Read and write the annotation of people's photos as plain files.

A folder holds ``parse_atr/ID.png`` (palette PNG, index = :class:`~ml.person.annotation.Atr`) and
``keypoints.jsonl`` (one JSON object per line with ``id`` and ``openpose18``: 18 x [x, y, conf]).
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ml.errors import BadAnnotation
from ml.images import LIMITS
from ml.person.annotation import Atr, PersonAnnotation

PARSE_FOLDER = "parse_atr"
KEYPOINTS_FILE = "keypoints.jsonl"
#: One colour per class, only for eyes; programs read the index.
_COLOURS = (
    (0, 0, 0),
    (128, 0, 0),
    (254, 0, 0),
    (0, 85, 0),
    (169, 0, 51),
    (254, 85, 0),
    (0, 0, 85),
    (0, 119, 220),
    (85, 85, 0),
    (0, 85, 85),
    (85, 51, 0),
    (52, 86, 128),
    (0, 128, 0),
    (0, 0, 254),
    (51, 169, 220),
    (0, 254, 254),
    (85, 254, 169),
    (169, 254, 85),
)


def read_folder(folder: Path | str, photo_id: str) -> PersonAnnotation:
    """The annotation of one photo. Raises BadAnnotation naming what is missing or wrong."""
    folder = Path(folder)
    parse_path = folder / PARSE_FOLDER / f"{photo_id}.png"
    try:
        parse = parse_from_png(parse_path.read_bytes())
    except OSError as e:
        raise BadAnnotation(f"cannot read {parse_path}: {e.strerror}") from e
    return PersonAnnotation(
        parse=parse, keypoints=_find_keypoints(folder / KEYPOINTS_FILE, photo_id)
    )


def write_folder(folder: Path | str, photo_id: str, annotation: PersonAnnotation) -> None:
    """Add or replace the annotation of one photo."""
    folder = Path(folder)
    (folder / PARSE_FOLDER).mkdir(parents=True, exist_ok=True)
    (folder / PARSE_FOLDER / f"{photo_id}.png").write_bytes(parse_to_png(annotation.parse))
    height, width = annotation.parse.shape
    line = json.dumps(
        {
            "id": photo_id,
            "width": width,
            "height": height,
            "openpose18": keypoints_to_list(annotation.keypoints),
        }
    )
    path = folder / KEYPOINTS_FILE
    others = []
    if path.exists():
        lines = path.read_text(encoding="utf-8").splitlines()
        others = [old for old in lines if old.strip() and not _is_of(old, photo_id)]
    path.write_text("\n".join([*others, line]) + "\n", encoding="utf-8")


def parse_from_png(data: bytes) -> NDArray[np.uint8]:
    """(H, W) uint8 class indices of a palette or grey PNG. Raises BadAnnotation."""
    try:
        image = Image.open(io.BytesIO(data), formats=["PNG"])
        if image.width * image.height > LIMITS.pixels:
            raise BadAnnotation(f"parse claims {image.width} x {image.height} pixels")
        if image.mode not in ("P", "L"):
            raise BadAnnotation(f"parse must be a palette or 8-bit grey PNG, got {image.mode}")
        parse = np.array(image, dtype=np.uint8)
    except BadAnnotation:
        raise
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as e:
        raise BadAnnotation("parse is not a readable PNG") from e
    if parse.size and int(parse.max()) > max(Atr):
        raise BadAnnotation(f"parse has label {int(parse.max())}, the highest is {int(max(Atr))}")
    return parse


def parse_to_png(parse: NDArray[np.uint8]) -> bytes:
    """A palette PNG whose indices are the classes."""
    image = Image.fromarray(np.ascontiguousarray(parse), "P")
    image.putpalette([value for colour in _COLOURS for value in colour])
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def keypoints_from_list(points: Sequence[Sequence[float]]) -> NDArray[np.float32]:
    """(18, 3) float32 of 18 x [x, y, confidence]. Raises BadAnnotation."""
    try:
        keypoints = np.asarray(points, dtype=np.float32)
    except (TypeError, ValueError) as e:
        raise BadAnnotation("keypoints must be 18 triples of numbers") from e
    if keypoints.shape != (18, 3) or not np.isfinite(keypoints).all():
        raise BadAnnotation(f"keypoints must be 18 finite triples, got shape {keypoints.shape}")
    return keypoints


def keypoints_to_list(keypoints: NDArray[np.float32]) -> list[list[float]]:
    """What :func:`keypoints_from_list` reads, to a tenth of a pixel."""
    return [[round(float(x), 1), round(float(y), 1), round(float(c), 3)] for x, y, c in keypoints]


def _is_of(line: str, photo_id: str) -> bool:
    # Comparing text first is cheaper than parsing thousands of lines.
    return photo_id in line and json.loads(line).get("id") == photo_id


def _find_keypoints(path: Path, photo_id: str) -> NDArray[np.float32]:
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if photo_id not in line:  # cheaper than parsing thousands of lines
                    continue
                entry = _parse_line(line, path, number)
                if entry.get("id") == photo_id:
                    if entry.get("openpose18") is None:
                        raise BadAnnotation(f"{path} has no openpose18 for {photo_id}")
                    return keypoints_from_list(entry["openpose18"])
    except (OSError, UnicodeDecodeError) as e:
        raise BadAnnotation(f"cannot read {path}: {getattr(e, 'strerror', None) or e}") from e
    raise BadAnnotation(f"{path} has no line for {photo_id}")


def _parse_line(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except json.JSONDecodeError as e:
        raise BadAnnotation(f"{path} line {number} is not JSON") from e
    if not isinstance(entry, dict):
        raise BadAnnotation(f"{path} line {number} is not an object")
    return entry

"""Masks in the format of the VGG Image Annotator (VIA 1 and 2): one JSON file.

Per picture ``filename``, ``size`` (bytes), ``regions`` (a list, or in VIA 1 an object) with
``shape_attributes`` (polygon, rect, circle, ellipse; points and lines are no areas) and
``region_attributes``. VIA stores no width and height: they are taken from the pictures, or from
``file_attributes`` where we wrote them. VIA has no holes and no objects in several pieces: holes
are joined to their outline by cuts without width, pieces carry the same ``object`` attribute.
Dutta and Zisserman, The VIA Annotation Software, 2019.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ml.errors import BadAnnotation
from ml.images import LIMITS
from ml.training.data import outlines
from ml.training.data.coco import rectangle
from ml.training.data.labelled import Labelled, LabelledPicture, read_json, write_json

Points = NDArray[np.float64]
#: Region attributes that name what an object is, the first found counts.
LABELS = ("label", "class", "name", "category", "type")
DEFAULT = "garment"
_ROUND = 72  # corners of a circle


def read(path: Path, images: Path | None = None) -> Iterator[LabelledPicture]:
    """The pictures of a project or of exported annotations, in their order.

    images: folder with the pictures, for their sizes; the file's own folder if not given.
    Raises BadAnnotation.
    """
    value = read_json(path)
    folder = images or path.parent
    if isinstance(value, dict) and "_via_img_metadata" in value:
        value = value["_via_img_metadata"]
    if not isinstance(value, dict):
        raise BadAnnotation(f"{path} is not in VIA's format")
    for key, entry in value.items():
        try:
            name = str(entry["filename"])
            regions = entry["regions"]
            regions = list(regions.values()) if isinstance(regions, dict) else list(regions)
            size = _size(entry, folder / name)
            yield LabelledPicture(name, size, tuple(_objects(regions, size)))
        except BadAnnotation as error:
            raise BadAnnotation(f"{path}: {error}") from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadAnnotation(f"{path}: {key} is not in VIA's format: {error!r}") from error


def write(pictures: Iterable[LabelledPicture], path: Path, *, tolerance: float = 0.0) -> None:
    """Exported annotations, as VIA loads them. tolerance: see ``coco.write``."""
    found: dict[str, Any] = {}
    for picture in pictures:
        regions = []
        for number, item in enumerate(picture.objects, 1):
            for loops in outlines.trace(item.mask):
                corners = outlines.joined([outlines.simplified(loop, tolerance) for loop in loops])
                regions.append(
                    {
                        "shape_attributes": {
                            "name": "polygon",
                            "all_points_x": _numbers(corners[:, 0]),
                            "all_points_y": _numbers(corners[:, 1]),
                        },
                        "region_attributes": {"label": item.label, "object": str(number)},
                    }
                )
        height, width = picture.size
        found[f"{picture.name}-1"] = {
            "filename": picture.name,
            "size": -1,  # of the file, in bytes: unknown, as VIA has it
            "regions": regions,
            "file_attributes": {"width": str(width), "height": str(height)},
        }
    write_json(path, found)


def _objects(regions: list[dict[str, Any]], size: tuple[int, int]) -> list[Labelled]:
    """Regions that carry the same ``object`` are one; all others are one each."""
    found: dict[object, Labelled] = {}
    for index, region in enumerate(regions):
        corners = _corners(region["shape_attributes"])
        if corners is None:
            continue
        attributes = region.get("region_attributes") or {}
        label = next((str(attributes[k]) for k in LABELS if attributes.get(k)), DEFAULT)
        number = attributes.get("object")
        key = (label, str(number)) if number not in (None, "") else index
        mask = outlines.fill([corners], size)
        before = found.get(key)
        found[key] = Labelled(label, mask if before is None else before.mask | mask)
    return list(found.values())


def _corners(shape: dict[str, Any]) -> Points | None:
    """A region's outline; None where it is a point or a line."""
    kind = shape["name"]
    if kind == "polygon":
        return np.array([shape["all_points_x"], shape["all_points_y"]], np.float64).T
    if kind == "rect":
        return rectangle(*(float(shape[k]) for k in ("x", "y", "width", "height")))
    if kind in ("circle", "ellipse"):
        wide = float(shape["r"] if kind == "circle" else shape["rx"])
        high = float(shape["r"] if kind == "circle" else shape["ry"])
        turn = float(shape.get("theta", 0.0))
        angles = np.linspace(0, 2 * np.pi, _ROUND, endpoint=False)
        x, y = wide * np.cos(angles), high * np.sin(angles)
        return np.stack(
            [
                float(shape["cx"]) + x * np.cos(turn) - y * np.sin(turn),
                float(shape["cy"]) + x * np.sin(turn) + y * np.cos(turn),
            ],
            axis=1,
        )
    if kind in ("point", "polyline"):
        return None
    raise BadAnnotation(f"unknown shape {kind!r}")


def _size(entry: dict[str, Any], picture: Path) -> tuple[int, int]:
    """(height, width)"""
    known = entry.get("file_attributes") or {}
    if known.get("width") and known.get("height"):
        size = int(known["height"]), int(known["width"])
    else:
        try:
            with Image.open(picture) as image:
                size = image.height, image.width
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise BadAnnotation(
                f"no size of {picture.name}: name the folder of its pictures"
            ) from error
    if size[0] * size[1] > LIMITS.pixels or min(size) < 1:
        raise BadAnnotation(f"{picture.name} claims {size[1]} x {size[0]} pixels")
    return size


def _numbers(values: NDArray[np.float64]) -> list[float]:
    return [int(v) if v == int(v) else round(float(v), 2) for v in values]

"""Masks in COCO's instance format: one JSON file.

``images`` (id, file_name, width, height), ``categories`` (id, name) and ``annotations``
(image_id, category_id, segmentation, bbox, area, iscrowd). A segmentation is a list of polygons,
uncompressed run lengths or compressed ones; objects without one are taken for their box.
Lin et al., Microsoft COCO, ECCV 2014.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.errors import BadAnnotation
from ml.images import LIMITS
from ml.training.data import outlines
from ml.training.data.labelled import Labelled, LabelledPicture, read_json, write_json

Bool = NDArray[np.bool_]


def read(path: Path) -> Iterator[LabelledPicture]:
    """The pictures of a file in its order, also those without objects. Raises BadAnnotation."""
    value = read_json(path)
    try:
        names = {entry["id"]: str(entry["name"]) for entry in value["categories"]}
        found: dict[Any, list[dict[str, Any]]] = {entry["id"]: [] for entry in value["images"]}
        for entry in value["annotations"]:
            found[entry["image_id"]].append(entry)
        pictures = [
            (str(entry["file_name"]), (int(entry["height"]), int(entry["width"])), entry["id"])
            for entry in value["images"]
        ]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadAnnotation(f"{path} is not in COCO's format: {error!r}") from error
    for name, size, number in pictures:
        if size[0] * size[1] > LIMITS.pixels or min(size) < 1:
            raise BadAnnotation(f"{path}: {name} claims {size[1]} x {size[0]} pixels")
        objects = []
        for entry in found[number]:
            try:
                label = names[entry["category_id"]]
                objects.append(Labelled(label, mask_of(entry, size)))
            except (KeyError, TypeError, ValueError, IndexError) as error:
                where = f"{path}: annotation {entry.get('id')} of {name}"
                raise BadAnnotation(f"{where}: {error}") from error
        yield LabelledPicture(name, size, tuple(objects))


def write(pictures: Iterable[LabelledPicture], path: Path, *, tolerance: float = 0.0) -> None:
    """tolerance: pixels by which polygons may leave the mask's border to have fewer corners.

    Objects with holes, which polygons cannot show, are written as compressed run lengths.
    """
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    numbers: dict[str, int] = {}
    for picture in pictures:
        height, width = picture.size
        number = len(images) + 1
        images.append({"id": number, "file_name": picture.name, "width": width, "height": height})
        for item in picture.objects:
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": numbers.setdefault(item.label, len(numbers) + 1),
                    "segmentation": segmentation_of(item.mask, tolerance=tolerance),
                    "bbox": list(outlines.box_of(item.mask)),
                    "area": int(item.mask.sum()),
                    "iscrowd": 0,
                }
            )
    categories = [{"id": number, "name": label} for label, number in numbers.items()]
    write_json(path, {"images": images, "categories": categories, "annotations": annotations})


def mask_of(entry: dict[str, Any], size: tuple[int, int]) -> Bool:
    """(H, W) of one annotation. Raises BadAnnotation."""
    segmentation = entry.get("segmentation")
    if isinstance(segmentation, dict):
        if tuple(segmentation["size"]) != size:
            raise BadAnnotation(f"run lengths of size {segmentation['size']}, picture {size}")
        counts = segmentation["counts"]
        runs = outlines.unpack(counts) if isinstance(counts, str) else counts
        return outlines.from_runs(runs, size)
    if segmentation:
        polygons = [np.asarray(flat, np.float64).reshape(-1, 2) for flat in segmentation]
        return outlines.fill(polygons, size)
    x, y, width, height = (float(v) for v in entry["bbox"])
    return outlines.fill([rectangle(x, y, width, height)], size)


def rectangle(x: float, y: float, width: float, height: float) -> NDArray[np.float64]:
    """Corners of a box."""
    right, bottom = x + width, y + height
    return np.array([(x, y), (right, y), (right, bottom), (x, bottom)])


def segmentation_of(mask: Bool, *, tolerance: float = 0.0) -> list[list[float]] | dict[str, Any]:
    """Polygons where they can say it all, else compressed run lengths."""
    pieces = outlines.trace(mask)
    if any(len(loops) > 1 for loops in pieces):
        return {"size": list(mask.shape), "counts": outlines.pack(outlines.to_runs(mask))}
    return [
        [round(float(v), 2) for v in outlines.simplified(loops[0], tolerance).ravel()]
        for loops in pieces
    ]

"""Our own masks: 8-bit PNG files of the photo's size, 255 = garment, as ``python -m ml mask``
writes them.

    ROOT/NAME.png               one object, "garment"
    ROOT/LABEL/NAME.png         one object with a label
    ROOT/LABEL/NAME~2.png       the second one of that label in the same picture
    ROOT/pictures.json          {"NAME": "NAME.jpg"}: file names of the photos, optional
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ml.errors import BadAnnotation
from ml.images import LIMITS, encode
from ml.training.data.labelled import Labelled, LabelledPicture, read_json, write_json

DEFAULT = "garment"
PICTURES = "pictures.json"


def read(folder: Path) -> Iterator[LabelledPicture]:
    """The pictures of a folder, by name. Raises BadAnnotation."""
    names = read_json(folder / PICTURES) if (folder / PICTURES).exists() else {}
    files: dict[str, list[tuple[str, Path]]] = {name: [] for name in names}
    for path in sorted([*folder.glob("*.png"), *folder.glob("*/*.png")]):
        label = DEFAULT if path.parent == folder else path.parent.name
        files.setdefault(path.stem.split("~")[0], []).append((label, path))
    if not files:
        raise BadAnnotation(f"{folder} has no masks (*.png)")
    for stem, found in sorted(files.items()):
        objects = tuple(Labelled(label, read_mask(path)) for label, path in found)
        if not objects:
            continue  # a picture without objects has no file that tells its size
        sizes = {item.mask.shape for item in objects}
        if len(sizes) > 1:
            raise BadAnnotation(f"{folder}: masks of {stem} differ in size")
        height, width = objects[0].mask.shape
        yield LabelledPicture(str(names.get(stem, f"{stem}.jpg")), (height, width), objects)


def write(pictures: Iterable[LabelledPicture], folder: Path) -> None:
    """One file per object. Raises BadAnnotation where a name leaves the folder or comes twice."""
    names: dict[str, str] = {}
    for picture in pictures:
        stem = Path(picture.name).stem
        if not stem or "~" in stem or stem in names:
            raise BadAnnotation(f"{picture.name}: the name is empty, has a ~ or came before")
        names[stem] = picture.name
        seen: dict[str, int] = {}
        for item in picture.objects:
            if item.label != Path(item.label).name or item.label in ("", ".", ".."):
                raise BadAnnotation(f"{picture.name}: {item.label!r} is no name of a folder")
            seen[item.label] = seen.get(item.label, 0) + 1
            part = f"~{seen[item.label]}" if seen[item.label] > 1 else ""
            path = folder / item.label / f"{stem}{part}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode(item.mask.astype(np.uint8) * 255, "png"))
    write_json(folder / PICTURES, names)


def read_mask(path: Path) -> NDArray[np.bool_]:
    """(H, W) of an 8-bit grey or black-and-white PNG. Raises BadAnnotation."""
    try:
        with Image.open(path, formats=["PNG"]) as image:
            if image.width * image.height > LIMITS.pixels:
                raise BadAnnotation(f"{path} claims {image.width} x {image.height} pixels")
            return np.asarray(np.array(image.convert("L")) > 127)
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadAnnotation(f"{path} is not a readable PNG") from error

"""Look at what a recipe trains on: samples with their augmentation, labels drawn on top.

    python -m ml.training preview person  --data ROOT --out sheet.png
    python -m ml.training preview garment --data ROOT --out sheet.png --cache RUN/masks
    python -m ml.training preview pattern --data ROOT --out sheet.png --cache RUN/masks

The samples come from the same functions as in training; the same seed gives the same sheet.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.errors import InputError
from ml.images import encode, read

if TYPE_CHECKING:
    from ml.training.garment.category import Recipe as CategoryRecipe

RGB = NDArray[np.uint8]
Tile = tuple[RGB, str]

_TILE = (256, 200)  # height at most, and width, of a sample on the sheet
_CAPTION = 18
_OUTLINE = (255, 40, 90)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = __doc__
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("what", choices=SAMPLES)
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("OTBANG_DATASETS"), metavar="ROOT"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="SHEET.png")
    parser.add_argument("--count", type=int, default=24, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="S")
    parser.add_argument(
        "--cache", type=Path, help="masks of garments that a training has cut (else cut anew)"
    )


def run(args: argparse.Namespace) -> None:
    """Raises InputError where the data is missing or the count makes no sense."""
    if args.data is None:
        raise InputError("say where the data is: --data or OTBANG_DATASETS")
    if not 1 <= args.count <= 500:
        raise InputError("--count goes from 1 to 500")
    if args.out.suffix.lower() != ".png":
        raise InputError("--out needs a name that ends with .png")
    with tempfile.TemporaryDirectory() as own:
        tiles = list(SAMPLES[args.what](args.data, args.cache or Path(own), args.count, args.seed))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_bytes(encode(sheet(tiles), "png"))
    sys.stdout.write(f"{args.out}\n")


def sheet(tiles: list[Tile]) -> RGB:
    """One picture of all samples with their captions, in rows of equal length."""
    columns = max(1, min(8, round(np.sqrt(len(tiles) * 1.6))))
    rows = -(-len(tiles) // columns)
    width = _TILE[1]
    tallest = max(picture.shape[0] / picture.shape[1] for picture, _ in tiles)
    height = min(_TILE[0], round(width * tallest)) + _CAPTION
    page = np.full((rows * height, columns * width, 3), 255, np.uint8)
    for index, (picture, caption) in enumerate(tiles):
        top, left = index // columns * height, index % columns * width
        scale = min((height - _CAPTION) / picture.shape[0], (width - 4) / picture.shape[1])
        size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        page[top : top + size[1], left : left + size[0]] = small
        at = (left + 2, top + height - 6)
        cv2.putText(page, caption, at, cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 1, cv2.LINE_AA)
    return page


def person(root: Path, cache: Path, count: int, seed: int) -> Iterator[Tile]:
    """Moved, cropped and repainted people; the parse in colours, joints that are learnt."""
    from ml.person.annotation import PersonAnnotation
    from ml.person.network import CANVAS, FACING_BACK
    from ml.person.overlay import draw
    from ml.training.data import ccp
    from ml.training.person.samples import make
    from ml.training.person.sources import UNKNOWN, load_pool

    pool = load_pool(ccp.folder(root), CANVAS[0] * 5 // 4, limit=max(60, 3 * count))
    for index in range(count):
        sample = make(pool, CANVAS, np.random.default_rng((seed, index)))
        parse = cv2.resize(sample.parse, CANVAS[::-1], interpolation=cv2.INTER_NEAREST)
        unknown = parse == UNKNOWN
        parse[unknown] = 0
        points = sample.points.copy()
        points[sample.hidden, 2] = 0
        picture = draw(sample.rgb, PersonAnnotation(np.asarray(parse, np.uint8), points))
        words = {0: ["nobody"], 2: ["several"]}.get(sample.people, [])
        words += ["back"] if sample.facing == FACING_BACK else []
        words += ["no parse"] if unknown.all() else []
        yield picture, ", ".join(words)


def garment(root: Path, cache: Path, count: int, seed: int) -> Iterator[Tile]:
    """First the mask network's scenes with the true outline, then the category's squares."""
    from ml.garment.category import CATEGORIES
    from ml.training.garment import category, mask

    recipe, every_nth = mask.Recipe(), max(1, 3000 // (4 * count))
    kept = mask.material(recipe, root, cache, every_nth)
    if not kept.photos or not kept.garments:
        raise InputError(f"no garment below {root} could be cut out")
    half = count - count // 2
    for index in range(half):
        rng = np.random.default_rng((seed, index))
        photo, garment_ = (int(rng.integers(len(part))) for part in (kept.photos, kept.garments))
        shown = mask.scene(recipe, kept, photo, garment_, rng)
        yield outlined(_bytes(shown.rgb), shown.mask > 0.5), f"mask: {CATEGORIES[shown.label]}"
    named = category.Recipe()
    for index, (square, label) in enumerate(_cut_out(root, cache, count - half, seed, named)):
        rng = np.random.default_rng((seed, half + index))
        made = category.varied(square, named, named.side, rng)
        yield outlined(_bytes(made[..., :3]), made[..., 3] > 0.5), f"category: {label}"


def _cut_out(
    root: Path, cache: Path, count: int, seed: int, recipe: CategoryRecipe
) -> Iterator[tuple[NDArray[np.uint8], str]]:
    """Squares with their mask as the fourth channel, as the category recipe keeps them."""
    from ml.garment.category import view
    from ml.training.data import clothing
    from ml.training.garment import cuts

    photos = clothing.photos(root, "train")
    drawn = np.random.default_rng(seed).choice(len(photos), 2 * count, replace=False)
    known = cuts.cut_all([photos[int(index)] for index in drawn], cache)
    for photo in [photos[int(index)] for index in drawn if photos[int(index)].key in known][:count]:
        cut, mask = known[photo.key], cuts.mask_of(cache, photo.key).astype(np.uint8) * 255
        turned = np.array(cut.to_photo)
        size = (cut.hw[0], cut.hw[1])
        square = view(read(photo.path).rgb, mask, turned, size, recipe.kept_side, recipe.kept_room)
        yield _bytes(square), photo.label


def pattern(root: Path, cache: Path, count: int, seed: int) -> Iterator[Tile]:
    """Patterns printed on photos of plain garments."""
    from ml.training.pattern.command import plain_photos
    from ml.training.pattern.render import PAINTERS, printed

    names = list(PAINTERS)
    for index, (path, mask) in enumerate(plain_photos(root, cache, count, seed)):
        rng = np.random.default_rng((seed, index))
        name = names[index % len(names)]
        yield outlined(printed(read(path).rgb, mask, name, rng), mask > 127), name


SAMPLES: dict[str, Callable[[Path, Path, int, int], Iterator[Tile]]] = {
    "person": person,
    "garment": garment,
    "pattern": pattern,
}


def outlined(rgb: RGB, mask: NDArray[np.bool_]) -> RGB:
    """The picture with a mask's border."""
    found, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    picture = np.ascontiguousarray(rgb)
    cv2.drawContours(picture, found, -1, _OUTLINE, max(1, round(max(rgb.shape) / 300)))
    return picture


def _bytes(rgb: NDArray[np.float32]) -> RGB:
    return np.asarray(np.clip(rgb * 255 + 0.5, 0, 255), np.uint8)

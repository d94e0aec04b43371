"""Training people in other clothes: our own engine dresses them, so the new labels are known.

The labelled photos show few skirts and dresses; photos of single garments show many. Where the
engine put cloth on, the label is the garment's; where it painted anything else (a leg that was
covered, the ground behind a wide skirt), nobody knows. ``DIR/NNNNN.webp`` with ``.png`` (labels,
255 unknown) and ``.json`` (joints): made once, read by every later training.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from tqdm import tqdm

from ml.errors import InputError
from ml.garment.annotation import Region
from ml.person.annotation import Atr, PersonAnnotation
from ml.training.data import ccp, clothing
from ml.training.dressing import KINDS as WORN
from ml.training.dressing import SURE, Wardrobe, hang
from ml.training.person.sources import UNKNOWN, Source, around
from ml.training.person.sources import load as load_photo
from ml.tryon.drape.engine import Drape
from ml.tryon.engine import Dressed, DressRequest, PreparedGarment, TryOnEngine

#: Kind of garment -> how often it is put on.
KINDS: Mapping[str, float] = {"dress": 0.36, "skirt": 0.34, "pants": 0.16, "shorts": 0.14}
HEIGHT = 520


def make(root: Path, out: Path, count: int, seed: int = 0) -> None:
    """Write ``count`` dressed people into ``out``; what is there already stays."""
    out.mkdir(parents=True, exist_ok=True)
    held = ccp.held_out()
    people = [p for p in ccp.photos(root) if p.labelled and not p.flagged and p.id not in held]
    garments = clothing.photos(root.parent, "train")
    photos = {kind: [g.path for g in garments if g.label == kind] for kind in KINDS}
    wardrobe = Wardrobe(photos, Drape())
    for index in tqdm(range(count), desc="dressed", unit="photo"):
        if not (out / f"{index:05}.json").exists():
            _make_one(np.random.default_rng((seed, index)), people, wardrobe, out / f"{index:05}")


def load(folder: Path) -> list[Source]:
    """All that :func:`make` wrote."""
    sources = []
    for path in sorted(folder.glob("*.json")):
        with (
            Image.open(path.with_suffix(".webp")) as photo,
            Image.open(path.with_suffix(".png")) as labels,
        ):
            rgb = np.asarray(photo.convert("RGB"))
            parse = np.asarray(labels)
        points = np.array(json.loads(path.read_text())["points"], np.float32)
        sources.append(
            Source(path.stem, rgb, parse, points, np.ones(len(Atr), bool), around(parse))
        )
    if not sources:
        raise InputError(f"{folder} holds no dressed people")
    return sources


def _make_one(
    random: np.random.Generator, people: list[ccp.Photo], wardrobe: Wardrobe, stem: Path
) -> None:
    kinds = list(KINDS)
    shares = np.array(list(KINDS.values()))
    for _ in range(12):  # until one is clear and fits
        kind = kinds[int(random.choice(len(kinds), p=shares / shares.sum()))]
        paths = wardrobe.photos[kind]
        garment = wardrobe.get(paths[int(random.integers(len(paths)))], kind)
        person = people[int(random.integers(len(people)))]
        if garment is None:
            continue
        worn = put_on(load_photo(person, HEIGHT), garment, kind, wardrobe.engine)
        if worn is None or worn.parse is None:
            continue
        Image.fromarray(worn.rgb).save(stem.with_suffix(".webp"), quality=88)
        Image.fromarray(worn.parse).save(stem.with_suffix(".png"))
        points = worn.points.astype(float).round(2).tolist()
        text = json.dumps({"person": person.id, "kind": kind, "points": points})
        stem.with_suffix(".json").write_text(text)
        return


def put_on(
    source: Source, garment: PreparedGarment, kind: str, engine: TryOnEngine
) -> Source | None:
    """The person of a labelled photo in ``garment``; None where that cannot be or looks wrong."""
    region, _cut, label = WORN[kind]
    rgb, parse = source.rgb, source.parse
    if parse is None or (region is Region.LOWER and (parse == Atr.DRESS).any()):
        return None  # what stays of a dress would be half a dress
    try:
        person = engine.prepare_person(rgb, PersonAnnotation(parse, source.points))
    except InputError:
        return None
    (dressed,) = engine.dress([DressRequest(person, (garment,))])
    if not isinstance(dressed, Dressed) or dressed.confidence < SURE:
        return None
    _colour, cover = hang(person, garment)
    cloth = cover > 127
    changed = dressed.edit_mask > 0
    # Soft edges change pixels beside the cloth: what they show is still the same.
    inner = cv2.erode(changed.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    labels = np.where(inner, UNKNOWN, parse).astype(np.uint8)
    labels[changed & cloth] = label
    return replace(
        source,
        rgb=dressed.image,
        parse=labels,
        possible=np.ones(len(Atr), bool),
        box=around(labels),
    )

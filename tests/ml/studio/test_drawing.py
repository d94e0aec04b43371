"""The committed pictures are what the drawer draws today."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from ml.garment.pattern_names import PATTERNS
from ml.studio import wardrobe
from ml.studio.__main__ import main
from ml.studio.garment import Cloth
from ml.studio.product import Garment
from ml.studio.texture import texture

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "demo"
#: One of each family: top, trousers, skirt, dress, and something nobody tries on.
SAMPLES = (
    "pocket-tee", "straight-jeans", "pleated-midi-skirt", "knit-long-sleeve-dress", "six-panel-cap",
)  # fmt: skip
PICTURES = [
    (name, garment, cloth)
    for garment in wardrobe.GARMENTS
    for name, cloth in garment.names().items()
]


def _garment(slug: str) -> tuple[Garment, Cloth]:
    garment = next(g for g in wardrobe.GARMENTS if g.slug == slug)
    return garment, next(iter(garment.cloths.values()))


def _label(name: str) -> dict[str, Any]:
    label: dict[str, Any] = json.loads((FIXTURES / "garments" / f"{name}.json").read_text())
    return label


@pytest.mark.parametrize("slug", SAMPLES)
def test_a_garment_drawn_again_is_the_committed_one(slug: str) -> None:
    garment, cloth = _garment(slug)
    drawn = wardrobe.draw(garment, cloth, scale=1)
    marks = drawn.annotation.landmarks if drawn.annotation else {}
    found = {k: [p.x, p.y, p.visibility] for k, p in marks.items()}
    assert found == _label(slug)["landmarks"]
    with Image.open(FIXTURES / "garments" / f"{slug}.mask.png") as image:
        mask = np.array(image.convert("L")) > 0
    ours = drawn.mask > 0
    assert (ours & mask).sum() / (ours | mask).sum() > 0.985
    with Image.open(FIXTURES / "garments" / f"{slug}.webp") as image:
        picture = np.array(image.convert("RGB")).astype(float)
    # the grain differs with the scale, the cloth's colour must not
    gap = np.abs(picture[mask].mean(axis=0) - drawn.picture[mask].astype(float).mean(axis=0))
    assert gap.max() < 4


def test_drawing_is_deterministic(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        main(["draw", "--out", str(tmp_path / folder), "--items",
              "ribbed-beanie", "--scale", "1"])  # fmt: skip
    files = [sorted((tmp_path / folder).rglob("*.*")) for folder in ("a", "b")]
    assert [f.name for f in files[0]] == [
        "ribbed-beanie-charcoal.json", "ribbed-beanie-charcoal.mask.png",
        "ribbed-beanie-charcoal.webp", "ribbed-beanie.detail.webp", "ribbed-beanie.json",
        "ribbed-beanie.mask.png", "ribbed-beanie.webp",
    ]  # fmt: skip
    for one, other in zip(*files, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_the_committed_pictures_are_those_of_the_wardrobe() -> None:
    folder = FIXTURES / "garments"
    assert {path.stem for path in folder.glob("*.json")} == {name for name, _, _ in PICTURES}
    close_ups = {path.name for path in folder.glob("*.detail.webp")}
    assert close_ups == {f"{g.slug}.detail.webp" for g in wardrobe.GARMENTS if g.detail}
    assert sum(path.stat().st_size for path in folder.iterdir()) < 13_000_000


@pytest.mark.parametrize(("name", "garment", "cloth"), PICTURES, ids=[p[0] for p in PICTURES])
def test_labels_say_what_was_drawn(name: str, garment: Garment, cloth: Cloth) -> None:
    label = _label(name)
    assert label["category"] == garment.category
    assert label["region"] == (garment.region or "none")
    assert label["cut"] == (garment.kind or "")
    assert label["pattern"] == garment.pattern
    assert label["pattern"] in PATTERNS
    assert label["colours"][0] == cloth.colour
    if (
        garment.kind is None
        or garment.pattern not in {"plain", "knit"}
        or len(label["colours"]) > 1
        or cloth.wear
    ):
        return
    # a plain cloth's picture has its colour: shadows make it darker, never another hue
    with Image.open(FIXTURES / "garments" / f"{name}.webp") as image:
        rgb = np.array(image.convert("RGB").resize((225, 300)))
    with Image.open(FIXTURES / "garments" / f"{name}.mask.png") as image:
        inside = np.array(image.convert("L").resize((225, 300))) > 250
    seen = np.median(_lab(rgb)[inside], axis=0)
    dyed = _lab(np.array([[[int(cloth.colour[i : i + 2], 16) for i in (1, 3, 5)]]], np.uint8))[0, 0]
    assert np.hypot(*(seen[1:] - dyed[1:])) < 12
    assert abs(seen[0] - dyed[0]) < 18


def _lab(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    return cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


def test_a_texture_has_colours_without_light() -> None:
    garment, cloth = _garment("oxford-shirt")
    painted = texture(garment, cloth)
    assert painted.shape == (2400, 900, 3)  # below the garment its sleeves
    assert painted.dtype == np.uint8
    lightness = _lab(painted)[..., 0]
    body = (slice(500, 900), slice(250, 420))
    lit = _lab(wardrobe.draw(garment, cloth, scale=1).picture)[..., 0]
    soft = [cv2.GaussianBlur(f[body], (0, 0), 6).std() for f in (lightness, lit)]
    assert 2 * soft[0] < soft[1], "folds show in the picture alone"
    # beyond the outline the nearest cloth goes on
    assert abs(float(lightness[20, 20]) - float(np.median(lightness[body]))) < 6

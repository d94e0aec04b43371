"""``python -m ml.studio draw --out fixtures/demo [--only models|garments] [--items a,b]``."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from ml.studio import figures, store, wardrobe
from ml.studio.scene import Scene


def draw_models(out: Path, seed: int, items: set[str], scale: int) -> None:
    for look in figures.LOOKS:
        if items and look.slug not in items:
            continue
        groups, _ = figures.build(look)
        tiles = Scene(groups, figures.camera(look, scale)).tiles()
        with tqdm(total=tiles, desc=look.slug, unit="tile") as bar:
            drawn = figures.draw(replace(look, seed=look.seed + seed), scale, bar.update)
        folder = out / "fitting_models"
        store.save_picture(folder / "photos" / f"{look.slug}.webp", drawn.photo, quality=92)
        store.save_annotation(folder, look.slug, drawn.annotation)


def draw_garments(out: Path, seed: int, items: set[str], scale: int) -> None:
    wanted = [
        (name, garment, cloth)
        for garment in wardrobe.GARMENTS
        if not items or garment.slug in items
        for name, cloth in garment.names().items()
    ]
    for name, garment, cloth in tqdm(wanted, desc="garments", unit="picture"):
        drawn = wardrobe.draw(garment, cloth, seed, scale)
        store.save_picture(out / "garments" / f"{name}.webp", drawn.picture, quality=93)
        if name == garment.slug:
            detail = out / "garments" / f"{name}.detail.webp"
            store.save_picture(detail, drawn.detail, quality=88)
        store.save_garment(out / "garments", name, drawn.annotation)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m ml.studio", description=__doc__)
    parser.add_argument("command", choices=["draw"])
    parser.add_argument("--out", type=Path, required=True, help="folder to draw into")
    parser.add_argument("--only", choices=["models", "garments"])
    parser.add_argument("--items", default="", help="slugs, comma separated; default all")
    parser.add_argument("--seed", type=int, default=0, help="added to every item's own seed")
    parser.add_argument("--scale", type=int, default=2, help="supersampling")
    given = parser.parse_args(argv)
    items = {v for v in given.items.split(",") if v}
    if given.only != "garments":
        draw_models(given.out, given.seed, items, given.scale)
    if given.only != "models":
        draw_garments(given.out, given.seed, items, given.scale)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

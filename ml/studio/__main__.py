"""``python -m ml.studio draw --out fixtures/demo [--items a,b]`` (garments);
``python -m ml.studio models --out fixtures/demo [--items a,b]`` (fitting models, with Blender);
``python -m ml.studio pairs --count N --seed S --out DIR`` (see ``ml.studio.pairs``)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from ml.studio import figures, store, wardrobe


def models(argv: list[str]) -> int:
    """Render fitting models into OUT/fitting_models."""
    parser = argparse.ArgumentParser(prog="python -m ml.studio models", description=models.__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to render into")
    parser.add_argument("--items", default="", help="slugs, comma separated; default all")
    parser.add_argument("--samples", type=int, default=figures.SAMPLES, help="rays per pixel")
    parser.add_argument("--size", default="900x1200", help="width x height")
    given = parser.parse_args(argv)
    width, height = (int(v) for v in given.size.split("x"))
    items = {v for v in given.items.split(",") if v}
    wanted = [look for look in figures.LOOKS if not items or look.slug in items]
    for look in tqdm(wanted, desc="fitting models", unit="figure"):
        drawn = figures.draw(look, (height, width), given.samples)
        figures.save(given.out / "fitting_models", look, drawn)
    return 0


def draw_garments(out: Path, seed: int, items: set[str], scale: int) -> None:
    wanted = [
        (name, garment, cloth)
        for garment in wardrobe.GARMENTS
        if not items or garment.slug in items
        for name, cloth in garment.names().items()
    ]
    for name, garment, cloth in tqdm(wanted, desc="garments", unit="picture"):
        drawn = wardrobe.draw(garment, cloth, seed, scale)
        folder = out / "garments"
        store.save_picture(folder / f"{name}.webp", drawn.picture, quality=93)
        if name == garment.slug and garment.detail:
            store.save_picture(folder / f"{name}.detail.webp", drawn.detail, quality=90)
        store.save_garment(folder, name, drawn, garment, cloth)


def main(argv: list[str] | None = None) -> int:
    given_argv = sys.argv[1:] if argv is None else argv
    if given_argv[:1] == ["pairs"]:
        from ml.studio import pairs

        return pairs.main(given_argv[1:])
    if given_argv[:1] == ["models"]:
        return models(given_argv[1:])
    parser = argparse.ArgumentParser(prog="python -m ml.studio", description=__doc__)
    parser.add_argument("command", choices=["draw"])
    parser.add_argument("--out", type=Path, required=True, help="folder to draw into")
    parser.add_argument("--items", default="", help="slugs, comma separated; default all")
    parser.add_argument("--seed", type=int, default=0, help="added to every item's own seed")
    parser.add_argument("--scale", type=int, default=2, help="supersampling")
    given = parser.parse_args(argv)
    items = {v for v in given.items.split(",") if v}
    draw_garments(given.out, given.seed, items, given.scale)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

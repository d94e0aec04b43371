"""Pairs: the same garment flat and worn, with all labels; for measuring and training try-on.

Each figure is rendered once in its base outfit and once in each of a few garments, with the same
pose, camera and light. What cannot be simulated or looks torn is replaced by another garment.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from ml.garment.annotation import GarmentAnnotation, Landmark, Region
from ml.person.annotation import Atr
from ml.studio import store, wardrobe
from ml.studio.blender.spec import SIZES as SIZE_TABLE
from ml.studio.bottoms import LegCut
from ml.studio.garment import Cloth
from ml.studio.panels import cut_out, wearable
from ml.studio.product import Garment
from ml.studio.texture import texture

ROOT = Path(__file__).resolve().parents[2]
BLENDER = ROOT / ".venv-studio" / "bin" / "python"
#: Garments per figure, and how often a failed one is replaced.
EACH, TRIES = 4, 6
#: What figures are made of; the words are those of ``ml.studio.blender.figure``.
SKINS = ("#e3bfa8", "#d6a88c", "#b98a6c", "#94664a", "#6b4632", "#4d3226")
HAIRS = ("#1d1816", "#2b1f1a", "#4a3224", "#6d4b32", "#8d6a48")
BASES = ("#e8e4dc", "#cfd3d6", "#3a3d45", "#8c8f94", "#c9bda9", "#59626b", "#2b2d33")
PAPERS = ("#f3f1ee", "#eceae6", "#e6e9ec", "#efe9e2")
HEIGHTS = {"woman": (160, 168, 176), "man": (170, 178, 186)}
STYLES = {"woman": ("bun", "bob", "ponytail", "lob"), "man": ("crop", "swept", "curls", "buzz")}
SIZES = ("M", "S", "L", "XL", "M", "XXL", "S")
POSES = ("relaxed", "hand on hip", "one hand in front")
#: What each figure is dressed in, one after the other.
DRESSED = {
    "woman": ("upper", "lower", "dress", "outer"),
    "man": ("upper", "lower", "outer", "upper"),
}


@dataclass(frozen=True)
class Wearer:
    """A figure. Colours are sRGB hex, hair, top and bottom (style, colour); height in cm."""

    sex: str
    height: int
    size: str
    skin: str
    hair: tuple[str, str]
    top: tuple[str, str]
    bottom: tuple[str, str]
    pose: str
    paper: str
    seed: int

    def look(self) -> dict[str, Any]:
        """As :func:`ml.studio.blender.figure.build` takes it."""
        bust, waist, hip = SIZE_TABLE[self.sex][self.size]
        spec = {"sex": self.sex, "height": self.height, "bust": bust, "waist": waist, "hip": hip}
        return {**asdict(self), "spec": spec, "shoes": "#d9d5cc"}


@dataclass(frozen=True)
class Plan:
    """A figure and, for each of its pairs, the number and the garments to try in turn."""

    wearer: Wearer
    wishes: tuple[tuple[int, tuple[str, ...]], ...]


def stock() -> dict[str, tuple[Garment, Cloth]]:
    """What can be worn, by the name of the colourway."""
    return {name: (garment, cloth) for garment in wardrobe.GARMENTS if wearable(garment)
            for name, cloth in garment.names().items()}  # fmt: skip


def plan(count: int, seed: int) -> Iterator[Plan]:
    """The same for the same count or a larger one. Garments return only when all were worn."""
    everything = stock()
    order = [str(n) for n in np.random.default_rng(seed).permutation(sorted(everything))]
    used: list[str] = []
    for first in range(0, count, EACH):
        wearer = _wearer(first // EACH, seed)
        fitting = {"woman": {"women", "unisex"}, "man": {"men", "unisex"}}[wearer.sex]
        wishes = []
        for n, region in zip(range(first, first + EACH), DRESSED[wearer.sex], strict=True):
            fits = [m for m in order if everything[m][0].fit in fitting]
            names = [m for m in fits if everything[m][0].region == region]
            names.sort(key=used.count)
            wishes.append((n, tuple(names[:TRIES])))
            used.append(names[0])
        yield Plan(wearer, tuple(w for w in wishes if w[0] < count))


def _wearer(index: int, seed: int) -> Wearer:
    """Sex, size and pose go round, the rest is drawn."""
    rng = np.random.default_rng((seed, index))

    def one(values: Sequence[Any]) -> Any:
        return values[int(rng.integers(len(values)))]

    sex = "man" if index % 3 == 2 else "woman"
    pose = POSES[(index + index // 3) % len(POSES)]
    return Wearer(sex, one(HEIGHTS[sex]), SIZES[index % len(SIZES)], one(SKINS),
                  (one(STYLES[sex]), one(HAIRS)), ("tank", one(BASES)),
                  ("leggings", one(BASES)), pose, one(PAPERS),
                  int(rng.integers(1 << 20)))  # fmt: skip


# -- making one figure's pairs ---------------------------------------------------------------------


def make(one: Plan, out: Path, size: tuple[int, int], samples: int) -> list[str]:
    """Render what is missing of a plan. Returns a line per garment that failed."""
    failed: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        for attempt in range(TRIES):
            missing = [w for w in one.wishes if not (_folder(out, w[0]) / "pair.json").exists()]
            wishes = [(n, names[attempt]) for n, names in missing if len(names) > attempt]
            if wishes:
                failed += _attempt(one.wearer, wishes, out, Path(scratch), size, samples)
    return failed


def _attempt(wearer: Wearer, wishes: Sequence[tuple[int, str]], out: Path, work: Path,
             size: tuple[int, int], samples: int) -> list[str]:  # fmt: skip
    everything = stock()
    garments = {name: _prepare(work, name, *everything[name]) for _, name in wishes}
    job = {"look": wearer.look(), "size": list(size), "samples": samples, "wishes": wishes,
           "garments": garments}  # fmt: skip
    (work / "job.json").write_text(json.dumps(job))
    left = dict(wishes)
    for _ in _blender(work):
        for n in [n for n in left if (work / f"{n}.json").exists()]:
            about = json.loads((work / f"{n}.json").read_text())
            left.pop(n)
            _write(_folder(out, n), work, n, wearer, about, *everything[about["garment"]], size)
    return [str(line) for line in json.loads((work / "failed.json").read_text())]


def _folder(out: Path, n: int) -> Path:
    return out / f"{n:04d}"


def _prepare(work: Path, name: str, garment: Garment, cloth: Cloth) -> dict[str, Any]:
    """Pattern and texture on disk, and how the cloth behaves."""
    pattern = cut_out(garment)
    np.savez(work / f"{name}.npz", **pattern.arrays())  # type: ignore[arg-type]
    Image.fromarray(texture(garment, cloth)).save(work / f"{name}.png")
    return {"header": pattern.header(), "label": int(label(garment)),
            "region": str(garment.region), "ease": ease(garment),
            "stiff": stiffness(cloth), "gloss": float(cloth.gloss),
            "thick": float(cloth.thickness),
            "open": getattr(garment.cut, "collar", "") in {"vee", "lapel", "stand"}}  # fmt: skip


def label(garment: Garment) -> Atr:
    """The class that a worn garment has in a parse."""
    if garment.region in {Region.UPPER, Region.OUTER}:
        return Atr.UPPER
    if garment.region == Region.DRESS:
        return Atr.DRESS
    return Atr.PANTS if isinstance(garment.cut, LegCut) else Atr.SKIRT


def ease(garment: Garment) -> float:
    """cm of room: by what it is worn over, less for knitted ribs."""
    cloth = next(iter(garment.cloths.values()))
    knitted = getattr(cloth.surface, "__name__", "") in {"rib", "jersey"}
    if garment.region == Region.OUTER:
        return 19.0
    if garment.region == Region.DRESS:
        return 7.0 if knitted else 9.0
    if garment.region == Region.LOWER:
        return 17.0 if isinstance(garment.cut, LegCut) else 6.0
    return 11.0 if knitted else 14.0


def stiffness(cloth: Cloth) -> float:
    """0 (satin) to 1 (denim, coating), from how thick and how crisp it is drawn."""
    return float(np.clip(0.14 * cloth.thickness + 0.35 * cloth.crisp - 0.2, 0, 1))


def _blender(work: Path) -> Iterator[None]:
    """Work through the job; yields now and then, so that what is done can be collected, and once
    when all is. Raises RuntimeError with the end of what Blender said."""
    command = [str(BLENDER), "-m", "ml.studio.blender.worn_job", str(work / "job.json")]
    with (work / "log.txt").open("w+", encoding="utf-8", errors="replace") as log:
        with subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT) as running:
            while running.poll() is None:
                yield
                time.sleep(0.5)
        log.seek(0)
        if running.returncode:
            raise RuntimeError(log.read()[-2000:])
    yield


def _write(folder: Path, work: Path, n: int, wearer: Wearer, about: Mapping[str, Any],
           garment: Garment, cloth: Cloth, size: tuple[int, int]) -> None:  # fmt: skip
    """A complete pair; ``pair.json`` last, so that half a pair is made again."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for which, stem in (("person", "person"), ("worn", str(n))):
        picture = np.asarray(Image.open(work / f"{stem}.png").convert("RGB"))
        store.save_picture(folder / f"{which}.webp", picture, quality=90)
        parse = np.load(work / f"{stem}_parse.npy").astype(np.uint8)
        (folder / f"{which}_parse.png").write_bytes(store.parse_png(parse))
        told = json.loads((work / f"{stem}_keypoints.json").read_text())
        points = [[round(float(v), 2) for v in row] for row in told["openpose18"]]
        store.save_json(folder / f"{which}_keypoints.json",
                        {"width": size[1], "height": size[0], "openpose18": points,
                         "hidden": told["hidden"]})  # fmt: skip
    scale = 2 if size[0] > 600 else 1
    drawn = wardrobe.draw(garment, cloth, wearer.seed % 1000, scale)
    if drawn.annotation is None:
        raise ValueError(f"{garment.slug} has no labels")
    store.save_picture(folder / "garment.webp", _smaller(drawn.picture, size), quality=90)
    marks = smaller(drawn.annotation, size)
    store.save_mask(folder / "garment_mask.png", marks.mask)
    landmarks = {k: [p.x, p.y, p.visibility] for k, p in marks.landmarks.items()}
    store.save_json(folder / "garment.json",
                    {"width": size[1], "height": size[0], "region": str(marks.region),
                     "cut": str(marks.cut), "landmarks": landmarks})  # fmt: skip
    store.save_json(folder / "pair.json", {**about, "wearer": asdict(wearer)})


def _smaller(picture: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(picture, size[::-1], interpolation=cv2.INTER_AREA), np.uint8)


def smaller(marks: GarmentAnnotation, size: tuple[int, int]) -> GarmentAnnotation:
    """The same labels for a picture of (height, width)."""
    height, width = marks.mask.shape
    x, y = size[1] / width, size[0] / height
    mask = np.where(_smaller(marks.mask, size) > 127, 255, 0).astype(np.uint8)
    points = {k: Landmark(round((p.x + 0.5) * x - 0.5, 2), round((p.y + 0.5) * y - 0.5, 2),
                          p.visibility) for k, p in marks.landmarks.items()}  # fmt: skip
    return GarmentAnnotation(mask, marks.region, marks.cut, points, 1.0, marks.version)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True, help="folder; what is there is kept")
    parser.add_argument("--size", default="768x1024", help="WIDTHxHEIGHT, 3:4")
    parser.add_argument("--samples", type=int, default=24, help="light paths per pixel")
    parser.add_argument("--jobs", type=int, default=1, help="figures at a time")


def main(argv: Sequence[str] | None = None) -> int:
    """``python -m ml.studio pairs``."""
    parser = argparse.ArgumentParser(prog="python -m ml.studio pairs", description=__doc__)
    add_arguments(parser)
    given = parser.parse_args(argv)
    if not BLENDER.exists():
        parser.error("make studio first: pairs are rendered with Blender")
    width, height = (int(v) for v in given.size.split("x"))

    def work(one: Plan) -> tuple[Plan, list[str]]:
        return one, make(one, given.out, (height, width), given.samples)

    with (
        tqdm(total=given.count, desc="pairs", unit="pair") as bar,
        ThreadPoolExecutor(given.jobs) as pool,  # each waits for a renderer of its own
    ):
        done = [pool.submit(work, one) for one in plan(given.count, given.seed)]
        try:
            for future in as_completed(done):
                one, failed = future.result()
                for line in failed:
                    bar.write(line)
                bar.update(len(one.wishes))
        finally:
            pool.shutdown(cancel_futures=True)
    return 0

"""How close an engine comes to what a garment really looks like on somebody.

    python -m ml.training evaluate tryon-pairs [--engine drape] [--pairs fixtures/pairs] [--json F]

A pair shows one person in a base outfit and the same person, pose, camera and light in a garment,
with that garment laid flat; all labels are exact. The engine gets the first picture, the flat
garment and their labels, and its result is compared with the second picture. A shop's pairs
(``manage.py export_pairs``) lack the first picture: there ``--swap`` (drape) first puts another
garment of the folder on the person, as PF-AFN does for training, and the engine has to put the
right one back on. What the swap did not cover well makes that easier than it should be.

ssim, psnr   the whole picture
region ssim  SSIM averaged over the pixels where the garment is truly seen
colour       mean CIEDE2000 over the same pixels

Two baselines show what these figures are worth. ``unchanged`` is the person's own picture.
``mean colour`` repaints what the person wears at that part of the body (by the labels of the
person's own picture, so nothing of the answer leaks into it) with the garment's mean colour. An
engine that refuses a pair is compared with the unchanged picture there, and the refusal counted.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from ml.errors import InputError
from ml.garment.annotation import Region
from ml.person.annotation import Atr
from ml.training.data.pairs import Pair, load, names
from ml.training.similarity import RGB, colour_difference, psnr, ssim_map
from ml.training.swap import Swapper
from ml.tryon import registry
from ml.tryon.engine import Dressed, DressRequest, Unusable

PAIRS = Path(__file__).resolve().parents[2] / "fixtures" / "pairs"
#: What a person wears at the part of the body that a garment dresses.
WORN: Mapping[Region, tuple[Atr, ...]] = {
    Region.UPPER: (Atr.UPPER, Atr.DRESS),
    Region.OUTER: (Atr.UPPER, Atr.DRESS),
    Region.LOWER: (Atr.PANTS, Atr.SKIRT, Atr.DRESS),
    Region.DRESS: (Atr.UPPER, Atr.PANTS, Atr.SKIRT, Atr.DRESS),
}
COLUMNS = ("ssim", "psnr", "region ssim", "colour")

#: What makes a picture of a pair; None: it refuses.
Method = Callable[["Pair"], RGB | None]


def unchanged(pair: Pair) -> RGB:
    return pair.person


def mean_colour(pair: Pair) -> RGB:
    """What is worn now, repainted. The mean is taken in CIELAB."""
    lab = cv2.cvtColor(pair.garment.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    mean = lab[pair.garment_labels.mask > 127].mean(axis=0).reshape(1, 1, 3)
    colour = cv2.cvtColor(mean.astype(np.float32), cv2.COLOR_LAB2RGB)[0, 0]
    picture = pair.person.copy()
    now = np.isin(pair.person_labels.parse, WORN[pair.garment_labels.region])
    picture[now] = np.clip(colour * 255 + 0.5, 0, 255).astype(np.uint8)
    return picture


def engine(name: str, device: str = "") -> Method:
    """An engine as a method. Raises InputError where it cannot be loaded here."""
    try:
        spec = registry.get(name)
    except KeyError as e:
        raise InputError(str(e.args[0])) from e
    state = registry.check(spec)
    if isinstance(state, Unusable):
        raise InputError(f"engine {name}: {state.reason} ({state.hint})")
    if spec.annotations - {"parse_atr", "keypoints"}:
        raise InputError(f"engine {name} needs {', '.join(sorted(spec.annotations))}; "
                         "pairs have parse_atr and keypoints")  # fmt: skip
    loaded = spec.load(device or ("cpu" if "cpu" in spec.devices else spec.devices[0]))

    def dress(pair: Pair) -> RGB | None:
        if pair.garment_labels.region not in spec.regions:
            return None
        try:
            person = loaded.prepare_person(pair.person, pair.person_labels)
            garment = loaded.prepare_garment(pair.garment, pair.garment_labels)
        except InputError:
            return None
        (answer,) = loaded.dress([DressRequest(person, (garment,))])
        return answer.image if isinstance(answer, Dressed) else None

    return dress


def score(pair: Pair, picture: RGB) -> dict[str, float]:
    """A picture against the truth, by COLUMNS."""
    same = ssim_map(picture, pair.worn)
    return {"ssim": float(same.mean()), "psnr": psnr(picture, pair.worn),
            "region ssim": float(same[pair.region].mean()),
            "colour": colour_difference(picture, pair.worn, pair.region)}  # fmt: skip


def evaluate(pairs: Iterator[Pair], methods: Mapping[str, Method]) -> dict[str, Any]:
    """Means over all pairs and per region, refusals, and every pair's own figures."""
    rows: list[dict[str, Any]] = []
    for pair in pairs:
        row: dict[str, Any] = {"pair": pair.name, "region": str(pair.garment_labels.region)}
        for name, method in methods.items():
            picture = method(pair)
            row[name] = score(pair, pair.person if picture is None else picture)
            row[name]["refused"] = picture is None
        rows.append(row)
    if not rows:
        raise InputError("there are no pairs")
    regions = sorted({row["region"] for row in rows})
    return {
        "pairs": len(rows),
        "all": {name: _mean(rows, name) for name in methods},
        "regions": {region: {name: _mean([r for r in rows if r["region"] == region], name)
                             for name in methods} for region in regions},
        "rows": rows,
    }  # fmt: skip


def _mean(rows: list[dict[str, Any]], name: str) -> dict[str, float]:
    out = {c: float(np.mean([row[name][c] for row in rows])) for c in COLUMNS}
    out["refused"] = sum(row[name]["refused"] for row in rows)
    out["pairs"] = len(rows)
    return out


def table(found: Mapping[str, Any]) -> str:
    """For people: higher is better but for the last figure."""
    lines = [f"{'':24}{'pairs':>6}" + "".join(f"{c:>13}" for c in COLUMNS) + f"{'refused':>9}"]
    groups = {"all": found["all"], **found["regions"]}
    for group, methods in groups.items():
        for name, m in methods.items():
            figures = "".join(f"{m[c]:13.{2 if c in {'psnr', 'colour'} else 4}f}" for c in COLUMNS)
            lines.append(f"{group + ': ' + name:24}{m['pairs']:6d}{figures}{m['refused']:9d}")
    return "\n".join(lines) + "\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = __doc__
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("what", choices=["tryon-pairs"])
    parser.add_argument("--engine", default="drape")
    parser.add_argument("--pairs", type=Path, default=PAIRS, metavar="DIR")
    parser.add_argument("--swap", default="drape", metavar="ENGINE", help="see above")
    parser.add_argument("--device", default="", help="default: the CPU where the engine can")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures here")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="keep the engine's pictures")


def run(args: argparse.Namespace) -> None:
    """Raises InputError where there are no pairs or no such engine."""
    methods: dict[str, Method] = {args.engine: engine(args.engine, args.device),
                                  "unchanged": unchanged, "mean colour": mean_colour}  # fmt: skip
    if args.pictures is not None:
        methods[args.engine] = _keeping(methods[args.engine], args.pictures)
    found = evaluate(complete(args.pairs, args.swap, args.device), methods)
    if args.json is not None:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(table(found))


def complete(folder: Path, swap: str = "drape", device: str = "") -> Iterator[Pair]:
    """All pairs of a folder; who is only shown in the garment is put into another one first.

    People whom that fails on are left out, and said so. Raises InputError.
    """
    swapper: Swapper | None = None
    for name in names(folder):
        pair = load(folder / name)
        if isinstance(pair, Pair):
            yield pair
            continue
        swapper = swapper or Swapper.of(swap, folder, device or "cpu")
        swapped = swapper.pair(pair)
        if swapped is None:
            sys.stderr.write(f"{name}: nobody else's garment could be put on; left out\n")
        else:
            yield swapped


def _keeping(method: Method, folder: Path) -> Method:
    def kept(pair: Pair) -> RGB | None:
        picture = method(pair)
        if picture is not None:
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(picture).save(folder / f"{pair.name}.png")
        return picture

    return kept

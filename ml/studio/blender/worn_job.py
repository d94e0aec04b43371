"""``python -m ml.studio.blender.worn_job JOB.json``: one figure, bare and in several garments.

Reads patterns and textures next to the job; writes ``person.png`` and, for each wish, ``N.png``,
each with ``_parse.npy`` and ``_keypoints.json``; ``N.json`` tells which garment it became, and
``failed.json`` why others did not.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ml.person.annotation import Atr
from ml.studio.blender import (
    clothes,
    figure,
    labels,
    materials,
    rig,
    scene,
    wig,
    worn,
)
from ml.studio.blender.run import photograph
from ml.studio.blender.sdf import Array
from ml.studio.blender.spec import Spec
from ml.studio.blender.worn import Failed, Look

#: Most of a garment through which something may poke, and the least that must be seen of it.
POKING = 0.03
LEAST = 0.02  # of the picture
#: cm that hands keep from the body: cloth has to pass under them.
ROOM = 2.5
#: Heights that the base outfit covers, as shares of the stature.
TOP, BOTTOM = (0.49, 0.83), (0.0, 0.61)


_SKIN = (Atr.FACE, Atr.LEFT_LEG, Atr.RIGHT_LEG)
#: Classes that lie under what dresses a part of the body.
UNDER = {"upper": (*_SKIN, Atr.PANTS), "outer": (*_SKIN, Atr.PANTS),
         "lower": (*_SKIN, Atr.UPPER), "dress": (*_SKIN, Atr.UPPER, Atr.PANTS)}  # fmt: skip


class Figure:
    """A mannequin in its base outfit, in the studio. Its skin is whole: clothes come off."""

    def __init__(self, look: dict[str, Any], size: tuple[int, int], samples: int) -> None:
        now = scene.empty(size, samples, look["seed"] % 10000)
        now.cycles.max_bounces = now.cycles.diffuse_bounces = 2
        now.cycles.adaptive_min_samples = 4
        now.render.use_persistent_data = True
        self.spec = Spec(**look["spec"])
        seed = look["seed"]
        bones = rig.build(self.spec)
        shoes, hair = clothes.shoes(self.spec), wig.wig(self.spec, look["hair"][0], seed)
        self.body = figure.skin(self.spec, bones, look, [shoes, hair])
        for shell, colour, surface in (
            (clothes.top(self.spec, look["top"][0], seed), look["top"][1], materials.cloth("top")),
            (clothes.bottom(self.spec, look["bottom"][0], seed), look["bottom"][1],
             materials.cloth("bottom")),
            (shoes, look["shoes"], materials.shoes()),
            (hair, look["hair"][1], materials.hair()),
        ):  # fmt: skip
            figure.dress(self.spec, bones, shell, colour, surface)
        self.top, self.bottom = bpy.data.objects["top"], bpy.data.objects["bottom"]
        scene.backdrop(look["paper"])
        scene.lights()
        scene.camera(self.spec.height / 100)
        self.stand = worn.stand(self.body, figure.poses(self.spec, look["pose"], seed, ROOM))

    def shoot(self, work: Path, stem: str) -> Array:
        """Picture, parse and keypoints of what stands there. Returns the parse."""
        photograph(work / f"{stem}.png")
        seen = labels.render(work / f"{stem}.exr")
        np.save(work / f"{stem}_parse.npy", seen.parse)
        points, hidden = labels.keypoints(self.body, seen)
        told = {"openpose18": points.tolist(), "hidden": hidden}
        (work / f"{stem}_keypoints.json").write_text(json.dumps(told))
        return seen.parse


#: One ray per pixel tells its class: twice as many on a side cost more than the cloth's simulation.
labels.FINE = 1


def look(garment: dict[str, Any]) -> Look:
    stiff, gloss = garment["stiff"], garment["gloss"]
    return Look(ease=garment["ease"], bend=float(4e-6 * 10 ** (-2.0 * stiff)),
                thickness=0.0012 + 0.0004 * garment["thick"], roughness=0.9 - 0.45 * min(gloss, 1),
                sheen=0.25 * (1 - min(gloss, 1)))  # fmt: skip


def dress(person: Figure, garment: dict[str, Any], pattern: dict[str, Array], texture: str) -> Any:
    """Put a garment on; what it replaces comes off. Raises Failed or ValueError."""
    region = garment["region"]
    off = {"upper": [person.top], "outer": [] if garment["open"] else [person.top],
           "lower": [person.bottom], "dress": [person.top, person.bottom]}[region]  # fmt: skip
    over = {"upper": [BOTTOM], "outer": [BOTTOM, TOP] if garment["open"] else [BOTTOM],
            "lower": [TOP], "dress": []}[region]  # fmt: skip
    made = worn.simulated(person.stand, garment["header"], pattern, look(garment), over)
    cloth = worn.garment(made, pattern, texture, look(garment), garment["label"])
    for thing in off:
        thing.hide_render = True
    kept = [t for t in (person.body, person.top, person.bottom) if t not in off]
    frozen = worn.tuck(kept, made)
    return made, cloth, frozen, off


def undress(cloth: Any, frozen: list[tuple[Any, Any]], off: list[Any]) -> None:
    bpy.data.objects.remove(cloth)
    worn.untuck(frozen)
    for thing in off:
        thing.hide_render = False


def run(job: dict[str, Any], work: Path) -> None:
    person = Figure(job["look"], tuple(job["size"]), job["samples"])  # type: ignore[arg-type]
    if not (work / "person_keypoints.json").exists():
        person.shoot(work, "person")
    failed: list[str] = []
    for number, name in job["wishes"]:
        garment = job["garments"][name]
        pattern = dict(np.load(work / f"{name}.npz"))
        try:
            made, cloth, frozen, off = dress(person, garment, pattern, str(work / f"{name}.png"))
        except (Failed, ValueError) as e:
            failed.append(f"{number:04d} {name}: {e}")
            continue
        parse = person.shoot(work, str(number))
        undress(cloth, frozen, off)
        share = float((parse == garment["label"]).mean())
        poking = worn.poking(made, parse, UNDER[garment["region"]])
        if poking > POKING or share < LEAST:
            failed.append(f"{number:04d} {name}: {poking:.3f} pokes through, {share:.3f} is seen")
            continue
        told = {"garment": name, "label": garment["label"], "region": garment["region"],
                "poking": round(poking, 4),
                **{k: round(v, 4) for k, v in made.report.items()}}  # fmt: skip
        (work / f"{number}.tmp").write_text(json.dumps(told))
        (work / f"{number}.tmp").rename(work / f"{number}.json")  # whole, or not there
    (work / "failed.json").write_text(json.dumps(failed))


if __name__ == "__main__":
    path = Path(sys.argv[1])
    run(json.loads(path.read_text()), path.parent)

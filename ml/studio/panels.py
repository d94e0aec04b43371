"""The panels that a drawn garment is sewn from, cut along the very outlines that were drawn.

Front and back have the flat picture's own coordinates as texture coordinates, so that every stripe,
button and pocket that one sees in the flat picture is where it is when worn. A pattern is in pixels
of that picture; ``ml.studio.blender.sew`` makes centimetres of them for a body's size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ml.garment.annotation import Cut
from ml.studio.bottoms import LegCut
from ml.studio.collars import ROLL, flaps
from ml.studio.panels_mesh import Edge, Sheet, resample, steps, triangulate
from ml.studio.paths import CENTRE, Points, bowed, chain, flip, mirror
from ml.studio.skirts import SkirtCut
from ml.studio.sleeves import sleeve_as_cut
from ml.studio.tops import TopCut
from ml.studio.wardrobe import Garment

HEIGHT, WIDTH = 1200, 900
#: Collars that are part of the front, or end at the neckline: these can be worn.
COLLARS = frozenset({"crew", "scoop", "round", "vee", "mock", "shirt", "stand", "lapel"})
#: Where fronts that reach up the neck end beside it, from the neck point.
STANDS = {**ROLL, "lapel": (-6.0, -24.0)}
#: Longer sleeves end at the wrist, px.
LONG_SLEEVE = 300.0
#: Edge of a flap's triangles, px.
LEAF = 9.0
#: How far front and back reach under the body at the crotch, px; the drawing folds this away.
SEAT = {"front": 26.0, "back": 62.0}


@dataclass(frozen=True)
class Panel:
    """One piece of cloth.

    points: (n, 2) where it lies in the pattern, px. uv: (n, 2) px in the flat picture.
    wrap: (n, 3) how it goes round the body: how far across (trunk: -1 the wearer's right side, 1
    left; sleeve: 0 top, 1 underarm; leg: 0 the centre or inside, 1 the outside), how far along
    (trunk and legs: y of the picture; sleeves: px from the shoulder), and half of the girth there.
    body: trunk, left_arm, right_arm, left_leg or right_leg. side: front or back. Textures of arms
    lie one picture's height below the garment's, as in ``ml.studio.texture``.
    """

    name: str
    body: str
    side: str
    points: Points
    uv: Points
    wrap: Points
    triangles: NDArray[np.intp]
    edges: Mapping[str, Edge]


@dataclass(frozen=True)
class Seam:
    """Two edges with as many vertices each, in the order in which they meet."""

    first: tuple[str, str]  # panel, edge
    second: tuple[str, str]


@dataclass(frozen=True)
class Flap:
    """What lies loose on the front, as a collar's leaf. points: (n, 2) px of the flat picture;
    away: (n,) px from the line at which it is held; level: how many lie below it."""

    points: Points
    triangles: NDArray[np.intp]
    away: NDArray[Any]
    level: int


@dataclass(frozen=True)
class Pattern:
    """All panels, what is sewn, the lines (px) by which a garment is fitted to a body, and what
    lies loose on its front."""

    cut: Cut
    panels: tuple[Panel, ...]
    seams: tuple[Seam, ...]
    lines: Mapping[str, float]
    flaps: tuple[Flap, ...] = ()

    def panel(self, name: str) -> Panel:
        return next(p for p in self.panels if p.name == name)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """For a file between two programs: vertices of all panels in one list, seams as pairs of
        their numbers, and panels by number."""
        start = np.cumsum([0, *(len(p.points) for p in self.panels)])
        first = {p.name: int(i) for p, i in zip(self.panels, start, strict=False)}
        pairs = [
            np.stack([self._run(s.first) + first[s.first[0]],
                      self._run(s.second) + first[s.second[0]]], axis=1)
            for s in self.seams
        ]  # fmt: skip
        hems = {
            f"edge_{name}": np.concatenate(
                [p.edges[name] + first[p.name] for p in self.panels if name in p.edges]
            )
            for name in sorted({e for p in self.panels for e in p.edges})
        }
        return {
            "points": np.concatenate([p.points for p in self.panels]),
            "uv": np.concatenate([p.uv for p in self.panels]) / self._picture,
            "wrap": np.concatenate([p.wrap for p in self.panels]),
            "triangles": np.concatenate([p.triangles + first[p.name] for p in self.panels]),
            "panel": np.repeat(np.arange(len(self.panels)), np.diff(start)),
            "seams": np.concatenate(pairs),
            **hems,
            **self._flaps(),
        }

    @property
    def _picture(self) -> tuple[int, int]:
        """Width and height of the texture."""
        arms = any(p.body.endswith("_arm") for p in self.panels)
        return WIDTH, HEIGHT * (2 if arms else 1)

    def _flaps(self) -> dict[str, NDArray[Any]]:
        if not self.flaps:
            return {}
        start = np.cumsum([0, *(len(f.points) for f in self.flaps)])
        points = np.concatenate([f.points for f in self.flaps])
        triangles = [f.triangles + n for f, n in zip(self.flaps, start, strict=False)]
        return {"flap_points": points, "flap_uv": points / self._picture,
                "flap_triangles": np.concatenate(triangles),
                "flap_away": np.concatenate([f.away for f in self.flaps]),
                "flap_level": np.repeat([f.level for f in self.flaps], np.diff(start))}  # fmt: skip

    def header(self) -> dict[str, Any]:
        return {"cut": str(self.cut), "lines": dict(self.lines),
                "panels": [[p.name, p.body, p.side] for p in self.panels]}  # fmt: skip

    def _run(self, place: tuple[str, str]) -> Edge:
        return self.panel(place[0]).edges[place[1]]


def wearable(garment: Garment) -> bool:
    """Whether its outlines say how it is sewn: no hoods, straps or puffed sleeves, no shoes."""
    cut = garment.cut
    if isinstance(cut, TopCut):
        return cut.collar in COLLARS and not cut.strap and not cut.puff
    return isinstance(cut, LegCut | SkirtCut)


def cut_out(garment: Garment) -> Pattern:
    """Raises ValueError where this garment cannot be worn."""
    if not wearable(garment):
        raise ValueError(f"{garment.slug} has no pattern")
    cut = garment.cut
    if isinstance(cut, LegCut):
        return _trousers(cut)
    if isinstance(cut, SkirtCut):
        return _skirt(cut)
    if isinstance(cut, TopCut):
        return _top(cut, garment.skirt)
    raise ValueError(f"{garment.slug} has no pattern")


# -- tops and dresses ------------------------------------------------------------------------------


def _neckline(cut: TopCut) -> tuple[Points, Points, Points]:
    """The visible front edge, the back edge (both from the wearer's right to left), and what leads
    from the end of both to the neck point."""
    roll = np.asarray(cut.neck_left + np.array(STANDS.get(cut.collar, (0.0, 0.0))))
    rise = {"shirt": 12.0, "stand": 10.0, "mock": 4.0, "lapel": 12.0}.get(cut.collar, -18.0)
    back = bowed(flip(roll), roll, -rise / 2)
    low = np.array([CENTRE, cut.neck_y + cut.neck_drop])
    if cut.collar not in STANDS:
        return cut.neckline(), back, np.empty((0, 2))
    if cut.collar == "mock":
        front = bowed(flip(roll), roll, 14)
    elif cut.collar in {"shirt", "lapel"}:
        half = bowed(low, roll, 10)
        front = chain(mirror(half), half)
    else:
        tip = low + np.array([24.0, -58.0])
        half = chain(np.array([low, tip]), bowed(tip, roll, 8))
        front = chain(mirror(half), half)
    return front, back, np.array([roll])


def _side(cut: TopCut, skirt: SkirtCut | None) -> tuple[Points, Points]:
    """The left side seam and the front's hem from left to right."""
    if skirt is None:
        hem = bowed(cut.hem_left, flip(cut.hem_left), -cut.hem_curve - 5)
        return cut.side(), hem
    waist = replace(skirt, waist=cut.hem - 2, waist_y=cut.hem_y - 12, waistband=0)
    side = waist.side()
    upper = cut.side()
    upper = upper[upper[:, 1] < side[0, 1] - 4]
    hem = bowed(side[-1], flip(side[-1]), -skirt.hem_curve)
    return np.concatenate([upper, side]), hem


def _top(cut: TopCut, skirt: SkirtCut | None) -> Pattern:
    front_neck, back_neck, collar = _neckline(cut)
    side, hem = _side(cut, skirt)
    shoulder = np.concatenate([collar, bowed(cut.neck_left, cut.shoulder_left, -3)])
    armhole = bowed(cut.shoulder_left, cut.armpit_left, 20, 0.6)
    panels = []
    for name, neck in (("front", front_neck), ("back", back_neck)):
        sheet = triangulate({
            "neck": neck, "shoulder_left": shoulder, "armhole_left": armhole, "side_left": side,
            "hem": hem, "side_right": mirror(side), "armhole_right": mirror(armhole),
            "shoulder_right": mirror(shoulder)})  # fmt: skip
        half = np.concatenate([shoulder, armhole[1:], side[1:]])
        panels.append(_trunk(name, sheet, half))
    seams = [Seam(("front", f"{e}_{s}"), ("back", f"{e}_{s}"))
             for e in ("shoulder", "side") for s in ("left", "right")]  # fmt: skip
    lines = {"neck": cut.neck, "neck_y": float(shoulder[len(collar)][1]), "shoulder": cut.shoulder,
             "shoulder_y": cut.shoulder_y, "armpit": cut.armpit, "armpit_y": cut.armpit_y,
             "waist": cut.waist, "waist_y": cut.waist_y, "hem": cut.hem,
             "hem_y": cut.hem_y, "sleeve": 0.0,
             "collared": float(cut.collar in STANDS)}  # fmt: skip
    if skirt is not None:
        lines |= {"waist": cut.hem, "waist_y": cut.hem_y, "hip": skirt.hip, "hip_y": skirt.hip_y,
                  "hem": skirt.hem, "hem_y": skirt.hem_y}  # fmt: skip
    if cut.sleeve:
        lines |= {"sleeve": cut.sleeve, "long_sleeve": float(cut.sleeve > LONG_SLEEVE),
                  "cuff": cut.cuff}  # fmt: skip
        for hand in ("left", "right"):
            for face in ("front", "back"):
                panels.append(_sleeve(cut, hand, face, steps(armhole)))
                seams.append(Seam((face, f"armhole_{hand}"), (panels[-1].name, "armhole")))
            seams += [Seam((f"sleeve_{hand}_front", e), (f"sleeve_{hand}_back", e))
                      for e in ("over", "under")]  # fmt: skip
    kind = Cut.TOP if skirt is None else Cut.DRESS
    loose = tuple(_flap(shape, held, n // 2) for n, (shape, held) in enumerate(flaps(cut)))
    return Pattern(kind, tuple(panels), tuple(seams), lines, loose)


def _flap(shape: Points, held: Points, level: int) -> Flap:
    sheet = triangulate({"rim": np.concatenate([shape, shape[:1]])}, edge=LEAF, sewn=False)
    away = cKDTree(resample(held, 60)).query(sheet.points)[0]
    return Flap(sheet.points, sheet.triangles, away, level)


def _trunk(name: str, sheet: Sheet, half: Points) -> Panel:
    """half: the left border from the neck to the hem, by which widths are told."""
    x, y = sheet.points.T
    order = np.argsort(half[:, 1], kind="stable")
    width = np.interp(y, half[order, 1], np.maximum(half[order, 0] - CENTRE, 1.0))
    across = np.clip((x - CENTRE) / width, -1, 1)
    return Panel(name, "trunk", name, sheet.points, sheet.points, np.stack([across, y, width], 1),
                 sheet.triangles, _both_ways(sheet.edges))  # fmt: skip


def _both_ways(edges: Mapping[str, Edge]) -> dict[str, Edge]:
    """Edges of a front that goes round clockwise: those on the right are turned, so that they too
    run downwards."""
    up = {"side_right", "armhole_right", "shoulder_right"}
    return {name: run[::-1] if name in up else run for name, run in edges.items()}


def _sleeve(cut: TopCut, hand: str, face: str, count: int) -> Panel:
    """A sleeve as it is cut: drawn sleeves hang, and are folded under the body at the armpit.

    Its pattern lies along x, the top edge at y = 0. It is as long and as wide at the cuff as drawn,
    its armhole as long as the body's.
    """
    length, cuff = cut.sleeve, cut.cuff
    wide, back = sleeve_as_cut(cut)
    o0, i0 = np.array([0.0, 0.0]), np.array([back, wide])
    o1, i1 = np.array([length, 0.0]), np.array([length, cuff])
    border = {"armhole": np.array([o0, i0]), "under": np.array([i0, i1]),
              "cuff": np.array([i1, o1]), "over": np.array([o1, o0])}  # fmt: skip
    sheet = triangulate(border, {"armhole": count})
    x, y = sheet.points.T
    t = x / length
    for _ in range(12):  # where the ruling through a point begins
        s = np.clip(y / (wide + (cuff - wide) * t), 0, 1)
        t = np.clip((x - s * back) / (length - s * back), 0, 1)
    over = (cut.cuff_inner - cut.cuff_outer) / cuff
    uv = cut.shoulder_left + np.outer(x, cut.along) + np.outer(y, over)
    if hand == "right":
        uv[:, 0] = 2 * CENTRE - uv[:, 0]
    uv[:, 1] += HEIGHT
    half = wide + (cuff - wide) * t
    edges = dict(sheet.edges) | {"over": sheet.edges["over"][::-1]}
    return Panel(f"sleeve_{hand}_{face}", f"{hand}_arm", face, sheet.points, uv,
                 np.stack([s, x, half], 1), sheet.triangles, edges)  # fmt: skip


# -- skirts and trousers ---------------------------------------------------------------------------


def _skirt(cut: SkirtCut) -> Pattern:
    side = cut.side()
    hem = bowed(side[-1], flip(side[-1]), -cut.hem_curve)
    panels = []
    for name, bow in (("front", 5.0), ("back", -9.0)):
        top = bowed(flip(side[0]), side[0], bow)
        sheet = triangulate({"waist": top, "side_left": side, "hem": hem,
                             "side_right": mirror(side)})  # fmt: skip
        panels.append(_trunk(name, sheet, side))
    seams = tuple(Seam(("front", f"side_{s}"), ("back", f"side_{s}")) for s in ("left", "right"))
    lines = {"waist": cut.waist, "waist_y": cut.waist_y, "hip": cut.hip, "hip_y": cut.hip_y,
             "hem": cut.hem, "hem_y": cut.hem_y}  # fmt: skip
    return Pattern(Cut.SKIRT, tuple(panels), seams, lines)


def _trousers(cut: LegCut) -> Pattern:
    outer = cut.outer()
    counts = {"centre": steps(np.array([[0, 0], [0, cut.rise]])),
              "inner": steps(np.array([cut.hem_inner, cut.crotch]))}  # fmt: skip
    panels = []
    for hand in ("left", "right"):
        for face, bow in (("front", 8.0), ("back", -9.0)):
            # front and back meet at the centre of the waist's line
            reach = cut.crotch - np.array([SEAT[face], -4.0])
            bend = np.array([CENTRE, cut.waist_y + 0.62 * cut.rise])
            top = bowed(cut.point(0, cut.waist_y + bow * 0.9), cut.point(cut.waist, cut.waist_y),
                        -bow / 4)  # fmt: skip
            centre = np.concatenate([bowed(reach, bend, 0.30 * SEAT[face]), top[:1]])
            inner = bowed(cut.hem_inner, reach, -0.25 * SEAT[face], 0.8)
            border = {"waist": top, "outer": outer, "hem": bowed(cut.hem_outer, cut.hem_inner, -5),
                      "inner": inner, "centre": centre}  # fmt: skip
            sheet = triangulate(border, counts)
            x, y = sheet.points.T
            edge = np.concatenate([inner, centre[1:]])[::-1]
            near = np.interp(y, edge[:, 1], edge[:, 0])
            far = np.interp(y, outer[:, 1], outer[:, 0])
            across = np.clip((x - near) / np.maximum(far - near, 1.0), 0, 1)
            uv = sheet.points.copy()
            if hand == "right":
                uv[:, 0] = 2 * CENTRE - uv[:, 0]
            edges = dict(sheet.edges)
            edges |= {"centre": edges["centre"][::-1], "inner": edges["inner"][::-1]}
            panels.append(Panel(f"{hand}_{face}", f"{hand}_leg", face, sheet.points, uv,
                                np.stack([across, y, far - near], 1), sheet.triangles,
                                edges))  # fmt: skip
    seams = [Seam((f"{h}_front", e), (f"{h}_back", e)) for h in ("left", "right")
             for e in ("outer", "inner")]  # fmt: skip
    seams += [Seam((f"left_{f}", "centre"), (f"right_{f}", "centre")) for f in ("front", "back")]
    lines = {"waist": cut.waist, "waist_y": cut.waist_y, "hip": cut.hip, "hip_y": cut.hip_y,
             "crotch_y": cut.waist_y + cut.rise, "hem": cut.hem, "hem_y": cut.hem_y,
             "seat": SEAT["front"] + SEAT["back"]}  # fmt: skip
    return Pattern(Cut.TROUSERS, tuple(panels), tuple(seams), lines)

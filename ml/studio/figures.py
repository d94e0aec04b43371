"""The fitting models: who they are, and their photo, parse and keypoints drawn from one scene."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.person.annotation import Atr, PersonAnnotation
from ml.studio import body, light, outfit
from ml.studio.body import Joints, Shape
from ml.studio.light import Material
from ml.studio.scene import Camera, Group, Hits, Scene
from ml.studio.sdf import Array, Loft, Part, vec

HEIGHT, WIDTH = 1200, 900
_SIDE = {"right": "R", "left": "L"}


@dataclass(frozen=True)
class Look:
    """One fitting model. Colours are sRGB hex."""

    slug: str
    shape: Shape
    skin: str
    hair: str
    hair_style: str
    top: str
    top_colour: str
    bottom: str
    bottom_colour: str
    shoe_colour: str
    seed: int
    paper: str = "#f3f1ee"


LOOKS = (
    Look("yuna", Shape(height=171, male=False, bust=1.0, arm_angle=(12, 14.5)),
         "#dbb198", "#2a1f1b", "bun", "tank", "#e9e6e0", "leggings", "#3b3d45", "#d9d4cc", 11),
    Look("minjae", Shape(height=183, male=True, arm_angle=(12, 14), elbow_bend=(11, 13)),
         "#cfa388", "#1d1918", "crop", "tee", "#dfe1e3", "slim", "#4a4f5c", "#5d626b", 23),
    Look("sora", Shape(height=165, male=False, girth=1.1, bust=1.12, muscle=1.08, lean=1.3,
                       arm_angle=(14, 14), elbow_bend=(8, 10)),
         "#a67c63", "#1c1614", "bob", "tee", "#d8cfc4", "shorts", "#33363d", "#b9b2a8", 37),
    Look("dohyun", Shape(height=177, male=True, girth=1.13, muscle=1.06, lean=1.2,
                         arm_angle=(14, 15), elbow_bend=(9, 11)),
         "#76543f", "#171312", "crop", "tee", "#cfd6d3", "shorts", "#3a3f3c", "#2f3236", 51),
)  # fmt: skip


@dataclass(frozen=True)
class DrawnPerson:
    """A fitting model's picture with its exact labels."""

    photo: NDArray[np.uint8]
    annotation: PersonAnnotation


def linear(colour: str) -> Array:
    """Linear RGB of a hex colour."""
    c = vec([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / np.float32(255)
    return np.asarray(np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4), np.float32)


def build(look: Look) -> tuple[list[Group], Joints]:
    """The groups of a figure: skin, hair, trousers, top, shoes (in this order)."""
    shape = look.shape
    pose = body.joints(shape)
    skin: list[Part] = [body.trunk(shape), *body.bust(shape), *body.neck_and_head(shape, pose)]
    for side in ("right", "left"):
        skin += body.arms(shape, pose)[side]
        skin += body.legs(shape, pose)[side]
    for side, sign, _ in body.SIDES:
        skin += body.hand(shape, pose, side, sign)
    return [
        Group("skin", tuple(skin)),
        outfit.hair(shape, pose, look.hair_style, look.seed),
        outfit.trousers(shape, pose, look.bottom, look.seed),
        outfit.top(shape, pose, look.top, look.seed),
        outfit.shoes(shape, pose),
    ], pose


def camera(look: Look, scale: int) -> Camera:
    """Frames every figure with the same margin above the head and below the feet."""
    px = 1046 / (look.shape.height + 4)
    return Camera(WIDTH * scale, HEIGHT * scale, px * scale, (0.0, 0.56 * look.shape.height, 600.0),
                  1122.0 * scale)  # fmt: skip


def _albedo(look: Look, groups: list[Group], hits: Hits, pose: Joints) -> Array:
    base = vec([linear(c) for c in (look.skin, look.hair, look.bottom_colour, look.top_colour,
                                    look.shoe_colour)])  # fmt: skip
    colour = base[hits.group]
    p, s = hits.points, look.shape.height / 172
    skin = hits.group == 0
    q = p[skin]
    tone = 1 + 0.03 * outfit.waves(q, look.seed, 4, 5.0, (1, 1, 1))
    colour[skin] *= tone[:, None]
    # joints, cheeks and lips carry a little more red
    red = np.zeros(len(q), dtype=np.float32)
    for side in ("left", "right"):
        for joint, radius in ((pose.elbow, 5.0), (pose.knee, 6.0), (pose.wrist, 9.0)):
            red += 0.35 * outfit.near(q, joint[side], radius * s)
        cheek = (pose.eye[side] + pose.nose) / 2 + vec((0.8 if side == "left" else -0.8, -1.5, 0))
        red += 0.45 * outfit.near(q, cheek, 3.0)
    head = float(pose.crown[1] - pose.chin[1])
    lips = pose.nose + vec((0, -0.142 * head, -1.4))
    red += 1.0 * np.exp(-(((q - lips) / vec((2.1, 0.85, 2.5))) ** 2).sum(1))
    colour[skin] *= 1 - red[:, None] * vec((0.02, 0.22, 0.20))
    _stitch(colour, groups, hits, look)
    _trainers(colour, groups, hits)
    return colour


def _trainers(colour: Array, groups: list[Group], hits: Hits) -> None:
    """White soles, a toe cap seam and laces."""
    worn = hits.group == 4
    q = hits.points[worn]
    shade = np.ones((len(q), 3), dtype=np.float32)
    for part in groups[4].parts[::2]:  # every second part is an ankle's collar
        if not isinstance(part, Loft):
            continue
        mine = hits.label[worn] == part.label
        local = part.local(q)
        t = local[:, 1] / part.length
        x = np.abs(local[:, 0]) / part.profile[:, 0].max()
        cap = np.exp(-(((t - 0.80 + 0.25 * x * x) / 0.012) ** 2)) * (local[:, 2] > -1)
        laces = (x < 0.36) & (t > 0.36) & (t < 0.70)
        stripes = np.where(np.sin(t * 118) > -0.1, 1.12, 0.62)
        tongue = np.exp(-(((x - 0.38) / 0.04) ** 2)) * (t > 0.34) * (t < 0.72)
        own = 1 - 0.22 * cap - 0.2 * tongue
        own = np.where(laces, stripes, own)
        shade[mine] *= own[mine, None]
    colour[worn] *= shade
    sole = worn & (hits.points[:, 1] < 2.75)
    colour[sole] = linear("#f7f6f3")


def _stitch(colour: Array, groups: list[Group], hits: Hits, look: Look) -> None:
    """Bands and seams near the edges of the top."""
    worn = hits.group == 3
    q = hits.points[worn]
    shade = np.ones(len(q), dtype=np.float32)
    for i, cut in enumerate(groups[3].cuts):
        inset = -cut(q)
        width = 2.1 if i == 0 else 1.5
        line = np.exp(-(((inset - width) / 0.16) ** 2))
        shade -= 0.16 * line
        if i > 0:
            shade -= 0.05 * (inset < width)
    shade += 0.012 * outfit.waves(q, look.seed + 3, 5, 1.1, (1, 1, 0.3))
    colour[worn] *= shade[:, None]


def keypoints(pose: Joints, cam: Camera) -> NDArray[np.float32]:
    """The 18 OpenPose points, (18, 3), confidence 1."""
    pts = [pose.nose, pose.neck]
    for side in ("right", "left"):
        pts += [pose.shoulder[side], pose.elbow[side], pose.wrist[side]]
    for side in ("right", "left"):
        pts += [pose.hip[side], pose.knee[side], pose.ankle[side]]
    pts += [pose.eye["right"], pose.eye["left"], pose.ear["right"], pose.ear["left"]]
    xy = cam.project(vec(pts))
    return np.concatenate([xy, np.ones((18, 1), np.float32)], axis=1).astype(np.float32)


def draw(look: Look, scale: int = 2, on_tile: Callable[[], object] = lambda: None) -> DrawnPerson:
    """Render at ``scale`` times the size and average down: smooth edges."""
    groups, pose = build(look)
    cam = camera(look, scale)
    scene = Scene(groups, cam)
    hits = scene.trace(on_tile)
    grid = light.DistanceGrid(scene, look.shape.height)
    materials = [
        Material(wrap=(0.42, 0.24, 0.18), gloss=0.10, shine=14.0, sheen=0.25),
        Material(wrap=(0.1, 0.1, 0.1), gloss=0.12, shine=24.0, sheen=0.25),
        Material(wrap=(0.15, 0.15, 0.15), sheen=0.22),
        Material(wrap=(0.18, 0.18, 0.18), sheen=0.18),
        Material(wrap=(0.15, 0.15, 0.15), gloss=0.10, shine=18.0),
    ]
    picture = light.backdrop(cam, grid, linear(look.paper), step=4 * scale)
    colour = light.shade(hits, _albedo(look, groups, hits, pose), materials, grid)
    picture[hits.rows, hits.cols] = colour
    photo = cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    parse = _parse(hits, cam, scale)
    rng = np.random.default_rng(look.seed)
    points = keypoints(pose, camera(look, 1))
    return DrawnPerson(light.develop(photo, rng), PersonAnnotation(parse, points, "drawn"))


def _parse(hits: Hits, cam: Camera, scale: int) -> NDArray[np.uint8]:
    """The class most of a pixel's rays see."""
    full = np.zeros((cam.height, cam.width), dtype=np.uint8)
    full[hits.rows, hits.cols] = hits.label
    cells = full.reshape(HEIGHT, scale, WIDTH, scale).swapaxes(1, 2).reshape(HEIGHT, WIDTH, -1)
    votes = np.stack([(cells == c).sum(-1) for c in range(len(Atr))], axis=0)
    return np.asarray(votes.argmax(axis=0), dtype=np.uint8)

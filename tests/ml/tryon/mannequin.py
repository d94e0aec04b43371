"""People and garments drawn from a few shapes, with exact labels: nothing is guessed in a test."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.garment.annotation import Cut, GarmentAnnotation, Landmark, Region
from ml.person.annotation import Atr, Joint, PersonAnnotation

HEIGHT, WIDTH = 512, 384
SKIN = (214, 168, 144)
HAIR = (60, 40, 30)
METRE = 200  # pixels; the torso (neck to hips) is 100
POINTS: dict[Joint, tuple[int, int]] = {
    Joint.NOSE: (192, 62),
    Joint.NECK: (192, 110),
    Joint.R_SHOULDER: (158, 110),
    Joint.R_ELBOW: (140, 168),
    Joint.R_WRIST: (130, 218),
    Joint.L_SHOULDER: (226, 110),
    Joint.L_ELBOW: (244, 168),
    Joint.L_WRIST: (254, 218),
    Joint.R_HIP: (173, 210),
    Joint.R_KNEE: (170, 296),
    Joint.R_ANKLE: (168, 380),
    Joint.L_HIP: (211, 210),
    Joint.L_KNEE: (214, 296),
    Joint.L_ANKLE: (216, 380),
    Joint.R_EYE: (184, 56),
    Joint.L_EYE: (200, 56),
    Joint.R_EAR: (174, 60),
    Joint.L_EAR: (210, 60),
}


def background() -> NDArray[np.uint8]:
    """A studio wall that darkens to one side and to the floor."""
    ys, xs = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    base = 225 - 40 * ys / HEIGHT - 25 * xs / WIDTH
    return np.clip(base[..., None] + (4, 0, -6), 0, 255).astype(np.uint8)


class Mannequin:
    """A person being drawn: each call paints photo and parse alike."""

    def __init__(self) -> None:
        self.photo = background()
        self.parse = np.zeros((HEIGHT, WIDTH), np.uint8)
        self.points = dict(POINTS)

    def paint(self, label: Atr, colour: tuple[int, int, int], shape: NDArray[np.bool_]) -> None:
        self.photo[shape] = colour
        self.parse[shape] = label

    def bones(self, joints: tuple[Joint, ...], width: int) -> NDArray[np.bool_]:
        """A line of that width along the joints."""
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        line = np.array([self.points[j] for j in joints], np.int32)
        cv2.polylines(mask, [line], False, 255, width)
        return mask > 0

    def polygon(self, *points: tuple[int, int]) -> NDArray[np.bool_]:
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        cv2.fillPoly(mask, [np.array(points, np.int32)], 255)
        return mask > 0

    def disc(self, x: int, y: int, radius: int) -> NDArray[np.bool_]:
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        cv2.circle(mask, (x, y), radius, 255, -1)
        return mask > 0

    def annotation(self) -> PersonAnnotation:
        keypoints = np.zeros((18, 3), np.float32)
        for joint, (x, y) in self.points.items():
            keypoints[joint] = (x, y, 1.0)
        return PersonAnnotation(self.parse, keypoints)


R_ARM = (Joint.R_SHOULDER, Joint.R_ELBOW, Joint.R_WRIST)
L_ARM = (Joint.L_SHOULDER, Joint.L_ELBOW, Joint.L_WRIST)
R_LEG = (Joint.R_HIP, Joint.R_KNEE, Joint.R_ANKLE)
L_LEG = (Joint.L_HIP, Joint.L_KNEE, Joint.L_ANKLE)


def person(
    *,
    top: tuple[int, int, int] = (40, 60, 160),
    sleeves: str = "long",
    top_width: int = 44,
    bottoms: str = "trousers",
    hand_on_belly: bool = False,
    dress: bool = False,
) -> Mannequin:
    """A standing person. sleeves: "long" or "none"; bottoms: "trousers", "skirt" or "none"
    (a dress, or nothing but the long top); top_width: half of the top's width at its hem."""
    it = Mannequin()
    if hand_on_belly:
        it.points[Joint.L_ELBOW] = (250, 172)
        it.points[Joint.L_WRIST] = (205, 182)
    it.paint(Atr.LEFT_LEG, SKIN, it.bones(L_LEG, 22))
    it.paint(Atr.RIGHT_LEG, SKIN, it.bones(R_LEG, 22))
    it.paint(Atr.LEFT_SHOE, (20, 20, 20), it.disc(218, 392, 14))
    it.paint(Atr.RIGHT_SHOE, (20, 20, 20), it.disc(166, 392, 14))
    if bottoms == "trousers":
        trousers = (50, 50, 55)
        for leg in (L_LEG, R_LEG):
            it.paint(Atr.PANTS, trousers, it.bones(leg, 36))
        it.paint(Atr.PANTS, trousers, it.polygon((154, 180), (230, 180), (232, 225), (152, 225)))
    elif bottoms == "skirt":
        shape = it.polygon((160, 180), (224, 180), (262, 300), (122, 300))
        it.paint(Atr.SKIRT, (120, 40, 60), shape)
    it.paint(Atr.HAIR, HAIR, it.disc(192, 52, 30))
    it.paint(Atr.FACE, SKIN, it.polygon((180, 70), (204, 70), (206, 112), (178, 112)))
    it.paint(Atr.FACE, SKIN, it.disc(192, 62, 22))
    label = Atr.DRESS if dress else Atr.UPPER
    low = 290 if dress else 205
    body = it.polygon(
        (156, 100), (178, 94), (192, 104), (206, 94), (228, 100),
        (192 + top_width, low), (192 - top_width, low),
    )  # fmt: skip
    it.paint(label, top, body)
    for arm, skin in ((R_ARM, Atr.RIGHT_ARM), (L_ARM, Atr.LEFT_ARM)):
        it.paint(skin, SKIN, it.bones(arm, 14))
        if sleeves == "long":
            it.paint(label, top, it.bones(arm, 20))
        wrist = it.points[arm[2]]
        elbow = it.points[arm[1]]
        away = np.array(wrist) - np.array(elbow)
        hand = np.array(wrist) + away / max(float(np.hypot(*away)), 1) * 10
        it.paint(skin, SKIN, it.disc(int(hand[0]), int(hand[1]), 9))
    return it


def _garment(
    shapes: list[list[tuple[int, int]]],
    colour: tuple[int, int, int],
    region: Region,
    cut: Cut,
    landmarks: dict[str, tuple[int, int]],
    hidden: tuple[str, ...] = (),
) -> tuple[NDArray[np.uint8], GarmentAnnotation]:
    photo = np.full((420, 420, 3), 245, np.uint8)
    mask = np.zeros((420, 420), np.uint8)
    for shape in shapes:
        cv2.fillPoly(mask, [np.array(shape, np.int32)], 255)
    photo[mask > 0] = colour
    named = {
        name: Landmark(float(x), float(y), 0 if name in hidden else 2)
        for name, (x, y) in landmarks.items()
    }
    return photo, GarmentAnnotation(mask, region, cut, named, 0.95, "drawn")


def _mirror(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return [(420 - x, y) for x, y in points]


def flat_top(
    *,
    long: bool = False,
    colour: tuple[int, int, int] = (200, 60, 50),
    region: Region = Region.UPPER,
) -> tuple[NDArray[np.uint8], GarmentAnnotation]:
    """A T-shirt (or, ``long``, a jumper) laid flat, sleeves out."""
    end = ((32, 300), (66, 316)) if long else ((70, 170), (108, 192))
    body = [(175, 60), (210, 78), (245, 60), (290, 75), (288, 160), (288, 330), (132, 330),
            (132, 160), (130, 75)]  # fmt: skip
    sleeve = [(134, 75), end[0], end[1], (134, 160)]
    side = {
        "neck": (175, 60), "shoulder": (130, 75), "armpit": (132, 160),
        "cuff_outer": end[0], "cuff_inner": end[1], "hem": (132, 330),
    }  # fmt: skip
    landmarks: dict[str, tuple[int, int]] = {}
    for name, (x, y) in side.items():
        kind, _, which = name.partition("_")
        tail = f"_{which}" if which else ""
        landmarks[f"{kind}_right{tail}"] = (x, y)
        landmarks[f"{kind}_left{tail}"] = (420 - x, y)
    return _garment([body, sleeve, _mirror(sleeve)], colour, region, Cut.TOP, landmarks)


def flat_dress(
    colour: tuple[int, int, int] = (60, 120, 80),
) -> tuple[NDArray[np.uint8], GarmentAnnotation]:
    """A sleeveless dress."""
    half = [(180, 30), (152, 38), (158, 95), (165, 170), (130, 400)]
    outline = [*half, *reversed(_mirror(half))]
    side = {
        "neck": (180, 30), "shoulder": (152, 38), "armpit": (158, 95), "cuff_outer": (152, 38),
        "cuff_inner": (158, 95), "waist": (165, 170), "hem": (130, 400),
    }  # fmt: skip
    landmarks: dict[str, tuple[int, int]] = {}
    for name, (x, y) in side.items():
        kind, _, which = name.partition("_")
        tail = f"_{which}" if which else ""
        landmarks[f"{kind}_right{tail}"] = (x, y)
        landmarks[f"{kind}_left{tail}"] = (420 - x, y)
    hidden = tuple(name for name in landmarks if name.startswith("cuff"))
    return _garment([outline], colour, Region.DRESS, Cut.DRESS, landmarks, hidden)


def flat_trousers(
    *, short: bool = False, colour: tuple[int, int, int] = (90, 110, 150)
) -> tuple[NDArray[np.uint8], GarmentAnnotation]:
    """Trousers or shorts."""
    low = 190 if short else 400
    leg = [(150, 20), (210, 20), (210, 130), (195, low), (135, low)]
    landmarks = {
        "waist_right": (150, 20), "waist_left": (270, 20), "crotch": (210, 130),
        "hem_right_outer": (135, low), "hem_right_inner": (195, low),
        "hem_left_inner": (225, low), "hem_left_outer": (285, low),
    }  # fmt: skip
    return _garment([leg, _mirror(leg)], colour, Region.LOWER, Cut.TROUSERS, landmarks)


def flat_skirt(
    colour: tuple[int, int, int] = (150, 130, 60),
) -> tuple[NDArray[np.uint8], GarmentAnnotation]:
    """A knee-length skirt."""
    outline = [(160, 40), (260, 40), (300, 300), (120, 300)]
    landmarks = {
        "waist_right": (160, 40), "waist_left": (260, 40),
        "hem_right": (120, 300), "hem_left": (300, 300),
    }  # fmt: skip
    return _garment([outline], colour, Region.LOWER, Cut.SKIRT, landmarks)

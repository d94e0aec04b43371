"""What the engine knows of a person before it sees a garment, cut to the person's surroundings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.errors import NoPerson
from ml.person.annotation import Atr, Joint, PersonAnnotation
from ml.tryon.drape.layers_front import Fronts, measure_fronts
from ml.tryon.drape.light import folds, scene_light
from ml.tryon.drape.uncover import Doll, undress
from ml.tryon.drape.uncover_background import background_plate
from ml.tryon.drape.uncover_body import Body, measure
from ml.tryon.drape.uncover_labels import settle
from ml.tryon.drape.uncover_skin import SkinTones, skin_tones, to_lab
from ml.tryon.drape.uncover_smooth import FloatImage

MARGIN = 0.25  # metres kept around the person: as far as a wide skirt or sleeve may reach
HALO = 0.022  # metres around the labels that may hold mixed or mislabelled pixels
CLOTHES = ((Atr.UPPER,), (Atr.DRESS,), (Atr.SKIRT, Atr.PANTS))
FRONTS = ("head", "hands", "arms", "things", "shoes")


@dataclass(frozen=True, slots=True)
class Scene:
    """All images are of the part ``box`` (top, left, bottom, right) of the photo."""

    box: tuple[int, int, int, int]
    photo: NDArray[np.uint8]
    annotation: PersonAnnotation
    body: Body
    tones: SkinTones
    doll: Doll
    fronts: Fronts
    fold: FloatImage
    light: NDArray[np.float32]

    @property
    def window(self) -> tuple[slice, slice]:
        """Where the scene lies in the photo."""
        top, left, bottom, right = self.box
        return slice(top, bottom), slice(left, right)


def tidy(annotation: PersonAnnotation) -> PersonAnnotation:
    """Make labels mean what the layers take them for.

    A "dress" that begins under a top is a skirt; a top that is all that covers the thighs is a
    dress.
    """
    parse, y = annotation.parse, annotation.keypoints[:, 1]
    upper, dress = parse == Atr.UPPER, parse == Atr.DRESS
    neck = float(y[[Joint.L_SHOULDER, Joint.R_SHOULDER]].mean())
    hips = float(y[[Joint.L_HIP, Joint.R_HIP]].mean())

    def level(share: float) -> float:
        return neck + share * (hips - neck)

    if dress.any() and upper.any():
        if float(np.percentile(np.nonzero(dress)[0], 4)) < level(0.4):
            return annotation
        changed, label = dress, Atr.SKIRT
    elif upper.any() and not np.isin(parse, (Atr.SKIRT, Atr.PANTS)).any():
        x = annotation.keypoints[[Joint.R_HIP, Joint.L_HIP], 0]
        left, right = max(int(x.min()), 0), min(int(x.max()) + 1, parse.shape[1])
        row = min(max(int(level(1.2)), 0), parse.shape[0] - 1)
        if right <= left or upper[row, left:right].mean() < 0.7:
            return annotation
        changed, label = upper, Atr.DRESS
    else:
        return annotation
    parse = np.where(changed, np.uint8(label), parse).astype(np.uint8)
    return PersonAnnotation(parse, annotation.keypoints, annotation.version)


def cut(
    photo: NDArray[np.uint8], annotation: PersonAnnotation, box: tuple[int, int, int, int]
) -> tuple[NDArray[np.uint8], PersonAnnotation]:
    """A part of a photo with its annotation."""
    top, left, bottom, right = box
    keypoints = annotation.keypoints.copy()
    keypoints[:, :2] -= (left, top)
    parse = np.ascontiguousarray(annotation.parse[top:bottom, left:right])
    return (
        np.ascontiguousarray(photo[top:bottom, left:right]),
        PersonAnnotation(parse, keypoints, annotation.version),
    )


def look(photo: NDArray[np.uint8], annotation: PersonAnnotation, *, seed: int = 0) -> Scene:
    """Work out everything. Raises NoPerson."""
    annotation = tidy(annotation)
    whole = measure(annotation)
    parse = settle(photo, annotation.parse, whole.metre)
    annotation = PersonAnnotation(parse, annotation.keypoints, annotation.version)
    person = annotation.parse != Atr.BACKGROUND
    if int(person.sum()) < whole.torso**2 / 4:
        raise NoPerson("the labels show nobody in the photo")
    halo = max(3, round(HALO * whole.metre))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * halo + 1, 2 * halo + 1))
    hole = cv2.dilate(person.astype(np.uint8), kernel).astype(bool)
    avoid = cv2.dilate(hole.astype(np.uint8), kernel).astype(bool)
    plate = background_plate(photo, hole, avoid=avoid, seed=seed)
    box = _box(person, round(MARGIN * whole.metre))
    part, notes = cut(photo, annotation, box)
    body = measure(notes)
    lab = to_lab(part)
    tones = skin_tones(part, lab, notes.parse, body)
    top, left, bottom, right = box
    doll = undress(
        part,
        notes.parse,
        plate[top:bottom, left:right],
        body,
        tones,
        np.random.default_rng(seed),
    )
    fold = np.ones(notes.parse.shape, np.float32)
    for labels in CLOTHES:
        mask = np.isin(notes.parse, labels)
        if mask.any():
            fold *= folds(lab, mask, body.metre)
    return Scene(
        box=box,
        photo=part,
        annotation=notes,
        body=body,
        tones=tones,
        doll=doll,
        fronts=measure_fronts(part, notes.parse, body),
        fold=fold,
        light=scene_light(lab, notes.parse == Atr.BACKGROUND),
    )


def _box(person: NDArray[np.bool_], margin: int) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(person.any(1))[0], np.nonzero(person.any(0))[0]
    if not len(rows):
        return 0, 0, person.shape[0], person.shape[1]
    return (
        max(int(rows[0]) - margin, 0),
        max(int(columns[0]) - margin, 0),
        min(int(rows[-1]) + 1 + margin, person.shape[0]),
        min(int(columns[-1]) + 1 + margin, person.shape[1]),
    )


def _bytes(image: FloatImage, scale: float = 1.0) -> NDArray[np.uint8]:
    return np.asarray(np.clip(np.rint(image * scale), 0, 255), np.uint8)


def pack(scene: Scene) -> dict[str, NDArray[np.generic]]:
    """The scene as named arrays that store well."""
    doll, fronts, tones = scene.doll, scene.fronts, scene.tones
    return {
        "box": np.array(scene.box, np.int32),
        "parse": scene.annotation.parse,
        "below": _bytes(doll.below),
        "cover": _bytes(doll.cover, 255),
        "neck": _bytes(doll.neck, 255),
        "arms": np.dstack([_bytes(doll.arms[0]), _bytes(doll.arms[1], 255)]),
        "fronts": np.dstack([_bytes(getattr(fronts, name), 255) for name in FRONTS]),
        "front_colour": _bytes(fronts.colour),
        "fold": scene.fold.astype(np.float16),
        "tones": np.vstack([tones.neck, tones.limbs]).astype(np.float32),
        "light": np.array([*scene.light, tones.light, tones.grain], np.float32),
    }


def unpack(
    photo: NDArray[np.uint8],
    annotation: PersonAnnotation,
    tensors: Mapping[str, NDArray[np.generic]],
) -> Scene:
    """The reverse of :func:`pack`. photo and annotation are the whole photo's."""

    def real(name: str, scale: float = 1.0) -> FloatImage:
        return np.asarray(tensors[name], np.float32) * np.float32(scale)

    top, left, bottom, right = (int(v) for v in np.asarray(tensors["box"]))
    box = (top, left, bottom, right)
    part = np.ascontiguousarray(photo[top:bottom, left:right])
    keypoints = annotation.keypoints.copy()
    keypoints[:, :2] -= (left, top)
    parse = np.asarray(tensors["parse"], np.uint8)
    notes = PersonAnnotation(parse, keypoints, annotation.version)
    tones, light = real("tones"), real("light")
    arms, alphas = real("arms"), real("fronts", 1 / 255)
    return Scene(
        box=box,
        photo=part,
        annotation=notes,
        body=measure(notes),
        tones=SkinTones(tones[0], tones[1:], float(light[3]), float(light[4])),
        doll=Doll(
            real("below"),
            real("cover", 1 / 255),
            real("neck", 1 / 255),
            (arms[..., :3], arms[..., 3] * np.float32(1 / 255)),
        ),
        fronts=Fronts(
            **{name: alphas[..., k] for k, name in enumerate(FRONTS)},
            colour=real("front_colour"),
        ),
        fold=real("fold"),
        light=light[:3],
    )

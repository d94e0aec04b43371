"""A fitting model's annotation as staff see it: checked when it comes in, drawn over the photo.

Pillow only: this runs in the web process, which loads neither OpenCV nor a network.
"""

from __future__ import annotations

import io
from math import isfinite
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image, ImageDraw

from ml.person.annotation import BONES, Atr, Joint

#: One colour per class of ``Atr``; left and right differ.
COLOURS: tuple[tuple[int, int, int], ...] = (
    *((0, 0, 0), (128, 0, 0), (250, 60, 50), (0, 85, 0), (190, 20, 90), (255, 110, 0)),
    *((40, 40, 150), (0, 119, 220), (120, 120, 0), (0, 110, 110), (110, 70, 0), (230, 190, 80)),
    *((0, 150, 60), (0, 60, 250), (60, 180, 220), (0, 235, 235), (110, 250, 150), (190, 250, 60)),
)
RIGHT, LEFT, MIDDLE = (255, 80, 60), (60, 140, 255), (255, 230, 60)
#: Classes that change places when left and right do.
MIRRORED = {
    Atr.LEFT_SHOE: Atr.RIGHT_SHOE,
    Atr.LEFT_LEG: Atr.RIGHT_LEG,
    Atr.LEFT_ARM: Atr.RIGHT_ARM,
}
LABELS = {
    Joint.NOSE: gettext_lazy("nose"),
    Joint.NECK: gettext_lazy("neck"),
    Joint.R_SHOULDER: gettext_lazy("right shoulder"),
    Joint.R_ELBOW: gettext_lazy("right elbow"),
    Joint.R_WRIST: gettext_lazy("right wrist"),
    Joint.L_SHOULDER: gettext_lazy("left shoulder"),
    Joint.L_ELBOW: gettext_lazy("left elbow"),
    Joint.L_WRIST: gettext_lazy("left wrist"),
    Joint.R_HIP: gettext_lazy("right hip"),
    Joint.R_KNEE: gettext_lazy("right knee"),
    Joint.R_ANKLE: gettext_lazy("right ankle"),
    Joint.L_HIP: gettext_lazy("left hip"),
    Joint.L_KNEE: gettext_lazy("left knee"),
    Joint.L_ANKLE: gettext_lazy("left ankle"),
    Joint.R_EYE: gettext_lazy("right eye"),
    Joint.L_EYE: gettext_lazy("left eye"),
    Joint.R_EAR: gettext_lazy("right ear"),
    Joint.L_EAR: gettext_lazy("left ear"),
}
#: Where the points of somebody who stands upright lie, as shares of the photo's width and height.
STANDING = {
    Joint.NOSE: (0.5, 0.13),
    Joint.NECK: (0.5, 0.22),
    Joint.R_SHOULDER: (0.38, 0.23),
    Joint.R_ELBOW: (0.33, 0.37),
    Joint.R_WRIST: (0.31, 0.5),
    Joint.L_SHOULDER: (0.62, 0.23),
    Joint.L_ELBOW: (0.67, 0.37),
    Joint.L_WRIST: (0.69, 0.5),
    Joint.R_HIP: (0.43, 0.5),
    Joint.R_KNEE: (0.43, 0.7),
    Joint.R_ANKLE: (0.43, 0.9),
    Joint.L_HIP: (0.57, 0.5),
    Joint.L_KNEE: (0.57, 0.7),
    Joint.L_ANKLE: (0.57, 0.9),
    Joint.R_EYE: (0.47, 0.115),
    Joint.L_EYE: (0.53, 0.115),
    Joint.R_EAR: (0.44, 0.125),
    Joint.L_EAR: (0.56, 0.125),
}
#: A point below this confidence is a guess that nobody should look at.
SEEN = 0.05


def read_parse(data: bytes, *, size: tuple[int, int]) -> Image.Image:
    """The classes of every pixel, mode L, of a photo of ``size``. Raises ValidationError."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as opened:
            if opened.size != size:
                raise ValidationError(
                    _("The parse is %(parse)s pixels, the photo %(photo)s: they must match.")
                    % {"parse": _pixels(opened.size), "photo": _pixels(size)},
                    code="size",
                )
            if opened.mode not in ("P", "L"):
                raise ValidationError(
                    _("The parse must be a palette or 8-bit grey PNG."), code="mode"
                )
            opened.load()
            # Indices, not colours: a palette must not be looked up.
            labels = Image.frombytes("L", opened.size, opened.tobytes())
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValidationError(_("The parse is not a readable PNG."), code="png") from error
    lowest, highest = labels.getextrema()
    if highest > max(Atr):
        raise ValidationError(
            _("The parse has class %(found)d; the highest is %(highest)d.")
            % {"found": highest, "highest": max(Atr)},
            code="label",
        )
    if lowest == highest:
        raise ValidationError(_("The parse shows nobody."), code="empty")
    return labels


def parse_png(labels: Image.Image) -> bytes:
    """A clean palette PNG whose indices are the classes."""
    clean = Image.frombytes("P", labels.size, labels.tobytes())
    clean.putpalette([value for colour in COLOURS for value in colour])
    out = io.BytesIO()
    clean.save(out, "PNG", optimize=True)
    return out.getvalue()


def swap_sides(labels: Image.Image) -> Image.Image:
    """Left shoes, legs and arms become right ones and the other way round; mode L."""
    table = list(range(256))
    for left, right in MIRRORED.items():
        table[left], table[right] = right, left
    return labels.point(table)


def standing(width: int, height: int) -> list[list[float]]:
    """18 points to begin with where nothing was found: nobody has seen them yet."""
    return [
        [round(STANDING[joint][0] * width, 1), round(STANDING[joint][1] * height, 1), 0]
        for joint in Joint
    ]


def read_keypoints(value: Any) -> list[list[float]]:
    """18 points of x, y, confidence, as numbers. Raises ValidationError."""
    if not isinstance(value, list) or len(value) != len(Joint):
        raise ValidationError(_("Give 18 points."), code="count")
    points = []
    for joint, point in zip(Joint, value, strict=True):
        numbers = isinstance(point, list) and all(
            isinstance(each, (int, float)) and not isinstance(each, bool) and isfinite(each)
            for each in point
        )
        if not numbers or len(point) != 3 or not 0 <= point[2] <= 1:
            raise ValidationError(
                _("Point %(number)d (%(name)s) must be [x, y, confidence from 0 to 1].")
                % {"number": joint.value, "name": joint.name.lower()},
                code="point",
            )
        points.append([float(each) for each in point])
    if not any(point[2] > SEEN for point in points):
        raise ValidationError(_("No point is visible."), code="invisible")
    return points


def overlay_png(
    photo: Image.Image, labels: Image.Image, points: list[list[float]], *, height: int = 960
) -> bytes:
    """The photo, at most ``height`` high, with classes in colour and the skeleton over it."""
    scale = min(1.0, height / photo.height)
    size = (max(1, round(photo.width * scale)), max(1, round(photo.height * scale)))
    base = photo.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    small = labels.resize(size, Image.Resampling.NEAREST)
    coloured = Image.frombytes("P", small.size, small.tobytes())
    coloured.putpalette([value for colour in COLOURS for value in colour])
    veil = small.point(lambda label: 120 if label else 0)
    shown = Image.composite(coloured.convert("RGB"), base, veil)
    _draw_skeleton(ImageDraw.Draw(shown), points, scale, width=max(2, size[1] // 240))
    out = io.BytesIO()
    shown.save(out, "PNG")
    return out.getvalue()


def classes_png(labels: Image.Image) -> bytes:
    """The classes in colour, the background transparent, to lay over the photo."""
    coloured = Image.frombytes("P", labels.size, labels.tobytes())
    coloured.putpalette([value for colour in COLOURS for value in colour])
    out = io.BytesIO()
    coloured.save(out, "PNG", transparency=0)
    return out.getvalue()


def _draw_skeleton(
    draw: ImageDraw.ImageDraw, points: list[list[float]], scale: float, *, width: int
) -> None:
    for a, b in BONES:
        if min(points[a][2], points[b][2]) > SEEN:
            ends = [(points[end][0] * scale, points[end][1] * scale) for end in (a, b)]
            draw.line(ends, fill=_colour(b), width=width)
    for joint in Joint:
        x, y, confidence = points[joint]
        if confidence > SEEN:
            box = (x * scale - width, y * scale - width, x * scale + width, y * scale + width)
            draw.ellipse(box, fill=_colour(joint), outline=(0, 0, 0))


def _colour(joint: Joint) -> tuple[int, int, int]:
    """Red for the person's right, blue for the left: a mirrored annotation is seen at once."""
    return RIGHT if joint.name.startswith("R_") else LEFT if joint.name.startswith("L_") else MIDDLE


def _pixels(size: tuple[int, int]) -> str:
    return f"{size[0]} × {size[1]}"

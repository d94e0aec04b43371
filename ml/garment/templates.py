"""How garments usually lie: where each landmark sits in the garment's box, by cut.

Only the wearer's left (the image's right) is written; the right is its mirror image. x runs from
0 to 1 across the box, y down the box. The numbers are rounded averages over labelled photos, one
row for each way in which garments of a cut are usually laid or hung.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from ml.garment.annotation import Cut

XY = tuple[float, float]


class Sleeves(Enum):
    """What the outline shows of the sleeves."""

    NONE = "none"
    APART = "apart"  # the gap to the body is open, or was cut open
    ON_BODY = "on body"  # they lie on the body: no armpit in the outline


@dataclass(frozen=True, slots=True)
class Template:
    """half: landmark (without its side) -> place in the box. aspect: height / width of the box."""

    name: str
    aspect: float
    half: Mapping[str, XY]
    sleeves: Sleeves = Sleeves.NONE

    def place(self, name: str) -> XY:
        """Where a full name's landmark sits in the box."""
        kind = name.replace("_left", "").replace("_right", "")
        x, y = self.half[kind]
        return (1 - x if "_right" in name else x), y


def side_name(kind: str, side: str) -> str:
    """``cuff_outer`` and ``left`` make ``cuff_left_outer``; the crotch has no side."""
    if kind == "crotch":
        return kind
    stem, _, end = kind.partition("_")
    return f"{stem}_{side}_{end}" if end else f"{stem}_{side}"


def _top(
    name: str,
    aspect: float,
    neck: XY,
    shoulder: XY,
    armpit: XY,
    hem: XY,
    cuff: tuple[XY, XY] | None = None,
    *,
    on_body: bool = False,
) -> Template:
    half = {"neck": neck, "shoulder": shoulder, "armpit": armpit, "hem": hem}
    if cuff is None:
        return Template(name, aspect, half)
    half |= {"cuff_outer": cuff[0], "cuff_inner": cuff[1]}
    return Template(name, aspect, half, Sleeves.ON_BODY if on_body else Sleeves.APART)


def _legs(name: str, aspect: float, waist: XY, crotch: float, outer: XY, inner: XY) -> Template:
    return Template(
        name,
        aspect,
        {"waist": waist, "crotch": (0.5, crotch), "hem_outer": outer, "hem_inner": inner},
    )


TEMPLATES: Mapping[Cut, tuple[Template, ...]] = {
    Cut.TOP: (
        _top("tee", 1.05, (0.62, 0.02), (0.76, 0.05), (0.85, 0.33), (0.90, 0.95),
             ((1.00, 0.17), (0.93, 0.34))),
        _top("boxy tee", 1.18, (0.71, 0.01), (0.89, 0.05), (0.94, 0.32), (0.98, 0.94),
             ((0.97, 0.10), (0.97, 0.30))),
        _top("half sleeves, wide", 0.60, (0.63, 0.04), (0.72, 0.08), (0.77, 0.38), (0.77, 0.99),
             ((1.00, 0.35), (0.95, 0.45))),
        _top("long sleeves, spread", 0.64, (0.61, 0.03), (0.71, 0.08), (0.74, 0.45), (0.72, 0.97),
             ((1.00, 0.75), (0.93, 0.82))),
        _top("long sleeves, straight out", 0.5, (0.60, 0.02), (0.68, 0.05), (0.70, 0.38),
             (0.70, 0.99), ((1.00, 0.16), (0.99, 0.34))),
        _top("long sleeves, down", 1.03, (0.59, 0.05), (0.76, 0.10), (0.78, 0.37), (0.82, 0.89),
             ((1.00, 0.84), (0.86, 0.86))),
        _top("long sleeves, on the sides", 1.25, (0.68, 0.06), (0.85, 0.12), (0.83, 0.43),
             (0.82, 0.93), ((1.00, 0.92), (0.89, 0.94))),
        _top("long sleeves, on the body", 1.25, (0.68, 0.06), (0.85, 0.12), (0.82, 0.45),
             (0.81, 0.95), ((0.99, 0.92), (0.88, 0.95)), on_body=True),
        _top("hooded", 1.10, (0.66, 0.24), (0.78, 0.29), (0.76, 0.57), (0.79, 0.95),
             ((0.98, 0.93), (0.87, 0.97))),
        _top("hooded, sleeves on the body", 1.18, (0.66, 0.26), (0.79, 0.31), (0.75, 0.56),
             (0.79, 0.96), ((0.98, 0.94), (0.87, 0.98)), on_body=True),
        _top("coat", 1.40, (0.61, 0.06), (0.75, 0.10), (0.77, 0.31), (0.85, 0.98),
             ((1.00, 0.62), (0.87, 0.66))),
        _top("half sleeves, down", 1.30, (0.68, 0.06), (0.82, 0.10), (0.84, 0.40), (0.80, 0.98),
             ((1.00, 0.56), (0.89, 0.62))),
        _top("half sleeves, on the body", 1.37, (0.78, 0.09), (0.84, 0.12), (0.83, 0.44),
             (0.78, 0.99), ((1.00, 0.60), (0.89, 0.67)), on_body=True),
        _top("sleeveless", 1.30, (0.66, 0.01), (0.79, 0.03), (0.90, 0.30), (0.98, 0.96)),
        _top("straps", 1.40, (0.70, 0.01), (0.76, 0.01), (0.90, 0.28), (0.98, 0.96)),
    ),
    Cut.DRESS: (
        _top("short sleeves", 1.35, (0.64, 0.01), (0.77, 0.04), (0.81, 0.26), (0.95, 0.96),
             ((0.97, 0.16), (0.89, 0.28))),
        _top("short sleeves, flared", 1.10, (0.56, 0.01), (0.62, 0.03), (0.63, 0.20), (0.99, 0.88),
             ((0.70, 0.08), (0.66, 0.17))),
        _top("long sleeves, down", 1.50, (0.63, 0.02), (0.79, 0.05), (0.79, 0.25), (0.90, 0.98),
             ((1.00, 0.62), (0.89, 0.65))),
        _top("long sleeves, on the body", 1.80, (0.72, 0.02), (0.90, 0.05), (0.85, 0.27),
             (0.84, 0.98), ((0.96, 0.70), (0.87, 0.71)), on_body=True),
        _top("long sleeves, spread", 1.00, (0.58, 0.02), (0.66, 0.05), (0.67, 0.27), (0.76, 0.98),
             ((1.00, 0.45), (0.93, 0.51))),
        _top("sleeveless, flared", 1.35, (0.63, 0.02), (0.72, 0.03), (0.75, 0.21), (1.00, 0.95)),
        _top("sleeveless, straight", 2.00, (0.68, 0.01), (0.82, 0.03), (0.92, 0.22), (1.00, 0.97)),
        _top("straps", 1.70, (0.66, 0.01), (0.72, 0.01), (0.80, 0.19), (1.00, 0.97)),
    ),
    Cut.TROUSERS: (
        _legs("straight", 2.10, (0.85, 0.01), 0.38, (0.96, 0.97), (0.68, 0.99)),
        _legs("spread", 1.35, (0.69, 0.01), 0.36, (1.00, 0.94), (0.67, 0.99)),
        _legs("wide", 1.50, (0.80, 0.01), 0.42, (1.00, 0.97), (0.62, 0.98)),
        _legs("shorts", 0.92, (0.85, 0.02), 0.65, (1.00, 0.93), (0.58, 0.97)),
        _legs("short shorts", 0.62, (0.88, 0.03), 0.93, (1.00, 0.76), (0.59, 0.99)),
    ),
    Cut.SKIRT: (
        Template("straight", 1.10, {"waist": (0.90, 0.02), "hem": (0.98, 0.97)}),
        Template("flared", 0.95, {"waist": (0.78, 0.02), "hem": (1.00, 0.94)}),
        Template("long", 1.60, {"waist": (0.76, 0.01), "hem": (1.00, 0.97)}),
        Template("circle", 0.70, {"waist": (0.68, 0.02), "hem": (1.00, 0.82)}),
    ),
}  # fmt: skip

"""Measures that many cuts share, and the grounds that pale cloth needs."""

from __future__ import annotations

from collections.abc import Mapping

from ml.studio.tops import TopCut

Measures = Mapping[str, float]

MEN: Measures = {"shoulder": 222, "armpit": 256, "waist": 250, "hem": 254, "sleeve": 214,
                 "angle": 50, "cuff": 156, "hem_y": 960}  # fmt: skip
MEN_LONG: Measures = {"shoulder": 204, "armpit": 240, "waist": 236, "hem": 239, "sleeve": 566,
                      "angle": 21.5, "cuff": 98}  # fmt: skip
WOMEN: Measures = {"neck": 88, "neck_y": 250, "neck_drop": 84, "shoulder": 190, "shoulder_y": 288,
                   "armpit": 226, "armpit_y": 462, "waist": 208, "waist_y": 670, "hem": 226,
                   "hem_y": 900, "sleeve": 172, "angle": 50, "cuff": 138}  # fmt: skip
WOMEN_LONG: Measures = {**WOMEN, "shoulder": 186, "sleeve": 552, "angle": 22.5, "cuff": 88}
LOOSE: Measures = {"shoulder": 216, "shoulder_y": 292, "armpit": 252, "armpit_y": 500, "waist": 252,
                   "hem": 236, "hem_y": 930, "sleeve": 540, "angle": 21.5, "cuff": 112}  # fmt: skip
BODICE: Measures = {"neck": 84, "neck_y": 84, "neck_drop": 74, "shoulder": 168, "shoulder_y": 118,
                    "armpit": 196, "armpit_y": 280, "waist": 166, "waist_y": 424, "hem": 160,
                    "hem_y": 468, "sleeve": 160, "angle": 46, "cuff": 134}  # fmt: skip
COAT: Measures = {"neck": 84, "neck_y": 118, "neck_drop": 250, "shoulder": 192, "shoulder_y": 152,
                  "armpit": 222, "armpit_y": 350, "waist": 214, "waist_y": 540, "hem": 244,
                  "hem_y": 1080, "sleeve": 560, "angle": 20, "cuff": 110}  # fmt: skip

# Under pale cloth: unlike it and its shadows.
CLAY = "#c9b3a2"
STONE = "#bdbcb8"
MIST = "#b9c2c6"
SAGE = "#b5bcae"


def top(base: Measures, **more: object) -> TopCut:
    return TopCut(**{**base, **more})  # type: ignore[arg-type]

"""What the demo shop sells, as cuts and cloths. Copy and prices live in ``fixtures/demo``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ml.garment.annotation import Region
from ml.studio import fabric as f
from ml.studio.bottoms import LegCut, draw_legs
from ml.studio.dresses import draw_dress
from ml.studio.garment import Cloth, DrawnGarment
from ml.studio.skirts import SkirtCut, draw_skirt
from ml.studio.tops import TopCut, draw_top

Measures = Mapping[str, float]
MEN_LONG: Measures = {
    "shoulder": 210,
    "armpit": 248,
    "waist": 246,
    "hem": 248,
    "sleeve": 545,
    "angle": 21,
    "cuff": 104,
}
WOMEN: Measures = {"neck": 88, "neck_y": 250, "neck_drop": 84, "shoulder": 200, "shoulder_y": 292,
                   "armpit": 238, "armpit_y": 470, "waist": 224, "waist_y": 690, "hem": 238,
                   "hem_y": 910, "sleeve": 176, "cuff": 146}  # fmt: skip
WOMEN_LONG: Measures = {**WOMEN, "shoulder": 192, "sleeve": 545, "angle": 21.5, "cuff": 92}
BODICE: Measures = {"neck": 84, "neck_y": 84, "neck_drop": 74, "shoulder": 172, "shoulder_y": 122,
                    "armpit": 202, "armpit_y": 288, "waist": 174, "waist_y": 430, "hem": 168,
                    "hem_y": 472, "sleeve": 168, "angle": 50, "cuff": 140}  # fmt: skip


@dataclass(frozen=True)
class Garment:
    """One product: how it is cut, and the cloths it comes in (the first is the main one)."""

    slug: str
    cut: TopCut | LegCut | SkirtCut
    cloths: Mapping[str, Cloth]
    seed: int
    region: Region = Region.UPPER
    skirt: SkirtCut | None = None  # with a TopCut: a dress
    sash: bool = False

    def names(self) -> dict[str, Cloth]:
        """File stem per colourway: the slug, and slug-colour for the others."""
        return {
            self.slug if i == 0 else f"{self.slug}-{colour}": cloth
            for i, (colour, cloth) in enumerate(self.cloths.items())
        }


def draw(garment: Garment, cloth: Cloth, seed: int = 0, scale: int = 2) -> DrawnGarment:
    """One colourway as a product picture with labels."""
    cut, number = garment.cut, garment.seed + seed
    if isinstance(cut, LegCut):
        return draw_legs(cut, cloth, number, scale)
    if isinstance(cut, SkirtCut):
        return draw_skirt(cut, cloth, number, scale)
    if garment.skirt is not None:
        return draw_dress(cut, garment.skirt, cloth, number, garment.sash, scale)
    return draw_top(cut, cloth, number, garment.region, scale)


# Under pale cloth, and stripes or checks of pale and dark: unlike all of them and their shadows.
CLAY = "#c9a793"


def _top(base: Measures, **more: object) -> TopCut:
    return TopCut(**{**base, **more})  # type: ignore[arg-type]


TOPS = (
    Garment("everyday-crew-tee", TopCut(), {
        "white": Cloth("#f3f1ec", ground=CLAY),
        "charcoal": Cloth("#3a3b3f")}, 101),
    Garment("breton-long-tee", _top(WOMEN_LONG, neck=108, neck_drop=64, hem_y=890), {
        "ecru-navy": Cloth("#f0ebdf", f.jersey, "#23304f", f.stripes(44, 0.40), ground=CLAY)}, 102),
    Garment("sunrise-graphic-tee", _top({}, neck=96), {
        "sand": Cloth("#d9c6a5", f.jersey, "#b4472f", f.motif("sun", (0, 520), 118)),
        "black": Cloth("#26262a", f.jersey, "#e0a03c", f.motif("sun", (0, 520), 118))}, 103),
    Garment("pocket-tee", _top({}, pocket="chest", hem_y=960), {
        "sage": Cloth("#8fa08a", wrinkles=1.1)}, 104),
    Garment("ribbed-scoop-tee", _top(WOMEN, collar="scoop", neck=112, neck_drop=120, waist=206,
                                     hem=222, hem_y=870), {
        "rose": Cloth("#c98f8a", f.rib, wrinkles=0.8)}, 105),
    Garment("oxford-shirt", _top(MEN_LONG, collar="shirt", opening="buttons", neck=84, neck_drop=60,
                                 pocket="chest", hem_curve=30, armpit=252, waist=250, hem=252,
                                 seams=("yoke",)), {
        "blue": Cloth("#a9c3df", f.poplin, thread="#dfe8f2", ground="#f0efec"),
        "white": Cloth("#f4f3ef", f.poplin, thread="#dddbd4", ground=CLAY)}, 106),
    Garment("gingham-shirt", _top(WOMEN_LONG, collar="shirt", opening="buttons", neck=80,
                                  neck_drop=58, hem_curve=26, cuff=100, hem_y=900), {
        "green": Cloth("#f1efe6", f.poplin, "#2f6b4f", f.gingham(26), ground=CLAY)}, 107),
    Garment("linen-camp-shirt", _top({}, collar="shirt", opening="buttons", neck=86, neck_drop=70,
                                     pocket="chest", sleeve=232, cuff=178, armpit=276, waist=274,
                                     hem=276, hem_y=930), {
        "olive": Cloth("#8a8a63", f.linen, thread="#76764f", wrinkles=1.35)}, 108),
    Garment("cable-sweater", _top(WOMEN_LONG, ribbed=True, armpit=238, waist=242, hem=218,
                                  hem_y=880), {
        "oat": Cloth("#cdbb9f", f.cable, thickness=6, wrinkles=0.9)}, 109),
    Garment("crew-sweatshirt", _top(MEN_LONG, ribbed=True, armpit=256, waist=258, hem=236,
                                    hem_y=920), {
        "burgundy": Cloth("#6d2634", f.fleece, thickness=5, wrinkles=1.15),
        "grey": Cloth("#a7a8aa", f.wool, thickness=5, wrinkles=1.1)}, 110),
    Garment("mock-neck-knit", _top(WOMEN_LONG, collar="mock", neck=78, neck_drop=28, waist=216,
                                   hem=222, hem_y=890, cuff=84), {
        "plum": Cloth("#5b3a55", f.rib, thickness=4, wrinkles=0.75)}, 111),
)  # fmt: skip

OUTER = (
    Garment("wool-cardigan", _top(WOMEN_LONG, collar="vee", opening="buttons", neck_drop=172,
                                  ribbed=True, armpit=238, waist=236, hem=222, hem_y=900, neck=82,
                                  pocket="hips"), {
        "moss": Cloth("#6f7f6a", f.knit, thickness=6, button="#5a4632", wrinkles=0.9)},
        112, Region.OUTER),
    Garment("zip-blouson", _top(MEN_LONG, pocket="welts", collar="stand", opening="zip",
                                ribbed=True, armpit=258,
                                waist=258, hem=238, hem_y=900, neck=92, neck_drop=70, shoulder=214,
                                cuff=112), {
        "navy": Cloth("#2c3650", f.twill, thickness=5, wrinkles=1.35)}, 113, Region.OUTER),
    Garment("tartan-overshirt", _top(MEN_LONG, collar="shirt", opening="buttons", neck=88,
                                     neck_drop=62, pocket="chests", armpit=258, waist=256, hem=258,
                                     hem_y=940, cuff=116, hem_curve=18), {
        "rust": Cloth("#8e4630", f.wool, "#23252b", f.tartan(112), thickness=4.5, wrinkles=1.1)},
        114, Region.OUTER),
)  # fmt: skip

_SHORT: Measures = {"waist": 200, "waist_y": 270, "rise": 292, "hip": 252, "hip_y": 440,
                    "hem_y": 840, "hem": 226, "spread": 276}  # fmt: skip


def _legs(base: Measures, **more: object) -> LegCut:
    return LegCut(**{**base, **more})  # type: ignore[arg-type]


BOTTOMS = (
    Garment("creased-chinos", LegCut(crease=True), {
        "camel": Cloth("#b6a07e", f.twill),
        "navy": Cloth("#2e3648", f.twill)}, 115),
    Garment("wide-leg-trousers", LegCut(waist=138, hip=198, hem=196, spread=262, crease=True), {
        "black": Cloth("#2d2c30", f.twill, wrinkles=1.1),
        "ivory": Cloth("#e9e3d5", f.twill, ground=CLAY)}, 116),
    Garment("drawstring-linen-trousers", LegCut(elastic=True, hem=146, spread=228, hip=212), {
        "stone": Cloth("#a79f90", f.linen, wrinkles=1.4)}, 117),
    Garment("straight-jeans", LegCut(jeans=True, hem=132, spread=212, waist=158), {
        "indigo": Cloth("#2f4467", f.denim, thread="#c98b4a", thickness=4)}, 118),
    Garment("slim-jeans", LegCut(jeans=True, hem=102, spread=196, waist=140, hip=192), {
        "light-blue": Cloth("#7d9cc0", f.denim, thread="#e0c9a0", thickness=4)}, 119),
    Garment("linen-shorts", _legs(_SHORT, elastic=True), {
        "olive": Cloth("#6a7358", f.linen, wrinkles=1.3)}, 120),
    Garment("tailored-shorts", _legs(_SHORT, waist=184, hip=238, hem_y=760, spread=266,
                                     cuffs=True), {
        "sand": Cloth("#cdbb9c", f.twill, ground="#efeeeb")}, 121),
    Garment("denim-mini-skirt", SkirtCut(waist_y=250, hip_y=480, hem_y=900, jeans=True, waist=206,
                                         hip=272, hem=316, flow=3), {
        "blue": Cloth("#5d7fa8", f.denim, thread="#d8a05c", thickness=4)}, 122),
    Garment("pleated-midi-skirt", SkirtCut(pleats=14, hem_y=1040, hem=312, hip=218, waist=142,
                                           waist_y=130, hip_y=370), {
        "slate": Cloth("#7c8a9a", f.twill, thickness=2),
        "wine": Cloth("#6b2b3a", f.twill, thickness=2)}, 123),
    Garment("dotted-button-skirt", SkirtCut(buttons=True, hem_y=1000, hem=300, hip=222, waist=146,
                                            waist_y=150, hip_y=380, flow=6), {
        "black-dots": Cloth("#2a2a31", f.satin, "#efe9dc", f.dots(30, 4.2),
                            button="#b89562")}, 124),
)  # fmt: skip

DRESSES = (
    Garment("blossom-tea-dress", _top(BODICE, collar="scoop"), {
        "forest": Cloth("#31433f", f.satin, "#ead9bd", f.blossoms(46, 8.5)),
        "terracotta": Cloth("#a9553c", f.satin, "#f1e4cc", f.blossoms(46, 8.5))},
        125, Region.DRESS, SkirtCut(hip=240, hip_y=690, hem=312, hem_y=1080, flow=7), True),
    Garment("striped-shirt-dress", _top(BODICE, collar="shirt", opening="buttons", neck=76,
                                        neck_drop=56, sleeve=452, angle=24, cuff=90, neck_y=96,
                                        shoulder_y=132), {
        "blue-stripe": Cloth("#eef0f2", f.poplin, "#5d7da8", f.stripes(17, 0.30, True),
                             ground=CLAY, thread="#5d7da8")},
        126, Region.DRESS, SkirtCut(hip=216, hip_y=660, hem=250, hem_y=1070, flow=5,
                                    buttons=True), True),
    Garment("knit-long-sleeve-dress", _top(BODICE, neck=90, neck_drop=56, sleeve=470, angle=24,
                                           cuff=80, waist=180, hem=176), {
        "mocha": Cloth("#7a5a48", f.rib, thickness=4, wrinkles=0.8)},
        127, Region.DRESS, SkirtCut(hip=206, hip_y=640, hem=216, hem_y=1050, flow=3)),
)  # fmt: skip

GARMENTS = (*TOPS, *OUTER, *BOTTOMS, *DRESSES)

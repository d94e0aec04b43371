"""Trousers, jeans, shorts and skirts."""

from __future__ import annotations

from typing import Any

from ml.studio import fabric as f
from ml.studio import prints as p
from ml.studio.bottoms import LegCut
from ml.studio.garment import Cloth
from ml.studio.measures import CLAY, MIST, STONE, Measures
from ml.studio.product import Garment
from ml.studio.skirts import SkirtCut

SHORT: Measures = {"waist": 200, "waist_y": 270, "rise": 292, "hip": 252, "hip_y": 440,
                   "hem_y": 840, "hem": 226, "spread": 276}  # fmt: skip
WIDE: Measures = {"waist": 138, "hip": 198, "hem": 196, "spread": 262}
_DENIM: dict[str, Any] = {"surface": f.denim, "thickness": 5.0, "crisp": 0.75, "faded": "#bccad8"}


def _legs(base: Measures, **more: object) -> LegCut:
    return LegCut(**{**base, **more})  # type: ignore[arg-type]


TROUSERS = (
    Garment("creased-chinos", "trousers", "men", LegCut(crease=True, hem=122, spread=208), {
        "camel": Cloth("#b6a07e", f.twill, crisp=0.5),
        "navy": Cloth("#2e3648", f.twill, crisp=0.5)}, 115),
    Garment("wide-leg-trousers", "trousers", "women", _legs(WIDE, crease=True), {
        "black": Cloth("#2d2c30", f.twill, wrinkles=1.1, crisp=0.35),
        "ivory": Cloth("#e9e3d5", f.twill, crisp=0.35, ground=CLAY)}, 116),
    Garment("drawstring-linen-trousers", "trousers", "unisex", LegCut(
        elastic=True, hem=146, spread=228, hip=212), {
        "stone": Cloth("#a79f90", f.linen, wrinkles=0.9, crisp=0.7)}, 117, detail=True),
    Garment("cargo-trousers", "trousers", "unisex", LegCut(
        cargo=True, hem=150, spread=236, hip=214, waist=156), {
        "olive": Cloth("#65684c", f.canvas, thickness=5, crisp=0.75, wrinkles=1.2,
                       button="#55573f"),
        "black": Cloth("#2c2c2f", f.canvas, thickness=5, crisp=0.75, wrinkles=1.2,
                       button="#3a3a3d")}, 160, detail=True),
    Garment("pleated-wool-trousers", "trousers", "men", LegCut(
        pleats=True, crease=True, hem=126, spread=216, hip=212), {
        "grey": Cloth("#6f7074", f.wool, thickness=4, crisp=0.25, wrinkles=0.9)}, 161),
    Garment("fleece-joggers", "trousers", "unisex", LegCut(
        elastic=True, ribbed=True, hem=116, spread=204, hip=212, knee=10, hem_y=1050), {
        "grey": Cloth("#acadaf", f.melange, thickness=5, crisp=0.1, wrinkles=1.15,
                      trim="#acadaf"),
        "black": Cloth("#2a2a2d", f.fleece, thickness=5, crisp=0.1, wrinkles=1.15,
                       trim="#2a2a2d")}, 162),
    Garment("pinstripe-wide-trousers", "trousers", "women", _legs(WIDE, crease=True), {
        "navy": Cloth("#2a3248", f.twill, "#c9ccd4", p.pinstripes(17), crisp=0.3)}, 163,
        "stripes", detail=True),
    Garment("corduroy-trousers", "trousers", "men", LegCut(hem=132, spread=214), {
        "brown": Cloth("#7a5539", f.corduroy, thickness=5, crisp=0.3)}, 164, detail=True),
)  # fmt: skip

JEANS = (
    Garment("straight-jeans", "jeans", "men", LegCut(jeans=True, hem=132, spread=212, waist=158), {
        "indigo": Cloth("#28395a", thread="#c98b4a", wear=0.55, **_DENIM)}, 118, "denim",
        detail=True),
    Garment("slim-jeans", "jeans", "women", LegCut(
        jeans=True, hem=102, spread=192, waist=140, hip=190), {
        "light-blue": Cloth("#6f90b8", thread="#dfc49a", wear=0.85, **_DENIM)}, 119, "denim"),
    Garment("wide-leg-jeans", "jeans", "women", _legs(WIDE, jeans=True, hem=188, spread=256), {
        "bleached": Cloth("#94afcb", thread="#e8d6b6", wear=0.9, **{**_DENIM,
                          "faded": "#dbe4ec"})}, 165, "denim", detail=True),
    Garment("washed-black-jeans", "jeans", "men", LegCut(
        jeans=True, hem=120, spread=208, waist=156), {
        "washed-black": Cloth("#343438", thread="#4d4d52", wear=0.75, **{**_DENIM,
                              "faded": "#8e8f94"})}, 166, "denim"),
    Garment("ecru-straight-jeans", "jeans", "women", LegCut(
        jeans=True, hem=138, spread=214, waist=144, hip=196), {
        "ecru": Cloth("#e6dcc6", f.canvas, thickness=5, crisp=0.75, thread="#d3c5a6",
                      ground=STONE)}, 167),
)  # fmt: skip

SHORTS = (
    Garment("linen-shorts", "shorts", "men", _legs(SHORT, elastic=True), {
        "olive": Cloth("#6a7358", f.linen, wrinkles=1.3, crisp=0.95)}, 120),
    Garment("tailored-shorts", "shorts", "women", _legs(
        SHORT, waist=184, hip=238, hem_y=760, spread=266, cuffs=True), {
        "sand": Cloth("#cdbb9c", f.twill, crisp=0.5, ground="#efeeeb")}, 121),
    Garment("chino-shorts", "shorts", "men", _legs(SHORT, hem=212, spread=270, hem_y=830), {
        "navy": Cloth("#2c3750", f.twill, crisp=0.55),
        "stone": Cloth("#cfc4ae", f.twill, crisp=0.55, ground="#8f979c")}, 168),
    Garment("denim-cutoff-shorts", "shorts", "women", _legs(
        SHORT, waist=188, hip=244, hem_y=690, spread=276, hem=246, jeans=True, frayed=True), {
        "light-wash": Cloth("#87a4c4", thread="#dcc39c", wear=0.9, **{**_DENIM,
                            "faded": "#d6e0ea"})}, 169, "denim", detail=True),
    Garment("leaf-print-shorts", "shorts", "men", _legs(SHORT, elastic=True, hem_y=790), {
        "teal": Cloth("#1f5f66", f.poplin, "#e7dfc4", p.foliage(0.9), inks=("#4f8f86",),
                      crisp=0.6, ground="oak")}, 170, "floral"),
)  # fmt: skip

SKIRTS = (
    Garment("denim-mini-skirt", "skirts", "women", SkirtCut(
        waist_y=250, hip_y=480, hem_y=900, jeans=True, waist=206, hip=272, hem=316, flow=2), {
        "blue": Cloth("#4f729e", thread="#d8a05c", wear=0.8, **_DENIM)}, 122, "denim"),
    Garment("pleated-midi-skirt", "skirts", "women", SkirtCut(
        pleats=14, hem_y=1040, hem=312, hip=218, waist=142, waist_y=130, hip_y=370), {
        "slate": Cloth("#7c8a9a", f.twill, thickness=2, wrinkles=0.6),
        "wine": Cloth("#6b2b3a", f.twill, thickness=2, wrinkles=0.6)}, 123, detail=True),
    Garment("dotted-button-skirt", "skirts", "women", SkirtCut(
        buttons=True, hem_y=1000, hem=300, hip=222, waist=146, waist_y=150, hip_y=380, flow=6), {
        "black-dots": Cloth("#2a2a31", f.satin, "#efe9dc", p.dots(30, 4.2), button="#b89562",
                            crisp=0.3)}, 124, "dots", detail=True),
    Garment("houndstooth-a-line-skirt", "skirts", "women", SkirtCut(
        waist=176, waist_y=250, hip=236, hip_y=470, hem=300, hem_y=900, flow=3), {
        "black-white": Cloth("#ece7dd", f.wool, "#26262a", p.houndstooth(24), thickness=5,
                             crisp=0.15, wrinkles=0.8, ground=MIST)}, 171, "check", detail=True),
    Garment("denim-maxi-skirt", "skirts", "women", SkirtCut(
        waist=150, waist_y=110, hip=202, hip_y=330, hem=236, hem_y=1090, jeans=True, slit=330,
        flow=3), {
        "dark-blue": Cloth("#334a6e", thread="#c98b4a", wear=0.6, **_DENIM)}, 172, "denim"),
    Garment("satin-slip-skirt", "skirts", "women", SkirtCut(
        elastic=True, waist=142, waist_y=130, waistband=26, hip=206, hip_y=380, hem=250,
        hem_y=1060, flow=4), {
        "sage": Cloth("#a3b09a", f.satin, gloss=0.34, crisp=0.1, wrinkles=1.5),
        "champagne": Cloth("#dcc6a5", f.satin, gloss=0.34, crisp=0.1, wrinkles=1.5)}, 173,
        detail=True),
    Garment("tartan-kilt", "skirts", "women", SkirtCut(
        pleats=18, apron=True, waist=180, waist_y=270, hip=240, hip_y=480, hem=296,
        hem_y=860), {
        "red": Cloth("#9c2f31", f.wool, "#22304a", p.plaid(
            96, (0.28, 0.34, 0), (0.62, 0.05, 1), (0.82, 0.04, 2)), inks=("#2f5a47", "#e6cf8a"),
            thickness=4, wrinkles=0.6)}, 174, "check", detail=True),
)  # fmt: skip

GARMENTS = (*TROUSERS, *JEANS, *SHORTS, *SKIRTS)

"""Dresses."""

from __future__ import annotations

from typing import Any

from ml.studio import fabric as f
from ml.studio import prints as p
from ml.studio.garment import Cloth
from ml.studio.measures import BODICE, CLAY, MIST, top
from ml.studio.product import Garment
from ml.studio.skirts import SkirtCut

_STRAPS: dict[str, Any] = {"sleeve": 0, "neck": 78, "neck_y": 60, "shoulder": 84, "shoulder_y": 62}

GARMENTS = (
    Garment("blossom-tea-dress", "dresses", "women", top(BODICE, collar="scoop"), {
        "forest": Cloth("#31433f", f.satin, "#ead9bd", p.ditsy(1.25), crisp=0.3, wrinkles=1.1,
                        inks=("#6d8a72", "#c98a4a")),
        "terracotta": Cloth("#a9553c", f.satin, "#f1e4cc", p.ditsy(1.25), crisp=0.3, wrinkles=1.1,
                            inks=("#5c4a35", "#e0b050"))},
        125, "floral", SkirtCut(hip=236, hip_y=690, hem=310, hem_y=1080, flow=7), True,
        detail=True),
    Garment("striped-shirt-dress", "dresses", "women", top(
        BODICE, collar="shirt", opening="buttons", neck=76, neck_drop=56, sleeve=470, angle=24,
        cuff=88, neck_y=96, shoulder_y=132), {
        "blue-stripe": Cloth("#eef0f2", f.poplin, "#5d7da8", p.stripes(17, 0.30, True),
                             ground=CLAY, thread="#5d7da8", crisp=0.7)},
        126, "stripes", SkirtCut(hip=212, hip_y=660, hem=250, hem_y=1070, flow=5,
                                 buttons=True), True),
    Garment("knit-long-sleeve-dress", "dresses", "women", top(
        BODICE, neck=90, neck_drop=56, sleeve=490, angle=23, cuff=78, waist=172, hem=168), {
        "mocha": Cloth("#7a5a48", f.rib, thickness=4, wrinkles=0.8, crisp=0.05)},
        127, "knit", SkirtCut(hip=198, hip_y=640, hem=208, hem_y=1050, flow=3)),
    Garment("floral-wrap-dress", "dresses", "women", top(
        BODICE, collar="vee", opening="wrap", neck=80, neck_drop=196, sleeve=196, cuff=132,
        angle=42), {
        "emerald": Cloth("#1f5b4a", f.satin, "#e9c7a4", p.garden(0.5), crisp=0.3, wrinkles=1.2,
                         inks=("#3f8a6a", "#d98f72", "#f2dc9a"), trim="#1f5b4a")},
        155, "floral", SkirtCut(hip=226, hip_y=680, hem=300, hem_y=1070, flow=6, wrap=True),
        detail=True),
    Garment("satin-slip-dress", "dresses", "women", top(
        BODICE, **_STRAPS, collar="straps", strap=8, strap_y=196, neck_drop=210, armpit=158,
        armpit_y=292, waist=150, hem=152, waist_y=430), {
        "champagne": Cloth("#d8bf9c", f.satin, gloss=0.34, crisp=0.1, wrinkles=1.5,
                           metal="#cdb27a"),
        "black": Cloth("#222226", f.satin, gloss=0.30, crisp=0.1, wrinkles=1.5, metal="#b9bab8")},
        156, "plain", SkirtCut(hip=196, hip_y=650, hem=226, hem_y=1110, flow=4, hem_curve=22,
                                one=True)),
    Garment("gingham-sundress", "dresses", "women", top(
        BODICE, **_STRAPS, collar="square", strap=34, strap_y=176, neck_drop=120, armpit=170,
        armpit_y=280, waist=152, hem=150), {
        "yellow": Cloth("#f6efd8", f.poplin, "#d9a930", p.gingham(20), crisp=0.6, wrinkles=1.1,
                        ground=MIST)},
        157, "check", SkirtCut(hip=232, hip_y=650, hem=300, hem_y=1040, flow=8, elastic=True)),
    Garment("tiered-maxi-dress", "dresses", "women", top(
        BODICE, collar="round", neck=80, neck_drop=66, sleeve=150, puff=40, cuff=104, angle=40,
        hem_y=430, waist_y=400), {
        "blue": Cloth("#33507f", f.satin, "#e8e2d0", p.ditsy(), crisp=0.35, wrinkles=1.1,
                      inks=("#7f9cc0", "#e0b860"))},
        158, "floral", SkirtCut(hip=230, hip_y=640, hem=292, hem_y=1120, tiers=3)),
    Garment("ponte-sheath-dress", "dresses", "women", top(
        BODICE, collar="round", sleeve=0, neck=78, neck_drop=72, shoulder=142, armpit=180,
        waist=154, hem=152, seams=("princess",)), {
        "black": Cloth("#26262a", f.twill, thickness=4, wrinkles=0.7, crisp=0.15)},
        159, "plain", SkirtCut(hip=196, hip_y=660, hem=190, hem_y=980, flow=2)),
)  # fmt: skip

"""Hats, shoes and bags."""

from __future__ import annotations

from typing import Any

from ml.studio import fabric as f
from ml.studio.bags import BagCut
from ml.studio.garment import Cloth
from ml.studio.hats import HatCut
from ml.studio.measures import STONE
from ml.studio.motifs import motif
from ml.studio.product import Garment
from ml.studio.shoes import ShoeCut

_HIDE: dict[str, Any] = {"surface": f.leather, "crisp": 0.5}

GARMENTS = (
    Garment(
        "six-panel-cap",
        "hats",
        "unisex",
        HatCut("cap"),
        {
            "navy": Cloth("#27314b", f.twill, crisp=0.4, thread="#465276"),
            "stone": Cloth("#cfc3ad", f.twill, crisp=0.4, thread="#b3a68d", ground="#9aa0a0"),
        },
        175,
    ),
    Garment(
        "ribbed-beanie",
        "hats",
        "unisex",
        HatCut("beanie"),
        {"rust": Cloth("#a9532f", f.chunky), "charcoal": Cloth("#46484d", f.chunky)},
        176,
        "knit",
        detail=True,
    ),
    Garment(
        "bucket-hat",
        "hats",
        "unisex",
        HatCut("bucket"),
        {"sand": Cloth("#cbb994", f.canvas, crisp=0.6, thread="#b5a27c", ground="stone")},
        177,
    ),
    Garment(
        "court-sneakers",
        "shoes",
        "unisex",
        ShoeCut("sneaker"),
        {
            "white": Cloth(
                "#f0efec", thread="#d3d0c8", trim="#3d5a4c", gloss=0.05, ground=STONE, **_HIDE
            )
        },
        178,
        detail=True,
    ),
    Garment(
        "penny-loafers",
        "shoes",
        "men",
        ShoeCut("loafer"),
        {
            "brown": Cloth("#6a3f27", gloss=0.30, lining="#b98d5f", **_HIDE),
        },
        179,
    ),
    Garment(
        "chelsea-boots",
        "shoes",
        "men",
        ShoeCut("boot"),
        {"black": Cloth("#262427", gloss=0.26, **_HIDE)},
        180,
    ),
    Garment(
        "ballet-flats",
        "shoes",
        "women",
        ShoeCut("flat"),
        {
            "red": Cloth("#a92f2f", gloss=0.22, **_HIDE),
            "nude": Cloth("#cfa68c", gloss=0.18, **_HIDE),
        },
        181,
    ),
    Garment(
        "canvas-tote",
        "bags",
        "unisex",
        BagCut("tote"),
        {
            "natural": Cloth(
                "#dccfb4",
                f.canvas,
                "#2f4a3d",
                graphic=motif("plant", (0, 770), 150),
                crisp=0.6,
                thread="#c4b590",
                ground="#a5aaa6",
            )
        },
        182,
        "graphic",
        detail=True,
    ),
    Garment(
        "crossbody-bag",
        "bags",
        "women",
        BagCut("crossbody"),
        {
            "tan": Cloth("#a9713f", thread="#e3c79a", metal="#c9a75e", gloss=0.16, **_HIDE),
            "black": Cloth("#29272a", thread="#4a474b", metal="#c9a75e", gloss=0.2, **_HIDE),
        },
        183,
    ),
    Garment(
        "daily-backpack",
        "bags",
        "unisex",
        BagCut("backpack"),
        {"grey": Cloth("#5b6067", f.canvas, crisp=0.6, metal="#2c2d30")},
        184,
    ),
)

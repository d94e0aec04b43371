"""T-shirts, shirts, blouses, knitwear and sweatshirts."""

from __future__ import annotations

from typing import Any

from ml.studio import fabric as f
from ml.studio import prints as p
from ml.studio.garment import Cloth
from ml.studio.measures import CLAY, LOOSE, MEN, MEN_LONG, MIST, SAGE, STONE, WOMEN, WOMEN_LONG, top
from ml.studio.motifs import motif
from ml.studio.product import Garment

STARS = ("........", "...#....", "..###...", ".#####..", "..###...", "...#....", "........",
         "########", "........", "#.#.#.#.", ".#.#.#.#", "........", "########", "........",
         "#...#...", ".#.#.#.#", "..#...#.", "........")  # fmt: skip

_SUN, _RIDGE = motif("sun", (0, 500), 122), motif("mountains", (0, 520), 150)
_WOOL: dict[str, Any] = {"thickness": 6.0, "crisp": 0.05}
_FLEECE: dict[str, Any] = {"surface": f.fleece, "thickness": 6.0, "crisp": 0.1, "wrinkles": 1.15}

TEES = (
    Garment(
        "everyday-crew-tee",
        "t-shirts",
        "unisex",
        top(MEN),
        {"white": Cloth("#f3f1ec", ground=STONE), "charcoal": Cloth("#3a3b3f")},
        101,
        detail=True,
    ),
    Garment(
        "breton-long-tee",
        "t-shirts",
        "women",
        top(WOMEN_LONG, neck=108, neck_drop=58),
        {"ecru-navy": Cloth("#f0ebdf", f.jersey, "#23304f", p.stripes(44, 0.40), ground=CLAY)},
        102,
        "stripes",
    ),
    Garment(
        "sunrise-graphic-tee",
        "t-shirts",
        "unisex",
        top(MEN, neck=96),
        {
            "sand": Cloth("#d9c6a5", f.jersey, "#b4472f", graphic=_SUN),
            "black": Cloth("#26262a", f.jersey, "#e0a03c", graphic=_SUN),
        },
        103,
        "graphic",
        detail=True,
    ),
    Garment(
        "pocket-tee",
        "t-shirts",
        "men",
        top(MEN, pocket="chest"),
        {"sage": Cloth("#8fa08a", wrinkles=1.1)},
        104,
    ),
    Garment(
        "ribbed-scoop-tee",
        "t-shirts",
        "women",
        top(WOMEN, collar="scoop", neck=108, neck_drop=116, waist=190, hem=206, hem_y=850),
        {"rose": Cloth("#c98f8a", f.rib, wrinkles=0.8, crisp=0.1)},
        105,
        detail=True,
    ),
    Garment(
        "mountain-graphic-tee",
        "t-shirts",
        "unisex",
        top(MEN),
        {
            "white": Cloth("#f2f1ee", f.jersey, "#2f5568", graphic=_RIDGE, ground=MIST),
            "forest": Cloth("#2f4a3d", f.jersey, "#e6ddc4", graphic=_RIDGE),
        },
        128,
        "graphic",
        detail=True,
    ),
    Garment(
        "slub-vneck-tee",
        "t-shirts",
        "women",
        top(WOMEN, collar="vee", neck=84, neck_drop=122, hem_y=890),
        {
            "terracotta": Cloth("#b4674a", f.slub, wrinkles=1.15),
            "white": Cloth("#f4f2ee", f.slub, wrinkles=1.15, ground="oak"),
        },
        129,
    ),
    Garment(
        "raglan-tee",
        "t-shirts",
        "men",
        top(MEN, raglan=True, sleeve=345, angle=33, cuff=122, hem_curve=14),
        {"white-navy": Cloth("#f1efe9", trim="#27324e", sleeves="#27324e", ground=STONE)},
        130,
    ),
    Garment(
        "pique-polo",
        "t-shirts",
        "men",
        top(MEN, collar="shirt", opening="placket", neck=84, neck_drop=66, sleeve=204),
        {
            "navy": Cloth("#27314b", f.pique, button="#e6e3da", crisp=0.2),
            "bottle": Cloth("#28503f", f.pique, button="#e6e3da", crisp=0.2),
        },
        131,
        detail=True,
    ),
)

_SHIRT = top(MEN_LONG, collar="shirt", opening="buttons", neck=84, neck_drop=60, hem_curve=30,
             seams=("yoke",), pocket="chest")  # fmt: skip

SHIRTS = (
    Garment("oxford-shirt", "shirts", "men", _SHIRT, {
        "blue": Cloth("#a9c3df", f.poplin, thread="#cfdcea", crisp=0.7, ground="#efeeec"),
        "white": Cloth("#f4f3ef", f.poplin, thread="#dddbd4", crisp=0.7, ground=CLAY)}, 106,
        detail=True),
    Garment("gingham-shirt", "shirts", "women", top(
        WOMEN_LONG, collar="shirt", opening="buttons", neck=80, neck_drop=58, hem_curve=26,
        cuff=94), {
        "green": Cloth("#f1efe6", f.poplin, "#2f6b4f", p.gingham(26), crisp=0.7, ground=CLAY)},
        107, "check"),
    Garment("linen-camp-shirt", "shirts", "men", top(
        MEN, collar="shirt", opening="buttons", neck=86, neck_drop=84, pocket="chest", sleeve=232,
        cuff=176, seams=("camp",), hem_y=930), {
        "olive": Cloth("#8a8a63", f.linen, thread="#76764f", wrinkles=1.35, crisp=0.95)}, 108,
        detail=True),
    Garment("chambray-shirt", "shirts", "women", top(
        WOMEN_LONG, collar="shirt", opening="buttons", neck=80, neck_drop=58, hem_curve=30,
        cuff=94, pocket="flaps", seams=("yoke",)), {
        "blue": Cloth("#6f8fb4", f.denim, thread="#d9dfe6", wear=0.45, crisp=0.6,
                      button="#f0ece2")}, 132, "denim", detail=True),
    Garment("flannel-check-shirt", "shirts", "men", _SHIRT, {
        "forest": Cloth("#3f5a48", f.fleece, "#1d2327", p.plaid(
            104, (0.25, 0.34, 0), (0.62, 0.05, 1), (0.80, 0.05, 1)), inks=("#cfc6a8",),
            button="#2b2d2c", crisp=0.35, wrinkles=1.1),
        "red": Cloth("#a2332f", f.fleece, "#20222a", p.plaid(
            104, (0.25, 0.40, 0), (0.70, 0.05, 1)), inks=("#e0d8c8",), button="#26262a",
            crisp=0.35, wrinkles=1.1, ground="bed")}, 133, "check"),
    Garment("palm-camp-shirt", "shirts", "men", top(
        MEN, collar="shirt", opening="buttons", neck=88, neck_drop=88, sleeve=236, cuff=178,
        seams=("camp",), hem_y=930), {
        "navy": Cloth("#243550", f.satin, "#dfe3cf", p.palms(0.9), inks=("#56806f",), crisp=0.3,
                      button="#caa678")}, 134, "floral", detail=True),
)  # fmt: skip

BLOUSES = (
    Garment("bow-blouse", "blouses", "women", top(
        WOMEN_LONG, collar="bow", neck=80, neck_drop=56, cuff=86, seams=("gathered",)), {
        "ivory": Cloth("#f1ebdf", f.satin, gloss=0.10, crisp=0.25, wrinkles=1.2, ground=CLAY),
        "dusty-rose": Cloth("#c99a98", f.satin, gloss=0.12, crisp=0.25, wrinkles=1.2)}, 335,
        detail=True),
    Garment("puff-sleeve-blouse", "blouses", "women", top(
        WOMEN, collar="round", neck=84, neck_drop=78, sleeve=236, angle=38, cuff=110, puff=58,
        seams=("darts",), hem_y=860), {
        "white": Cloth("#f5f4f1", f.poplin, crisp=0.7, wrinkles=1.2, ground=SAGE),
        "sky": Cloth("#a9c7de", f.poplin, crisp=0.7, wrinkles=1.2)}, 136),
    Garment("garden-blouse", "blouses", "women", top(
        WOMEN_LONG, collar="vee", neck=82, neck_drop=150, puff=42, cuff=86, sleeve=500,
        seams=("gathered",)), {
        "cream": Cloth("#f2ebdc", f.satin, "#b85a55", p.garden(0.62), crisp=0.3, wrinkles=1.1,
                       inks=("#5f7a58", "#d98a7c", "#e9c36a"), trim="#f2ebdc",
                       ground=MIST)}, 137, "floral", detail=True),
)  # fmt: skip

KNITWEAR = (
    Garment(
        "cable-sweater",
        "knitwear",
        "women",
        top(WOMEN_LONG, ribbed=True, armpit=232, waist=232, hem=212, hem_y=880),
        {"oat": Cloth("#cdbb9f", f.cable, wrinkles=0.9, **_WOOL)},
        109,
        "knit",
        detail=True,
    ),
    Garment(
        "mock-neck-knit",
        "knitwear",
        "women",
        top(
            WOMEN_LONG, collar="mock", neck=78, neck_drop=28, waist=198, hem=208, hem_y=870, cuff=80
        ),
        {"plum": Cloth("#5b3a55", f.rib, thickness=4, wrinkles=0.8, crisp=0.05)},
        111,
        "knit",
    ),
    Garment(
        "nordic-yoke-sweater",
        "knitwear",
        "unisex",
        top(LOOSE, ribbed=True, neck=84, neck_y=246),
        {"navy": Cloth("#2b3a57", f.knit, "#e9e2d2", p.yoke(352, STARS), wrinkles=0.8, **_WOOL)},
        138,
        "knit",
        detail=True,
    ),
    Garment(
        "chunky-turtleneck",
        "knitwear",
        "women",
        top(LOOSE, collar="turtle", ribbed=True, neck=92, neck_drop=50, neck_y=262),
        {"cream": Cloth("#e9dfca", f.chunky, thickness=9, crisp=0.0, wrinkles=0.9, ground=CLAY)},
        139,
        "knit",
        detail=True,
    ),
    Garment(
        "merino-vneck",
        "knitwear",
        "men",
        top(MEN_LONG, collar="vee", ribbed=True, neck=82, neck_drop=142),
        {
            "charcoal": Cloth("#45474c", f.fine_knit, thickness=4, crisp=0.1),
            "camel": Cloth("#b98f60", f.fine_knit, thickness=4, crisp=0.1),
        },
        140,
        "knit",
    ),
    Garment(
        "striped-sweater",
        "knitwear",
        "women",
        top(WOMEN_LONG, ribbed=True, armpit=232, waist=230, hem=214, hem_y=880, neck=96),
        {
            "red-cream": Cloth(
                "#efe6d3",
                f.knit,
                "#b23a34",
                p.stripes(92, 0.5, shift=10),
                trim="#b23a34",
                wrinkles=0.85,
                ground=MIST,
                **_WOOL,
            )
        },
        141,
        "stripes",
    ),
    Garment(
        "argyle-vest",
        "knitwear",
        "unisex",
        top(
            MEN_LONG,
            collar="vee",
            ribbed=True,
            sleeve=0,
            neck=80,
            neck_drop=150,
            shoulder=178,
            armpit=226,
            waist=224,
            hem=212,
            hem_y=860,
        ),
        {
            "green": Cloth(
                "#2f5a47",
                f.fine_knit,
                "#e3d6b4",
                p.argyle(),
                inks=("#8f9f6f", "#b4472f"),
                thickness=5,
                crisp=0.05,
            )
        },
        142,
        "check",
        detail=True,
    ),
)

_HOOD: dict[str, Any] = {
    "collar": "hood",
    "neck": 78,
    "neck_y": 318,
    "neck_drop": 66,
    "shoulder_y": 352,
    "armpit_y": 556,
    "waist_y": 770,
    "hem_y": 990,
    "ribbed": True,
    "sleeve": 512,
}

SWEATS = (
    Garment("crew-sweatshirt", "sweatshirts", "unisex", top(LOOSE, ribbed=True, neck_y=248), {
        "burgundy": Cloth("#6d2634", **_FLEECE),
        "grey": Cloth("#a7a8aa", **{**_FLEECE, "surface": f.melange})}, 110),
    Garment("pullover-hoodie", "sweatshirts", "unisex", top(LOOSE, **_HOOD, pocket="kangaroo"), {
        "grey": Cloth("#b3b4b6", trim="#b3b4b6", **{**_FLEECE, "surface": f.melange}),
        "navy": Cloth("#27304a", **_FLEECE),
        "lilac": Cloth("#b9abd0", ground="bed", **_FLEECE)}, 143, detail=True),
    Garment("zip-hoodie", "sweatshirts", "unisex", top(
        LOOSE, **_HOOD, pocket="split", opening="zip"), {
        "black": Cloth("#2a2a2d", **_FLEECE)}, 144),
    Garment("college-sweatshirt", "sweatshirts", "unisex", top(LOOSE, ribbed=True, neck_y=248), {
        "green": Cloth("#2f5b45", second="#efe6cf", graphic=motif("college", (0, 520), 178),
                       **_FLEECE)}, 145, "graphic"),
)  # fmt: skip

GARMENTS = (*TEES, *SHIRTS, *BLOUSES, *KNITWEAR, *SWEATS)

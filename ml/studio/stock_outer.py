"""Cardigans, jackets and coats."""

from __future__ import annotations

from typing import Any

from ml.studio import fabric as f
from ml.studio import prints as p
from ml.studio.garment import Cloth
from ml.studio.measures import COAT, LOOSE, MEN_LONG, WOMEN_LONG, top
from ml.studio.product import Garment

_WOOL: dict[str, Any] = {"surface": f.wool, "thickness": 6.5, "crisp": 0.15}
_DENIM: dict[str, Any] = {
    "surface": f.denim,
    "thickness": 5.0,
    "wear": 0.85,
    "faded": "#b7c5d6",
    "crisp": 0.75,
    "button": "#b08a5a",
}

JACKETS = (
    Garment("wool-cardigan", "cardigans", "women", top(
        WOMEN_LONG, collar="vee", opening="buttons", neck_drop=172, ribbed=True, armpit=232,
        waist=230, hem=216, neck=82, pocket="hips"), {
        "moss": Cloth("#6f7f6a", f.knit, thickness=6, button="#5a4632", wrinkles=0.9,
                      crisp=0.05)}, 112, "knit", detail=True),
    Garment("zip-blouson", "jackets", "men", top(
        LOOSE, pocket="welts", collar="stand", opening="zip", ribbed=True, neck=88, neck_drop=70,
        neck_y=250), {
        "navy": Cloth("#2c3650", f.twill, thickness=5, wrinkles=1.25, crisp=0.6)}, 113),
    Garment("tartan-overshirt", "jackets", "men", top(
        MEN_LONG, collar="shirt", opening="buttons", neck=88, neck_drop=62, pocket="chests",
        armpit=250, waist=248, hem=250, hem_y=940, cuff=108, hem_curve=18), {
        "rust": Cloth("#8e4630", f.wool, "#23252b", p.plaid(
            112, (0.3, 0.36, 0), (0.68, 0.05, 0), (0.86, 0.04, 1)), inks=("#d9b48a",),
            thickness=5, wrinkles=1.1, crisp=0.25, button="#2a2522")}, 114, "check"),
    Garment("puffer-jacket", "jackets", "unisex", top(
        LOOSE, collar="stand", opening="zip", quilt=78, neck=92, neck_drop=70, neck_y=250,
        armpit=262, waist=262, hem=250, cuff=126, pocket="slants"), {
        "black": Cloth("#26272b", f.nylon, thickness=12, gloss=0.22, crisp=0.8, wrinkles=0.9),
        "mustard": Cloth("#c58f2c", f.nylon, thickness=12, gloss=0.16, crisp=0.8, wrinkles=0.9)},
        146, detail=True),
    Garment("quilted-liner-jacket", "jackets", "women", top(
        WOMEN_LONG, collar="bound", opening="snaps", quilt=-62, neck=84, neck_drop=112,
        armpit=236, waist=234, hem=238, hem_y=880, pocket="hips", cuff=110), {
        "khaki": Cloth("#7b7652", f.nylon, thickness=7, trim="#55523a", crisp=0.6, wrinkles=0.7,
                       gloss=0.05, metal="#8d8a7a")}, 147, detail=True),
    Garment("denim-jacket", "jackets", "unisex", top(
        MEN_LONG, collar="shirt", opening="buttons", neck=86, neck_drop=62, pocket="denim",
        armpit=246, waist=240, hem=226, hem_y=860, cuff=106, seams=("vees", "yoke")), {
        "mid-blue": Cloth("#4a6a94", thread="#d49a58", **_DENIM)}, 148, "denim", detail=True),
    Garment("tailored-blazer", "jackets", "women", top(
        WOMEN_LONG, collar="lapel", opening="lapel", neck=74, neck_y=206, neck_drop=330,
        shoulder=190, shoulder_y=246, armpit_y=440, waist=198, waist_y=640, hem=226, hem_y=930,
        pocket="jetted", seams=("princess",), cuff=98), {
        "navy": Cloth("#27304a", f.twill, thickness=6, wrinkles=0.7, crisp=0.2, lining="#8a6b57",
                      button="#1c2030"),
        "camel": Cloth("#b48a5c", f.wool, thickness=6, wrinkles=0.7, crisp=0.2, lining="#e0d2bf",
                       button="#5e432c")}, 149, detail=True),
    Garment("bomber-jacket", "jackets", "men", top(
        LOOSE, collar="stand", opening="zip", ribbed=True, neck=88, neck_drop=60, neck_y=252,
        pocket="slants", hem=232, hem_y=890), {
        "olive": Cloth("#5b6044", f.nylon, thickness=7, gloss=0.12, crisp=0.7, wrinkles=1.3,
                       trim="#4b4f39", lining="#b5622c")}, 150),
    Garment("chore-jacket", "jackets", "men", top(
        MEN_LONG, collar="shirt", opening="buttons", neck=88, neck_drop=62, pocket="chore",
        armpit=250, waist=248, hem=252, hem_y=930, cuff=112), {
        "french-blue": Cloth("#3f5f93", f.canvas, thickness=5, thread="#5d7bab", crisp=0.8,
                             wear=0.25, faded="#8fa5c6", button="#27406b",
                             ground="door")}, 151, detail=True),
)  # fmt: skip

COATS = (
    Garment("wool-overcoat", "coats", "men", top(
        COAT, collar="lapel", opening="lapel", pocket="jetted"), {
        "charcoal": Cloth("#45474c", lining="#5a5048", button="#26272a", wrinkles=0.7, **_WOOL),
        "camel": Cloth("#b58c5d", lining="#e4d8c6", button="#5e432c", wrinkles=0.7, **_WOOL)},
        152, detail=True),
    Garment("trench-coat", "coats", "women", top(
        COAT, collar="lapel", opening="double", neck_drop=190, belt=540, waist=196, hem=262,
        armpit=214, shoulder=184, pocket="slants", cuff=106), {
        "beige": Cloth("#c9b48f", f.twill, thickness=5, crisp=0.65, wrinkles=1.0,
                       lining="#9d8a6a", button="#6b5236", thread="#b39d76")}, 153, detail=True),
    Garment("belted-wrap-coat", "coats", "women", top(
        COAT, collar="lapel", opening="wrap", neck_drop=300, belt=530, waist=196, hem=240,
        armpit=220, shoulder=190, cuff=116, pocket="slants"), {
        "grey": Cloth("#8f9094", lining="#6c6a6c", wrinkles=0.8, **_WOOL)}, 154),
)  # fmt: skip

GARMENTS = (*JACKETS, *COATS)

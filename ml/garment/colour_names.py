"""What colours of clothes are called: stable keys, English and Korean names, typical sRGB.

Berlin and Kay's eleven basic terms, and the names that shops use besides. Pure data: whoever
shows a name (also a web page) reads it here without loading anything else. The examples are
colours of cloth, duller than the paint or the screen colour of the same name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ColourName:
    """basic: key of the basic term that it is a kind of (its own, if it is one).
    examples: sRGB colours "#rrggbb" that everybody would call so."""

    en: str
    ko: str
    basic: str
    examples: tuple[str, ...]


NAMES: Mapping[str, ColourName] = {
    # Basic terms. Black, grey and white also take every colour of little chroma, by lightness.
    "black": ColourName("Black", "블랙", "black", ("#101012", "#1c1c1f")),
    "grey": ColourName("Grey", "그레이", "grey", ("#808286", "#9a9b9d")),
    "white": ColourName("White", "화이트", "white", ("#ffffff", "#f2f2f2")),
    "red": ColourName("Red", "레드", "red", ("#c4161c", "#d8282f", "#a81b24")),
    "orange": ColourName("Orange", "오렌지", "orange", ("#f07a1c", "#e2691a", "#f39a3a")),
    "yellow": ColourName("Yellow", "옐로", "yellow", ("#f4d52a", "#ffe24d", "#f0e070")),
    "green": ColourName("Green", "그린", "green", ("#2f8a3c", "#3fa04c", "#4f8f58")),
    "blue": ColourName("Blue", "블루", "blue", ("#2f64ad", "#3a78c0", "#2a5795")),
    "purple": ColourName("Purple", "퍼플", "purple", ("#6b3fa0", "#7d4cae", "#5b2f85")),
    "pink": ColourName("Pink", "핑크", "pink", ("#f2a7b8", "#ee8fa8", "#f6c3cd", "#efd9dc")),
    "brown": ColourName("Brown", "브라운", "brown", ("#7a4f30", "#6b4630", "#8a5a38")),
    # Whites and greys
    "ivory": ColourName("Ivory", "아이보리", "white", ("#f5f0e1", "#efe9d8")),
    "cream": ColourName("Cream", "크림", "white", ("#f3e5c3", "#eadbb8")),
    "light_grey": ColourName("Light grey", "라이트 그레이", "grey", ("#c9cacc", "#bcbec1")),
    "charcoal": ColourName("Charcoal", "차콜", "grey", ("#3c3e42", "#484a4e")),
    # Browns
    "beige": ColourName("Beige", "베이지", "brown", ("#d9c6a5", "#cdb997", "#dccbb2")),
    "camel": ColourName("Camel", "카멜", "brown", ("#b98a55", "#c19a6b", "#a97c4b")),
    "taupe": ColourName("Taupe", "토프", "brown", ("#8f8377", "#7f7368", "#a0958a")),
    "chocolate": ColourName("Chocolate", "초콜릿", "brown", ("#3f2a20", "#4a3023")),
    "rust": ColourName("Rust", "러스트", "brown", ("#a34a28", "#8e4630", "#b5573a")),
    # Greens
    "khaki": ColourName("Khaki", "카키", "green", ("#787453", "#8a8463", "#666347")),
    "olive": ColourName("Olive", "올리브", "green", ("#5d6130", "#6e7038", "#4c5128", "#45453a")),
    "sage": ColourName("Sage", "세이지", "green", ("#9aac94", "#8fa08a", "#b0bfa8")),
    "mint": ColourName("Mint", "민트", "green", ("#b4e6d1", "#98dcc0", "#c8ecdd", "#cfe0d8")),
    "lime": ColourName("Lime", "라임", "green", ("#b4d636", "#a3cc3e", "#b2b33a")),
    "emerald": ColourName("Emerald", "에메랄드", "green", ("#0c8a63", "#12916c")),
    "dark_green": ColourName("Dark green", "다크 그린", "green", ("#1f4a35", "#23402f", "#2f5a41")),
    # Blues
    "navy": ColourName("Navy", "네이비", "blue", ("#1d2742", "#23304f", "#2c3650", "#161d33")),
    "denim_blue": ColourName(
        "Denim blue", "데님 블루", "blue", ("#4f6f94", "#5d7da8", "#3f5878", "#7d96b4", "#36465a")
    ),
    "sky_blue": ColourName(
        "Sky blue", "스카이 블루", "blue", ("#a9cdea", "#b8d6ee", "#8fbfe4", "#c6d7e6")
    ),
    "royal_blue": ColourName("Royal blue", "로열 블루", "blue", ("#2340b4", "#1d36a0", "#2b4fc9")),
    "teal": ColourName("Teal", "틸", "blue", ("#17666e", "#1f7a80", "#2a5f66")),
    "turquoise": ColourName("Turquoise", "터쿼이즈", "blue", ("#3cc0c4", "#2fb2bd", "#66cdd0")),
    # Reds and pinks
    "burgundy": ColourName("Burgundy", "버건디", "red", ("#6d1f31", "#5c1d2b", "#7a2638")),
    "coral": ColourName("Coral", "코럴", "orange", ("#f4796b", "#ee8272", "#f08a78")),
    "peach": ColourName("Peach", "피치", "pink", ("#f6c5a8", "#f3b795")),
    "dusty_rose": ColourName(
        "Dusty rose", "더스티 로즈", "pink", ("#c08a8c", "#c99a98", "#b57d80", "#946062")
    ),
    "hot_pink": ColourName("Hot pink", "핫핑크", "pink", ("#ea2f8c", "#e0418f", "#f0509c")),
    "raspberry": ColourName("Raspberry", "라즈베리", "pink", ("#b3264f", "#c43b66", "#a82a4c")),
    # Yellows
    "mustard": ColourName("Mustard", "머스터드", "yellow", ("#cc9a2b", "#b98a25", "#d6a83c")),
    # Purples
    "lavender": ColourName(
        "Lavender", "라벤더", "purple", ("#b7a7d9", "#c4b8e2", "#a795cc", "#d4cee4")
    ),
    "plum": ColourName("Plum", "플럼", "purple", ("#5b2f55", "#6a3a62", "#4b2748")),
    "magenta": ColourName("Magenta", "마젠타", "purple", ("#a3267f", "#b42d8c")),
}
BASIC: tuple[str, ...] = tuple(key for key, name in NAMES.items() if name.basic == key)

"""What patterns of cloth are called: stable keys, English and Korean names. Pure data."""

from __future__ import annotations

from collections.abc import Mapping

#: Key -> (English, Korean). "floral" stands for everything printed all over: flowers, leaves,
#: small motifs, camouflage, animal prints; "graphic" for a picture or lettering in one place.
PATTERNS: Mapping[str, tuple[str, str]] = {
    "plain": ("Plain", "무지"),
    "stripes": ("Striped", "스트라이프"),
    "check": ("Checked", "체크"),
    "dots": ("Dotted", "도트"),
    "floral": ("All-over print", "패턴 프린트"),
    "graphic": ("Graphic", "그래픽"),
    "denim": ("Denim", "데님"),
    "knit": ("Knit", "니트"),
}

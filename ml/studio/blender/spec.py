"""Which body: sizes, and the levels at which they are taped. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass

SIDES = (("right", -1.0), ("left", 1.0))
#: Heights of the tape measure, as a share of the stature.
BUST, WAIST, HIP = 0.722, 0.632, 0.505


@dataclass(frozen=True)
class Spec:
    """A body. height, bust, waist, hip in cm; sex is "woman" or "man"."""

    sex: str
    height: float
    bust: float
    waist: float
    hip: float

    @property
    def man(self) -> bool:
        return self.sex == "man"

    @property
    def scale(self) -> float:
        return self.height / (178 if self.man else 168)

    @property
    def fullness(self) -> float:
        """How much fuller than size M, from the waist: 0 is M, about 0.3 is XXL."""
        return self.waist / self.scale / (80 if self.man else 70) - 1


#: Size tables, cm: (bust or chest, waist, hip).
SIZES = {
    "woman": {"S": (82, 65, 90), "M": (87, 70, 95), "L": (93, 77, 101),
              "XL": (101, 86, 108), "XXL": (110, 96, 116)},
    "man": {"S": (89, 74, 90), "M": (95, 80, 96), "L": (102, 87, 102),
            "XL": (110, 96, 108), "XXL": (119, 106, 116)},
}  # fmt: skip

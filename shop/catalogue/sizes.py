"""Size charts: what is measured on which kind of thing, and how a page shows it.

Everything is measured on the garment, laid flat, in centimetres; widths across a tube of cloth are
kept as measured and doubled for those who think in body measurements.
"""

from __future__ import annotations

import string
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from shop.catalogue.models import SizeRow

#: In cm. Wider than a tape is long nothing in a wardrobe is.
SMALLEST, LARGEST = 0.5, 300


class Measure(models.TextChoices):
    LENGTH = "length", _("length")
    SHOULDER = "shoulder", _("shoulder width")
    CHEST = "chest", _("chest, flat")
    WAIST = "waist", _("waist, flat")
    HIP = "hip", _("hip, flat")
    SLEEVE = "sleeve", _("sleeve length")
    RISE = "rise", _("rise")
    THIGH = "thigh", _("thigh, flat")
    INSEAM = "inseam", _("inseam")
    HEM = "hem", _("hem, flat")
    FOOT = "foot", _("foot length")
    BALL = "ball", _("ball width")
    HEEL = "heel", _("heel height")
    SHAFT = "shaft", _("shaft height")
    HEAD = "head", _("head circumference")
    CROWN = "crown", _("crown height")
    BRIM = "brim", _("brim")
    WIDTH = "width", _("width")
    HEIGHT = "height", _("height")
    DEPTH = "depth", _("depth")
    STRAP = "strap", _("strap length")


#: Across a tube of cloth: the way around is twice as long.
FLAT = frozenset({Measure.CHEST, Measure.WAIST, Measure.HIP, Measure.THIGH, Measure.HEM})


class Chart(models.TextChoices):
    """Kinds of size chart. A category says which one its products have."""

    TOP = "top", _("tops and outerwear")
    DRESS = "dress", _("dresses")
    TROUSERS = "trousers", _("trousers and shorts")
    SKIRT = "skirt", _("skirts")
    SHOE = "shoe", _("shoes")
    HAT = "hat", _("hats")
    BAG = "bag", _("bags")


#: The columns of each chart. The drawing beside the table letters them A, B, C … in this order.
MEASURES: dict[Chart, tuple[Measure, ...]] = {
    Chart.TOP: (Measure.LENGTH, Measure.SHOULDER, Measure.CHEST, Measure.SLEEVE),
    Chart.DRESS: (
        Measure.LENGTH,
        Measure.SHOULDER,
        Measure.CHEST,
        Measure.WAIST,
        Measure.HIP,
        Measure.SLEEVE,
    ),
    Chart.TROUSERS: (
        Measure.LENGTH,
        Measure.WAIST,
        Measure.HIP,
        Measure.RISE,
        Measure.THIGH,
        Measure.INSEAM,
        Measure.HEM,
    ),
    Chart.SKIRT: (Measure.LENGTH, Measure.WAIST, Measure.HIP, Measure.HEM),
    Chart.SHOE: (Measure.FOOT, Measure.BALL, Measure.HEEL, Measure.SHAFT),
    Chart.HAT: (Measure.HEAD, Measure.CROWN, Measure.BRIM),
    Chart.BAG: (Measure.WIDTH, Measure.HEIGHT, Measure.DEPTH, Measure.STRAP),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A measure with the letter that the drawing gives it."""

    letter: str
    measure: Measure

    @property
    def is_flat(self) -> bool:
        return self.measure in FLAT


@dataclass(frozen=True, slots=True)
class SizeChart:
    """A table: each row is a size with one number of centimetres, or None, per column."""

    kind: Chart
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, tuple[float | None, ...]], ...]

    @property
    def drawing(self) -> str:
        """The template that shows where each letter is measured."""
        return f"catalogue/size_guide/{self.kind.value}.svg"

    @property
    def letters(self) -> str:
        """Those that the table has: the drawing leaves the others out."""
        return "".join(column.letter for column in self.columns)

    @property
    def has_flat(self) -> bool:
        return any(column.is_flat for column in self.columns)


def chart_of(kind: str, rows: Iterable[SizeRow]) -> SizeChart | None:
    """The chart to show; None without a kind or a number. Columns without numbers are left out."""
    if kind not in Chart.values:
        return None
    filled = [row for row in rows if row.measures]
    columns = tuple(
        Column(letter, measure)
        for letter, measure in zip(string.ascii_uppercase, MEASURES[Chart(kind)], strict=False)
        if any(measure.value in row.measures for row in filled)
    )
    if not columns:
        return None
    return SizeChart(
        Chart(kind),
        columns,
        tuple(
            (row.size, tuple(row.measures.get(column.measure.value) for column in columns))
            for row in filled
        ),
    )


def validate_measures(value: Any) -> None:
    """``{"chest": 52.5, …}``: known measures, sensible centimetres."""
    if not isinstance(value, dict):
        raise ValidationError(_("Write measures as a table of names and centimetres."))
    if unknown := sorted(set(value) - set(Measure.values)):
        raise ValidationError(
            _("Unknown measures: %(names)s"), params={"names": ", ".join(unknown)}
        )
    for name, number in value.items():
        is_number = isinstance(number, (int, float)) and not isinstance(number, bool)
        if not is_number or not SMALLEST <= number <= LARGEST:
            raise ValidationError(
                _("%(name)s is not between %(low)s and %(high)s cm."),
                params={"name": Measure(name).label, "low": SMALLEST, "high": LARGEST},
            )

"""What a shopper narrows a category down to: sizes that are in stock, for whom, in which order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models import Gender, Variant
from shop.catalogue.querysets import ProductQuerySet

#: The first is what a list has without being asked.
SORTS: dict[str, Promise] = {
    "new": _("Newest"),
    "low": _("Price, low to high"),
    "high": _("Price, high to low"),
}
LETTERS = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "XXXL", "FREE", "ONE")
#: Only these are asked for: what suits everybody is found under both.
WORN_BY = (Gender.WOMEN, Gender.MEN)


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to tick. ``without`` is the page's query once it is taken off."""

    name: str
    value: str
    label: str
    chosen: bool
    without: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What a request asks for; whatever else it carries is ignored."""

    sizes: frozenset[str]
    genders: frozenset[str]
    sort: str

    @classmethod
    def of(cls, query: QueryDict) -> Filters:
        sort = query.get("sort", "")
        return cls(
            frozenset(size for size in query.getlist("size") if size and "\0" not in size),
            frozenset(query.getlist("for")) & set(WORN_BY),
            sort if sort in SORTS else next(iter(SORTS)),
        )

    def apply(self, products: ProductQuerySet) -> ProductQuerySet:
        if self.sizes:
            shelf = Variant.objects.filter(product=OuterRef("pk"), size__in=self.sizes, stock__gt=0)
            products = products.filter(Exists(shelf))
        if self.genders:
            products = products.filter(gender__in=[*self.genders, Gender.UNISEX])
        if self.sort in ("low", "high"):
            return products.by_price(dear_first=self.sort == "high")
        return products


@dataclass(frozen=True, slots=True)
class Facets:
    """What can be ticked in a category, with what is."""

    sizes: tuple[Choice, ...]
    genders: tuple[Choice, ...]

    @property
    def chosen(self) -> tuple[Choice, ...]:
        return tuple(choice for choice in (*self.genders, *self.sizes) if choice.chosen)


def facets(products: ProductQuerySet, filters: Filters, query: QueryDict) -> Facets:
    """Of all products of the category, whatever is ticked. Two queries."""
    shelf = Variant.objects.filter(product__in=products.order_by().values("pk"), stock__gt=0)
    sizes = set(shelf.order_by().values_list("size", flat=True).distinct()) | filters.sizes
    found = set(products.order_by().values_list("gender", flat=True).distinct())
    several = len(found) > 1 or filters.genders
    return Facets(
        tuple(_choice("size", s, s, s in filters.sizes, query) for s in in_order(sizes)),
        tuple(
            _choice("for", g.value, str(g.label), g.value in filters.genders, query)
            for g in WORN_BY
            if several
        ),
    )


def in_order(sizes: Iterable[str]) -> list[str]:
    """Letters from small to large, then numbers, then whatever else there is."""

    def key(size: str) -> tuple[int, float, str]:
        if size in LETTERS:
            return (0, LETTERS.index(size), size)
        return (1, int(size), size) if size.isdecimal() else (2, 0, size)

    return sorted(sizes, key=key)


def _choice(name: str, value: str, label: str, chosen: bool, query: QueryDict) -> Choice:
    rest: Any = query.copy()
    rest.setlist(name, [each for each in rest.getlist(name) if each != value])
    rest.pop("page", None)
    return Choice(name, value, label, chosen, "?" + rest.urlencode())

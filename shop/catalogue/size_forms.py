"""The size chart in the admin: a line per size, a column per measure of the category's chart."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from shop.catalogue.models import Product, SizeRow
from shop.catalogue.sizes import LARGEST, MEASURES, SMALLEST, Chart, Measure


class SizeRowForm(forms.ModelForm):
    """Its number fields are the keys of the row's ``measures``; an empty one is not measured."""

    columns: tuple[Measure, ...] = ()

    class Meta:
        model = SizeRow
        fields = ["size", "position"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = self.instance.measures or {}
        self.initial.update({each.value: kept.get(each.value) for each in self.columns})

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        measures = dict(self.instance.measures or {})
        for each in self.columns:
            measures.pop(each.value, None)
            if (centimetres := cleaned.get(each.value)) is not None:
                measures[each.value] = float(centimetres)
        self.instance.measures = measures
        return cleaned


def form_for(columns: tuple[Measure, ...]) -> type[SizeRowForm]:
    """A form with a number field for each of these measures."""
    fields: dict[str, Any] = {
        each.value: forms.DecimalField(
            label=each.label,
            required=False,
            min_value=SMALLEST,
            max_value=LARGEST,
            max_digits=4,
            decimal_places=1,
            widget=forms.NumberInput(attrs={"step": "0.5", "class": "measure"}),
        )
        for each in columns
    }
    return type("SizeRowForm", (SizeRowForm,), {**fields, "columns": columns})


class SizeRowInline(admin.TabularInline):
    """Shown once the product has a category with a chart; lists the sizes that it lacks."""

    model = SizeRow

    def get_formset(self, request: HttpRequest, obj: Product | None = None, **kwargs: Any) -> Any:
        columns = columns_of(obj)
        fields = ["size", *(each.value for each in columns), "position"]
        return super().get_formset(
            request, obj, **{**kwargs, "form": form_for(columns), "fields": fields}
        )

    def get_fields(self, request: HttpRequest, obj: Product | None = None) -> list[Any]:
        return ["size", *(each.value for each in columns_of(obj)), "position"]

    def get_extra(self, request: HttpRequest, obj: Product | None = None, **kwargs: Any) -> int:
        return len(sizes_without_row(obj)) if obj else 0


def columns_of(product: Product | None) -> tuple[Measure, ...]:
    """Empty where the category measures nothing."""
    kind = product.category.chart if product else ""
    return MEASURES[Chart(kind)] if kind else ()


def sizes_without_row(product: Product) -> list[str]:
    """Sizes on the shelf that the chart does not have, in the order of the variants."""
    charted = {row.size for row in product.size_rows.all()}
    sizes = dict.fromkeys(variant.size for variant in product.variants.all())
    return [size for size in sizes if size not in charted]
